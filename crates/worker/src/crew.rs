//! The tasks of a worker: counted, and a panic of one is an event.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

/// Tasks that end with the last handle. Cheap to clone; a task must not keep one of these itself.
#[derive(Clone)]
pub struct Crew {
    set: Arc<Mutex<JoinSet<()>>>,
    count: watch::Sender<usize>,
}

struct Counted(watch::Sender<usize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|n| *n -= 1);
    }
}

impl Crew {
    pub fn new() -> Self {
        Self { set: Arc::default(), count: watch::channel(0).0 }
    }

    /// The handle ends the task before its time; dropping it does not.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        self.count.send_modify(|n| *n += 1);
        let counted = Counted(self.count.clone());
        let mut set = self.set.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(ended) = set.try_join_next() {
            if let Err(e) = ended
                && e.is_panic()
            {
                tracing::error!("a task of the worker panicked: {e}");
            }
        }
        set.spawn(async move {
            let _counted = counted;
            task.await;
        })
    }

    /// Waits until none is left.
    pub async fn all_ended(&self) {
        let _ = self.count.subscribe().wait_for(|n| *n == 0).await;
    }
}
