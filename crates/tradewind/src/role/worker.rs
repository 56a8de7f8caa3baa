//! A worker of its own: it reaches the control plane over HTTP and opens no database.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tradewind_python::PythonHost;
use tradewind_worker::remote::{Contact, RemoteOptions, RemoteService};
use tradewind_worker::{Worker, WorkerHandle, WorkerOptions, serve_logs};

use super::Stop;
use super::own_folder::OwnFolder;
use super::parts::{begin_life, start_host};
use crate::context::Context;

/// What the command line says.
#[derive(Debug, Clone)]
pub struct WorkerRole {
    pub servers: Vec<String>,
    pub queues: Vec<String>,
    pub concurrency: usize,
    /// Name under which this machine is known and its logs are reached.
    pub hostname: Option<String>,
    /// `None`: logs are not served.
    pub log_port: Option<u16>,
}

/// Runs a worker until the process is asked to stop.
pub async fn run(cx: &Context, role: WorkerRole) -> anyhow::Result<ExitCode> {
    let stop = Stop::listen()?;
    let secret = tradewind_config::worker_secret(&cx.config)?;
    let Some(secret) = secret else {
        bail!(
            "this worker has no secret to show to the control plane: set [core] internal_api_secret_key, or \
             AIRFLOW__CORE__INTERNAL_API_SECRET_KEY, to the same value as on the web servers"
        );
    };
    let settings = &cx.settings;
    let service = RemoteService::new(RemoteOptions {
        servers: role.servers.clone(),
        secret: secret.expose().to_owned(),
        dags_folder: settings.core.dags_folder.clone(),
        timeout: settings.workers.execution_api_timeout,
    })?;
    match service.hello().await? {
        Contact::Made(hello) => tracing::info!(control.version = hello.version, "the control plane is there"),
        Contact::None(why) => tracing::warn!("the control plane does not answer yet, this worker waits for it: {why}"),
    }
    let folder = OwnFolder::take(&settings.home.join("worker"))?;
    let mut options = WorkerOptions::from_settings(settings, role.concurrency, folder.path());
    options.queues = role.queues;
    if let Some(hostname) = role.hostname {
        options.hostname = hostname;
    }
    let life = begin_life();
    if let Some(life) = &life {
        options.process = Some(life.name().to_owned());
        life.keeps(&folder.path().join("results")).context("what this worker keeps cannot be told to others")?;
    }
    options.secrets = vec![secret.expose().to_owned()];
    let logs = match role.log_port {
        Some(port) => Some(logs(port, &mut options, secret.expose()).await?),
        None => None,
    };
    let host = start_host(cx, &serde_json::to_value(cx.config.for_python())?, life.as_deref()).await?;
    let worker = Worker::start(Arc::new(service), host.clone(), options).context("the folder for results cannot be used")?;
    stop.asked().await;
    tracing::info!("stopping");
    finish(worker, &stop).await;
    ended(host, logs).await;
    Ok(ExitCode::SUCCESS)
}

/// Lets attempts run as long as they take at the first signal, not at the second.
pub(super) async fn finish(worker: WorkerHandle, stop: &Stop) {
    let running = worker.running();
    if running > 0 {
        eprintln!("waiting for {running} running attempts; press Ctrl+C or send SIGTERM again to end them");
    }
    worker.request_stop(stop.grace());
    let idle = async {
        while worker.running() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let in_hurry = tokio::select! {
        () = idle => false,
        () = stop.hurry() => true,
    };
    worker.stop(if in_hurry { Duration::ZERO } else { stop.grace() }).await;
}

async fn ended(host: PythonHost, logs: Option<JoinHandle<std::io::Result<()>>>) {
    host.stop().await;
    // Logs are served until nothing writes any more.
    if let Some(logs) = logs {
        logs.abort();
    }
}

/// Serves the logs, and says where.
async fn logs(port: u16, options: &mut WorkerOptions, secret: &str) -> anyhow::Result<JoinHandle<std::io::Result<()>>> {
    let listener = TcpListener::bind(("0.0.0.0", port)).await.with_context(|| {
        format!(
            "the logs of this worker cannot be served on port {port}; is another worker running here? [logging] worker_log_server_port or --log-port \
             names another, 0 lets the system choose, --skip-serve-logs does without"
        )
    })?;
    options.address = Some(format!("http://{}:{}", options.hostname, listener.local_addr()?.port()));
    let (folder, secret) = (options.log_folder.clone(), secret.to_owned());
    Ok(tokio::spawn(async move { serve_logs(listener, folder, &secret).await }))
}
