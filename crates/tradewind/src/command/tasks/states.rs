//! `tasks state`, `tasks states-for-dag-run`.

use std::process::ExitCode;

use clap::Args;
use tradewind_store::Store;
use tradewind_store::list::dag_run::RunView;
use tradewind_store::list::task_instance::{GetTask, ListTasks, TaskFilter, TaskView};

use crate::command::find::{self, ALL, shown};
use crate::context::Context;
use crate::output::{Cell, OutputArgs, Rows};

/// Arguments of `tasks state`.
#[derive(Debug, Args)]
pub struct State {
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

impl State {
    pub async fn run(self, cx: &Context, store: &Store) -> anyhow::Result<ExitCode> {
        let zone = &cx.settings.core.default_timezone;
        let run = find::need_run(store, zone, &self.dag_id, &self.logical_date_or_run_id).await?;
        let wanted = GetTask { dag_id: self.dag_id, run_id: run.run_id.clone(), task_id: self.task_id.clone(), map_index: self.map_index };
        let task = store.run(wanted).await?;
        if task.is_none() {
            find::need_task(store, &run, &self.task_id).await?;
        }
        println!("{}", task.and_then(|task| task.state).as_deref().unwrap_or("None"));
        Ok(ExitCode::SUCCESS)
    }
}

/// Arguments of `tasks states-for-dag-run`.
#[derive(Debug, Args)]
pub struct StatesForDagRun {
    /// Id of the DAG.
    dag_id: String,
    /// Logical date or id of the run.
    logical_date_or_run_id: String,
    #[command(flatten)]
    output: OutputArgs,
}

impl StatesForDagRun {
    pub async fn run(self, cx: &Context, store: &Store) -> anyhow::Result<ExitCode> {
        let zone = &cx.settings.core.default_timezone;
        let run = find::need_run(store, zone, &self.dag_id, &self.logical_date_or_run_id).await?;
        let tasks = tasks_of(store, &[&run]).await?;
        let mapped = tasks.iter().any(|task| task.map_index >= 0);
        let mut columns = vec!["dag_id", "logical_date", "task_id", "state", "start_date", "end_date"];
        columns.extend(mapped.then_some("map_index"));
        let mut rows = Rows::new(columns);
        for task in tasks {
            let index = (task.map_index >= 0).then(|| i64::from(task.map_index));
            let mut cells: Vec<Cell> = vec![
                task.dag_id.into(),
                shown(task.logical_date),
                task.task_id.into(),
                task.state.into(),
                shown(task.start_date),
                shown(task.end_date),
            ];
            cells.extend(mapped.then(|| index.into()));
            rows.push(cells);
        }
        self.output.print(&rows)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The task instances of some runs of one DAG, by task and map index.
pub async fn tasks_of(store: &Store, runs: &[&RunView]) -> anyhow::Result<Vec<TaskView>> {
    let Some(first) = runs.first() else {
        return Ok(Vec::new());
    };
    let filter = TaskFilter {
        dag_ids: vec![first.dag_id.clone()],
        run_ids: runs.iter().map(|run| run.run_id.clone()).collect(),
        ..TaskFilter::default()
    };
    let mut tasks = store.run(ListTasks { filter, order: Vec::new(), page: ALL }).await?.rows;
    tasks.sort_by(|a, b| (a.run_pk, &a.task_id, a.map_index).cmp(&(b.run_pk, &b.task_id, b.map_index)));
    Ok(tasks)
}
