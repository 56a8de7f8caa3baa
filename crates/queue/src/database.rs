//! The queue in the metadata database: for workers in other processes, without a broker.
//!
//! Hints are rows that a take deletes. A publisher in this process wakes its takers at once; one in another process when the database tells of its commit, or
//! by looking every few milliseconds, more seldom while nothing comes. A hint that is lost, because its taker died, is published again by the scheduler.

use std::time::Duration;

use tokio::sync::Notify;
use tradewind_store::table::queue_hint::{CountHints, HintsWait, NewHint, PublishHints, TakeHints};
use tradewind_store::{Error, Store};

use crate::hint_queue::{HintQueue, Published, QueueError, Waiting};
use crate::service::Hint;

/// How long a hint of another process stays unseen in busy times: half the promised median between two tasks.
const FIRST_LOOK: Duration = Duration::from_millis(5);
/// The same in idle times, which bounds what looking costs to a small part of a per cent of a core.
const LAST_LOOK: Duration = Duration::from_millis(80);
/// The same where the database tells of commits, and looking only finds what that loses.
const TOLD_LOOK: Duration = Duration::from_secs(1);

/// See the module.
#[derive(Debug)]
pub struct DatabaseQueue {
    store: Store,
    arrived: Notify,
}

impl DatabaseQueue {
    pub fn new(store: Store) -> Self {
        Self { store, arrived: Notify::new() }
    }

    fn longest(&self) -> Duration {
        if self.store.is_told() { TOLD_LOOK } else { LAST_LOOK }
    }

    async fn pop(&self, queues: &[String], max: usize) -> Result<Vec<Hint>, QueueError> {
        let queues = queues.to_vec();
        if max == 0 || !self.store.run(HintsWait { queues: queues.clone() }).await.map_err(unreachable)? {
            return Ok(Vec::new());
        }
        let taken = self.store.run(TakeHints { queues, max }).await.map_err(unreachable)?;
        Ok(taken.into_iter().map(|(attempt_id, queue)| Hint { attempt_id, queue }).collect())
    }
}

fn unreachable(error: Error) -> QueueError {
    QueueError(error.to_string())
}

impl HintQueue for DatabaseQueue {
    fn publish(&self, hints: Vec<Published>) -> Waiting<'_, ()> {
        Box::pin(async move {
            let rows =
                hints.into_iter().map(|hint| NewHint { attempt_id: hint.attempt_id, queue: hint.queue, priority_weight: hint.priority });
            self.store.run(PublishHints(rows.collect())).await.map_err(unreachable)?;
            self.arrived.notify_waiters();
            Ok(())
        })
    }

    fn take<'a>(&'a self, queues: &'a [String], max: usize, wait: Duration) -> Waiting<'a, Vec<Hint>> {
        Box::pin(async move {
            let deadline = tokio::time::sleep(wait);
            tokio::pin!(deadline);
            let mut look = FIRST_LOOK;
            loop {
                // Enlisted before looking, so that a hint published in between wakes us.
                let arrived = self.arrived.notified();
                tokio::pin!(arrived);
                arrived.as_mut().enable();
                let taken = self.pop(queues, max).await?;
                if !taken.is_empty() || max == 0 {
                    return Ok(taken);
                }
                tokio::select! {
                    () = &mut arrived => {}
                    () = tokio::time::sleep(look) => look = (look * 2).min(self.longest()),
                    () = &mut deadline => return Ok(Vec::new()),
                }
            }
        })
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn news(&self) {
        self.arrived.notify_waiters();
    }

    fn depth(&self) -> Waiting<'_, usize> {
        Box::pin(async move {
            let count = self.store.run(CountHints).await.map_err(unreachable)?;
            Ok(usize::try_from(count).unwrap_or(0))
        })
    }
}
