//! One metric: its name, its kind, its tags.

use std::time::Duration;

use crate::recorder;

/// Tags of one value: key and text.
pub type Tags<'a> = &'a [(&'static str, &'a str)];

/// What kind of figure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Grows.
    Counter,
    /// What is now.
    Gauge,
    /// How long something took.
    Timer,
}

/// See the module. `{tag}` in a name stands for the text of a tag.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    pub name: &'static str,
    pub kind: Kind,
    /// Tags that each value has; it may have more.
    pub tags: &'static [&'static str],
    /// The name with the tags in it, which Airflow used before there were tags.
    pub legacy: Option<&'static str>,
    pub help: &'static str,
}

impl Metric {
    /// Counts.
    pub fn count(&'static self, n: u64, tags: Tags<'_>) {
        debug_assert_eq!(self.kind, Kind::Counter, "{}", self.name);
        if let Some(recorder) = recorder::installed() {
            recorder.count(self, n, tags);
        }
    }

    /// Sets what is now.
    pub fn set(&'static self, value: f64, tags: Tags<'_>) {
        debug_assert_eq!(self.kind, Kind::Gauge, "{}", self.name);
        if let Some(recorder) = recorder::installed() {
            recorder.set(self, value, tags);
        }
    }

    /// Tells how long something took.
    pub fn time(&'static self, took: Duration, tags: Tags<'_>) {
        debug_assert_eq!(self.kind, Kind::Timer, "{}", self.name);
        if let Some(recorder) = recorder::installed() {
            recorder.time(self, took, tags);
        }
    }

    /// What the gauge told of is gone: it is 0 once more for StatsD, and no more there for Prometheus.
    pub fn forget(&'static self, tags: Tags<'_>) {
        if let Some(recorder) = recorder::installed() {
            recorder.forget(self, tags);
        }
    }
}
