//! Distances in time as DAGs give them: a number of seconds, or a calendar distance (dateutil's relativedelta). All arithmetic
//! is in UTC, without daylight saving.

use super::TimetableError;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{SignedDuration, Span, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// A distance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Delta {
    Seconds(f64),
    Calendar(Box<CalendarDelta>),
}

impl Default for Delta {
    fn default() -> Delta {
        Delta::Seconds(0.0)
    }
}

/// Plural keys add, singular keys set; `weekday` then moves to the n-th such day (0 is Monday), counted from the date reached.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CalendarDelta {
    pub years: f64,
    pub months: f64,
    pub weeks: f64,
    pub days: f64,
    pub hours: f64,
    pub minutes: f64,
    pub seconds: f64,
    pub microseconds: f64,
    pub leapdays: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month: Option<i8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<i8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weekday: Option<(i8, Option<i64>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hour: Option<i8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minute: Option<i8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second: Option<i8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub microsecond: Option<i32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Plus,
    Minus,
}

impl Delta {
    /// `at` plus the distance; an error names a result outside the calendar.
    pub fn add(&self, at: Timestamp) -> Result<Timestamp, TimetableError> {
        self.moved(at, Sign::Plus)
    }

    /// `at` minus the distance. Keys that set (`day`) set here too, as in dateutil.
    pub fn subtract(&self, at: Timestamp) -> Result<Timestamp, TimetableError> {
        self.moved(at, Sign::Minus)
    }

    fn moved(&self, at: Timestamp, sign: Sign) -> Result<Timestamp, TimetableError> {
        let moved = match self {
            Delta::Seconds(_) => self.fixed().and_then(|by| match sign {
                Sign::Plus => at.checked_add(by).ok(),
                Sign::Minus => at.checked_sub(by).ok(),
            }),
            Delta::Calendar(delta) => delta.moved(Offset::UTC.to_datetime(at), sign).and_then(|moved| Offset::UTC.to_timestamp(moved).ok()),
        };
        moved.ok_or_else(|| TimetableError::DeltaRange { delta: self.to_string(), at })
    }

    /// The distance in real time, when it is the same from wherever it starts (no months, years, or keys that set).
    pub fn fixed(&self) -> Option<SignedDuration> {
        match self {
            Delta::Seconds(seconds) => micros(seconds * 1e6),
            Delta::Calendar(delta) => delta.fixed(),
        }
    }

    /// A step must lead forward from wherever it starts; a few dates of different shapes are tried.
    pub fn check_forward(&self) -> Result<(), TimetableError> {
        const SHAPES: [i64; 4] = [0, 1_706_659_200, 1_709_164_800, 1_735_600_000];
        for second in SHAPES {
            let at = Timestamp::constant(second, 0);
            if self.add(at)? <= at {
                return Err(TimetableError::DeltaNotPositive { delta: self.to_string() });
            }
        }
        Ok(())
    }

    /// An interval before a tick may be empty but not negative.
    pub fn check_not_negative(&self) -> Result<(), TimetableError> {
        let at = Timestamp::constant(1_709_164_800, 0);
        if self.subtract(at)? > at {
            return Err(TimetableError::IntervalNegative { delta: self.to_string() });
        }
        Ok(())
    }
}

impl std::fmt::Display for Delta {
    /// As Python shows a timedelta (`1 day, 2:00:00`), or the parts of a calendar distance.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Delta::Seconds(seconds) => {
                let Some(whole) = micros(seconds * 1e6) else {
                    return write!(f, "{seconds} seconds");
                };
                let micros = whole.as_micros();
                let (days, rest) = (micros.div_euclid(86_400_000_000), micros.rem_euclid(86_400_000_000));
                match days {
                    0 => {}
                    1 | -1 => write!(f, "{days} day, ")?,
                    _ => write!(f, "{days} days, ")?,
                }
                let (second, fraction) = (rest / 1_000_000, rest % 1_000_000);
                write!(f, "{}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60)?;
                if fraction > 0 { write!(f, ".{fraction:06}") } else { Ok(()) }
            }
            Delta::Calendar(delta) => f.write_str(&delta.parts().join(", ")),
        }
    }
}

impl CalendarDelta {
    fn parts(&self) -> Vec<String> {
        let added = [
            ("years", self.years),
            ("months", self.months),
            ("weeks", self.weeks),
            ("days", self.days),
            ("hours", self.hours),
            ("minutes", self.minutes),
            ("seconds", self.seconds),
            ("microseconds", self.microseconds),
            ("leapdays", self.leapdays as f64),
        ];
        let set = [
            ("year", self.year.map(i64::from)),
            ("month", self.month.map(i64::from)),
            ("day", self.day.map(i64::from)),
            ("hour", self.hour.map(i64::from)),
            ("minute", self.minute.map(i64::from)),
            ("second", self.second.map(i64::from)),
            ("microsecond", self.microsecond.map(i64::from)),
        ];
        let mut parts: Vec<String> = added.iter().filter(|(_, n)| *n != 0.0).map(|(name, n)| format!("{name}={n:+}")).collect();
        parts.extend(set.iter().filter_map(|(name, n)| n.map(|n| format!("{name}={n}"))));
        if let Some((day, nth)) = self.weekday {
            parts.push(format!("weekday={day}({:+})", nth.unwrap_or(1)));
        }
        if parts.is_empty() { vec!["nothing".to_owned()] } else { parts }
    }

    fn sets_nothing(&self) -> bool {
        self.year.is_none()
            && self.month.is_none()
            && self.day.is_none()
            && self.weekday.is_none()
            && self.hour.is_none()
            && self.minute.is_none()
            && self.second.is_none()
            && self.microsecond.is_none()
    }

    fn fixed(&self) -> Option<SignedDuration> {
        if self.years != 0.0 || self.months != 0.0 || self.leapdays != 0 || !self.sets_nothing() {
            return None;
        }
        self.clock_part()
    }

    /// Weeks down to microseconds as one duration.
    fn clock_part(&self) -> Option<SignedDuration> {
        let days = self.weeks * 7.0 + self.days;
        let seconds = ((days * 24.0 + self.hours) * 60.0 + self.minutes) * 60.0 + self.seconds;
        micros(seconds * 1e6 + self.microseconds)
    }

    fn moved(&self, at: DateTime, sign: Sign) -> Option<DateTime> {
        let signed = |n: f64| if sign == Sign::Plus { n } else { -n };
        let months = whole(signed(self.years))?.checked_mul(12)?.checked_add(whole(signed(self.months))?)?;
        let year_month = i64::from(self.year.unwrap_or(at.year())) * 12 + i64::from(self.month.unwrap_or(at.month()) - 1) + months;
        let year = i16::try_from(year_month.div_euclid(12)).ok()?;
        let month = (year_month.rem_euclid(12) + 1) as i8;
        let length = Date::new(year, month, 1).ok()?.days_in_month();
        let date = Date::new(year, month, self.day.unwrap_or(at.day()).min(length)).ok()?;
        let nanos = match self.microsecond {
            Some(micros) => micros.checked_mul(1_000)?,
            None => at.subsec_nanosecond(),
        };
        let time = jiff::civil::Time::new(
            self.hour.unwrap_or(at.hour()),
            self.minute.unwrap_or(at.minute()),
            self.second.unwrap_or(at.second()),
            nanos,
        )
        .ok()?;
        let leap = if month > 2 && date.in_leap_year() { self.leapdays } else { 0 };
        let clock = self.clock_part()?;
        let clock = if sign == Sign::Plus { clock } else { -clock };
        let moved = date.to_datetime(time).checked_add(Span::new().try_days(leap).ok()?).ok()?;
        self.to_weekday(moved.checked_add(clock).ok()?)
    }

    fn to_weekday(&self, at: DateTime) -> Option<DateTime> {
        let Some((weekday, nth)) = self.weekday else {
            return Some(at);
        };
        let nth = nth.filter(|n| *n != 0).unwrap_or(1);
        let today = i64::from(at.weekday().to_monday_zero_offset());
        let weeks = (nth.abs() - 1).checked_mul(7)?;
        let days = if nth > 0 {
            weeks + (i64::from(weekday) - today).rem_euclid(7)
        } else {
            -(weeks + (today - i64::from(weekday)).rem_euclid(7))
        };
        at.checked_add(0.days().try_days(days).ok()?).ok()
    }
}

/// Years and months come whole or not at all.
fn whole(n: f64) -> Option<i64> {
    (n.fract() == 0.0 && n.abs() < 1e9).then_some(n as i64)
}

fn micros(n: f64) -> Option<SignedDuration> {
    (n.is_finite() && n.abs() < 9e18).then(|| SignedDuration::from_micros(n.round() as i64))
}
