//! `dags`: look at DAGs and their runs, start and stop them.

mod backfill;
mod backlog;
mod change;
mod check;
mod details;
mod list;
mod runs;
mod show;
pub mod trigger;

pub use show::tree;

use std::process::ExitCode;

use clap::Subcommand;

use crate::command::in_process::DagTest;
use crate::command::tasks::failed_deps::RunFailedDeps;
use crate::context::Context;
use crate::output::OutputArgs;

/// Commands of `dags`.
#[derive(Debug, Subcommand)]
pub enum Dags {
    /// List all DAGs.
    #[command(after_help = "Examples:\n  tradewind dags list\n  tradewind dags list -o json --columns dag_id,is_paused")]
    List(list::List),
    /// Show what is known of a DAG.
    #[command(after_help = "Example:\n  tradewind dags details my_dag -o yaml")]
    Details {
        /// Id of the DAG.
        dag_id: String,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Print the tasks of a DAG as a graph in DOT, or as a tree.
    #[command(after_help = "Examples:\n  tradewind dags show my_dag --tree\n  tradewind dags show my_dag --save my_dag.svg")]
    Show(show::Show),
    /// Start a run.
    #[command(
        after_help = "Examples:\n  tradewind dags trigger my_dag\n  tradewind dags trigger my_dag --conf '{\"day\": \"2024-01-31\"}' --run-id repair_1"
    )]
    Trigger(trigger::Trigger),
    /// Run a range of the schedule (again), as Airflow 1 and 2 spell it; `backfill create` is its name of today.
    #[command(after_help = "Example:\n  tradewind dags backfill my_dag --start-date 2024-01-01 --end-date 2024-01-31")]
    Backfill(backfill::Backfill),
    /// Run all tasks of a DAG in one process, without a scheduler.
    #[command(after_help = "Examples:\n  tradewind dags test my_dag\n  tradewind dags test my_dag 2024-01-31 --conf '{\"n\": 7}'")]
    Test(DagTest),
    /// Load DAG files and say what is wrong with them, and what a later Airflow would refuse. Needs no database.
    #[command(
        after_help = "Examples:\n  tradewind dags check\n  tradewind dags check dags/etl.py --strict\n  tradewind dags check dags -o json"
    )]
    Check(check::Check),
    /// Let no run of a DAG start.
    #[command(after_help = "Examples:\n  tradewind dags pause my_dag\n  tradewind dags pause --treat-dag-id-as-regex 'etl_.*' --yes")]
    Pause(change::Pause),
    /// Let the runs of a DAG start.
    #[command(
        after_help = "Examples:\n  tradewind dags unpause my_dag\n  tradewind dags unpause my_dag --dry-run\n  tradewind dags unpause my_dag --from-now\n  tradewind dags unpause --treat-dag-id-as-regex 'etl_.*' --yes"
    )]
    Unpause(change::Unpause),
    /// Print when a DAG runs next.
    #[command(after_help = "Examples:\n  tradewind dags next-execution my_dag\n  tradewind dags next-execution my_dag -n 5 --table")]
    NextExecution(runs::NextExecution),
    /// List the runs of a DAG, newest first.
    #[command(after_help = "Example:\n  tradewind dags list-runs my_dag --state failed --start-date 2024-01-01")]
    ListRuns(runs::ListRuns),
    /// Print the state of a run.
    #[command(after_help = "Examples:\n  tradewind dags state my_dag 2024-01-31\n  tradewind dags state my_dag repair_1")]
    State {
        /// Id of the DAG.
        dag_id: String,
        /// Logical date or id of the run.
        logical_date_or_run_id: String,
    },
    /// Print why a run does not go on, and who is in its way.
    #[command(after_help = "Examples:\n  tradewind dags failed-deps my_dag 2024-01-31\n  tradewind dags failed-deps my_dag repair_1")]
    FailedDeps(RunFailedDeps),
    /// List the files that could not be read, with the reason. Ends with 1 when there are any.
    #[command(after_help = "Example:\n  tradewind dags list-import-errors -o json")]
    ListImportErrors(OutputArgs),
    /// List the DAG files with what parsing them took.
    #[command(after_help = "Example:\n  tradewind dags report")]
    Report(OutputArgs),
    /// Have all DAG files parsed again.
    #[command(after_help = "Example:\n  tradewind dags reserialize")]
    Reserialize,
    /// Remove all that the database knows of a DAG.
    #[command(after_help = "Example:\n  tradewind dags delete my_dag --yes")]
    Delete(change::Delete),
}

impl Dags {
    pub async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        if let Dags::Test(test) = self {
            return test.run(cx).await;
        }
        if let Dags::Check(check) = self {
            return check.run(cx).await;
        }
        let store = cx.store().await?;
        match self {
            Dags::Test(_) | Dags::Check(_) => unreachable!("needs no database"),
            Dags::List(list) => list.run(&store).await,
            Dags::Details { dag_id, output } => details::run(&store, &dag_id, output).await,
            Dags::Show(show) => show.run(&store).await,
            Dags::Backfill(backfill) => backfill.run(cx, &store).await,
            Dags::Trigger(trigger) => trigger.run(cx, &store).await,
            Dags::Pause(pause) => pause.run(&store).await,
            Dags::Unpause(unpause) => unpause.run(&store).await,
            Dags::NextExecution(next) => next.run(&store).await,
            Dags::ListRuns(list) => list.run(cx, &store).await,
            Dags::State { dag_id, logical_date_or_run_id } => runs::state(cx, &store, &dag_id, &logical_date_or_run_id).await,
            Dags::FailedDeps(deps) => deps.run(cx, &store).await,
            Dags::ListImportErrors(output) => list::import_errors(&store, output).await,
            Dags::Report(output) => list::report(&store, output).await,
            Dags::Reserialize => change::reserialize(&store).await,
            Dags::Delete(delete) => delete.run(&store).await,
        }
    }
}
