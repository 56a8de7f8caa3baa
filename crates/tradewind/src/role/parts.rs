//! What the roles of one process share: the store, the bus of changes, the queue, the host of Python processes.

use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::task::JoinHandle;
use tradewind_alert::AlertOptions;
use tradewind_config::Secrets;
use tradewind_python::{HostOptions, Life, PythonHost};
use tradewind_queue::attempt_log::LogTemplate;
use tradewind_queue::control::{Control, ControlOptions};
use tradewind_queue::{Change, Changes, DatabaseQueue, HintQueue, MemoryQueue};
use tradewind_store::{Fernet, Options, Store};

use super::Roles;
use crate::context::Context;

/// How often commits of other processes are looked for where nothing tells of them.
const WATCH: Duration = Duration::from_millis(50);
/// How long to wait for a database that does not answer.
const AWAY: Duration = Duration::from_secs(1);

/// See the module.
pub struct Parts {
    pub store: Store,
    pub changes: Changes,
    pub queue: Arc<dyn HintQueue>,
    pub secrets: Secrets,
    pub control: Control,
    /// Only where Python code runs.
    pub host: Option<PythonHost>,
    pub hostname: String,
    pub unixname: String,
    /// That this process lives, for others on this machine; `None` where that cannot be told.
    pub life: Option<Arc<Life>>,
    watcher: JoinHandle<()>,
}

impl Parts {
    /// Opens the database and starts the Python host. `migrate`: the tables are made and brought up to date here; otherwise they must be those of this release,
    /// since other processes may still run another.
    pub async fn open(cx: &Context, roles: Roles, migrate: bool) -> anyhow::Result<Self> {
        let secrets = Secrets::load_or_create(&cx.config)?;
        let keys: Vec<&str> = secrets.fernet_keys.iter().map(tradewind_config::Secret::expose).collect();
        let store = cx.any_store(Options { fernet: Fernet::parse(&keys.join(","))?, ..Options::default() }).await?;
        if migrate {
            store.migrate().await.context("the schema of the metadata database cannot be brought up to date")?;
        } else {
            store.check().await?;
        }
        let changes = Changes::new();
        let queue: Arc<dyn HintQueue> =
            if cx.settings.leases.queue_in_database { Arc::new(DatabaseQueue::new(store.clone())) } else { Arc::new(MemoryQueue::new()) };
        let control = Control::new(store.clone(), queue.clone(), changes.clone(), control_options(cx, &secrets)?);
        let config_json = serde_json::to_value(cx.config.for_python())?;
        let life = begin_life();
        let host = if roles.scheduler || roles.processor || roles.triggerer {
            Some(start_host(cx, &config_json, life.as_deref()).await?)
        } else {
            None
        };
        let hostname = cx.hostname();
        let unixname = std::env::var("USER").unwrap_or_else(|_| rustix::process::getuid().as_raw().to_string());
        let watcher = watch_others(store.clone(), changes.clone(), queue.clone());
        Ok(Self { store, changes, queue, secrets, control, host, hostname, unixname, life, watcher })
    }

    /// How alerts are made and delivered. `own`: the address of the web server of this process, for links when `[api] base_url` does not say.
    pub fn alerts(&self, cx: &Context, own: Option<&str>) -> anyhow::Result<AlertOptions> {
        let configured = cx.settings.api.base_url.as_deref().or(own);
        let base_url = configured.map_or_else(|| format!("http://{}:{}", self.hostname, cx.settings.api.port), str::to_owned);
        Ok(AlertOptions::from_settings(&cx.settings, &base_url, &self.hostname)?)
    }

    /// How others on this machine tell whether this process lives.
    pub fn process(&self) -> Option<String> {
        self.life.as_deref().map(|life| life.name().to_owned())
    }

    /// A worker of this process keeps its results in the folder.
    pub fn keeps(&self, folder: &Path) {
        if let Some(life) = &self.life
            && let Err(error) = life.keeps(&folder.join("results"))
        {
            tracing::warn!("should this process be killed, nobody else will find its results in {}: {error}", folder.display());
        }
    }

    /// The host of Python processes.
    pub fn python(&self) -> anyhow::Result<&PythonHost> {
        self.host.as_ref().context("this process runs no Python")
    }

    /// Ends what is left, the database last.
    pub async fn close(self) {
        self.watcher.abort();
        if let Some(host) = self.host {
            host.stop().await;
        }
        self.store.close().await;
    }
}

/// Without it others wait for the end of leases.
pub(super) fn begin_life() -> Option<Arc<Life>> {
    match Life::begin() {
        Ok(life) => Some(Arc::new(life)),
        Err(error) => {
            tracing::info!("others on this machine cannot see when this process ends, they wait for its leases: {error}");
            None
        }
    }
}

pub(super) async fn start_host(cx: &Context, config_json: &serde_json::Value, life: Option<&Life>) -> anyhow::Result<PythonHost> {
    let home = &cx.settings.home;
    let runtime = private(&home.join("run"))?;
    let file = runtime.join("config.json");
    write_private(&file, &config_json.to_string()).with_context(|| format!("cannot write {}", file.display()))?;
    let mut options = HostOptions::new(home.join("cache"), runtime);
    if let Some(python) = &cx.settings.python.executable {
        options.python.clone_from(python);
    }
    options.env.insert("TRADEWIND_CONFIG_FILE".into(), file.to_string_lossy().into_owned());
    options.env.insert("TRADEWIND_HOME".into(), home.to_string_lossy().into_owned());
    options.env.insert("AIRFLOW_HOME".into(), home.to_string_lossy().into_owned());
    if let Some(life) = life {
        options.env.insert(tradewind_python::MARK.into(), life.name().to_owned());
    }
    let host = PythonHost::start(options)?;
    host.ready().await?;
    Ok(host)
}

pub(super) fn private(folder: &Path) -> anyhow::Result<PathBuf> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder.to_path_buf())
}

/// Writes a file that only its owner may read.
pub(super) fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

fn control_options(cx: &Context, secrets: &Secrets) -> anyhow::Result<ControlOptions> {
    let settings = &cx.settings;
    let base_url = settings.api.base_url.clone().unwrap_or_else(|| format!("http://localhost:{}", settings.api.port));
    let mut hidden: Vec<String> = secrets.fernet_keys.iter().map(|key| key.expose().to_owned()).collect();
    hidden.extend(alert_secrets(settings));
    let keys = [&secrets.jwt_secret, &secrets.api_secret_key, &secrets.worker_secret];
    hidden.extend(keys.map(|key| key.expose().to_owned()));
    Ok(ControlOptions {
        lease: settings.leases.worker,
        dags_folder: settings.core.dags_folder.to_string_lossy().into_owned(),
        base_url: base_url.trim_end_matches('/').to_owned(),
        max_task_retry_delay: settings.operators.max_retry_delay.as_secs_f64(),
        config: serde_json::json!({}),
        secrets: hidden,
        version: crate::command::version::VERSION.to_owned(),
        log_template: LogTemplate::parse(&settings.logging.filename_template)?,
        alerts: Arc::new(tradewind_alert::policy(&settings.alerts.channels)),
    })
}

/// What no log of a task may show either.
fn alert_secrets(settings: &tradewind_config::Settings) -> Vec<String> {
    tradewind_alert::secrets(&settings.alerts.channels, settings.smtp.password.as_ref())
}

/// Commits of other processes (a command line, another role) are changes without a hint: everyone looks.
fn watch_others(store: Store, changes: Changes, queue: Arc<dyn HintQueue>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut watching = None;
        loop {
            let news = match &mut watching {
                None => store.watch(WATCH).await.map(|watch| watching = Some(watch)),
                Some(watch) => watch.changed().await,
            };
            match news {
                Ok(()) => {
                    changes.send(Change::Elsewhere);
                    queue.news();
                }
                // It comes back, and then what was missed meanwhile is news.
                Err(error) if error.is_transient() => tokio::time::sleep(AWAY).await,
                Err(_) => return,
            }
        }
    })
}
