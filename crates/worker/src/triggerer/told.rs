//! Metrics of a triggerer.

use tradewind_metrics::{Tags, names};
use tradewind_queue::control::Fire;

use super::TriggererOptions;

pub(super) const JOB: Tags<'_> = &[("job_name", "triggererjob")];

/// How many triggers run, and how many more could.
pub(super) fn load(options: &TriggererOptions, running: usize) {
    let host: Tags<'_> = &[("hostname", &options.hostname)];
    names::TRIGGERS_RUNNING.set(running as f64, host);
    names::TRIGGERER_CAPACITY_LEFT.set(options.capacity.saturating_sub(running) as f64, host);
}

/// A trigger has ended.
pub(super) fn fired(fire: &Fire) {
    match fire {
        Fire::Event { .. } | Fire::End { .. } => names::TRIGGERS_SUCCEEDED.count(1, &[]),
        Fire::Failed { .. } => names::TRIGGERS_FAILED.count(1, &[]),
    }
}
