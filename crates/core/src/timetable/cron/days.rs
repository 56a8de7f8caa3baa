//! Which days of a month an expression means.

use super::field::Bits;
use jiff::civil::Date;

/// A numbered weekday: the second Friday, the last Monday.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Nth {
    /// 0 is Sunday.
    pub(super) weekday: u8,
    pub(super) week: Week,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Week {
    Nth(u8),
    Last,
}

/// The rule for days. Days of the month come as bits and a flag for the last day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Days {
    Every,
    Month(Bits, bool),
    Week(Bits),
    /// Both fields are restricted: either may match.
    Either(Bits, bool, Bits),
    /// Numbered weekdays decide alone. Days of the month given beside them (`also`) must be able to meet them, or the
    /// expression never matches.
    Nth {
        nth: Vec<Nth>,
        also: Option<(Bits, bool)>,
    },
    /// The working day nearest to this day of the month, within the month; decides alone.
    Nearest(u8),
    NearestAndNth(u8, Vec<Nth>),
}

impl Days {
    /// The matching days of a month, bit 1 for the first.
    pub(super) fn in_month(&self, year: i16, month: i8) -> Bits {
        let shape = Month::of(year, month);
        let bits = match self {
            Days::Every => u64::MAX,
            Days::Month(days, last) => shape.month_days(*days, *last),
            Days::Week(week) => shape.week_days(*week),
            Days::Either(days, last, week) => shape.month_days(*days, *last) | shape.week_days(*week),
            Days::Nth { nth, .. } => shape.nth_days(nth),
            Days::Nearest(day) => shape.nearest(*day),
            Days::NearestAndNth(day, nth) => shape.nearest(*day) & shape.nth_days(nth),
        };
        Bits(bits & shape.all())
    }

    /// Whether days of the month and numbered weekdays that are given together ever fall on the same day of this month.
    pub(super) fn meets_in(&self, year: i16, month: i8) -> bool {
        let shape = Month::of(year, month);
        match self {
            Days::Nth { nth, also: Some((days, last)) } => shape.nth_days(nth) & shape.month_days(*days, *last) & shape.all() != 0,
            _ => true,
        }
    }
}

/// The length of a month and the weekday it begins with.
struct Month {
    length: u8,
    /// 0 is Sunday.
    first: u8,
}

impl Month {
    fn of(year: i16, month: i8) -> Month {
        let first = Date::constant(year, month, 1);
        Month { length: first.days_in_month() as u8, first: first.weekday().to_sunday_zero_offset() as u8 }
    }

    fn all(&self) -> u64 {
        ((1 << self.length) - 1) << 1
    }

    fn month_days(&self, days: Bits, last: bool) -> u64 {
        days.0 | if last { 1 << self.length } else { 0 }
    }

    fn week_days(&self, week: Bits) -> u64 {
        let once = (week.0 | week.0 << 7) >> self.first & 0x7f;
        [1, 8, 15, 22, 29].iter().fold(0, |bits, start| bits | once << start)
    }

    fn nth_days(&self, nth: &[Nth]) -> u64 {
        nth.iter().fold(0, |bits, nth| {
            let days = self.week_days(Bits(1 << nth.weekday)) & self.all();
            bits | match nth.week {
                Week::Nth(week) => days & 0x7f << (7 * (week - 1) + 1),
                Week::Last => 1 << (63 - days.leading_zeros()),
            }
        })
    }

    /// In a month too short the day is its last. A weekend moves to Friday or Monday, never out of the month.
    fn nearest(&self, day: u8) -> u64 {
        let day = day.min(self.length);
        let weekday = (self.first + day - 1) % 7;
        const SATURDAY: u8 = 6;
        let day = match weekday {
            0 if day < self.length => day + 1,
            0 => day - 2,
            SATURDAY if day > 1 => day - 1,
            SATURDAY => day + 2,
            _ => day,
        };
        1 << day
    }
}
