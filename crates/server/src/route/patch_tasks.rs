//! Changing task instances: state and note, for one task with its relatives, or for a group.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tradewind_core::graph::{Graph, TaskIx};
use tradewind_core::state::TaskState;
use tradewind_store::list::change::{DeleteTask, SetTaskNotes};
use tradewind_store::list::dag_run::{ListRuns, RunFilter, RunView};
use tradewind_store::list::filter::{Page, Range};
use tradewind_store::list::task_instance::TaskView;
use tradewind_store::step::{MarkTask, MarkTasks};

use super::marks::{self, ClearOptions, MAX_TASKS};
use super::task_instances::{TaskPath, answer_list};
use super::{dag_runs, task_instances};
use crate::auth::{Access, User};
use crate::error::{ApiError, Result};
use crate::request::body::{Fields, JsonBody};
use crate::request::check;
use crate::request::filters::path_map_index;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;

pub fn routes() -> Vec<Route> {
    const TASK: &str = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}";
    const TASK_DRY: &str = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/dry_run";
    const MAPPED: &str = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}";
    const MAPPED_DRY: &str = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/dry_run";
    const GROUP: &str = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskGroupInstances/{group_id}";
    const GROUP_DRY: &str = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskGroupInstances/{group_id}/dry_run";
    vec![
        route(Method::PATCH, TASK, "patch_task_instance", Access::Run, patch),
        route(Method::PATCH, TASK_DRY, "patch_task_instance_dry_run", Access::Run, patch_dry),
        route(Method::PATCH, MAPPED, "patch_task_instance_by_map_index", Access::Run, patch_mapped),
        route(Method::PATCH, MAPPED_DRY, "patch_task_instance_dry_run_by_map_index", Access::Run, patch_mapped_dry),
        route(Method::PATCH, GROUP, "patch_task_group_instances", Access::Run, patch_group),
        route(Method::PATCH, GROUP_DRY, "patch_task_group_instances_dry_run", Access::Run, patch_group_dry),
        route(Method::DELETE, TASK, "delete_task_instance", Access::Run, delete),
    ]
}

/// The states a client may set.
const STATES: &[&str] = &["success", "failed", "skipped"];

/// What a client wants of some task instances.
#[derive(Debug, Clone, Default)]
pub struct Patch {
    pub state: Option<TaskState>,
    /// `Some(None)` removes the note.
    pub note: Option<Option<String>>,
    pub upstream: bool,
    pub downstream: bool,
    pub future: bool,
    pub past: bool,
}

impl Patch {
    /// Reads the fields of the body; the caller finishes them.
    pub fn read(fields: &mut Fields<'_>, mask: &[String]) -> Self {
        let state = fields.checked("new_state", |value| check::one_of(STATES, value));
        let note = fields.note();
        let note = fields.sent("note").then_some(note);
        let named = |name: &str| mask.is_empty() || mask.iter().any(|field| field == name);
        Self {
            state: state.filter(|_| named("new_state")).and_then(|state| state.parse().ok()),
            note: note.filter(|_| named("note")),
            upstream: fields.flag("include_upstream", false),
            downstream: fields.flag("include_downstream", false),
            future: fields.flag("include_future", false),
            past: fields.flag("include_past", false),
        }
    }
}

fn read_patch(query: &Query, body: &Value) -> Result<Patch> {
    let mut fields = Fields::of(body);
    let patch = Patch::read(&mut fields, &query.all("update_mask"));
    fields.finish()?;
    Ok(patch)
}

/// Runs before and after this one by logical date, as far as wanted, with the run itself.
pub async fn runs_around(app: &App, run: &RunView, past: bool, future: bool) -> Result<Vec<String>> {
    let Some(date) = run.logical_date.filter(|_| past || future) else { return Ok(vec![run.run_id.clone()]) };
    let filter = RunFilter {
        dag_ids: vec![run.dag_id.clone()],
        logical_date: Range { gte: (!past).then_some(date), lte: (!future).then_some(date), ..Range::default() },
        ..RunFilter::default()
    };
    let listing = ListRuns { filter, order: Vec::new(), page: Page { limit: MAX_TASKS, offset: 0 } };
    Ok(app.store().run(listing).await?.rows.into_iter().map(|run| run.run_id).collect())
}

/// The tasks a patch concerns: some tasks of the graph with their relatives.
fn with_relatives(graph: &Graph, tasks: &[TaskIx], patch: &Patch) -> BTreeSet<String> {
    let mut chosen = tasks.to_vec();
    if patch.upstream {
        chosen.extend(graph.ancestors(tasks));
    }
    if patch.downstream {
        chosen.extend(graph.descendants(tasks));
    }
    chosen.into_iter().map(|ix| graph.task_form(ix).task_id.clone()).collect()
}

/// What a patch is about.
struct Target {
    run: RunView,
    graph: Arc<Graph>,
    tasks: Vec<TaskView>,
}

/// Finds the task instances. `map_index` bounds the tasks of `ids` themselves, not their relatives.
async fn target(app: &App, run: RunView, ids: &[String], map_index: Option<i32>, patch: &Patch) -> Result<Target> {
    let graph = marks::graph_of_run(app, &run).await?;
    let indices: Vec<TaskIx> = ids.iter().filter_map(|id| graph.find(id)).collect();
    let mut chosen = with_relatives(&graph, &indices, patch);
    // A task that is gone from the graph may still have rows.
    chosen.extend(ids.iter().cloned());
    let runs = runs_around(app, &run, patch.past, patch.future).await?;
    let mut tasks = marks::tasks_of(app, &run.dag_id, runs).await?;
    tasks.retain(|task| {
        chosen.contains(&task.task_id) && (!ids.contains(&task.task_id) || map_index.is_none_or(|index| index == task.map_index))
    });
    Ok(Target { run, graph, tasks })
}

/// Carries a patch out, or only lists what it concerns.
async fn apply(app: &App, user: &User, target: Target, patch: &Patch, dry: bool) -> Result<Response> {
    let Target { run, graph, mut tasks } = target;
    if let Some(state) = patch.state {
        let wanted = Some(state.as_str());
        if dry {
            tasks.retain(|task| task.state.as_deref() != wanted);
        } else {
            mark(app, user, &run, &graph, &tasks, state).await?;
        }
    }
    if let (Some(note), false) = (&patch.note, dry) {
        set_notes(app, user, &tasks, note.as_ref()).await?;
    }
    if dry {
        let total = i64::try_from(tasks.len()).unwrap_or(i64::MAX);
        return answer_list(app, &tasks, total).await;
    }
    let fresh = reread(app, &run.dag_id, &tasks).await?;
    let total = i64::try_from(fresh.len()).unwrap_or(i64::MAX);
    answer_list(app, &fresh, total).await
}

/// The same task instances as they are now.
pub async fn reread(app: &App, dag_id: &str, tasks: &[TaskView]) -> Result<Vec<TaskView>> {
    let keys: BTreeSet<(i64, &str, i32)> = tasks.iter().map(key).collect();
    let runs: BTreeSet<String> = tasks.iter().map(|task| task.run_id.clone()).collect();
    let mut fresh = marks::tasks_of(app, dag_id, runs.into_iter().collect()).await?;
    fresh.retain(|task| keys.contains(&key(task)));
    Ok(fresh)
}

fn key(task: &TaskView) -> (i64, &str, i32) {
    (task.run_pk, &task.task_id, task.map_index)
}

/// Sets the states, and clears what failed downstream because of what the tasks were before.
pub async fn mark(app: &App, user: &User, run: &RunView, graph: &Graph, tasks: &[TaskView], state: TaskState) -> Result<()> {
    let set: Vec<MarkTask> = tasks
        .iter()
        .filter(|task| task.state.as_deref() != Some(state.as_str()))
        .map(|task| MarkTask { run_pk: task.run_pk, task_id: task.task_id.clone(), map_index: task.map_index })
        .collect();
    if set.is_empty() {
        return Ok(());
    }
    let events = tasks
        .iter()
        .map(|task| {
            let name = format!("task_instance_{}", state.as_str());
            marks::event(&name, user, &task.dag_id, Some(&task.run_id), Some((&task.task_id, task.map_index)))
        })
        .collect();
    let changed = app.store().run(MarkTasks { tasks: set, state, events }).await?;
    marks::tell_tasks(app, tasks, Some(state.as_str()));
    marks::tell(app, &changed);
    clear_failed_downstream(app, user, run, graph, tasks).await
}

async fn clear_failed_downstream(app: &App, user: &User, run: &RunView, graph: &Graph, tasks: &[TaskView]) -> Result<()> {
    let marked: Vec<TaskIx> = tasks.iter().filter_map(|task| graph.find(&task.task_id)).collect();
    let below: BTreeSet<&str> = graph.descendants(&marked).into_iter().map(|ix| graph.task_form(ix).task_id.as_str()).collect();
    let runs: BTreeSet<String> = tasks.iter().map(|task| task.run_id.clone()).collect();
    let mut failed = marks::tasks_of(app, &run.dag_id, runs.into_iter().collect()).await?;
    failed.retain(|task| below.contains(task.task_id.as_str()) && matches!(task.state.as_deref(), Some("failed" | "upstream_failed")));
    if failed.is_empty() {
        return Ok(());
    }
    let options = ClearOptions { reset_runs: true, ..ClearOptions::default() };
    marks::clear(app, user, &failed, options, Vec::new()).await
}

/// Sets the note of task instances.
pub async fn set_notes(app: &App, user: &User, tasks: &[TaskView], note: Option<&String>) -> Result<()> {
    let runs: BTreeSet<i64> = tasks.iter().map(|task| task.run_pk).collect();
    for run_pk in runs {
        let keys = tasks.iter().filter(|task| task.run_pk == run_pk).map(|task| (task.task_id.clone(), task.map_index)).collect();
        app.store().run(SetTaskNotes { run_pk, tasks: keys, note: note.cloned(), user: user.name.clone() }).await?;
    }
    Ok(())
}

/// Changes one task, all its instances or one of them, and its relatives.
pub async fn patch_one(app: &App, user: &User, path: TaskPath, map_index: Option<i32>, patch: Patch, dry: bool) -> Result<Response> {
    let run = dag_runs::find(app, &path.0, &path.1).await?;
    let target = target(app, run, std::slice::from_ref(&path.2), map_index, &patch).await?;
    if !target.tasks.iter().any(|task| task.task_id == path.2) {
        return Err(task_instances::find(app, &path, map_index.unwrap_or(-1))
            .await
            .err()
            .unwrap_or_else(|| ApiError::NotFound(format!("Task Instance not found for task_id={}", path.2))));
    }
    apply(app, user, target, &patch, dry).await
}

fn query_map_index(query: &mut Query) -> Result<Option<i32>> {
    let index = query.int("map_index");
    query.finish()?;
    Ok(index.map(|index| i32::try_from(index).unwrap_or(i32::MAX)))
}

async fn patch(
    State(app): State<App>,
    user: User,
    Path(path): Path<TaskPath>,
    mut query: Query,
    JsonBody(body): JsonBody,
) -> Result<Response> {
    let index = query_map_index(&mut query)?;
    patch_one(&app, &user, path, index, read_patch(&query, &body)?, false).await
}

async fn patch_dry(
    State(app): State<App>,
    user: User,
    Path(path): Path<TaskPath>,
    mut query: Query,
    JsonBody(body): JsonBody,
) -> Result<Response> {
    let index = query_map_index(&mut query)?;
    patch_one(&app, &user, path, index, read_patch(&query, &body)?, true).await
}

type MappedPath = (String, String, String, String);

async fn patch_mapped(
    State(app): State<App>,
    user: User,
    Path((dag_id, run_id, task_id, index)): Path<MappedPath>,
    query: Query,
    JsonBody(body): JsonBody,
) -> Result<Response> {
    let index = path_map_index(&index)?;
    patch_one(&app, &user, (dag_id, run_id, task_id), Some(index), read_patch(&query, &body)?, false).await
}

async fn patch_mapped_dry(
    State(app): State<App>,
    user: User,
    Path((dag_id, run_id, task_id, index)): Path<MappedPath>,
    query: Query,
    JsonBody(body): JsonBody,
) -> Result<Response> {
    let index = path_map_index(&index)?;
    patch_one(&app, &user, (dag_id, run_id, task_id), Some(index), read_patch(&query, &body)?, true).await
}

async fn patch_members(app: &App, user: &User, (dag_id, run_id, group_id): TaskPath, patch: Patch, dry: bool) -> Result<Response> {
    let run = dag_runs::find(app, &dag_id, &run_id).await?;
    let graph = marks::graph_of_run(app, &run).await?;
    let members =
        graph.group(&group_id).ok_or_else(|| ApiError::NotFound(format!("Task group '{group_id}' not found in Dag '{dag_id}'")))?;
    let ids: Vec<String> = members.iter().map(|ix| graph.task_form(*ix).task_id.clone()).collect();
    let target = target(app, run, &ids, None, &patch).await?;
    apply(app, user, target, &patch, dry).await
}

async fn patch_group(
    State(app): State<App>,
    user: User,
    Path(path): Path<TaskPath>,
    query: Query,
    JsonBody(body): JsonBody,
) -> Result<Response> {
    patch_members(&app, &user, path, read_patch(&query, &body)?, false).await
}

async fn patch_group_dry(
    State(app): State<App>,
    user: User,
    Path(path): Path<TaskPath>,
    query: Query,
    JsonBody(body): JsonBody,
) -> Result<Response> {
    patch_members(&app, &user, path, read_patch(&query, &body)?, true).await
}

async fn delete(State(app): State<App>, user: User, Path(path): Path<TaskPath>, mut query: Query) -> Result<Response> {
    let index = query.map_index();
    query.finish()?;
    delete_one(&app, &user, path, index).await?;
    Ok(Json(Value::Null).into_response())
}

/// Deletes one task instance.
pub async fn delete_one(app: &App, user: &User, path: TaskPath, map_index: i32) -> Result<()> {
    let task = task_instances::find(app, &path, map_index).await?;
    let event = marks::event("delete_task_instance", user, &task.dag_id, Some(&task.run_id), Some((&task.task_id, map_index)));
    let deleted = DeleteTask { run_pk: task.run_pk, task_id: task.task_id.clone(), map_index, event };
    if let Some(changed) = app.store().run(deleted).await? {
        marks::tell(app, &[changed]);
    }
    Ok(())
}
