//! Time zones by the names DAGs use.

use super::TimetableError;
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};

/// A zone and the name it was given by: an IANA name, or an offset such as `+09:00`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

impl Zone {
    /// UTC.
    pub fn utc() -> Zone {
        Zone { name: "UTC".to_owned(), zone: TimeZone::UTC }
    }

    /// Finds a zone by IANA name or offset (`+09:00`, `-03:30`, `UTC+09:00`).
    pub fn named(name: &str) -> Result<Zone, TimetableError> {
        let zone = match offset(name) {
            Some(offset) => TimeZone::fixed(offset),
            None => TimeZone::get(name).map_err(|_| TimetableError::Zone { name: name.to_owned() })?,
        };
        Ok(Zone { name: name.to_owned(), zone })
    }

    /// The name as given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The zone's rules.
    pub fn rules(&self) -> &TimeZone {
        &self.zone
    }
}

impl Default for Zone {
    fn default() -> Zone {
        Zone::utc()
    }
}

impl TryFrom<String> for Zone {
    type Error = TimetableError;

    fn try_from(name: String) -> Result<Zone, TimetableError> {
        Zone::named(&name)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> String {
        zone.name
    }
}

fn offset(name: &str) -> Option<Offset> {
    let text = name.strip_prefix("UTC").unwrap_or(name);
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let mut parts = text[1..].split(':').map(|part| match part.len() {
        2 if part.bytes().all(|b| b.is_ascii_digit()) => part.parse::<i32>().ok(),
        _ => None,
    });
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().unwrap_or(Some(0))?;
    if parts.next().is_some() || minutes > 59 || seconds > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60 + seconds)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_names_are_found_and_others_refused() {
        let seconds = |name: &str| Zone::named(name).unwrap().rules().to_fixed_offset().unwrap().seconds();
        assert_eq!(seconds("+09:00"), 32_400);
        assert_eq!(seconds("-03:30"), -12_600);
        assert_eq!(seconds("UTC+05:45"), 20_700);
        assert_eq!(Zone::named("Asia/Seoul").unwrap().name(), "Asia/Seoul");
        for bad in ["", "Asia/Nowhere", "+9", "+09:99", "+40:00", "+09:00:00:00", "+é9:00"] {
            let message = Zone::named(bad).unwrap_err().to_string();
            assert!(message.contains(bad) && message.contains("Asia/Seoul"), "{message}");
        }
    }
}
