//! One field of a cron expression: its bounds, its names, and the values a list of terms stands for.

use super::CronError;

/// The seven fields in the order of an expression (seconds and years come last).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Minute,
    Hour,
    Day,
    Month,
    Weekday,
    Second,
    Year,
}

impl Field {
    /// Smallest and largest value.
    pub(super) fn bounds(self) -> (u16, u16) {
        match self {
            Field::Minute | Field::Second => (0, 59),
            Field::Hour => (0, 23),
            Field::Day => (1, 31),
            Field::Month => (1, 12),
            Field::Weekday => (0, 6),
            Field::Year => (1970, 2099),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Field::Minute => "minute",
            Field::Hour => "hour",
            Field::Day => "day of month",
            Field::Month => "month",
            Field::Weekday => "day of week",
            Field::Second => "second",
            Field::Year => "year",
        }
    }

    fn named(self, text: &str) -> Option<u16> {
        const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
        const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
        let at = |names: &[&str]| names.iter().position(|name| *name == text).map(|i| i as u16);
        match self {
            Field::Month => at(&MONTHS).map(|i| i + 1),
            Field::Weekday => at(&DAYS),
            _ => None,
        }
    }

    /// The number a token stands for; Sunday may be written 7. No check of the bounds.
    pub(super) fn number(self, text: &str) -> Result<u16, CronError> {
        let value = if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            text.parse().map_err(|_| self.out_of_range(text))?
        } else {
            self.named(text).ok_or_else(|| self.error(text, self.hint()))?
        };
        Ok(if self == Field::Weekday && value == 7 { 0 } else { value })
    }

    pub(super) fn checked(self, text: &str) -> Result<u16, CronError> {
        let value = self.number(text)?;
        let (low, high) = self.bounds();
        if (low..=high).contains(&value) { Ok(value) } else { Err(self.out_of_range(text)) }
    }

    pub(super) fn error(self, term: &str, reason: impl Into<String>) -> CronError {
        CronError::Field { field: self.name(), term: term.to_owned(), reason: reason.into() }
    }

    fn out_of_range(self, term: &str) -> CronError {
        let (low, high) = self.bounds();
        let high = if self == Field::Weekday { 7 } else { high };
        self.error(term, format!("is out of range {low}-{high}"))
    }

    fn hint(self) -> &'static str {
        match self {
            Field::Month => "is neither a number nor a name from jan to dec",
            Field::Weekday => "is neither a number nor a name from sun to sat (the last Friday is L5, the second 5#2)",
            Field::Day => "is not a number (the last day is L, the weekday nearest to the 15th 15W)",
            _ => "is not a number",
        }
    }
}

/// A set of values below 64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits(pub(super) u64);

impl Bits {
    pub(super) fn insert(&mut self, value: u16) {
        self.0 |= 1 << value;
    }

    /// The smallest member that is `from` or more.
    pub(super) fn at_or_after(self, from: u8) -> Option<u8> {
        let rest = if from >= 64 { 0 } else { self.0 & (u64::MAX << from) };
        (rest != 0).then(|| rest.trailing_zeros() as u8)
    }

    /// The largest member that is `to` or less.
    pub(super) fn at_or_before(self, to: u8) -> Option<u8> {
        let rest = if to >= 63 { self.0 } else { self.0 & ((1u64 << (to + 1)) - 1) };
        (rest != 0).then(|| 63 - rest.leading_zeros() as u8)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = u8> {
        (0..64).filter(move |bit| self.0 >> bit & 1 == 1)
    }
}

/// The values of a range or step term (`a-b`, `a-b/n`, `a/n`, `*/n`), or nothing when the term is none of these.
pub(super) fn range(field: Field, term: &str) -> Result<Option<Vec<u16>>, CronError> {
    let (min, max) = field.bounds();
    let (span, step) = match term.split_once('/') {
        Some((span, step)) => (span, Some(step)),
        None => (term, None),
    };
    let step_by = match step {
        None => 1,
        Some(text) => match text.parse::<u16>() {
            Ok(n) if n > 0 && text.bytes().all(|b| b.is_ascii_digit()) => n,
            _ => return Err(field.error(term, "has a step that is not a positive whole number")),
        },
    };
    let (low, high, open) = match span.split_once('-') {
        Some((low, high)) => {
            let high = if field == Field::Day && high == "l" { "31" } else { high };
            (field.number(low)?, field.number(high)?, false)
        }
        None if step.is_none() => return Ok(None),
        None if span == "*" => (min, max, false),
        None => (field.checked(span)?, max, true),
    };
    // `18-0` and `0-0` as days are taken by croniter: nothing of what they name lies below the first day.
    if low.max(high) > max || (low < min && low < high) {
        return Err(field.out_of_range(term));
    }
    Ok(Some(match low.cmp(&high) {
        std::cmp::Ordering::Less => (low..=high).step_by(step_by.into()).collect(),
        // `5-5` is the whole field to croniter, while `59/15` starts at its last value and is only that.
        std::cmp::Ordering::Equal if open => vec![low],
        std::cmp::Ordering::Equal => (min..=max).step_by(step_by.into()).collect(),
        std::cmp::Ordering::Greater => wrapped(low, high, step_by, min, max),
    }))
}

/// `22-2`, `fri-mon`: from `low` to the end of the field and on from its start. When a step jumps over the end, the second
/// part begins where croniter begins it: one later than plain counting would, unless it lands exactly on the end.
fn wrapped(low: u16, high: u16, step: u16, min: u16, max: u16) -> Vec<u16> {
    let mut values: Vec<u16> = (low..=max).step_by(step.into()).collect();
    let last = values.last().copied().unwrap_or(low);
    let left = max - last;
    let skip = if last - min + step > max - min + 1 && left < step { step - left } else { 0 };
    values.extend((min + skip..=high).step_by(step.into()));
    values
}
