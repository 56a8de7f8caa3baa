//! `dags backfill`, as Airflow 1.10 and 2 have it: the same backfills as `backfill create` makes, run by the scheduler.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;
use tradewind_store::Store;

use crate::command::backfill::{Behavior, Create};
use crate::context::Context;

/// Arguments of `dags backfill`.
#[derive(Debug, Args)]
pub struct Backfill {
    /// Id of the DAG.
    dag_id: String,
    /// First logical date; the end date when it is not given.
    #[arg(short, long, required_unless_present = "end_date")]
    start_date: Option<String>,
    /// Last logical date; the start date when it is not given.
    #[arg(short, long)]
    end_date: Option<String>,
    /// JSON object that the runs get as their conf.
    #[arg(short, long)]
    conf: Option<String>,
    /// Print the dates that would run, and change nothing.
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// The newest date first.
    #[arg(short = 'B', long)]
    run_backwards: bool,
    /// Run all dates again, also those that succeeded.
    #[arg(long)]
    reset_dagruns: bool,
    /// Run those dates again whose run failed.
    #[arg(long, conflicts_with = "reset_dagruns")]
    rerun_failed_tasks: bool,
    #[command(flatten)]
    kept: Kept,
    #[command(flatten)]
    refused: Refused,
}

/// What makes no difference: the scheduler runs the tasks.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of Airflow's")]
struct Kept {
    /// Makes no difference: the scheduler runs the tasks.
    #[arg(short = 'x', long, hide = true)]
    donot_pickle: bool,
    /// Makes no difference: the scheduler runs the tasks.
    #[arg(short, long, hide = true)]
    local: bool,
    /// Makes no difference: nobody is asked.
    #[arg(short, long, hide = true)]
    yes: bool,
    /// Makes no difference: other dates go on when one fails.
    #[arg(long, hide = true)]
    continue_on_failures: bool,
    /// Makes no difference: a run starts as soon as there is room.
    #[arg(long, hide = true)]
    delay_on_limit: Option<f64>,
    /// Makes no difference: the DAG processor knows the file.
    #[arg(short = 'S', long, hide = true)]
    subdir: Option<String>,
}

/// What backfills of the scheduler's do not do.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of Airflow's")]
struct Refused {
    /// Not there: mark the runs on their page instead.
    #[arg(short, long, hide = true)]
    mark_success: bool,
    /// Not there: `tasks clear --task-regex` runs some tasks again.
    #[arg(short, long, hide = true)]
    task_regex: Option<String>,
    /// Not there: tasks take the pools that they name.
    #[arg(long, hide = true)]
    pool: Option<String>,
    /// Not there: tasks wait for those before them.
    #[arg(short, long, hide = true)]
    ignore_dependencies: bool,
    /// Not there: the first run of a backfill depends on nothing before it anyway.
    #[arg(short = 'I', long, hide = true)]
    ignore_first_depends_on_past: bool,
    /// Not there: tasks are tried as often as they say.
    #[arg(long, hide = true)]
    disable_retry: bool,
    /// Not there: name one DAG.
    #[arg(long, visible_alias = "treat-dag-id-as-regex", hide = true)]
    treat_dag_as_regex: bool,
}

impl Refused {
    fn check(&self) -> anyhow::Result<()> {
        let asked = [
            (self.mark_success, "--mark-success", "mark the runs on their page, or with `tasks clear` and the API"),
            (self.task_regex.is_some(), "--task-regex", "run some tasks again with `tasks clear --task-regex`"),
            (self.pool.is_some(), "--pool", "tasks take the pools that they name"),
            (self.ignore_dependencies, "--ignore-dependencies", "tasks wait for those before them"),
            (self.disable_retry, "--disable-retry", "tasks are tried as often as they say"),
            (self.treat_dag_as_regex, "--treat-dag-as-regex", "name one DAG"),
        ];
        match asked.iter().find(|(is_set, ..)| *is_set) {
            Some((_, flag, instead)) => bail!("{flag} is not there for backfills that the scheduler runs: {instead}"),
            None => Ok(()),
        }
    }
}

impl Backfill {
    pub async fn run(self, cx: &Context, store: &Store) -> anyhow::Result<ExitCode> {
        self.refused.check()?;
        if !self.dry_run {
            eprintln!("The scheduler runs it; this command does not wait. In Airflow 3 it is called `backfill create`.");
        }
        let from_date = self.start_date.clone().or_else(|| self.end_date.clone()).unwrap_or_default();
        let reprocess_behavior = match (self.reset_dagruns, self.rerun_failed_tasks) {
            (true, _) => Behavior::Completed,
            (_, true) => Behavior::Failed,
            _ => Behavior::None,
        };
        let create = Create {
            dag_id: self.dag_id,
            to_date: self.end_date.unwrap_or_else(|| from_date.clone()),
            from_date,
            dag_run_conf: self.conf,
            dry_run: self.dry_run,
            run_backwards: self.run_backwards,
            max_active_runs: 10,
            reprocess_behavior,
            run_on_latest_version: true,
            no_run_on_latest_version: false,
        };
        create.run(cx, store).await
    }
}
