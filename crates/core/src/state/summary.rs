//! One state for many task instances.

use super::TaskState;

/// What says most about a set of instances comes first: trouble, then what moves, then what waits, then what is done.
const TELLING: [Option<TaskState>; 14] = [
    Some(TaskState::Failed),
    Some(TaskState::UpstreamFailed),
    Some(TaskState::UpForRetry),
    Some(TaskState::Restarting),
    Some(TaskState::Running),
    Some(TaskState::AwaitingInput),
    Some(TaskState::Queued),
    Some(TaskState::Deferred),
    Some(TaskState::UpForReschedule),
    Some(TaskState::Scheduled),
    None,
    Some(TaskState::Success),
    Some(TaskState::Skipped),
    Some(TaskState::Removed),
];

/// The state that stands for all of them; `None` also when there are none.
#[must_use]
pub fn summary(states: impl IntoIterator<Item = Option<TaskState>>) -> Option<TaskState> {
    let place = |state: &Option<TaskState>| TELLING.iter().position(|telling| telling == state).unwrap_or(TELLING.len());
    states.into_iter().min_by_key(place).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_wins_and_nothing_is_forgotten() {
        use TaskState::{Failed, Removed, Running, Skipped, Success};
        assert_eq!(summary([Some(Success), Some(Failed), Some(Running)]), Some(Failed));
        assert_eq!(summary([Some(Success), None]), None);
        assert_eq!(summary([Some(Skipped), Some(Removed), Some(Success)]), Some(Success));
        assert_eq!(summary([]), None);
        assert!(TaskState::ALL.iter().all(|state| TELLING.contains(&Some(*state))));
    }
}
