//! The long-running commands: `standalone`, `scheduler`, `api-server`, `dag-processor`, `triggerer`, `worker`.

use std::process::ExitCode;

use clap::Args;

use crate::context::Context;
use crate::role::{self, Roles, WorkerRole};

/// Where the web server listens.
#[derive(Debug, Clone, Args)]
pub struct Listen {
    /// Port of the web server; 0 lets the system choose. [default: `[api] port`, 8080]
    #[arg(short, long)]
    port: Option<u16>,
    /// Address of the web server. [default: `[api] host`, 127.0.0.1]
    #[arg(short = 'H', long, visible_alias = "hostname")]
    host: Option<String>,
}

impl Listen {
    fn apply(&self, mut cx: Context) -> anyhow::Result<Context> {
        if let Some(port) = self.port {
            cx = cx.with_flag("--port", "api", "port", &port.to_string())?;
        }
        if let Some(host) = &self.host {
            cx = cx.with_flag("--host", "api", "host", host)?;
        }
        Ok(cx)
    }
}

/// `standalone`: everything in one process, made ready for a newcomer.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tradewind standalone --port 8081")]
pub struct Standalone {
    #[command(flatten)]
    listen: Listen,
}

impl Standalone {
    /// Runs until it is asked to stop.
    pub async fn run(self, cx: Context) -> anyhow::Result<ExitCode> {
        let cx = self.listen.apply(cx)?;
        role::run(&cx, Roles { scheduler: true, processor: true, server: true, triggerer: true }, true).await
    }
}

/// `scheduler`: schedules, runs tasks locally, and parses DAG files unless that is left to processes of their own.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tradewind scheduler")]
pub struct Scheduler {
    /// Leave parsing DAG files to `tradewind dag-processor`.
    #[arg(long)]
    no_dag_processor: bool,
    /// Leave running tasks to `tradewind worker`.
    #[arg(long)]
    no_local_workers: bool,
    /// Leave the triggers of deferred tasks to `tradewind triggerer`.
    #[arg(long)]
    no_triggerer: bool,
}

impl Scheduler {
    /// Runs until it is asked to stop.
    pub async fn run(self, cx: Context) -> anyhow::Result<ExitCode> {
        let cx = if self.no_local_workers { cx.with_flag("--no-local-workers", "tradewind", "local_workers", "False")? } else { cx };
        let apart = self.no_dag_processor || cx.config.get_bool("scheduler", "standalone_dag_processor").unwrap_or(false);
        role::run(&cx, Roles { scheduler: true, processor: !apart, server: false, triggerer: !self.no_triggerer }, false).await
    }
}

/// `api-server`, also `webserver`: the REST API.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tradewind api-server --port 8080 --host 0.0.0.0")]
pub struct ApiServer {
    #[command(flatten)]
    listen: Listen,
}

impl ApiServer {
    /// Runs until it is asked to stop.
    pub async fn run(self, cx: Context) -> anyhow::Result<ExitCode> {
        let cx = self.listen.apply(cx)?;
        role::run(&cx, Roles { scheduler: false, processor: false, server: true, triggerer: false }, false).await
    }
}

/// `dag-processor`: parses DAG files and runs callbacks.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tradewind dag-processor")]
pub struct DagProcessor {}

impl DagProcessor {
    /// Runs until it is asked to stop.
    pub async fn run(self, cx: Context) -> anyhow::Result<ExitCode> {
        role::run(&cx, Roles { scheduler: false, processor: true, server: false, triggerer: false }, false).await
    }
}

/// `triggerer`: runs the triggers of deferred tasks; any number of them share the triggers.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tradewind triggerer --capacity 500")]
pub struct Triggerer {
    /// Triggers at once. [default: `[triggerer] capacity`, 1000]
    #[arg(long)]
    capacity: Option<u32>,
}

impl Triggerer {
    /// Runs until it is asked to stop.
    pub async fn run(self, mut cx: Context) -> anyhow::Result<ExitCode> {
        if let Some(capacity) = self.capacity {
            cx = cx.with_flag("--capacity", "triggerer", "capacity", &capacity.to_string())?;
        }
        role::run(&cx, Roles { scheduler: false, processor: false, server: false, triggerer: true }, false).await
    }
}

/// `worker`: runs tasks for a control plane that it reaches over HTTP.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tradewind worker --server http://web-1:8080,http://web-2:8080 --queues default,gpu --concurrency 8")]
pub struct Worker {
    /// Base URLs of web servers, asked in turn. [default: `[core] execution_api_server_url`]
    #[arg(short = 'S', long, value_delimiter = ',', value_name = "URL")]
    server: Vec<String>,
    /// Queues to take tasks from. [default: `[operators] default_queue`, default]
    #[arg(short, long, value_delimiter = ',')]
    queues: Vec<String>,
    /// Tasks at once. [default: `[celery] worker_concurrency`, 16]
    #[arg(short, long)]
    concurrency: Option<std::num::NonZeroU16>,
    /// Name under which web servers reach the logs of this machine. [default: the system's]
    #[arg(short = 'H', long, visible_alias = "celery-hostname")]
    hostname: Option<String>,
    /// Port on which logs are served; 0 lets the system choose. [default: `[logging] worker_log_server_port`, 8793]
    #[arg(long)]
    log_port: Option<u16>,
    /// Serve no logs: web servers find them in a folder of both.
    #[arg(short, long)]
    skip_serve_logs: bool,
}

impl Worker {
    /// Runs until it is asked to stop.
    pub async fn run(self, cx: Context) -> anyhow::Result<ExitCode> {
        let settings = &cx.settings;
        let default_queue = || vec![settings.operators.queue.clone()];
        let concurrency = self.concurrency.map_or(settings.workers.concurrency as usize, |slots| usize::from(slots.get()));
        let role = WorkerRole {
            servers: if self.server.is_empty() { settings.core.execution_api_servers.clone() } else { self.server },
            queues: if self.queues.is_empty() { default_queue() } else { self.queues },
            concurrency,
            hostname: self.hostname,
            log_port: (!self.skip_serve_logs).then(|| self.log_port.unwrap_or(settings.logging.worker_log_server_port)),
        };
        role::run_worker(&cx, role).await
    }
}
