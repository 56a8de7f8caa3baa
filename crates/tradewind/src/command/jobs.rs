//! `jobs`: the running processes.

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use tradewind_store::list::filter::{Page, Range};
use tradewind_store::list::job::{ListJobs, ORDER};

use crate::command::find::by;
use crate::context::Context;

/// Commands of `jobs`.
#[derive(Debug, Subcommand)]
pub enum Jobs {
    /// Check that a process lives and does its work. Ends with 1 when none does.
    #[command(
        after_help = "Examples:\n  tradewind jobs check --job-type SchedulerJob --local\n  tradewind jobs check --job-type SchedulerJob --allow-multiple --limit 100"
    )]
    Check(Check),
}

/// Kinds of processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum JobType {
    #[value(name = "SchedulerJob")]
    Scheduler,
    #[value(name = "TriggererJob")]
    Triggerer,
    #[value(name = "DagProcessorJob")]
    DagProcessor,
    #[value(name = "WorkerJob", alias = "LocalTaskJob")]
    Worker,
    #[value(name = "ApiServerJob")]
    ApiServer,
    #[value(name = "StandbySchedulerJob")]
    StandbyScheduler,
    #[value(name = "FailoverControllerJob")]
    FailoverController,
    /// Backfills are runs like others here: there is none of these.
    #[value(name = "BackfillJob", hide = true)]
    Backfill,
}

/// Arguments of `jobs check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Only processes of this kind.
    #[arg(long, value_enum)]
    job_type: Option<JobType>,
    /// Only processes on this machine.
    #[arg(long, conflicts_with = "local")]
    hostname: Option<String>,
    /// Only processes on this machine, by its own name.
    #[arg(long)]
    local: bool,
    /// How many processes to look at, newest heartbeat first.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// More than one living process is fine.
    #[arg(long)]
    allow_multiple: bool,
}

impl Jobs {
    pub async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        let Jobs::Check(check) = self;
        check.run(cx).await
    }
}

impl Check {
    async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        if self.allow_multiple && self.limit < 2 {
            bail!("with --allow-multiple, --limit is greater than 1");
        }
        let store = cx.store().await?;
        let name = self.job_type.and_then(|job_type| job_type.to_possible_value()).map(|value| value.get_name().to_owned());
        let hostname = if self.local { Some(cx.hostname()) } else { self.hostname };
        let list = ListJobs {
            is_alive: Some(true),
            states: Vec::new(),
            job_type: name,
            hostname,
            start_date: Range::default(),
            end_date: Range::default(),
            order: by(ORDER, "latest_heartbeat", true),
            page: Page { limit: i64::from(self.limit), offset: 0 },
        };
        let found = store.run(list).await?.rows;
        // Age by the database's clock, which the answer has just told.
        let now = store.now().as_microsecond();
        let alive = found.iter().filter(|job| job.is_well(now, threshold(cx, &job.job_type))).count();
        match alive {
            0 => bail!("No alive jobs found."),
            1 => println!("Found one alive job."),
            n if self.allow_multiple => println!("Found {n} alive jobs."),
            n => bail!("Found {n} alive jobs. Expected only one."),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Microseconds without a sign of life after which a process of this kind is not well.
fn threshold(cx: &Context, job_type: &str) -> i64 {
    let health = &cx.settings.health;
    let threshold = match job_type {
        "TriggererJob" => health.triggerer_threshold,
        "DagProcessorJob" => health.processor_threshold,
        _ => health.scheduler_threshold,
    };
    i64::try_from(threshold.as_micros()).unwrap_or(i64::MAX)
}
