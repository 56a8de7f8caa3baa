//! Background tasks of one owner: named, ended with it, and a panic of one is an event.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinSet;

/// Tasks that end when the last handle goes. Cheap to clone; a task must not keep one of these itself.
#[derive(Clone, Default)]
pub(crate) struct Tasks(Arc<Mutex<JoinSet<()>>>);

impl Tasks {
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let mut set = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        set.spawn(task);
        while let Some(ended) = set.try_join_next() {
            if let Err(e) = ended
                && e.is_panic()
            {
                tracing::error!(task.spawned = name, "a background task of the Python host panicked: {e}");
            }
        }
    }

    pub fn abort(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }
}
