//! Workers in this process.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tradewind_config::Settings;
use tradewind_python::PythonHost;
use tradewind_queue::service::AttemptService;
use tradewind_worker::{Worker, WorkerHandle, WorkerOptions};

/// Attempts at once where the configuration sets no limit: what one machine can be asked to hold in processes.
const UNLIMITED: usize = 1024;

/// `LocalExecutor`, and with one slot `SequentialExecutor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalExecutor {
    name: &'static str,
    slots: usize,
}

impl LocalExecutor {
    /// As many attempts at once as `[core] parallelism` allows.
    pub fn new(parallelism: Option<u32>) -> Self {
        let slots = parallelism.and_then(|n| usize::try_from(n).ok()).unwrap_or(UNLIMITED);
        Self { name: "LocalExecutor", slots }
    }

    /// One attempt after another.
    pub fn sequential() -> Self {
        Self { name: "SequentialExecutor", slots: 1 }
    }

    /// Airflow's name of it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Attempts at once.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// Starts its worker, which takes from all queues: there is nobody else. `process`: how others on this machine tell whether this process lives.
    ///
    /// # Errors
    /// The folder for results cannot be used.
    pub fn start(
        &self,
        settings: &Settings,
        service: Arc<dyn AttemptService>,
        host: PythonHost,
        state_dir: impl Into<PathBuf>,
        process: Option<String>,
    ) -> io::Result<ExecutorHandle> {
        let mut options = WorkerOptions { process, ..WorkerOptions::from_settings(settings, self.slots, state_dir) };
        options.queues.clear();
        Ok(ExecutorHandle { worker: Worker::start(service, host, options)? })
    }
}

/// A running executor.
pub struct ExecutorHandle {
    worker: WorkerHandle,
}

impl ExecutorHandle {
    /// Its worker.
    pub fn worker(&self) -> &WorkerHandle {
        &self.worker
    }

    /// Its worker, to be stopped by the caller.
    pub fn into_worker(self) -> WorkerHandle {
        self.worker
    }
}
