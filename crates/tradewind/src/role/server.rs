//! The web server.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tradewind_queue::attempt_log::LogTemplate;
use tradewind_server::{App, ConfigValue, Execution, ExecutionOptions, ExposeConfig, MetricsAccess, ServerOptions, Thresholds};
use tradewind_store::step::StartJob;

use super::beat::Beat;
use super::{Parts, Roles, Stop, connection_types};
use crate::context::Context;

/// A server that runs.
pub struct Running {
    task: JoinHandle<std::io::Result<()>>,
    beat: Beat,
    url: String,
}

/// Listens and serves.
pub async fn start(cx: &Context, parts: &Parts, roles: Roles, stop: &Stop) -> anyhow::Result<Running> {
    let api = &cx.settings.api;
    let listener = TcpListener::bind((api.host.as_str(), api.port)).await.with_context(|| {
        format!(
            "cannot listen on {}:{}; is another server running there? [api] port and host, or --port and --host, name another",
            api.host, api.port
        )
    })?;
    let address = listener.local_addr()?;
    let url = url(cx, address);
    let options = ServerOptions {
        alerts: Some(parts.alerts(cx, Some(&url))?),
        execution: Some(Arc::new(execution(cx, parts, roles))),
        log_secret: Some(parts.secrets.worker_secret.expose().to_owned()),
        connection_types: Some(connection_types::reader(cx)),
        ..options(cx, parts)
    };
    let app = App::new(parts.store.clone(), parts.changes.clone(), options);
    let leases = cx.settings.leases;
    let beat = Beat::start(parts.store.clone(), job(cx, parts, &url), leases.worker_renew, stop);
    let stop = stop.clone();
    let task = tokio::spawn(tradewind_server::serve(listener, app, async move { stop.asked().await }));
    Ok(Running { task, beat, url })
}

/// The row of this server.
fn job(cx: &Context, parts: &Parts, url: &str) -> StartJob {
    StartJob {
        job_type: "ApiServerJob".into(),
        hostname: parts.hostname.clone(),
        unixname: Some(parts.unixname.clone()),
        pid: Some(std::process::id()),
        address: Some(url.to_owned()),
        version: Some(crate::command::version::VERSION.to_owned()),
        stats: None,
        process: parts.process(),
        lease: jiff::SignedDuration::try_from(cx.settings.leases.worker).unwrap_or(jiff::SignedDuration::MAX),
    }
}

/// The attempt service for workers elsewhere.
fn execution(cx: &Context, parts: &Parts, roles: Roles) -> Execution {
    let auth = &cx.settings.api_auth;
    let unreachable = !cx.settings.leases.queue_in_database && !roles.scheduler;
    let refusal = "workers elsewhere cannot be served here: queued attempts wait in the memory of the scheduler's process ([tradewind] queue = memory); set \
        [tradewind] queue = database for schedulers and web servers";
    let options = ExecutionOptions {
        join_secret: parts.secrets.worker_secret.expose().to_owned(),
        token_secret: parts.secrets.jwt_secret.expose().to_owned(),
        token_lifetime: auth.task_token_lifetime,
        leeway: auth.jwt_leeway,
        refusal: unreachable.then(|| refusal.to_owned()),
    };
    Execution::new(Arc::new(parts.control.clone()), options)
}

fn url(cx: &Context, address: SocketAddr) -> String {
    let path = base_path(cx);
    let host = if address.ip().is_loopback() || address.ip().is_unspecified() { "localhost".to_owned() } else { address.ip().to_string() };
    format!("http://{host}:{}{}", address.port(), path.trim_end_matches('/'))
}

/// The path of `[api] base_url`.
fn base_path(cx: &Context) -> String {
    let url = cx.settings.api.base_url.as_deref().unwrap_or("/");
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    if rest.is_empty() { "/".to_owned() } else { rest.to_owned() }
}

fn options(cx: &Context, parts: &Parts) -> ServerOptions {
    let settings = &cx.settings;
    let config = cx.config.effective().into_iter().filter_map(|one| {
        let sensitive = tradewind_config::option::table().get(&one.section, &one.key).is_some_and(|spec| spec.sensitive);
        Some(ConfigValue { value: one.found.ok()??.value, section: one.section, key: one.key, sensitive })
    });
    ServerOptions {
        base_path: base_path(cx),
        https: settings.api.base_url.as_deref().is_some_and(|url| url.starts_with("https://")),
        jwt_secret: parts.secrets.jwt_secret.expose().as_bytes().to_vec(),
        jwt_audience: settings.api_auth.jwt_audience.clone(),
        jwt_issuer: settings.api_auth.jwt_issuer.clone(),
        jwt_lifetime: settings.api_auth.jwt_expiration.as_secs(),
        jwt_cli_lifetime: settings.api_auth.jwt_cli_expiration.as_secs(),
        jwt_leeway: settings.api_auth.jwt_leeway.as_secs(),
        instance_name: settings.api.instance_name.clone().unwrap_or_else(|| "Tradewind".to_owned()),
        log_folder: settings.logging.base_log_folder.clone(),
        // Read before: a template that cannot be read has stopped the start.
        log_template: LogTemplate::parse(&settings.logging.filename_template).unwrap_or_default(),
        parallelism: settings.core.parallelism.unwrap_or(0),
        dags_folder: settings.core.dags_folder.clone(),
        fallback_page_limit: i64::from(settings.api.fallback_page_limit),
        maximum_page_limit: i64::from(settings.api.maximum_page_limit),
        allowed_run_id_pattern: settings.scheduler.allowed_run_id_pattern.clone(),
        expose_config: match settings.api.expose_config {
            tradewind_config::ExposeConfig::Never => ExposeConfig::No,
            tradewind_config::ExposeConfig::NonSensitive => ExposeConfig::NonSensitive,
            tradewind_config::ExposeConfig::All => ExposeConfig::Yes,
        },
        config: config.collect(),
        thresholds: Thresholds {
            scheduler: micros(settings.health.scheduler_threshold),
            triggerer: micros(settings.health.triggerer_threshold),
            processor: micros(settings.health.processor_threshold),
        },
        metrics: match settings.metrics.access {
            tradewind_config::MetricsAccess::Open => MetricsAccess::Open,
            tradewind_config::MetricsAccess::Token => MetricsAccess::Token,
            tradewind_config::MetricsAccess::Off => MetricsAccess::Off,
        },
        default_timezone: zone_name(&settings.core.default_timezone_name),
        default_ui_timezone: settings.api.default_ui_timezone.as_deref().map(zone_name).unwrap_or_default(),
        auto_refresh: settings.api.auto_refresh_interval.as_secs(),
        hide_paused_dags: settings.api.hide_paused_dags_by_default,
        ..ServerOptions::default()
    }
}

fn micros(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// The name that browsers know a configured zone by.
fn zone_name(configured: &str) -> String {
    let configured = configured.trim();
    if configured.eq_ignore_ascii_case("utc") {
        return "UTC".to_owned();
    }
    let zone = tradewind_config::option::parse_timezone(configured);
    zone.and_then(|zone| zone.iana_name().map(str::to_owned)).unwrap_or_else(|| configured.to_owned())
}

impl Running {
    /// Where it is reached.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits for its end.
    pub async fn ended(self) -> anyhow::Result<()> {
        let served = self.task.await;
        self.beat.ended().await;
        Ok(served??)
    }
}
