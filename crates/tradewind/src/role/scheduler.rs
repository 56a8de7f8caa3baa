//! The scheduler with its local workers.

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
    executor: ExecutorHandle,
    _folder: OwnFolder,
}

/// Starts it; it takes its term by itself.
pub fn start(cx: &Context, parts: &Parts, stop: &Stop) -> anyhow::Result<Running> {
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
        alerts: std::sync::Arc::new(tradewind_alert::policy(&settings.alerts.channels)),
        ..defaults
    };
    let folder = OwnFolder::take(&settings.home.join("worker"))?;
    let executor = tradewind_executor::select(settings)?.start(
        settings,
        std::sync::Arc::new(parts.control.clone()),
        parts.python()?.clone(),
        folder.path(),
    )?;
    let scheduler = Scheduler::new(parts.store.clone(), parts.queue.clone(), parts.changes.clone(), options);
    let engine = tokio::spawn(scheduler.run(stop.receiver()));
    Ok(Running { engine, executor, _folder: folder })
}

impl Running {
    /// Waits for the scheduler's end and for running attempts: as long as they take at the first signal, not at the second.
    pub async fn stop(self, stop: &Stop) {
        if self.engine.await.is_err() {
            tracing::error!("the scheduler's loop panicked");
        }
        let running = self.executor.worker().running();
        if running > 0 {
            eprintln!("waiting for {running} running attempts; press Ctrl+C or send SIGTERM again to end them");
        }
        self.executor.worker().request_stop(stop.grace());
        let idle = async {
            while self.executor.worker().running() > 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let in_hurry = tokio::select! {
            () = idle => false,
            () = stop.hurry() => true,
        };
        self.executor.stop(if in_hurry { Duration::ZERO } else { stop.grace() }).await;
    }
}
