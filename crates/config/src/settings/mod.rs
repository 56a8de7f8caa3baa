//! The configuration as plain typed values, merged once at the start of a process.

mod alerts;
mod core;
mod executor;
mod failover;
mod metrics;
mod reader;
mod scheduling;
mod server;
mod tasks;

use std::path::PathBuf;

pub use alerts::{Alerts, Channel, ChannelKind};
pub use core::{Core, Database, IgnoreSyntax};
pub use executor::Executor;
pub use failover::Failover;
pub use metrics::{Health, Metrics, MetricsAccess, Statsd, StatsdStyle};
pub use scheduling::{DagProcessor, Leases, Scheduler, Triggerer};
pub use server::{Api, ApiAuth, Email, ExposeConfig, Smtp};
pub use tasks::{Logging, Operators, Python, Workers};

use crate::config::Config;
use crate::error::Result;
use reader::Reader;

/// All settings that the program acts on. Secrets are apart, in [`crate::Secrets`].
#[derive(Debug, Clone)]
pub struct Settings {
    /// Home of the product, absolute.
    pub home: PathBuf,
    /// The configuration file when there is one.
    pub config_file: Option<PathBuf>,
    /// `[core]`: folders, limits, defaults of DAGs.
    pub core: Core,
    /// `[database]`.
    pub database: Database,
    /// `[scheduler]`.
    pub scheduler: Scheduler,
    /// `[dag_processor]`.
    pub dag_processor: DagProcessor,
    /// `[triggerer]`.
    pub triggerer: Triggerer,
    /// Tasks while they run.
    pub workers: Workers,
    /// Defaults of tasks.
    pub operators: Operators,
    /// `[logging]`.
    pub logging: Logging,
    /// `[api]`: the web server.
    pub api: Api,
    /// `[api_auth]`: tokens.
    pub api_auth: ApiAuth,
    /// `[email]`.
    pub email: Email,
    /// `[smtp]`, without the password.
    pub smtp: Smtp,
    /// `[alerts]`.
    pub alerts: Alerts,
    /// Python processes.
    pub python: Python,
    /// Leases and polls.
    pub leases: Leases,
    /// `[metrics]`.
    pub metrics: Metrics,
    /// Health checks.
    pub health: Health,
    /// `[scheduler_failover]`.
    pub failover: Failover,
}

impl Settings {
    /// Reads all settings; the error names every value that is not allowed.
    pub fn from_config(config: &Config) -> Result<Settings> {
        let mut reader = Reader::new(config);
        let r = &mut reader;
        let settings = Settings {
            home: config.home().to_owned(),
            config_file: config.file().map(|file| file.path.clone()),
            core: Core::read(r),
            database: Database::read(r),
            scheduler: Scheduler::read(r),
            dag_processor: DagProcessor::read(r),
            triggerer: Triggerer::read(r),
            workers: Workers::read(r),
            operators: Operators::read(r),
            logging: Logging::read(r),
            api: Api::read(r),
            api_auth: ApiAuth::read(r),
            email: Email::read(r),
            smtp: Smtp::read(r),
            alerts: Alerts::read(r),
            python: Python::read(r),
            leases: Leases::read(r),
            metrics: Metrics::read(r),
            health: Health::read(r),
            failover: Failover::read(r),
        };
        reader.finish(settings)
    }
}
