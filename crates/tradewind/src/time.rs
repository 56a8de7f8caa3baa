//! Times as people type them and as results show them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// ISO 8601 in UTC, microseconds only when there are some: `2024-01-01T00:00:00+00:00`.
pub fn iso(time: Timestamp) -> String {
    let form = if time.subsec_microsecond() == 0 { "%Y-%m-%dT%H:%M:%S+00:00" } else { "%Y-%m-%dT%H:%M:%S.%6f+00:00" };
    time.strftime(form).to_string()
}

/// Reads an ISO 8601 date or time; one without an offset is in `zone`.
pub fn parse(text: &str, zone: &TimeZone) -> anyhow::Result<Timestamp> {
    let trimmed = text.trim();
    let naive = trimmed.parse::<DateTime>().ok().or_else(|| trimmed.parse::<Date>().ok().map(|date| date.at(0, 0, 0, 0)));
    // A civil time also parses out of a text with an offset; so the offset is looked for first.
    let parsed = match trimmed.parse::<Timestamp>() {
        Ok(time) => Some(time),
        Err(_) => naive.and_then(|civil| zone.to_timestamp(civil).ok()),
    };
    parsed.ok_or_else(|| anyhow::anyhow!("{text:?} is no time; write it as 2024-01-31, 2024-01-31T08:00 or 2024-01-31T08:00:00+09:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_an_offset_is_in_the_default_zone() {
        let seoul = TimeZone::get("Asia/Seoul").unwrap();
        let read = |text: &str| iso(parse(text, &seoul).unwrap());
        assert_eq!(read("2024-01-31"), "2024-01-30T15:00:00+00:00");
        assert_eq!(read("2024-01-31T08:00"), "2024-01-30T23:00:00+00:00");
        assert_eq!(read("2024-01-31 08:00:00.25"), "2024-01-30T23:00:00.250000+00:00");
        assert_eq!(read("2024-01-31T08:00:00+00:00"), "2024-01-31T08:00:00+00:00");
        assert_eq!(read("2024-01-31T08:00:00Z"), "2024-01-31T08:00:00+00:00");
        assert!(parse("yesterday", &seoul).unwrap_err().to_string().contains("2024-01-31T08:00"));
    }
}
