//! The roles of the program, put together. Here and nowhere else everybody meets.

mod admin;
mod alerts;
mod beat;
mod connection_types;
mod metrics;
mod own_folder;
mod parts;
mod processor;
mod scheduler;
mod server;
mod status;
mod stop;
mod triggerer;
mod witness;
mod worker;

pub use metrics::install as install_metrics;
pub use parts::Parts;
pub use stop::Stop;
pub use worker::{WorkerRole, run as run_worker};

use std::process::ExitCode;

use crate::context::Context;

/// Which roles one process takes.
#[derive(Debug, Clone, Copy)]
pub struct Roles {
    pub scheduler: bool,
    pub processor: bool,
    pub server: bool,
    pub triggerer: bool,
}

/// Runs the roles until the process is asked to stop; they end in the order in which nothing is lost.
pub async fn run(cx: &Context, roles: Roles, first_steps: bool) -> anyhow::Result<ExitCode> {
    let stop = Stop::listen()?;
    metrics::install(&cx.settings)?;
    let parts = Parts::open(cx, roles, first_steps).await?;
    let welcome = if first_steps { Some(admin::ensure(cx, &parts.store).await?) } else { None };
    let server = if roles.server { Some(server::start(cx, &parts, roles, &stop).await?) } else { None };
    let processor = if roles.processor { Some(processor::start(cx, &parts, &stop)?) } else { None };
    let scheduler = if roles.scheduler { Some(scheduler::start(cx, &parts, !roles.server, &stop)?) } else { None };
    let triggerer = if roles.triggerer { Some(triggerer::start(cx, &parts, &stop)?) } else { None };
    let status = status::start(&cx.settings, roles, scheduler.as_ref().map(scheduler::Running::status), &stop).await?;
    let figures = metrics::start(&cx.settings, &parts, scheduler.as_ref().map(scheduler::Running::figures), &stop);
    let witness = if roles.scheduler { parts.life.clone().map(|life| witness::start(&parts, life, &stop)) } else { None };
    let own = server.as_ref().map(server::Running::url);
    let alerts = if roles.scheduler { Some(alerts::start(cx, &parts, &parts.alerts(cx, own)?, &stop)?) } else { None };
    if let (Some(welcome), Some(server)) = (&welcome, &server) {
        println!("{}", welcome.line(server.url()));
    }
    stop.asked().await;
    tracing::info!("stopping");
    if let Some(scheduler) = scheduler {
        scheduler.stop(&stop).await;
    }
    if let Some(processor) = processor {
        processor.ended().await;
    }
    if let Some(triggerer) = triggerer {
        triggerer.ended().await;
    }
    if let Some(alerts) = alerts {
        alerts.ended().await;
    }
    if let Some(server) = server {
        server.ended().await?;
    }
    if let Some(status) = status {
        status.ended().await;
    }
    figures.ended().await;
    if let Some(witness) = witness {
        witness.ended().await;
    }
    parts.close().await;
    Ok(ExitCode::SUCCESS)
}
