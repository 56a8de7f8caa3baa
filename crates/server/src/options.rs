//! What the server needs to know. Plain values: the binary fills them from the configuration.

use std::path::PathBuf;
use std::sync::Arc;

use tradewind_alert::AlertOptions;
use tradewind_queue::attempt_log::LogTemplate;

use crate::connection_types::ReadConnectionTypes;
use crate::execution::Execution;

/// Settings of one server.
#[derive(Clone)]
pub struct ServerOptions {
    /// Path below which everything is mounted (`/` or `/tradewind`).
    pub base_path: String,
    /// Browsers come by https (`[api] base_url` says so): cookies are sent on such connections only.
    pub https: bool,
    /// Key of the tokens (HS512). The same on all servers of an installation.
    pub jwt_secret: Vec<u8>,
    pub jwt_audience: String,
    pub jwt_issuer: Option<String>,
    /// Seconds a token of `/auth/token` lives.
    pub jwt_lifetime: u64,
    /// Seconds a token of `/auth/token/cli` lives.
    pub jwt_cli_lifetime: u64,
    /// Seconds by which clocks may differ.
    pub jwt_leeway: u64,
    /// Shown on the page.
    pub instance_name: String,
    pub log_folder: PathBuf,
    /// `[logging] log_filename_template`.
    pub log_template: LogTemplate,
    pub dags_folder: PathBuf,
    /// Default and largest `limit` of lists.
    pub fallback_page_limit: i64,
    pub maximum_page_limit: i64,
    /// Pattern of run ids that clients may choose.
    pub allowed_run_id_pattern: String,
    /// `[core] parallelism`, for the reasons why a task waits; 0: without limit.
    pub parallelism: u32,
    pub expose_config: ExposeConfig,
    /// The effective configuration: section, key, value, whether it is secret.
    pub config: Vec<ConfigValue>,
    /// Longest request body, bytes.
    pub max_body: usize,
    /// After which time without a heartbeat a component is called unhealthy.
    pub thresholds: Thresholds,
    /// Who may read `/metrics`.
    pub metrics: MetricsAccess,
    /// Zone of DAGs that name none: an IANA name.
    pub default_timezone: String,
    /// Zone in which pages show times; empty: the browser's.
    pub default_ui_timezone: String,
    /// Seconds after which a page without live events asks again.
    pub auto_refresh: u64,
    /// The list of DAGs starts without paused ones.
    pub hide_paused_dags: bool,
    /// Channels of alerts, for test messages; `None`: this server knows none.
    pub alerts: Option<AlertOptions>,
    /// Workers elsewhere; `None`: this server takes none.
    pub execution: Option<Arc<Execution>>,
    /// What workers elsewhere know when they are asked for a log; `None`: they are not asked.
    pub log_secret: Option<String>,
    /// What installed provider packages say of the forms of connections; `None`: nobody can be asked.
    pub connection_types: Option<ReadConnectionTypes>,
}

impl ServerOptions {
    /// The base path without a slash at its end: empty for `/`.
    pub fn prefix(&self) -> &str {
        self.base_path.trim_end_matches('/')
    }
}

/// Microseconds without a sign of life after which a process is called unhealthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// Of a scheduler, and of every kind that is not named here.
    pub scheduler: i64,
    pub triggerer: i64,
    pub processor: i64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { scheduler: 30_000_000, triggerer: 30_000_000, processor: 30_000_000 }
    }
}

impl Thresholds {
    /// That of a kind of process.
    pub fn of(&self, job_type: &str) -> i64 {
        match job_type {
            "TriggererJob" => self.triggerer,
            "DagProcessorJob" => self.processor,
            _ => self.scheduler,
        }
    }
}

/// Who may read the metrics of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsAccess {
    Open,
    /// Whoever has a token.
    Token,
    /// Nobody.
    Off,
}

/// Whether the configuration may be read over the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExposeConfig {
    No,
    /// All but secret values.
    NonSensitive,
    Yes,
}

/// One value of the configuration.
#[derive(Clone)]
pub struct ConfigValue {
    pub section: String,
    pub key: String,
    pub value: String,
    pub sensitive: bool,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            base_path: "/".into(),
            https: false,
            jwt_secret: rand::random::<[u8; 32]>().to_vec(),
            jwt_audience: "apache-airflow".into(),
            jwt_issuer: None,
            jwt_lifetime: 86_400,
            jwt_cli_lifetime: 3_600,
            jwt_leeway: 10,
            instance_name: "Tradewind".into(),
            log_folder: "logs".into(),
            log_template: LogTemplate::default(),
            dags_folder: "dags".into(),
            fallback_page_limit: 50,
            maximum_page_limit: 100,
            allowed_run_id_pattern: "^[A-Za-z0-9_.~:+-]+$".into(),
            parallelism: 32,
            expose_config: ExposeConfig::No,
            config: Vec::new(),
            max_body: 16 * 1024 * 1024,
            thresholds: Thresholds::default(),
            metrics: MetricsAccess::Open,
            default_timezone: "UTC".into(),
            default_ui_timezone: String::new(),
            auto_refresh: 3,
            hide_paused_dags: false,
            alerts: None,
            execution: None,
            log_secret: None,
            connection_types: None,
        }
    }
}
