//! Clearing: task instances of a DAG, or whole runs.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tradewind_core::graph::Graph;
use tradewind_core::graph::{StateFilter, Wanted, select_for_clear};
use tradewind_core::state::TaskState;
use tradewind_store::list::dag_run::{ListRuns, RunFilter, RunView};
use tradewind_store::list::filter::{Page, Range};
use tradewind_store::list::task_instance::TaskView;
use tradewind_store::table::event_log::NewEvent;

use super::marks::{self, ClearOptions, MAX_TASKS};
use super::patch_tasks::{reread, runs_around};
use super::task_answers::Surroundings;
use super::task_instances::answer_list;
use super::{dag_runs, dags};
use crate::answer::dag_run::RunAnswer;
use crate::auth::{Access, User};
use crate::error::{ApiError, Result};
use crate::request::body::{Fields, JsonBody, value_error};
use crate::request::check;
use crate::routes::{Route, route};
use crate::state::App;

pub fn routes() -> Vec<Route> {
    vec![
        route(Method::POST, "/api/v2/dags/{dag_id}/clearTaskInstances", "post_clear_task_instances", Access::Run, clear_tasks),
        route(Method::POST, "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/clear", "clear_dag_run", Access::Run, clear_run),
        route(Method::POST, "/api/v2/dags/{dag_id}/clearDagRuns", "clear_dag_runs", Access::Run, clear_runs),
        route(Method::POST, "/api/v2/dags/{dag_id}/clearPartitions", "clear_dag_run_partitions", Access::Run, clear_partitions),
    ]
}

/// A task, and one map index or all.
type Named = (String, Option<i32>);

/// What a clear of task instances asks for.
struct TaskClear {
    dry_run: bool,
    states: StateFilter,
    reset_runs: bool,
    /// Task and map index; `None`: all tasks.
    tasks: Option<Vec<Named>>,
    run_id: Option<String>,
    logical_date: Range<i64>,
    upstream: bool,
    downstream: bool,
    future: bool,
    past: bool,
    latest_version: bool,
    refuse_running: bool,
    note: Option<String>,
}

fn read(body: &Value) -> Result<TaskClear> {
    let mut fields = Fields::of(body);
    let start = fields.datetime("start_date");
    let end = fields.datetime("end_date");
    let clear = TaskClear {
        dry_run: fields.flag("dry_run", true),
        states: StateFilter { only_failed: fields.flag("only_failed", true), only_running: fields.flag("only_running", false) },
        reset_runs: fields.flag("reset_dag_runs", true),
        tasks: read_tasks(&mut fields),
        run_id: fields.text("dag_run_id"),
        logical_date: Range {
            gte: start.map(|time| time.as_microsecond()),
            lte: end.map(|time| time.as_microsecond()),
            ..Range::default()
        },
        upstream: fields.flag("include_upstream", false),
        downstream: fields.flag("include_downstream", false),
        future: fields.flag("include_future", false),
        past: fields.flag("include_past", false),
        latest_version: fields.checked("run_on_latest_version", check::boolean).unwrap_or(false),
        refuse_running: fields.flag("prevent_running_task", false),
        note: fields.note(),
    };
    if clear.run_id.is_some() && (start.is_some() || end.is_some()) {
        fields.reject("Exactly one of dag_run_id or (start_date and end_date) must be provided");
    }
    if start.zip(end).is_some_and(|(start, end)| end < start) {
        fields.reject("end_date is sooner than start_date");
    }
    fields.finish()?;
    Ok(clear)
}

/// `"task"` or `["task", map_index]`.
fn read_tasks(fields: &mut Fields<'_>) -> Option<Vec<Named>> {
    let items = fields.items("task_ids")?;
    if items.is_empty() {
        fields.report("task_ids", value_error("task_ids list should have at least 1 element."), json!([]));
    }
    let mut tasks = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let pair = item.as_array().filter(|pair| pair.len() == 2).and_then(|pair| {
            let map_index = i32::try_from(check::int(&pair[1]).ok()?).ok()?;
            Some((pair[0].as_str()?.to_owned(), Some(map_index)))
        });
        match (item, pair) {
            (Value::String(task_id), _) => tasks.push((task_id.clone(), None)),
            (_, Some(pair)) => tasks.push(pair),
            _ => {
                let finding = value_error("an entry of task_ids is a task id, or a pair of task id and map index");
                fields.report_item("task_ids", index, finding, item.clone());
            }
        }
    }
    Some(tasks)
}

/// The runs a clear concerns.
async fn runs_of(app: &App, dag_id: &str, clear: &TaskClear) -> Result<Vec<String>> {
    if let Some(run_id) = &clear.run_id {
        let run = dag_runs::find(app, dag_id, run_id).await?;
        return runs_around(app, &run, clear.past, clear.future).await;
    }
    let filter = RunFilter {
        dag_ids: vec![dag_id.to_owned()],
        logical_date: Range {
            gte: clear.logical_date.gte.filter(|_| !clear.past),
            lte: clear.logical_date.lte.filter(|_| !clear.future),
            ..Range::default()
        },
        ..RunFilter::default()
    };
    let listing = ListRuns { filter, order: Vec::new(), page: Page { limit: MAX_TASKS, offset: 0 } };
    Ok(app.store().run(listing).await?.rows.into_iter().map(|run| run.run_id).collect())
}

/// The tasks of the graph a clear concerns, with setups and relatives; `None`: all.
fn chosen(graph: &Graph, clear: &TaskClear) -> Result<Option<Vec<Named>>> {
    let Some(tasks) = &clear.tasks else { return Ok(None) };
    let mut wanted = Wanted { tasks: Vec::new(), upstream: clear.upstream, downstream: clear.downstream };
    for (task_id, map_index) in tasks {
        let ix =
            graph.find(task_id).ok_or_else(|| ApiError::NotFound(format!("Task id {task_id} not found in Dag {}", graph.form().dag_id)))?;
        wanted.tasks.push((ix, *map_index));
    }
    let selected = select_for_clear(graph, &wanted);
    Ok(Some(selected.into_iter().map(|(ix, index)| (graph.task_form(ix).task_id.clone(), index)).collect()))
}

fn state_of(task: &TaskView) -> Option<TaskState> {
    task.state.as_deref().and_then(|state| state.parse().ok())
}

async fn clear_tasks(State(app): State<App>, user: User, Path(dag_id): Path<String>, JsonBody(body): JsonBody) -> Result<Response> {
    let clear = read(&body)?;
    let dag = dags::find(&app, &dag_id).await?;
    let graph = dags::need_graph(&app, &dag).await?;
    let chosen = chosen(&graph, &clear)?;
    let runs = runs_of(&app, &dag_id, &clear).await?;
    let mut tasks = if runs.is_empty() { Vec::new() } else { marks::tasks_of(&app, &dag_id, runs).await? };
    tasks.retain(|task| {
        let wanted = chosen
            .as_ref()
            .is_none_or(|chosen| chosen.iter().any(|(id, index)| *id == task.task_id && index.is_none_or(|index| index == task.map_index)));
        wanted && clear.states.takes(state_of(task))
    });
    if clear.refuse_running && tasks.iter().any(|task| task.state.as_deref() == Some("running")) {
        return Err(ApiError::Conflict("Task instances are running: they are not cleared, as prevent_running_task asks".into()));
    }
    if !clear.dry_run && !tasks.is_empty() {
        let events = clear_events(&user, &dag_id, &tasks);
        let options = ClearOptions {
            reset_runs: clear.reset_runs,
            latest_version: clear.latest_version,
            note: clear.note,
            ..ClearOptions::default()
        };
        marks::clear(&app, &user, &tasks, options, events).await?;
        tasks = reread(&app, &dag_id, &tasks).await?;
    }
    let total = i64::try_from(tasks.len()).unwrap_or(i64::MAX);
    answer_list(&app, &tasks, total).await
}

/// A row of the event log for each run, with what is cleared of it; of very many task instances the first.
fn clear_events(user: &User, dag_id: &str, tasks: &[TaskView]) -> Vec<NewEvent> {
    const LISTED: usize = 1_000;
    let mut runs: BTreeMap<&str, Vec<&TaskView>> = BTreeMap::new();
    for task in tasks {
        runs.entry(&task.run_id).or_default().push(task);
    }
    let one = |task: &&TaskView| json!({ "task_id": task.task_id, "map_index": task.map_index });
    runs.into_iter()
        .map(|(run_id, tasks)| {
            let some: Vec<Value> = tasks.iter().take(LISTED).map(one).collect();
            let extra = json!({ "task_instances": some, "total_entries": tasks.len() });
            NewEvent { extra: Some(extra.to_string()), ..marks::event("clear_task_instances", user, dag_id, Some(run_id), None) }
        })
        .collect()
}

/// What a clear of runs asks for.
struct RunClear {
    dry_run: bool,
    only_failed: bool,
    only_new: bool,
    latest_version: bool,
    note: Option<String>,
}

impl RunClear {
    fn read(fields: &mut Fields<'_>) -> Self {
        let clear = Self {
            dry_run: fields.flag("dry_run", true),
            only_failed: fields.flag("only_failed", false),
            only_new: fields.flag("only_new", false),
            latest_version: fields.checked("run_on_latest_version", check::boolean).unwrap_or(false),
            note: fields.note(),
        };
        if clear.only_failed && clear.only_new {
            fields.reject("only_failed and only_new are mutually exclusive");
        }
        clear
    }
}

/// What a clear of one run touches: task instances, and tasks the newest version has and the run has not.
struct Touched {
    tasks: Vec<TaskView>,
    new_tasks: Vec<(String, String)>,
}

async fn touched(app: &App, run: &RunView, clear: &RunClear) -> Result<Touched> {
    let mut tasks = marks::tasks_of(app, &run.dag_id, vec![run.run_id.clone()]).await?;
    let mut new_tasks = Vec::new();
    if clear.only_new {
        let dag = dags::find(app, &run.dag_id).await?;
        let graph = dags::need_graph(app, &dag).await?;
        new_tasks = graph
            .form()
            .tasks
            .iter()
            .filter(|form| !tasks.iter().any(|task| task.task_id == form.task_id))
            .map(|form| (form.task_id.clone(), form.display_name().to_owned()))
            .collect();
        tasks.clear();
    }
    let states = StateFilter { only_failed: clear.only_failed, only_running: false };
    tasks.retain(|task| states.takes(state_of(task)));
    Ok(Touched { tasks, new_tasks })
}

async fn carry_out(app: &App, user: &User, run: &RunView, clear: &RunClear, touched: &Touched) -> Result<()> {
    let events = vec![marks::event("clear_dag_run", user, &run.dag_id, Some(&run.run_id), None)];
    let options = ClearOptions { runs: vec![run.id], reset_runs: true, latest_version: clear.latest_version || clear.only_new, note: None };
    marks::clear(app, user, &touched.tasks, options, events).await?;
    if let Some(note) = &clear.note {
        let note = tradewind_store::list::change::SetRunNote {
            dag_id: run.dag_id.clone(),
            run_id: run.run_id.clone(),
            note: Some(note.clone()),
            user: user.name.clone(),
        };
        app.store().run(note).await?;
    }
    Ok(())
}

async fn answer_touched(app: &App, all: &[Touched]) -> Result<Response> {
    let mut entries: Vec<Value> = Vec::new();
    for touched in all {
        let around = Surroundings::of(app, &touched.tasks).await?;
        entries.extend(touched.tasks.iter().map(|task| json!(around.answer(task))));
        entries.extend(touched.new_tasks.iter().map(|(id, name)| json!({ "task_id": id, "task_display_name": name })));
    }
    let total = entries.len();
    Ok(Json(json!({ "task_instances": entries, "total_entries": total })).into_response())
}

async fn clear_run(
    State(app): State<App>,
    user: User,
    Path((dag_id, run_id)): Path<(String, String)>,
    JsonBody(body): JsonBody,
) -> Result<Response> {
    let mut fields = Fields::of(&body);
    let clear = RunClear::read(&mut fields);
    fields.finish()?;
    let run = dag_runs::find(&app, &dag_id, &run_id).await?;
    let touched = touched(&app, &run, &clear).await?;
    if clear.dry_run {
        return answer_touched(&app, &[touched]).await;
    }
    carry_out(&app, &user, &run, &clear, &touched).await?;
    let run = dag_runs::find(&app, &dag_id, &run_id).await?;
    Ok(Json(RunAnswer::from(&run)).into_response())
}

async fn clear_runs(State(app): State<App>, user: User, Path(dag_id): Path<String>, JsonBody(body): JsonBody) -> Result<Response> {
    let mut fields = Fields::of(&body);
    let clear = RunClear::read(&mut fields);
    let by_partition = fields.text("partition_key").is_some()
        | fields.datetime("partition_date_start").is_some()
        | fields.datetime("partition_date_end").is_some();
    let wanted = read_runs(&mut fields, &dag_id);
    fields.finish()?;
    if by_partition {
        return Err(not_partitioned(&dag_id));
    }
    let mut found = Vec::new();
    for (dag_id, run_id) in wanted {
        let run = dag_runs::find(&app, &dag_id, &run_id).await?;
        let touched = touched(&app, &run, &clear).await?;
        found.push((run, touched));
    }
    if clear.dry_run {
        let touched: Vec<Touched> = found.into_iter().map(|(_, touched)| touched).collect();
        return answer_touched(&app, &touched).await;
    }
    let mut cleared = Vec::new();
    for (run, touched) in &found {
        carry_out(&app, &user, run, &clear, touched).await?;
        cleared.push(dag_runs::find(&app, &run.dag_id, &run.run_id).await?);
    }
    let runs: Vec<RunAnswer<'_>> = cleared.iter().map(RunAnswer::from).collect();
    Ok(Json(json!({ "dag_runs": runs, "total_entries": runs.len() })).into_response())
}

/// `dag_runs`: ids of runs, each with its DAG when the path names none.
fn read_runs(fields: &mut Fields<'_>, path_dag: &str) -> Vec<(String, String)> {
    let mut wanted = Vec::new();
    for (index, item) in fields.items("dag_runs").map(Vec::as_slice).unwrap_or_default().iter().enumerate() {
        let mut entry = Fields::at(item, vec![json!("body"), json!("dag_runs"), json!(index)]);
        let run_id = entry.required("dag_run_id", check::text);
        let dag_id = entry.text("dag_id").unwrap_or_else(|| path_dag.to_owned());
        entry.raw("state");
        entry.note();
        if let Some(run_id) = run_id {
            wanted.push((dag_id, run_id));
        }
        fields.extend(entry.issues());
    }
    wanted
}

fn not_partitioned(dag_id: &str) -> ApiError {
    ApiError::BadRequest(format!("Dag {dag_id} is not partitioned"))
}

async fn clear_partitions(State(app): State<App>, Path(dag_id): Path<String>, JsonBody(_): JsonBody) -> Result<Response> {
    dags::find(&app, &dag_id).await?;
    Err(not_partitioned(&dag_id))
}
