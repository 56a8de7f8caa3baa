//! `failover start`.

use std::process::ExitCode;

use tradewind_failover::{Controller, ControllerOptions};

use super::init::{STOP_COMMAND, start_command};
use super::{mailer, nodes, runner};
use crate::context::{Context, actor};
use crate::role::{Stop, install_metrics};

/// Runs the controller until it is asked to stop.
pub async fn run(cx: &Context) -> anyhow::Result<ExitCode> {
    let stop = Stop::listen()?;
    install_metrics(&cx.settings)?;
    let store = cx.store_with_keys().await?;
    let failover = &cx.settings.failover;
    let options = ControllerOptions {
        nodes: nodes(cx)?,
        here: cx.hostname(),
        start_command: match &failover.start_command {
            Some(command) => command.clone(),
            None => start_command(cx, None)?,
        },
        stop_command: failover.stop_command.clone().unwrap_or_else(|| STOP_COMMAND.to_owned()),
        poll: failover.poll,
        start_timeout: failover.start_timeout,
        retries_before_alert: failover.retries_before_alert,
        threshold: cx.settings.health.scheduler_threshold,
        lease: cx.settings.leases.scheduler,
        unixname: actor(),
        version: crate::command::version::VERSION.to_owned(),
    };
    if failover.alert_to.is_empty() {
        tracing::warn!("[scheduler_failover] alert_to_email names nobody: when no scheduler can be started, only this log says so");
    }
    tracing::info!(nodes = failover.nodes.join(", "), "failover controller");
    Controller::new(store.clone(), runner(cx), mailer(cx)?, options).run(stop.receiver()).await;
    store.close().await;
    Ok(ExitCode::SUCCESS)
}
