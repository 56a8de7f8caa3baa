//! Schedules without a period: once, one after the other, at listed times.

use super::{DataInterval, NextRun, Restriction};
use crate::run_id::iso;
use jiff::{SignedDuration, Timestamp};

/// One run, at the start date, without one now.
pub(super) fn once(last: Option<DataInterval>, restriction: Restriction, now: Timestamp) -> Option<NextRun> {
    match last {
        Some(_) => None,
        None => Some(NextRun::exact(restriction.earliest.unwrap_or(now))),
    }
}

/// A run about the time since the last one.
pub(super) fn continuous(last: Option<DataInterval>, restriction: Restriction, now: Timestamp) -> Option<NextRun> {
    let start = match last {
        // An empty interval ends where it starts; beginning there again would give two runs one logical date.
        Some(last) if last.start == last.end && now > last.end => last.end + SignedDuration::from_micros(1),
        Some(last) => last.end,
        None => restriction.earliest.unwrap_or(now),
    };
    let end = start.max(now);
    Some(NextRun { logical_date: start, interval: DataInterval { start, end }, run_after: end })
}

/// Runs at listed times, each once.
#[derive(Clone, Debug, PartialEq)]
pub struct Events {
    times: Vec<Timestamp>,
    /// A run by hand takes the time of an event instead of its own.
    restrict_to_events: bool,
    description: Option<String>,
}

impl Events {
    /// The times in any order.
    pub fn new(mut times: Vec<Timestamp>, restrict_to_events: bool, description: Option<String>) -> Events {
        times.sort_unstable();
        times.dedup();
        Events { times, restrict_to_events, description }
    }

    /// In order, without doubles.
    pub fn times(&self) -> &[Timestamp] {
        &self.times
    }

    /// Whether runs by hand are bound to the events.
    pub fn restrict_to_events(&self) -> bool {
        self.restrict_to_events
    }

    pub(super) fn given_description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    pub(super) fn description(&self) -> String {
        match (&self.description, self.times.as_slice()) {
            (Some(description), _) => description.clone(),
            (None, []) => "No events".to_owned(),
            (None, [one]) => format!("1 event at {}", iso(*one)),
            (None, [first, .., last]) => {
                format!("{} events between {} and {}", self.times.len(), iso(*first), iso(*last))
            }
        }
    }

    pub(super) fn next(&self, last: Option<DataInterval>, restriction: Restriction, now: Timestamp) -> Option<NextRun> {
        let mut earliest = restriction.earliest;
        if !restriction.catchup {
            earliest = earliest.max(Some(now));
        }
        let from = self.times.partition_point(|time| earliest.is_some_and(|earliest| *time < earliest));
        let after = self.times.partition_point(|time| last.is_some_and(|last| *time <= last.end));
        self.times.get(from.max(after)).map(|time| NextRun::exact(*time))
    }

    pub(super) fn infer_manual(&self, run_after: Timestamp) -> DataInterval {
        let passed = self.times.partition_point(|time| *time <= run_after);
        match self.times.get(passed.saturating_sub(1)) {
            Some(event) if self.restrict_to_events => DataInterval::exact(*event),
            _ => DataInterval::exact(run_after),
        }
    }
}
