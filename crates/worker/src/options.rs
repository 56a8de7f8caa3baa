//! What a worker needs to know.

use std::path::PathBuf;
use std::time::Duration;

use tradewind_config::Settings;
use tradewind_queue::attempt_log::Modes;

/// See the fields.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// Attempts at once.
    pub concurrency: usize,
    /// Empty: all queues.
    pub queues: Vec<String>,
    /// `[logging] base_log_folder`.
    pub log_folder: PathBuf,
    /// Results wait in here while the control plane is away.
    pub state_dir: PathBuf,
    pub hostname: String,
    pub unixname: String,
    /// Base URL of the log server, if there is one.
    pub address: Option<String>,
    /// How others on this machine tell whether this process lives.
    pub process: Option<String>,
    /// `[core] killed_task_cleanup_time`: from TERM to KILL.
    pub kill_grace: Duration,
    /// After `execution_timeout`, which the process enforces itself, until it is ended from outside.
    pub timeout_grace: Duration,
    /// How long callbacks and clean-up may take after the result.
    pub after_result: Duration,
    /// `[core] sensitive_var_conn_names`: besides the usual ones, names whose values must not appear in logs.
    pub sensitive_names: Vec<String>,
    /// `[core] hide_sensitive_var_conn_fields`.
    pub hide_sensitive: bool,
    /// `[logging] min_length_masked_secret`, characters.
    pub shortest_secret: usize,
    pub log_modes: Modes,
    /// Texts of this worker's own that must not appear in logs.
    pub secrets: Vec<String>,
    /// Between heartbeats; a third of the lease at most.
    pub renew: Duration,
    /// How long attempts may go on beyond their lease while the database refuses everybody.
    pub outage_patience: Duration,
}

impl WorkerOptions {
    /// The defaults.
    pub fn new(concurrency: usize, log_folder: impl Into<PathBuf>, state_dir: impl Into<PathBuf>) -> Self {
        let hostname = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Self {
            concurrency,
            queues: vec!["default".to_owned()],
            log_folder: log_folder.into(),
            state_dir: state_dir.into(),
            hostname,
            unixname: std::env::var("USER").unwrap_or_else(|_| "unknown".to_owned()),
            address: None,
            process: None,
            kill_grace: Duration::from_secs(60),
            timeout_grace: Duration::from_secs(10),
            after_result: Duration::from_secs(600),
            sensitive_names: Vec::new(),
            hide_sensitive: true,
            shortest_secret: 5,
            log_modes: Modes::default(),
            secrets: Vec::new(),
            renew: Duration::from_secs(5),
            outage_patience: Duration::from_secs(900),
        }
    }

    /// Options as configured. `state_dir`: a folder of this worker alone.
    pub fn from_settings(settings: &Settings, concurrency: usize, state_dir: impl Into<PathBuf>) -> Self {
        let (core, logging) = (&settings.core, &settings.logging);
        let defaults = Self::new(concurrency, &logging.base_log_folder, state_dir);
        Self {
            kill_grace: settings.workers.killed_task_cleanup_time,
            sensitive_names: core.sensitive_names.clone(),
            hide_sensitive: core.hide_sensitive_fields,
            shortest_secret: usize::try_from(logging.min_length_masked_secret).unwrap_or(usize::MAX),
            log_modes: Modes { file: logging.file_mode, folder: logging.folder_mode },
            renew: settings.leases.worker_renew,
            outage_patience: settings.leases.outage_patience,
            hostname: core.hostname.clone().unwrap_or(defaults.hostname),
            ..defaults
        }
    }
}
