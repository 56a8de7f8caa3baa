//! Deadlines of runs and of their tasks: when one is missed. What is done then is the callback's matter.
//!
//! A deadline of a DAG counts from a moment of the run (`DeadlineAlert` of Airflow 3). The `sla` of a task counts from the end of the data interval of a
//! scheduled run, as in Airflow 2. A run that ends in time misses nothing.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// From when a deadline counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Reference {
    /// A run without a logical date has none.
    LogicalDate,
    QueuedAt,
    Fixed {
        at: Timestamp,
    },
    /// From when the run was queued, after as long as the last runs took; nothing until there are `min_runs`.
    AverageRuntime {
        max_runs: u32,
        min_runs: u32,
    },
}

/// How long after the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Interval {
    Seconds(f64),
    /// Whole seconds that a variable holds when the deadline is looked at.
    Variable {
        variable: String,
    },
}

/// A deadline of a DAG.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeadlineForm {
    /// Which of the DAG's deadlines it is, from 0: this names it.
    pub place: u32,
    #[serde(default)]
    pub name: Option<String>,
    pub reference: Reference,
    pub interval: Interval,
}

/// What is known of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunTimes {
    pub logical_date: Option<Timestamp>,
    pub queued_at: Option<Timestamp>,
    pub data_interval_end: Option<Timestamp>,
}

impl Reference {
    /// When a run is due. `average`: how long the last runs took, when enough of them have ended.
    #[must_use]
    pub fn due(self, run: RunTimes, interval: SignedDuration, average: Option<SignedDuration>) -> Option<Timestamp> {
        let from = match self {
            Reference::LogicalDate => run.logical_date?,
            Reference::QueuedAt => run.queued_at?,
            Reference::Fixed { at } => at,
            Reference::AverageRuntime { .. } => run.queued_at?.checked_add(average?).ok()?,
        };
        from.checked_add(interval).ok()
    }
}

/// When a task of a scheduled run is due by its `sla`.
#[must_use]
pub fn sla_due(run: RunTimes, sla_seconds: f64) -> Option<Timestamp> {
    run.data_interval_end?.checked_add(seconds(sla_seconds)?).ok()
}

/// A length in seconds, when there is such a length.
#[must_use]
pub fn seconds(length: f64) -> Option<SignedDuration> {
    SignedDuration::try_from_secs_f64(length).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(text: &str) -> Timestamp {
        format!("2024-01-{text}Z").parse().expect("a time")
    }

    #[test]
    fn each_reference_counts_from_its_moment() {
        let run = RunTimes { logical_date: Some(at("01T00:00")), queued_at: Some(at("02T00:00")), data_interval_end: Some(at("03T00:00")) };
        let hour = SignedDuration::from_hours(1);
        let average = Reference::AverageRuntime { max_runs: 10, min_runs: 3 };
        assert_eq!(Reference::LogicalDate.due(run, hour, None), Some(at("01T01:00")));
        assert_eq!(Reference::QueuedAt.due(run, hour, None), Some(at("02T01:00")));
        assert_eq!(Reference::Fixed { at: at("09T00:00") }.due(run, -hour, None), Some(at("08T23:00")));
        assert_eq!(average.due(run, hour, Some(hour)), Some(at("02T02:00")));
        assert_eq!(average.due(run, hour, None), None, "too few runs have ended");
        let by_hand = RunTimes { logical_date: None, data_interval_end: None, ..run };
        assert_eq!(Reference::LogicalDate.due(by_hand, hour, None), None);
        assert_eq!((sla_due(run, 1800.0), sla_due(by_hand, 1800.0)), (Some(at("03T00:30")), None));
    }

    #[test]
    fn the_form_says_it_in_few_words() {
        for form in [
            json!({"place": 0, "name": "late", "reference": {"type": "logical_date"}, "interval": 60.0}),
            json!({"place": 2, "name": null, "reference": {"type": "fixed", "at": "2024-01-01T00:00:00Z"}, "interval": {"variable": "patience"}}),
            json!({"place": 3, "name": null, "reference": {"type": "average_runtime", "max_runs": 5, "min_runs": 2}, "interval": 0.5}),
        ] {
            let read: DeadlineForm = serde_json::from_value(form.clone()).expect("a deadline");
            assert_eq!(serde_json::to_value(read).expect("a form"), form);
        }
    }
}
