//! The couriers of alerts and the look for late runs: part of every scheduler's process, in nobody's way.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tradewind_alert::{AlertOptions, WatchOptions, couriers, policy, watch};

use super::{Parts, Stop};
use crate::context::Context;

/// How long a message that is on its way may take at the end of the process. Its row knows; another courier goes on with it.
const GRACE: Duration = Duration::from_secs(5);

/// Couriers that run.
pub struct Running(Vec<JoinHandle<()>>);

/// Starts one task for each channel, and the look for late runs.
pub fn start(cx: &Context, parts: &Parts, options: &AlertOptions, stop: &Stop) -> anyhow::Result<Running> {
    let receiver = stop.receiver();
    let all = couriers(options, &parts.store, &parts.changes, &receiver).map_err(anyhow::Error::msg)?;
    let mut tasks: Vec<JoinHandle<()>> = all.into_iter().map(|courier| tokio::spawn(courier.run())).collect();
    let watching = WatchOptions::from(&cx.settings.alerts);
    let policy = Arc::new(policy(&options.channels));
    tasks.push(tokio::spawn(watch(watching, options.clone(), policy, parts.store.clone(), parts.changes.clone(), receiver)));
    Ok(Running(tasks))
}

impl Running {
    /// Waits for their end, not for long.
    pub async fn ended(mut self) {
        let all = async {
            for task in &mut self.0 {
                if task.await.is_err() {
                    tracing::error!("a courier of alerts panicked");
                }
            }
        };
        if tokio::time::timeout(GRACE, all).await.is_err() {
            self.0.iter().for_each(JoinHandle::abort);
        }
    }
}
