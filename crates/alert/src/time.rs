//! Times as people read them.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// `2022-06-07 02:00:00 KST (+09:00)`; a zone that is not known is UTC.
pub fn in_zone(at: Timestamp, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let zoned = at.to_zoned(zone);
    let offset = zoned.strftime("%:z").to_string();
    let name = zoned.strftime("%Z").to_string();
    let day = zoned.strftime("%Y-%m-%d %H:%M:%S");
    if name == "UTC" || name == offset { format!("{day} {name}") } else { format!("{day} {name} ({offset})") }
}

/// `1 h 02 min 05 s`, `3.2 s`.
pub fn length(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        return format!("{:.1} s", duration.as_secs_f64().max(0.0));
    }
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours == 0 { format!("{minutes} min {rest:02} s") } else { format!("{hours} h {minutes:02} min {rest:02} s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_tell_their_zone() {
        let at = Timestamp::from_second(1_654_534_800).unwrap();
        assert_eq!(in_zone(at, "Asia/Seoul"), "2022-06-07 02:00:00 KST (+09:00)");
        assert_eq!(in_zone(at, "America/New_York"), "2022-06-06 13:00:00 EDT (-04:00)");
        assert_eq!(in_zone(at, "UTC"), "2022-06-06 17:00:00 UTC");
        assert_eq!(in_zone(at, "Nowhere/Here"), "2022-06-06 17:00:00 UTC");
    }

    #[test]
    fn lengths_of_time() {
        assert_eq!(length(SignedDuration::from_millis(3240)), "3.2 s");
        assert_eq!(length(SignedDuration::from_secs(125)), "2 min 05 s");
        assert_eq!(length(SignedDuration::from_secs(3725)), "1 h 02 min 05 s");
    }
}
