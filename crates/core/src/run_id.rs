//! Names of dag runs and the text form of times in them.

use jiff::Timestamp;
use jiff::tz::Offset;

/// Why a dag run exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunType {
    Scheduled,
    Manual,
    Backfill,
    AssetTriggered,
    AssetMaterialization,
    /// Made by a TriggerDagRunOperator; its run ids read `manual__...`.
    OperatorTriggered,
}

impl RunType {
    /// The value stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            RunType::Scheduled => "scheduled",
            RunType::Manual => "manual",
            RunType::Backfill => "backfill",
            RunType::AssetTriggered => "asset_triggered",
            RunType::AssetMaterialization => "asset_materialization",
            RunType::OperatorTriggered => "operator_triggered",
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            RunType::OperatorTriggered => RunType::Manual.as_str(),
            other => other.as_str(),
        }
    }
}

/// `scheduled__2024-01-01T00:00:00+00:00`; `suffix` is what makes runs at one instant differ (eight random letters after an
/// asset event).
pub fn run_id(run_type: RunType, run_after: Timestamp, suffix: Option<&str>) -> String {
    let id = format!("{}__{}", run_type.prefix(), iso(run_after));
    match suffix {
        Some(suffix) => format!("{id}_{suffix}"),
        None => id,
    }
}

/// `2024-01-01T00:00:00+00:00`, with microseconds only when there are any.
pub fn iso(at: Timestamp) -> String {
    written(at, 'T')
}

/// The same with a blank between date and time, as Python's `str` writes it.
pub fn spaced(at: Timestamp) -> String {
    written(at, ' ')
}

fn written(at: Timestamp, between: char) -> String {
    let local = Offset::UTC.to_datetime(at);
    let (date, time) = (local.date(), local.time());
    let fraction = match time.subsec_nanosecond() / 1_000 {
        0 => String::new(),
        micros => format!(".{micros:06}"),
    };
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    format!("{date}{between}{hour:02}:{minute:02}:{second:02}{fraction}+00:00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_ids_carry_type_time_and_suffix() {
        let at: Timestamp = "2024-01-01T00:00:00Z".parse().unwrap();
        let fine: Timestamp = "2024-01-01T09:08:07.000120Z".parse().unwrap();
        assert_eq!(run_id(RunType::Scheduled, at, None), "scheduled__2024-01-01T00:00:00+00:00");
        assert_eq!(run_id(RunType::Manual, fine, None), "manual__2024-01-01T09:08:07.000120+00:00");
        assert_eq!(run_id(RunType::OperatorTriggered, at, None), "manual__2024-01-01T00:00:00+00:00");
        assert_eq!(run_id(RunType::AssetTriggered, at, Some("abcdEFGH")), "asset_triggered__2024-01-01T00:00:00+00:00_abcdEFGH");
    }
}
