//! Metrics of attempts.

use jiff::Timestamp;
use tradewind_core::state::TaskState;
use tradewind_metrics::names;
use tradewind_store::table::task_instance::TaskInstance;

use crate::service::End;

/// An attempt was claimed.
pub fn started(ti: &TaskInstance) {
    let tags: &[(&'static str, &str)] = &[("dag_id", &ti.dag_id), ("task_id", &ti.task_id)];
    names::TI_START.count(1, tags);
    if let Some(waited) = between(ti.queued_at, ti.start_date) {
        names::TASK_QUEUED.time(waited, tags);
    }
    if let Some(waited) = between(ti.scheduled_at, ti.queued_at) {
        names::TASK_SCHEDULED.time(waited, tags);
    }
}

/// The report of an attempt was accepted. `ti`: as it is now; `began`: when the attempt was claimed.
pub fn ended(ti: &TaskInstance, began: Option<Timestamp>, at: Timestamp, end: &End) {
    let Some(state) = ti.state else { return };
    let tags: &[(&'static str, &str)] = &[("dag_id", &ti.dag_id), ("task_id", &ti.task_id)];
    if let Some(took) = between(began, Some(at)) {
        names::TASK_DURATION.time(took, tags);
    }
    names::TI_FINISH.count(1, &[tags[0], tags[1], ("state", &state.to_string())]);
    let operator: &[(&'static str, &str)] = &[("operator_name", &ti.operator)];
    match state {
        TaskState::Success => {
            names::TI_SUCCESSES.count(1, &[]);
            names::OPERATOR_SUCCESSES.count(1, operator);
        }
        TaskState::Failed | TaskState::UpForRetry => {
            names::TI_FAILURES.count(1, &[]);
            names::OPERATOR_FAILURES.count(1, operator);
        }
        _ => {}
    }
    if matches!(end, End::Died { signal: Some(_), .. }) {
        names::KILLED_EXTERNALLY.count(1, &[]);
    }
}

/// Clocks of a database and of a worker may differ: a time is never negative.
fn between(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<std::time::Duration> {
    Some(to?.duration_since(from?).max(jiff::SignedDuration::ZERO).unsigned_abs())
}
