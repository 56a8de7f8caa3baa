//! The tables of edges.

use std::fmt;

use super::{AttemptState, RunState, TaskState};

/// A step that the lifecycle does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a {lifecycle} in state {from} has no step `{event}`")]
pub struct Illegal {
    pub lifecycle: &'static str,
    pub from: String,
    pub event: String,
}

fn illegal(lifecycle: &'static str, from: impl fmt::Display, event: impl fmt::Debug) -> Illegal {
    Illegal { lifecycle, from: from.to_string(), event: format!("{event:?}") }
}

/// What can happen to a task instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskEvent {
    /// Its dependencies are met.
    Schedule,
    /// Met, and it needs no process.
    Complete,
    /// The planner skips it.
    Skip,
    /// Something before it failed.
    FailUpstream,
    /// The task or the map index is gone from the DAG.
    Remove,
    /// The task is back in the DAG.
    Restore,
    /// Admitted: an attempt has been made.
    Queue,
    /// A worker claimed the attempt.
    Start,
    /// The attempt reported success.
    Succeed,
    /// The attempt reported a failure with no retry left, or `fail_fast` ended it.
    Fail,
    /// The attempt raised a skip.
    SkipItself,
    /// The attempt failed and may be retried.
    Retry,
    /// A sensor gives its slot back.
    Reschedule,
    /// The attempt waits for a trigger.
    Defer,
    /// The attempt waits for a person.
    AwaitInput,
    /// The trigger fired or the person answered.
    Resume,
    /// The machinery lost the attempt; no retry is spent.
    Requeue,
    /// A user cleared it.
    Clear,
    /// A user cleared it while a process ran.
    Restart,
    /// The process of a cleared instance is gone.
    Restarted,
    /// A user or the end of the run set the state.
    MarkSuccess,
    MarkFailed,
    MarkSkipped,
}

/// What can happen to a dag run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunEvent {
    /// Under its limits: it starts.
    Start,
    Succeed,
    Fail,
    /// Its task instances were cleared, or a user queued it again.
    Clear,
    MarkSuccess,
    MarkFailed,
    MarkRunning,
}

/// What can happen to an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttemptEvent {
    Claim,
    Succeed,
    Fail,
    Skip,
    Retry,
    Reschedule,
    Defer,
    /// The lease of its worker ended.
    Lose,
    Cancel,
}

type TaskEdge = (Option<TaskState>, TaskEvent, Option<TaskState>);

/// Every legal step of a task instance.
pub const TASK_EDGES: &[TaskEdge] = {
    use TaskEvent as E;
    use TaskState as S;
    &[
        (None, E::Schedule, Some(S::Scheduled)),
        (None, E::Complete, Some(S::Success)),
        (None, E::Skip, Some(S::Skipped)),
        (None, E::FailUpstream, Some(S::UpstreamFailed)),
        (None, E::Remove, Some(S::Removed)),
        (None, E::MarkSuccess, Some(S::Success)),
        (None, E::MarkFailed, Some(S::Failed)),
        (None, E::MarkSkipped, Some(S::Skipped)),
        (Some(S::Scheduled), E::Queue, Some(S::Queued)),
        (Some(S::Scheduled), E::Skip, Some(S::Skipped)),
        (Some(S::Scheduled), E::Remove, Some(S::Removed)),
        (Some(S::Scheduled), E::Clear, None),
        (Some(S::Scheduled), E::MarkSuccess, Some(S::Success)),
        (Some(S::Scheduled), E::MarkFailed, Some(S::Failed)),
        (Some(S::Scheduled), E::MarkSkipped, Some(S::Skipped)),
        (Some(S::Queued), E::Start, Some(S::Running)),
        (Some(S::Queued), E::Requeue, Some(S::Scheduled)),
        (Some(S::Queued), E::Fail, Some(S::Failed)),
        (Some(S::Queued), E::Skip, Some(S::Skipped)),
        (Some(S::Queued), E::Clear, None),
        (Some(S::Queued), E::MarkSuccess, Some(S::Success)),
        (Some(S::Queued), E::MarkFailed, Some(S::Failed)),
        (Some(S::Queued), E::MarkSkipped, Some(S::Skipped)),
        (Some(S::Running), E::Succeed, Some(S::Success)),
        (Some(S::Running), E::Fail, Some(S::Failed)),
        (Some(S::Running), E::SkipItself, Some(S::Skipped)),
        (Some(S::Running), E::Retry, Some(S::UpForRetry)),
        (Some(S::Running), E::Reschedule, Some(S::UpForReschedule)),
        (Some(S::Running), E::Defer, Some(S::Deferred)),
        (Some(S::Running), E::AwaitInput, Some(S::AwaitingInput)),
        (Some(S::Running), E::Requeue, Some(S::Scheduled)),
        (Some(S::Running), E::Restart, Some(S::Restarting)),
        (Some(S::Running), E::MarkSuccess, Some(S::Success)),
        (Some(S::Running), E::MarkFailed, Some(S::Failed)),
        (Some(S::Running), E::MarkSkipped, Some(S::Skipped)),
        (Some(S::Restarting), E::Restarted, None),
        (Some(S::Restarting), E::Fail, Some(S::Failed)),
        (Some(S::Restarting), E::MarkSuccess, Some(S::Success)),
        (Some(S::Restarting), E::MarkFailed, Some(S::Failed)),
        (Some(S::Restarting), E::MarkSkipped, Some(S::Skipped)),
        (Some(S::UpForRetry), E::Schedule, Some(S::Scheduled)),
        (Some(S::UpForRetry), E::Complete, Some(S::Success)),
        (Some(S::UpForRetry), E::Skip, Some(S::Skipped)),
        (Some(S::UpForRetry), E::FailUpstream, Some(S::UpstreamFailed)),
        (Some(S::UpForRetry), E::Remove, Some(S::Removed)),
        (Some(S::UpForRetry), E::Clear, None),
        (Some(S::UpForRetry), E::MarkSuccess, Some(S::Success)),
        (Some(S::UpForRetry), E::MarkFailed, Some(S::Failed)),
        (Some(S::UpForRetry), E::MarkSkipped, Some(S::Skipped)),
        (Some(S::UpForReschedule), E::Schedule, Some(S::Scheduled)),
        (Some(S::UpForReschedule), E::Complete, Some(S::Success)),
        (Some(S::UpForReschedule), E::Skip, Some(S::Skipped)),
        (Some(S::UpForReschedule), E::FailUpstream, Some(S::UpstreamFailed)),
        (Some(S::UpForReschedule), E::Remove, Some(S::Removed)),
        (Some(S::UpForReschedule), E::Clear, None),
        (Some(S::UpForReschedule), E::MarkSuccess, Some(S::Success)),
        (Some(S::UpForReschedule), E::MarkFailed, Some(S::Failed)),
        (Some(S::UpForReschedule), E::MarkSkipped, Some(S::Skipped)),
        (Some(S::Deferred), E::Resume, Some(S::Scheduled)),
        (Some(S::Deferred), E::Fail, Some(S::Failed)),
        (Some(S::Deferred), E::Retry, Some(S::UpForRetry)),
        (Some(S::Deferred), E::Skip, Some(S::Skipped)),
        (Some(S::Deferred), E::Remove, Some(S::Removed)),
        (Some(S::Deferred), E::Clear, None),
        (Some(S::Deferred), E::MarkSuccess, Some(S::Success)),
        (Some(S::Deferred), E::MarkFailed, Some(S::Failed)),
        (Some(S::Deferred), E::MarkSkipped, Some(S::Skipped)),
        (Some(S::AwaitingInput), E::Resume, Some(S::Scheduled)),
        (Some(S::AwaitingInput), E::Fail, Some(S::Failed)),
        (Some(S::AwaitingInput), E::Retry, Some(S::UpForRetry)),
        (Some(S::AwaitingInput), E::Skip, Some(S::Skipped)),
        (Some(S::AwaitingInput), E::Remove, Some(S::Removed)),
        (Some(S::AwaitingInput), E::Clear, None),
        (Some(S::AwaitingInput), E::MarkSuccess, Some(S::Success)),
        (Some(S::AwaitingInput), E::MarkFailed, Some(S::Failed)),
        (Some(S::AwaitingInput), E::MarkSkipped, Some(S::Skipped)),
        (Some(S::Success), E::Clear, None),
        (Some(S::Success), E::MarkFailed, Some(S::Failed)),
        (Some(S::Success), E::MarkSkipped, Some(S::Skipped)),
        (Some(S::Failed), E::Clear, None),
        (Some(S::Failed), E::MarkSuccess, Some(S::Success)),
        (Some(S::Failed), E::MarkSkipped, Some(S::Skipped)),
        (Some(S::Skipped), E::Clear, None),
        (Some(S::Skipped), E::MarkSuccess, Some(S::Success)),
        (Some(S::Skipped), E::MarkFailed, Some(S::Failed)),
        (Some(S::UpstreamFailed), E::Clear, None),
        (Some(S::UpstreamFailed), E::MarkSuccess, Some(S::Success)),
        (Some(S::UpstreamFailed), E::MarkFailed, Some(S::Failed)),
        (Some(S::UpstreamFailed), E::MarkSkipped, Some(S::Skipped)),
        (Some(S::Removed), E::Restore, None),
        (Some(S::Removed), E::Clear, None),
    ]
};

/// Every legal step of a dag run.
pub const RUN_EDGES: &[(RunState, RunEvent, RunState)] = {
    use RunEvent as E;
    use RunState as S;
    &[
        (S::Queued, E::Start, S::Running),
        (S::Queued, E::MarkSuccess, S::Success),
        (S::Queued, E::MarkFailed, S::Failed),
        (S::Queued, E::MarkRunning, S::Running),
        (S::Running, E::Succeed, S::Success),
        (S::Running, E::Fail, S::Failed),
        (S::Running, E::Clear, S::Queued),
        (S::Running, E::MarkSuccess, S::Success),
        (S::Running, E::MarkFailed, S::Failed),
        (S::Success, E::Clear, S::Queued),
        (S::Success, E::MarkFailed, S::Failed),
        (S::Success, E::MarkRunning, S::Running),
        (S::Failed, E::Clear, S::Queued),
        (S::Failed, E::MarkSuccess, S::Success),
        (S::Failed, E::MarkRunning, S::Running),
    ]
};

/// Every legal step of an attempt.
pub const ATTEMPT_EDGES: &[(AttemptState, AttemptEvent, AttemptState)] = {
    use AttemptEvent as E;
    use AttemptState as S;
    &[
        (S::Queued, E::Claim, S::Running),
        (S::Queued, E::Cancel, S::Cancelled),
        (S::Running, E::Succeed, S::Success),
        (S::Running, E::Fail, S::Failed),
        (S::Running, E::Skip, S::Skipped),
        (S::Running, E::Retry, S::UpForRetry),
        (S::Running, E::Reschedule, S::UpForReschedule),
        (S::Running, E::Defer, S::Deferred),
        (S::Running, E::Lose, S::Lost),
        (S::Running, E::Cancel, S::Cancelled),
    ]
};

/// The state after `event`, or why there is none.
pub fn next_task(state: Option<TaskState>, event: TaskEvent) -> Result<Option<TaskState>, Illegal> {
    TASK_EDGES
        .iter()
        .find(|(from, on, _)| *from == state && *on == event)
        .map(|(_, _, to)| *to)
        .ok_or_else(|| illegal("task instance", state.map_or("none", TaskState::as_str), event))
}

/// The state after `event`, or why there is none.
pub fn next_run(state: RunState, event: RunEvent) -> Result<RunState, Illegal> {
    RUN_EDGES
        .iter()
        .find(|(from, on, _)| *from == state && *on == event)
        .map(|(_, _, to)| *to)
        .ok_or_else(|| illegal("dag run", state, event))
}

/// The state after `event`, or why there is none.
pub fn next_attempt(state: AttemptState, event: AttemptEvent) -> Result<AttemptState, Illegal> {
    ATTEMPT_EDGES
        .iter()
        .find(|(from, on, _)| *from == state && *on == event)
        .map(|(_, _, to)| *to)
        .ok_or_else(|| illegal("attempt", state, event))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_step_is_listed_twice() {
        let mut seen = HashSet::new();
        for (from, event, _) in TASK_EDGES {
            assert!(seen.insert((*from, *event)), "{from:?} {event:?} twice");
        }
        let mut seen = HashSet::new();
        for (from, event, _) in RUN_EDGES {
            assert!(seen.insert((*from, *event)), "{from:?} {event:?} twice");
        }
        let mut seen = HashSet::new();
        for (from, event, _) in ATTEMPT_EDGES {
            assert!(seen.insert((*from, *event)), "{from:?} {event:?} twice");
        }
    }

    #[test]
    fn next_follows_every_edge() {
        for (from, event, to) in TASK_EDGES {
            assert_eq!(next_task(*from, *event), Ok(*to));
        }
        for (from, event, to) in RUN_EDGES {
            assert_eq!(next_run(*from, *event), Ok(*to));
        }
        for (from, event, to) in ATTEMPT_EDGES {
            assert_eq!(next_attempt(*from, *event), Ok(*to));
        }
    }

    #[test]
    fn finished_task_instances_move_only_by_an_act_of_a_user_or_of_the_dag() {
        let acts = [TaskEvent::Clear, TaskEvent::Restore, TaskEvent::MarkSuccess, TaskEvent::MarkFailed, TaskEvent::MarkSkipped];
        for (from, event, _) in TASK_EDGES {
            if from.is_some_and(TaskState::is_finished) {
                assert!(acts.contains(event), "{from:?} {event:?}");
            }
        }
    }

    #[test]
    fn every_unfinished_state_reaches_success_and_has_an_exit() {
        for start in [None].into_iter().chain(TaskState::ALL.iter().copied().map(Some)) {
            let mut reached = HashSet::from([start]);
            loop {
                let more: Vec<_> = TASK_EDGES
                    .iter()
                    .filter(|(from, _, to)| reached.contains(from) && !reached.contains(to))
                    .map(|(_, _, to)| *to)
                    .collect();
                if more.is_empty() {
                    break;
                }
                reached.extend(more);
            }
            assert!(reached.contains(&Some(TaskState::Success)), "{start:?} never ends");
        }
    }

    #[test]
    fn finished_attempts_stay_as_they_are() {
        for state in AttemptState::ALL.iter().filter(|state| state.is_finished()) {
            assert!(next_attempt(*state, AttemptEvent::Cancel).is_err());
            assert!(next_attempt(*state, AttemptEvent::Succeed).is_err());
        }
    }

    #[test]
    fn names_go_there_and_back() {
        for state in TaskState::ALL {
            assert_eq!(state.as_str().parse::<TaskState>().as_ref(), Ok(state));
            assert_eq!(serde_json::to_string(state).ok(), Some(format!("\"{state}\"")));
        }
        let error = "done".parse::<RunState>().map_err(|e| e.to_string());
        assert_eq!(error, Err("`done` is not a dag run state; use one of queued, running, success, failed".to_owned()));
    }

    #[test]
    fn an_illegal_step_says_what_was_tried() {
        let error = next_task(Some(TaskState::Success), TaskEvent::Queue).map_err(|e| e.to_string());
        assert_eq!(error, Err("a task instance in state success has no step `Queue`".to_owned()));
    }
}
