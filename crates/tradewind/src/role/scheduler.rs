//! The scheduler with its local workers.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tradewind_engine::{EngineOptions, Scheduler, Status};
use tradewind_executor::ExecutorHandle;

use super::metrics::ExecutorFigures;
use super::own_folder::OwnFolder;
use super::{Parts, Stop};
use crate::context::Context;

/// A scheduler that runs.
pub struct Running {
    engine: JoinHandle<()>,
    /// `None`: workers elsewhere run all tasks.
    executor: Option<ExecutorHandle>,
    _folder: Option<OwnFolder>,
    status: watch::Receiver<Status>,
    name: &'static str,
    slots: usize,
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
        process: parts.process(),
        parallelism: settings.core.parallelism.unwrap_or(0),
        lease: settings.leases.scheduler,
        worker_lease: settings.leases.worker,
        worker_losses: settings.workers.worker_losses,
        hint_timeout: settings.leases.republish_after,
        tick: settings.leases.poll_interval.max(Duration::from_millis(100)),
        active_standby: settings.scheduler.active_standby,
        alerts: Arc::new(tradewind_alert::policy(&settings.alerts.channels)),
        ..defaults
    };
    let chosen = tradewind_executor::select(settings)?;
    let (executor, folder) = local_executor(cx, parts, alone)?.unzip();
    let scheduler = Scheduler::new(parts.store.clone(), parts.queue.clone(), parts.changes.clone(), options);
    let status = scheduler.status();
    let engine = tokio::spawn(scheduler.run(stop.receiver()));
    Ok(Running { engine, executor, _folder: folder, status, name: chosen.name(), slots: chosen.slots() })
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
    parts.keeps(folder.path());
    let executor = executor.start(settings, service, parts.python()?.clone(), folder.path(), parts.process())?;
    Ok(Some((executor, folder)))
}

impl Running {
    /// Follows the scheduler's loop.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// What metrics tell of the executor.
    pub fn figures(&self) -> ExecutorFigures {
        match &self.executor {
            Some(executor) => ExecutorFigures { name: self.name, slots: self.slots, running: Box::new(executor.worker().counter()) },
            None => ExecutorFigures { name: self.name, slots: 0, running: Box::new(|| 0) },
        }
    }

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
