//! Cron expressions over civil time: croniter's dialect as bit sets, stepped without a clock and within bounds.
//!
//! Five fields (minute, hour, day of month, month, day of week), a sixth for seconds and a seventh for years; presets such as
//! `@daily`. [`Cron::next_civil`] and [`Cron::prev_civil`] know nothing of zones; `zoned` puts their answers into one.

mod days;
mod describe;
mod field;
mod parse;
mod zoned;

pub use parse::expand_preset;
pub use zoned::Jump;

use days::Days;
use field::Bits;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};
use std::fmt;
use std::str::FromStr;

/// A search that finds nothing in so many years ends.
const SEARCH_YEARS: i16 = 50;

/// What is wrong with a cron expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    #[error("a cron expression has 5 fields (minute hour day month weekday), 6 with seconds or 7 with years; this has {found}")]
    FieldCount { found: usize },
    #[error("`{name}` is no schedule; known names are {known} (and @once, @continuous)")]
    Preset { name: String, known: String },
    #[error("{field} `{term}` {reason}")]
    Field { field: &'static str, term: String, reason: String },
}

/// A parsed cron expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    /// The text with presets written out.
    expression: String,
    seconds: Bits,
    minutes: Bits,
    hours: Bits,
    days: Days,
    months: Bits,
    /// Sorted; `None` for every year.
    years: Option<Vec<i16>>,
    /// Days of the month and numbered weekdays that can never meet.
    never: bool,
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Cron, CronError> {
        parse::parse(text)
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expression)
    }
}

impl Cron {
    /// The expression with presets written out (`0 0 * * *` for `@daily`).
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// The first match strictly after a civil time; `None` when there is none within 50 years.
    pub fn next_civil(&self, after: DateTime) -> Option<DateTime> {
        let from = truncated(after).checked_add(1.second()).ok()?;
        self.civil_from(from)
    }

    /// The last match strictly before a civil time; `None` when there is none within 50 years.
    pub fn prev_civil(&self, before: DateTime) -> Option<DateTime> {
        let whole = truncated(before);
        let to = if whole < before { whole } else { whole.checked_sub(1.second()).ok()? };
        self.civil_until(to)
    }

    fn civil_from(&self, from: DateTime) -> Option<DateTime> {
        let date = self.date_at_or_after(from.date())?;
        if date > from.date() {
            return Some(date.to_datetime(self.first_time()));
        }
        if let Some(time) = self.time_at_or_after(from.time()) {
            return Some(date.to_datetime(time));
        }
        let date = self.date_at_or_after(date.tomorrow().ok()?)?;
        Some(date.to_datetime(self.first_time()))
    }

    fn civil_until(&self, to: DateTime) -> Option<DateTime> {
        let date = self.date_at_or_before(to.date())?;
        if date < to.date() {
            return Some(date.to_datetime(self.last_time()));
        }
        if let Some(time) = self.time_at_or_before(to.time()) {
            return Some(date.to_datetime(time));
        }
        let date = self.date_at_or_before(date.yesterday().ok()?)?;
        Some(date.to_datetime(self.last_time()))
    }

    fn date_at_or_after(&self, from: Date) -> Option<Date> {
        if self.never {
            return None;
        }
        for year in from.year()..=from.year().saturating_add(SEARCH_YEARS).min(9999) {
            if !self.has_year(year) {
                continue;
            }
            let mut month = if year == from.year() { from.month() as u8 } else { 1 };
            while let Some(found) = self.months.at_or_after(month) {
                let same = year == from.year() && found as i8 == from.month();
                let day = if same { from.day() as u8 } else { 1 };
                if let Some(day) = self.days.in_month(year, found as i8).at_or_after(day) {
                    return Some(Date::constant(year, found as i8, day as i8));
                }
                month = found + 1;
            }
        }
        None
    }

    fn date_at_or_before(&self, to: Date) -> Option<Date> {
        if self.never {
            return None;
        }
        for year in (to.year().saturating_sub(SEARCH_YEARS).max(-9998)..=to.year()).rev() {
            if !self.has_year(year) {
                continue;
            }
            let mut month = if year == to.year() { to.month() as u8 } else { 12 };
            while let Some(found) = self.months.at_or_before(month) {
                let same = year == to.year() && found as i8 == to.month();
                let day = if same { to.day() as u8 } else { 31 };
                if let Some(day) = self.days.in_month(year, found as i8).at_or_before(day) {
                    return Some(Date::constant(year, found as i8, day as i8));
                }
                month = found - 1;
            }
        }
        None
    }

    fn has_year(&self, year: i16) -> bool {
        self.years.as_ref().is_none_or(|years| years.binary_search(&year).is_ok())
    }

    fn time_at_or_after(&self, from: Time) -> Option<Time> {
        let (hour, minute, second) = (from.hour() as u8, from.minute() as u8, from.second() as u8);
        if self.hours.at_or_after(hour) == Some(hour) {
            if self.minutes.at_or_after(minute) == Some(minute)
                && let Some(second) = self.seconds.at_or_after(second)
            {
                return Some(time(hour, minute, second));
            }
            if let Some(minute) = self.minutes.at_or_after(minute + 1) {
                return Some(time(hour, minute, self.seconds.at_or_after(0)?));
            }
        }
        let hour = self.hours.at_or_after(hour + 1)?;
        Some(time(hour, self.minutes.at_or_after(0)?, self.seconds.at_or_after(0)?))
    }

    fn time_at_or_before(&self, to: Time) -> Option<Time> {
        let (hour, minute, second) = (to.hour() as u8, to.minute() as u8, to.second() as u8);
        let last = |bits: Bits| bits.at_or_before(63);
        if self.hours.at_or_before(hour) == Some(hour) {
            if self.minutes.at_or_before(minute) == Some(minute)
                && let Some(second) = self.seconds.at_or_before(second)
            {
                return Some(time(hour, minute, second));
            }
            if let Some(minute) = minute.checked_sub(1).and_then(|m| self.minutes.at_or_before(m)) {
                return Some(time(hour, minute, last(self.seconds)?));
            }
        }
        let hour = hour.checked_sub(1).and_then(|h| self.hours.at_or_before(h))?;
        Some(time(hour, last(self.minutes)?, last(self.seconds)?))
    }

    fn first_time(&self) -> Time {
        self.time_at_or_after(Time::MIN).unwrap_or(Time::MIN)
    }

    fn last_time(&self) -> Time {
        self.time_at_or_before(Time::MAX).unwrap_or(Time::MIN)
    }

    /// `0 0 1 * L5` can never match; so it is with croniter, which otherwise lets numbered weekdays decide alone.
    fn with_impossible_days_marked(mut self) -> Cron {
        // 28 years hold every pair of year length and first weekday.
        let years = 2000..2028;
        let meets = |year| self.months.iter().any(|month| self.days.meets_in(year, month as i8));
        self.never = !years.into_iter().any(meets);
        self
    }

    /// The hour field names all hours, so that the schedule goes on through a change of the clock.
    fn every_hour(&self) -> bool {
        self.hours.0 == (1 << 24) - 1
    }
}

fn truncated(at: DateTime) -> DateTime {
    at.date().at(at.hour(), at.minute(), at.second(), 0)
}

fn time(hour: u8, minute: u8, second: u8) -> Time {
    Time::constant(hour as i8, minute as i8, second as i8, 0)
}
