//! `/health` and `/metrics` of a process without a web server.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tradewind_config::Settings;
use tradewind_engine::Status;
use tradewind_server::status::{Health, serve};

use super::{Roles, Stop};

/// A port that answers.
pub struct Running(JoinHandle<std::io::Result<()>>);

/// Listens where the configuration says so; `None`: it does not.
///
/// # Errors
/// The port is taken.
pub async fn start(
    settings: &Settings,
    roles: Roles,
    scheduler: Option<watch::Receiver<Status>>,
    stop: &Stop,
) -> anyhow::Result<Option<Running>> {
    let other = settings.health.status_port.filter(|_| !roles.server).map(|port| (settings.api.host.clone(), port));
    let Some((host, port)) = settings.health.scheduler_listen.clone().filter(|_| roles.scheduler).or(other) else { return Ok(None) };
    let listener = TcpListener::bind((host.as_str(), port)).await.with_context(|| {
        format!("cannot listen on {host}:{port} for health checks; [scheduler] scheduler_health_check_server_port and [tradewind] status_port name other ports")
    })?;
    tracing::info!(address = %listener.local_addr()?, "answering /health and /metrics");
    let stop = stop.clone();
    let health = health(scheduler, settings.health.scheduler_threshold);
    Ok(Some(Running(tokio::spawn(serve(listener, health, async move { stop.asked().await })))))
}

/// A scheduler is well when its loop turns; a process without one when it answers.
fn health(scheduler: Option<watch::Receiver<Status>>, threshold: Duration) -> Health {
    Arc::new(move || scheduler.as_ref().is_none_or(|status| status.borrow().is_well(threshold)))
}

impl Running {
    /// Waits for its end.
    pub async fn ended(self) {
        match self.0.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("the port for health checks failed: {error}"),
            Err(_) => tracing::error!("the port for health checks panicked"),
        }
    }
}
