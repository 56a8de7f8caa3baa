//! `tasks failed-deps`: why a task instance does not run.

use std::process::ExitCode;

use clap::Args;
use tradewind_queue::why::{Question, why_not};
use tradewind_store::Store;

use crate::command::find;
use crate::context::Context;

/// Arguments of `tasks failed-deps`.
#[derive(Debug, Args)]
pub struct FailedDeps {
    /// Id of the DAG.
    dag_id: String,
    /// Id of the task.
    task_id: String,
    /// Logical date or id of the run.
    logical_date_or_run_id: String,
    /// Index of an instance of a mapped task; -1 for a task that is not mapped.
    #[arg(long, default_value_t = -1, allow_negative_numbers = true)]
    map_index: i32,
}

impl FailedDeps {
    pub async fn run(self, cx: &Context, store: &Store) -> anyhow::Result<ExitCode> {
        let core = &cx.settings.core;
        let run = find::need_run(store, &core.default_timezone, &self.dag_id, &self.logical_date_or_run_id).await?;
        find::need_task(store, &run, &self.task_id).await?;
        let dag = find::dag(store, &self.dag_id).await?;
        let graph = find::graph_of_run(store, &dag, &run).await?;
        let question =
            Question { run_pk: run.id, task_id: self.task_id, map_index: self.map_index, parallelism: core.parallelism.unwrap_or(0) };
        let unmet = why_not(store, graph, &question).await?;
        if unmet.is_empty() {
            println!("Task instance dependencies are all met.");
            return Ok(ExitCode::SUCCESS);
        }
        println!("Task instance dependencies not met:");
        for reason in unmet {
            println!("{}: {}", reason.dep, reason.reason);
        }
        Ok(ExitCode::SUCCESS)
    }
}
