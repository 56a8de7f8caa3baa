//! Times as the API writes and reads them.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde::{Serialize, Serializer};

static WHOLE: DateTimePrinter = DateTimePrinter::new().precision(Some(0));
static MICRO: DateTimePrinter = DateTimePrinter::new().precision(Some(6));

/// A time of a response: RFC 3339 in UTC with `Z`, six digits of fraction or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(pub Timestamp);

impl Time {
    /// From microseconds since 1970, as the store keeps them.
    pub fn from_micros(us: i64) -> Self {
        Self(Timestamp::from_microsecond(us).unwrap_or(Timestamp::UNIX_EPOCH))
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let printer = if self.0.subsec_nanosecond() / 1_000 == 0 { &WHOLE } else { &MICRO };
        f.write_str(&printer.timestamp_to_string(&self.0))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why a text is not a time with an offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadTime {
    /// A date and time without an offset.
    Naive,
    Malformed(String),
}

/// Reads a time that carries an offset (`Z`, `+09:00`), in any of the forms clients send.
pub fn parse(text: &str) -> Result<Timestamp, BadTime> {
    let text = text.trim();
    // A plus in a query that was not encoded arrives as a blank.
    let repaired = match text.rfind(' ') {
        Some(at) if at > 10 => format!("{}+{}", &text[..at], &text[at + 1..]),
        _ => text.to_owned(),
    };
    match repaired.parse::<Timestamp>() {
        Ok(time) => Ok(truncate(time)),
        Err(error) => {
            if repaired.parse::<jiff::civil::DateTime>().is_ok() {
                Err(BadTime::Naive)
            } else {
                Err(BadTime::Malformed(error.to_string()))
            }
        }
    }
}

fn truncate(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_have_no_fraction_and_others_six_digits() {
        assert_eq!(Time::from_micros(1_795_167_672_000_000).to_string(), "2026-11-20T09:41:12Z");
        assert_eq!(Time::from_micros(1_795_167_672_198_500).to_string(), "2026-11-20T09:41:12.198500Z");
    }

    #[test]
    fn any_offset_is_accepted_and_none_is_refused() {
        let expected: Timestamp = "2024-01-01T00:00:00Z".parse().unwrap();
        for text in ["2024-01-01T00:00:00Z", "2024-01-01T09:00:00+09:00", "2024-01-01T09:00:00 09:00", "2024-01-01 00:00:00+00:00"] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
        assert_eq!(parse("2024-01-01T00:00:00"), Err(BadTime::Naive));
        assert!(matches!(parse("yesterday"), Err(BadTime::Malformed(_))));
    }
}
