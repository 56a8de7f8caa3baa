//! What marking and clearing have in common: telling the owner of the run, watchers, and the event log.

use std::sync::Arc;

use tradewind_core::graph::Graph;
use tradewind_core::state::RunState;
use tradewind_queue::{Change, RunChange};
use tradewind_store::list::dag_run::RunView;
use tradewind_store::list::filter::Page;
use tradewind_store::list::task_instance::{ListTasks, TaskFilter, TaskView};
use tradewind_store::step::{ClearTask, ClearTasks, MarkRun};
use tradewind_store::table::dag_run::Changed;
use tradewind_store::table::event_log::NewEvent;

use crate::auth::User;
use crate::error::{ApiError, Result};
use crate::state::App;

/// More task instances than this are not cleared or marked by one request.
pub const MAX_TASKS: i64 = 100_000;

/// The graph of a run's version.
pub async fn graph_of_run(app: &App, run: &RunView) -> Result<Arc<Graph>> {
    let graph = match run.version_id {
        Some(version) => app.forms().of_version(version).await?,
        None => None,
    };
    graph.ok_or_else(|| ApiError::NotFound(format!("The Dag with ID: `{}` has no stored form", run.dag_id)))
}

/// The task instances of some runs.
pub async fn tasks_of(app: &App, dag_id: &str, run_ids: Vec<String>) -> Result<Vec<TaskView>> {
    let filter = TaskFilter { dag_ids: vec![dag_id.to_owned()], run_ids, ..TaskFilter::default() };
    let page = Page { limit: MAX_TASKS, offset: 0 };
    Ok(app.store().run(ListTasks { filter, order: Vec::new(), page }).await?.rows)
}

/// Tells the owners of changed runs.
pub fn tell(app: &App, changed: &[Changed]) {
    for run in changed {
        if run.state == RunState::Queued {
            app.changes().send(Change::RunQueued { dag_id: run.dag_id.to_string(), run_pk: run.run_pk });
        }
        app.changes().send(Change::Run { run_pk: run.run_pk, seq: run.change_seq, what: RunChange::Reload });
        app.changes().send(Change::RunState {
            dag_id: run.dag_id.to_string(),
            run_id: run.run_id.to_string(),
            state: run.state.to_string(),
        });
    }
}

/// Tells watchers of new states of task instances.
pub fn tell_tasks(app: &App, tasks: &[TaskView], state: Option<&str>) {
    for task in tasks {
        app.changes().send(Change::TaskState {
            dag_id: task.dag_id.clone(),
            run_id: task.run_id.clone(),
            task_id: task.task_id.clone(),
            map_index: task.map_index,
            state: state.map(str::to_owned),
            try_number: i32::try_from(task.try_number).unwrap_or(i32::MAX),
        });
    }
}

/// A row of the event log for something a user did.
pub fn event(name: &str, user: &User, dag_id: &str, run_id: Option<&str>, task: Option<(&str, i32)>) -> NewEvent {
    NewEvent {
        event: name.into(),
        dag_id: Some(dag_id.to_owned()),
        run_id: run_id.map(str::to_owned),
        task_id: task.map(|(task_id, _)| task_id.to_owned()),
        map_index: task.map(|(_, index)| index),
        owner: Some(user.name.clone()),
        owner_display_name: Some(user.name.clone()),
        ..NewEvent::default()
    }
}

/// `queued` clears the whole run; `success` and `failed` mark it.
pub async fn set_run_state(app: &App, user: &User, run: &RunView, state: &str) -> Result<()> {
    let events = vec![event(&format!("dag_run_{state}"), user, &run.dag_id, Some(&run.run_id), None)];
    if state == "queued" {
        let tasks = tasks_of(app, &run.dag_id, vec![run.run_id.clone()]).await?;
        return clear(app, user, &tasks, ClearOptions { runs: vec![run.id], reset_runs: true, ..ClearOptions::default() }, events).await;
    }
    let graph = graph_of_run(app, run).await?;
    let teardowns = graph.form().tasks.iter().filter(|task| task.is_teardown).map(|task| task.task_id.clone()).collect();
    let wanted = if state == "success" { RunState::Success } else { RunState::Failed };
    let marked = app.store().run(MarkRun { run_pk: run.id, state: wanted, teardowns, events }).await?;
    let Some(marked) = marked else { return Err(super::dag_runs::no_run(&run.dag_id, &run.run_id)) };
    for task in &marked.tasks {
        app.changes().send(Change::TaskState {
            dag_id: run.dag_id.clone(),
            run_id: run.run_id.clone(),
            task_id: task.task_id.to_string(),
            map_index: task.map_index,
            state: task.state.map(|state| state.to_string()),
            try_number: i32::try_from(task.try_number).unwrap_or(i32::MAX),
        });
    }
    tell(app, &[marked.changed]);
    Ok(())
}

/// How a clear is done.
#[derive(Debug, Clone, Default)]
pub struct ClearOptions {
    /// Runs to queue again besides those of the tasks.
    pub runs: Vec<i64>,
    pub reset_runs: bool,
    pub latest_version: bool,
    pub note: Option<String>,
}

/// Clears these task instances; each gets the retries of its task again.
pub async fn clear(app: &App, user: &User, tasks: &[TaskView], options: ClearOptions, events: Vec<NewEvent>) -> Result<()> {
    let graphs = super::task_instances::graphs_of(app, tasks).await?;
    let retries = |task: &TaskView| {
        let graph = task.version_id.and_then(|version| graphs.get(&version))?;
        Some(graph.task_form(graph.find(&task.task_id)?).retries)
    };
    let set = tasks
        .iter()
        .map(|task| ClearTask {
            run_pk: task.run_pk,
            task_id: task.task_id.clone(),
            map_index: task.map_index,
            retries: retries(task).unwrap_or_default(),
        })
        .collect();
    let ClearOptions { runs, reset_runs, latest_version, note } = options;
    let cleared =
        app.store().run(ClearTasks { tasks: set, runs, reset_runs, latest_version, note, user: user.name.clone(), events }).await?;
    tell_tasks(app, tasks, None);
    tell(app, &cleared.runs);
    Ok(())
}
