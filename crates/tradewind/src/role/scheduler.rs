//! The scheduler with its local workers.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tradewind_engine::{EngineOptions, Scheduler};
use tradewind_executor::ExecutorHandle;

use super::own_folder::OwnFolder;
use super::{Parts, Stop};
use crate::context::Context;

/// A scheduler that runs.
pub struct Running {
    engine: JoinHandle<()>,
    /// `None`: workers elsewhere run all tasks.
    executor: Option<ExecutorHandle>,
    _folder: Option<OwnFolder>,
}

/// Starts it; it takes its term by itself.
/// `alone`: no web server is in this process.
pub fn start(cx: &Context, parts: &Parts, alone: bool, stop: &Stop) -> anyhow::Result<Running> {
    let (settings, defaults) = (&cx.settings, EngineOptions::default());
    let options = EngineOptions {
        hostname: parts.hostname.clone(),
        unixname: parts.unixname.clone(),
        pid: std::process::id(),
        version: crate::command::version::VERSION.to_owned(),
        parallelism: settings.core.parallelism.unwrap_or(0),
        lease: settings.leases.scheduler,
        worker_lease: settings.leases.worker,
        hint_timeout: settings.leases.republish_after,
        tick: settings.leases.poll_interval.max(Duration::from_millis(100)),
        alerts: Arc::new(tradewind_alert::policy(&settings.alerts.channels)),
        ..defaults
    };
    let (executor, folder) = local_executor(cx, parts, alone)?.unzip();
    let scheduler = Scheduler::new(parts.store.clone(), parts.queue.clone(), parts.changes.clone(), options);
    let engine = tokio::spawn(scheduler.run(stop.receiver()));
    Ok(Running { engine, executor, _folder: folder })
}

fn local_executor(cx: &Context, parts: &Parts, alone: bool) -> anyhow::Result<Option<(ExecutorHandle, OwnFolder)>> {
    let settings = &cx.settings;
    let executor = tradewind_executor::select(settings)?;
    if !settings.leases.local_workers {
        if alone && !settings.leases.queue_in_database {
            anyhow::bail!(
                "without local workers nobody would find a queued attempt: it would wait in the memory of this process; set [tradewind] queue = database"
            );
        }
        return Ok(None);
    }
    let service = Arc::new(parts.control.clone());
    let folder = OwnFolder::take(&settings.home.join("worker"))?;
    let executor = executor.start(settings, service, parts.python()?.clone(), folder.path())?;
    Ok(Some((executor, folder)))
}

impl Running {
    /// Waits for the scheduler's end and for running attempts: as long as they take at the first signal, not at the second.
    pub async fn stop(self, stop: &Stop) {
        if self.engine.await.is_err() {
            tracing::error!("the scheduler's loop panicked");
        }
        if let Some(executor) = self.executor {
            super::worker::finish(executor.into_worker(), stop).await;
        }
    }
}
