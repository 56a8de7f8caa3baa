//! The queue inside one process: what `standalone` and a scheduler with local workers use.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use uuid::Uuid;

use crate::hint_queue::{HintQueue, Published, Waiting};
use crate::service::Hint;

/// Order of waiting hints: priority falling, then age.
type Key = (std::cmp::Reverse<i32>, u64, Uuid);

#[derive(Default)]
struct State {
    queues: HashMap<String, BTreeSet<Key>>,
    waiting: HashSet<Uuid>,
    published: u64,
}

/// See the module.
#[derive(Default)]
pub struct MemoryQueue {
    state: Mutex<State>,
    arrived: Notify,
}

impl MemoryQueue {
    pub fn new() -> Self {
        Self::default()
    }

    fn push(&self, hints: Vec<Published>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for hint in hints {
            if state.waiting.insert(hint.attempt_id) {
                state.published += 1;
                let key = (std::cmp::Reverse(hint.priority), state.published, hint.attempt_id);
                state.queues.entry(hint.queue).or_default().insert(key);
            }
        }
    }

    fn pop(&self, queues: &[String], max: usize) -> Vec<Hint> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = Vec::new();
        while taken.len() < max {
            let named = |name: &&String| queues.is_empty() || queues.contains(name);
            let heads = state.queues.iter().filter(|(name, _)| named(name));
            let best = heads.filter_map(|(name, set)| Some((*set.first()?, name.clone()))).min();
            let Some((key, name)) = best else { break };
            if let Some(set) = state.queues.get_mut(&name) {
                set.remove(&key);
            }
            state.waiting.remove(&key.2);
            taken.push(Hint { attempt_id: key.2, queue: name });
        }
        taken
    }
}

impl HintQueue for MemoryQueue {
    fn publish(&self, hints: Vec<Published>) -> Waiting<'_, ()> {
        Box::pin(async move {
            self.push(hints);
            self.arrived.notify_waiters();
            Ok(())
        })
    }

    fn take<'a>(&'a self, queues: &'a [String], max: usize, wait: Duration) -> Waiting<'a, Vec<Hint>> {
        Box::pin(async move {
            let deadline = tokio::time::sleep(wait);
            tokio::pin!(deadline);
            loop {
                // Enlisted before looking, so that a hint published in between wakes us.
                let arrived = self.arrived.notified();
                tokio::pin!(arrived);
                arrived.as_mut().enable();
                let taken = self.pop(queues, max);
                if !taken.is_empty() || max == 0 {
                    return Ok(taken);
                }
                tokio::select! {
                    () = &mut arrived => {}
                    () = &mut deadline => return Ok(Vec::new()),
                }
            }
        })
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn news(&self) {}

    fn depth(&self) -> Waiting<'_, usize> {
        Box::pin(async move { Ok(self.state.lock().unwrap_or_else(PoisonError::into_inner).waiting.len()) })
    }
}
