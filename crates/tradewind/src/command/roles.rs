//! The long-running commands: `standalone`, `scheduler`, `api-server`, `dag-processor`.

use std::process::ExitCode;

use clap::Args;

use crate::context::Context;
use crate::role::{self, Roles};

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
        role::run(&cx, Roles { scheduler: true, processor: true, server: true }, true).await
    }
}

/// `scheduler`: schedules, runs tasks locally, and parses DAG files unless that is left to processes of their own.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tradewind scheduler")]
pub struct Scheduler {
    /// Leave parsing DAG files to `tradewind dag-processor`.
    #[arg(long)]
    no_dag_processor: bool,
}

impl Scheduler {
    /// Runs until it is asked to stop.
    pub async fn run(self, cx: Context) -> anyhow::Result<ExitCode> {
        let apart = self.no_dag_processor || cx.config.get_bool("scheduler", "standalone_dag_processor").unwrap_or(false);
        role::run(&cx, Roles { scheduler: true, processor: !apart, server: false }, false).await
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
        role::run(&cx, Roles { scheduler: false, processor: false, server: true }, false).await
    }
}

/// `dag-processor`: parses DAG files and runs callbacks.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tradewind dag-processor")]
pub struct DagProcessor {}

impl DagProcessor {
    /// Runs until it is asked to stop.
    pub async fn run(self, cx: Context) -> anyhow::Result<ExitCode> {
        role::run(&cx, Roles { scheduler: false, processor: true, server: false }, false).await
    }
}
