//! Facts of the attempts that run now, so that their calls need not read rows. A cache: after a restart the rows are read again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tradewind_core::form::DagForm;
use tradewind_store::table::dag_run::DagRun;
use tradewind_store::table::task_instance::{TaskInstance, TaskKey};
use uuid::Uuid;

/// What is known of a running attempt.
#[derive(Debug)]
pub struct Facts {
    pub attempt_id: Uuid,
    pub run: DagRun,
    pub task: TaskInstance,
    /// `None` when the version's form is gone or cannot be read.
    pub form: Option<Arc<DagForm>>,
}

/// Attempts kept at most. An attempt whose report another process took is forgotten only so; all are forgotten then, which is rare and cheap.
const KEPT: usize = 10_000;

/// See the module.
#[derive(Debug, Default)]
pub struct Running {
    attempts: Mutex<HashMap<Uuid, Arc<Facts>>>,
    /// Callbacks under numbers that no row knows ([`super::lend`]).
    lent: Mutex<HashMap<Uuid, Arc<Facts>>>,
    /// How often in a row an attempt of this run, task and map index could not be started.
    failures: Mutex<HashMap<TaskKey, u32>>,
}

impl Running {
    pub fn get(&self, attempt_id: Uuid) -> Option<Arc<Facts>> {
        let find = |kept: &Mutex<HashMap<Uuid, Arc<Facts>>>| kept.lock().unwrap_or_else(PoisonError::into_inner).get(&attempt_id).cloned();
        find(&self.attempts).or_else(|| find(&self.lent))
    }

    pub fn insert(&self, facts: Facts) -> Arc<Facts> {
        let facts = Arc::new(facts);
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        if attempts.len() >= KEPT {
            attempts.clear();
        }
        attempts.insert(facts.attempt_id, facts.clone());
        facts
    }

    pub fn lend(&self, facts: Facts) {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner).insert(facts.attempt_id, Arc::new(facts));
    }

    pub fn give_back(&self, number: Uuid) {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
    }

    /// Counts a start that failed; gives how many there were in a row, and forgets them when a process runs.
    pub fn start_failed(&self, facts: &Facts) -> u32 {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let count = failures.entry(facts.task.key()).or_default();
        *count += 1;
        *count
    }

    /// A process of this task instance runs.
    pub fn started(&self, attempt_id: Uuid) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if !failures.is_empty()
            && let Some(facts) = self.get(attempt_id)
        {
            failures.remove(&facts.task.key());
        }
    }

    pub fn remove(&self, attempt_id: Uuid) {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner).remove(&attempt_id);
    }
}
