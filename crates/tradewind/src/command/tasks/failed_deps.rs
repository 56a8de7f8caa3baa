//! `tasks failed-deps`, `dags failed-deps`: why a task instance or a run does not go on.

use std::process::ExitCode;

use clap::Args;
use tradewind_core::deps::Dep;
use tradewind_queue::why::{Explanation, Question, why_not, why_run_waits};
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
        let told = why_not(store, graph, &question).await?;
        if told.is_past {
            println!("Task instance dependencies not met:\n{}: {}", Dep::TaskInstanceState, told.summary);
            return Ok(ExitCode::SUCCESS);
        }
        print("Task instance dependencies", &told);
        Ok(ExitCode::SUCCESS)
    }
}

/// Arguments of `dags failed-deps`.
#[derive(Debug, Args)]
pub struct RunFailedDeps {
    /// Id of the DAG.
    dag_id: String,
    /// Logical date or id of the run.
    logical_date_or_run_id: String,
}

impl RunFailedDeps {
    pub async fn run(self, cx: &Context, store: &Store) -> anyhow::Result<ExitCode> {
        let core = &cx.settings.core;
        let dag = find::dag(store, &self.dag_id).await?;
        let run = find::need_run(store, &core.default_timezone, &self.dag_id, &self.logical_date_or_run_id).await?;
        let graph = find::graph_of_run(store, &dag, &run).await?;
        let told = why_run_waits(store, graph, run.id, core.parallelism.unwrap_or(0)).await?;
        if told.unmet.is_empty() {
            println!("Dag run {}: {}.", run.run_id, told.summary);
        } else {
            print("Dag run dependencies", &told);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn print(what: &str, told: &Explanation) {
    if told.unmet.is_empty() {
        println!("{what} are all met.");
        return;
    }
    println!("{what} not met:");
    for unmet in &told.unmet {
        println!("{}: {}", unmet.dep(), unmet.in_words());
        for holder in &unmet.holders {
            let index = if holder.map_index < 0 { String::new() } else { format!("[{}]", holder.map_index) };
            println!("  held by {}.{}{index} of run {} ({})", holder.dag_id, holder.task_id, holder.run_id, holder.state);
        }
    }
}
