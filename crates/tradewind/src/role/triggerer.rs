//! The triggerer.

use tokio::task::JoinHandle;
use tradewind_queue::attempt_log::Modes;
use tradewind_worker::{Triggerer, TriggererOptions};

use super::{Parts, Stop};
use crate::context::Context;

/// A triggerer that runs.
pub struct Running(JoinHandle<()>);

/// Starts it.
pub fn start(cx: &Context, parts: &Parts, stop: &Stop) -> anyhow::Result<Running> {
    let settings = &cx.settings;
    let options = TriggererOptions {
        capacity: settings.triggerer.capacity,
        per_claim: settings.triggerer.per_claim,
        warn_after: settings.triggerer.blocked_warning.as_secs_f64(),
        dags_folder: settings.core.dags_folder.clone(),
        config: serde_json::json!({}),
        log_folder: settings.logging.base_log_folder.clone(),
        log_modes: Modes { file: settings.logging.file_mode, folder: settings.logging.folder_mode },
        shortest_secret: usize::try_from(settings.logging.min_length_masked_secret).unwrap_or(usize::MAX),
        sensitive_names: settings.core.sensitive_names.clone(),
        hide_sensitive: settings.core.hide_sensitive_fields,
        hostname: parts.hostname.clone(),
        unixname: parts.unixname.clone(),
        version: crate::command::version::VERSION.to_owned(),
        process: parts.process(),
        lease: settings.leases.worker,
    };
    let triggerer = Triggerer::new(parts.store.clone(), parts.python()?.clone(), parts.control.clone(), parts.changes.clone(), options);
    Ok(Running(tokio::spawn(triggerer.run(stop.receiver()))))
}

impl Running {
    /// Waits for its end.
    pub async fn ended(self) {
        if self.0.await.is_err() {
            tracing::error!("the triggerer panicked");
        }
    }
}
