//! Task instances: lists, single ones, tries.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tradewind_core::graph::Graph;
use tradewind_store::list::filter::{Listed, OrderKey, Page, Patterns, order_key};
use tradewind_store::list::keyset::{COUNT_LIMIT, KeysetPage};
use tradewind_store::list::task_instance::{GetTask, ListAttempts, ListTasks, ORDER, ScrollTasks, TaskFilter, TaskView};
use tradewind_store::list::xcom::{ListXComs, XComFilter, XComView};

use super::task_answers::Surroundings;
use super::{dag_runs, dags};
use crate::answer::task_instance::{TaskAnswer, TaskNames, TryAnswer};
use crate::auth::Access;
use crate::error::{ApiError, Result};
use crate::request::body::{Fields, JsonBody};
use crate::request::cursor;
use crate::request::filters::{TASK_STATES, path_int, path_map_index};
use crate::request::query::{Query, bad_order, split_order};
use crate::routes::{Route, route};
use crate::state::App;

pub fn routes() -> Vec<Route> {
    const TASKS: &str = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances";
    const TASK: &str = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}";
    vec![
        route(Method::GET, TASKS, "get_task_instances", Access::Read, list),
        route(
            Method::POST,
            "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/list",
            "get_task_instances_batch",
            Access::Read,
            list_batch,
        ),
        route(Method::GET, TASK, "get_task_instance", Access::Read, get),
        route(
            Method::GET,
            "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}",
            "get_mapped_task_instance",
            Access::Read,
            get_mapped,
        ),
        route(
            Method::GET,
            "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/listMapped",
            "get_mapped_task_instances",
            Access::Read,
            list_mapped,
        ),
        route(
            Method::GET,
            "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/tries",
            "get_task_instance_tries",
            Access::Read,
            tries,
        ),
        route(
            Method::GET,
            "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/tries",
            "get_mapped_task_instance_tries",
            Access::Read,
            mapped_tries,
        ),
        route(
            Method::GET,
            "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/tries/{task_try_number}",
            "get_task_instance_try_details",
            Access::Read,
            one_try,
        ),
        route(
            Method::GET,
            "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/tries/{task_try_number}",
            "get_mapped_task_instance_try_details",
            Access::Read,
            one_mapped_try,
        ),
        route(
            Method::GET,
            "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/links",
            "get_extra_links",
            Access::Read,
            links,
        ),
        route(
            Method::GET,
            "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/externalLogUrl/{try_number}",
            "get_external_log_url",
            Access::Read,
            external_log_url,
        ),
    ]
}

/// The parts of the path of a task instance.
pub type TaskPath = (String, String, String);

/// One task instance, or 404.
pub async fn find(app: &App, (dag_id, run_id, task_id): &TaskPath, map_index: i32) -> Result<TaskView> {
    let key = GetTask { dag_id: dag_id.clone(), run_id: run_id.clone(), task_id: task_id.clone(), map_index };
    app.store().run(key).await?.ok_or_else(|| {
        let index = if map_index < 0 { String::new() } else { format!(", map_index: `{map_index}`") };
        ApiError::NotFound(format!(
            "The Task Instance with dag_id: `{dag_id}`, run_id: `{run_id}`, task_id: `{task_id}`{index} was not found"
        ))
    })
}

/// Graphs by version, for the names that only forms have.
pub type Graphs = HashMap<i64, Arc<Graph>>;

/// The graphs of some task instances.
pub async fn graphs_of(app: &App, tasks: &[TaskView]) -> Result<Graphs> {
    app.forms().of_versions(tasks.iter().filter_map(|task| task.version_id).collect()).await
}

/// What the form says of a task.
pub fn names<'a>(graphs: &'a Graphs, task: &TaskView) -> TaskNames<'a> {
    let form = task.version_id.and_then(|version| graphs.get(&version)).and_then(|graph| {
        let ix = graph.find(&task.task_id)?;
        Some(graph.task_form(ix))
    });
    TaskNames { display_name: form.map(|form| form.display_name()), operator_name: form.map(|form| form.operator_name()) }
}

/// A collection of task instances.
pub async fn answer_list(app: &App, tasks: &[TaskView], total: i64) -> Result<Response> {
    let around = Surroundings::of(app, tasks).await?;
    let answers: Vec<TaskAnswer<'_>> = tasks.iter().map(|task| around.answer(task)).collect();
    let body = json!({
        "task_instances": answers, "total_entries": total, "total_entries_limit": null, "next_cursor": null, "previous_cursor": null,
    });
    Ok(Json(body).into_response())
}

async fn answer_one(app: &App, task: TaskView) -> Result<Response> {
    let tasks = [task];
    let around = Surroundings::of(app, &tasks).await?;
    Ok(Json(around.answer(&tasks[0])).into_response())
}

fn read_filter(query: &mut Query) -> Result<TaskFilter> {
    Ok(TaskFilter {
        dag_id: query.patterns("dag_id"),
        run_id: query.patterns("run_id"),
        task_id: query.patterns("task_display_name"),
        task_ids: query.all("task_id"),
        states: query.states("state", TASK_STATES)?,
        pools: query.all("pool"),
        pool: query.patterns("pool_name"),
        queues: query.all("queue"),
        queue: query.patterns("queue_name"),
        executors: query.all("executor"),
        versions: query.ints("version_number"),
        try_numbers: query.ints("try_number"),
        operators: query.all("operator"),
        operator: query.patterns("operator_name"),
        map_indexes: query.ints("map_index"),
        rendered_map_index: query.patterns("rendered_map_index"),
        run_after: query.times("run_after"),
        logical_date: query.times("logical_date"),
        start_date: query.times("start_date"),
        end_date: query.times("end_date"),
        updated_at: query.times("updated_at"),
        duration: query.floats("duration"),
        ..TaskFilter::default()
    })
}

/// Adds the DAG and run of the path; `~` is all of them.
async fn bound_by_path(app: &App, filter: &mut TaskFilter, dag_id: &str, run_id: &str) -> Result<()> {
    if dag_id != "~" && run_id != "~" {
        dag_runs::find(app, dag_id, run_id).await?;
    } else if dag_id != "~" {
        dags::find(app, dag_id).await?;
    }
    if dag_id != "~" {
        filter.dag_ids = vec![dag_id.to_owned()];
    }
    if run_id != "~" {
        filter.run_ids = vec![run_id.to_owned()];
    }
    Ok(())
}

/// The tasks of a group, with those of the groups inside it.
async fn bound_by_group(app: &App, filter: &mut TaskFilter, dag_id: &str, group_id: &str) -> Result<()> {
    let unknown = || ApiError::NotFound(format!("Task group {group_id} not found in dag {dag_id}"));
    let dag = dags::find(app, dag_id).await?;
    let graph = dags::need_graph(app, &dag).await?;
    let members = graph.group(group_id).ok_or_else(unknown)?;
    filter.task_ids.extend(members.iter().map(|ix| graph.task_form(*ix).task_id.clone()));
    Ok(())
}

async fn list(State(app): State<App>, Path((dag_id, run_id)): Path<(String, String)>, mut query: Query) -> Result<Response> {
    let mut filter = read_filter(&mut query)?;
    let page = query.page();
    query.finish()?;
    bound_by_path(&app, &mut filter, &dag_id, &run_id).await?;
    if let Some(group_id) = query.text("task_group_id") {
        bound_by_group(&app, &mut filter, &dag_id, &group_id).await?;
    }
    let order = query.order_of(ORDER, "map_index")?;
    if let Some(text) = query.get("cursor") {
        return scroll(&app, filter, order, cursor::read(text, page.limit)?).await;
    }
    answer_page(&app, filter, order, page).await
}

async fn scroll(app: &App, filter: TaskFilter, order: Vec<OrderKey>, page: KeysetPage) -> Result<Response> {
    let found = app.store().run(ScrollTasks { filter, order, page }).await?.ok_or_else(cursor::invalid)?;
    let around = Surroundings::of(app, &found.rows).await?;
    let answers: Vec<TaskAnswer<'_>> = found.rows.iter().map(|task| around.answer(task)).collect();
    let body = json!({
        "task_instances": answers, "total_entries": found.total, "total_entries_limit": COUNT_LIMIT,
        "next_cursor": found.next.as_ref().map(cursor::write), "previous_cursor": found.previous.as_ref().map(cursor::write),
    });
    Ok(Json(body).into_response())
}

async fn answer_page(app: &App, filter: TaskFilter, order: Vec<OrderKey>, page: Page) -> Result<Response> {
    let listed: Listed<TaskView> = app.store().run(ListTasks { filter, order, page }).await?;
    answer_list(app, &listed.rows, listed.total).await
}

fn read_batch(body: &Value, maximum: i64) -> Result<(TaskFilter, Vec<OrderKey>, Page)> {
    let mut fields = Fields::of(body);
    let filter = TaskFilter {
        dag_ids: fields.texts("dag_ids").unwrap_or_default(),
        run_ids: fields.texts("dag_run_ids").unwrap_or_default(),
        task_ids: fields.texts("task_ids").unwrap_or_default(),
        states: fields.states("state", TASK_STATES),
        run_after: fields.times(["run_after_gte", "run_after_gt", "run_after_lte", "run_after_lt"]),
        logical_date: fields.times(["logical_date_gte", "logical_date_gt", "logical_date_lte", "logical_date_lt"]),
        start_date: fields.times(["start_date_gte", "start_date_gt", "start_date_lte", "start_date_lt"]),
        end_date: fields.times(["end_date_gte", "end_date_gt", "end_date_lte", "end_date_lt"]),
        duration: fields.floats(["duration_gte", "duration_gt", "duration_lte", "duration_lt"]),
        pools: fields.texts("pool").unwrap_or_default(),
        queues: fields.texts("queue").unwrap_or_default(),
        executors: fields.texts("executor").unwrap_or_default(),
        ..TaskFilter::default()
    };
    let order = fields.text("order_by");
    let page = fields.page(maximum);
    fields.finish()?;
    let (name, descending) = split_order(order.as_deref().unwrap_or("map_index"));
    let key = order_key(ORDER, &name, descending).ok_or_else(|| bad_order(&name))?;
    Ok((filter, vec![key], page))
}

async fn list_batch(State(app): State<App>, Path((dag_id, run_id)): Path<(String, String)>, JsonBody(body): JsonBody) -> Result<Response> {
    let (mut filter, order, page) = read_batch(&body, app.options().maximum_page_limit)?;
    bound_by_path(&app, &mut filter, &dag_id, &run_id).await?;
    answer_page(&app, filter, order, page).await
}

async fn get(State(app): State<App>, Path(path): Path<TaskPath>) -> Result<Response> {
    match find(&app, &path, -1).await {
        Ok(task) => answer_one(&app, task).await,
        Err(ApiError::NotFound(text)) => {
            let (dag_id, run_id, task_id) = path;
            let filter = TaskFilter {
                dag_ids: vec![dag_id],
                run_ids: vec![run_id],
                task_ids: vec![task_id],
                mapped_only: true,
                ..TaskFilter::default()
            };
            let mapped = app.store().run(ListTasks { filter, order: Vec::new(), page: Page { limit: 0, offset: 0 } }).await?;
            let hint = if mapped.total > 0 { "; the task is mapped, add the map_index value to the URL" } else { "" };
            Err(ApiError::NotFound(format!("{text}{hint}")))
        }
        Err(error) => Err(error),
    }
}

async fn get_mapped(
    State(app): State<App>,
    Path((dag_id, run_id, task_id, map_index)): Path<(String, String, String, String)>,
) -> Result<Response> {
    let index = path_map_index(&map_index)?;
    let task = find(&app, &(dag_id, run_id, task_id), index).await?;
    answer_one(&app, task).await
}

async fn list_mapped(State(app): State<App>, Path((dag_id, run_id, task_id)): Path<TaskPath>, mut query: Query) -> Result<Response> {
    let mut filter = read_filter(&mut query)?;
    let page = query.page();
    query.finish()?;
    let run = dag_runs::find(&app, &dag_id, &run_id).await?;
    let graph = match run.version_id {
        Some(version) => app.forms().of_version(version).await?,
        None => None,
    };
    filter.dag_ids = vec![dag_id.clone()];
    filter.run_ids = vec![run_id];
    filter.task_ids = vec![task_id.clone()];
    filter.mapped_only = true;
    let order = query.order_of(ORDER, "map_index")?;
    let listed = app.store().run(ListTasks { filter, order, page }).await?;
    if listed.total == 0 && graph.is_none_or(|graph| graph.find(&task_id).is_none()) {
        return Err(ApiError::NotFound(format!("Task id {task_id} not found in dag {dag_id}")));
    }
    answer_list(&app, &listed.rows, listed.total).await
}

/// The tries of a task instance: earlier ones first, the current one last.
pub async fn tries_of(app: &App, task: TaskView) -> Result<Vec<TaskView>> {
    let wanted = ListAttempts { run_pk: task.run_pk, task_id: task.task_id.clone(), map_index: task.map_index };
    let mut tries: Vec<TaskView> = Vec::new();
    for mut attempt in app.store().run(wanted).await? {
        if attempt.attempt_id == task.attempt_id {
            continue;
        }
        attempt.state = Some(past_state(attempt.state.as_deref()).to_owned());
        // A rescheduled try has several attempts: the last one stands for it.
        match tries.last_mut() {
            Some(last) if last.try_number == attempt.try_number => *last = attempt,
            _ => tries.push(attempt),
        }
    }
    let current_is_its_own = task.attempt_id.is_some() || tries.is_empty();
    if current_is_its_own {
        tries.retain(|attempt| attempt.try_number != task.try_number);
        tries.push(task);
    }
    Ok(tries)
}

/// How an attempt that is over ended, in the states of task instances.
fn past_state(state: Option<&str>) -> &str {
    match state {
        Some(state @ ("success" | "failed" | "skipped" | "deferred" | "up_for_reschedule" | "queued" | "running")) => state,
        _ => "failed",
    }
}

async fn answer_tries(app: &App, task: TaskView) -> Result<Response> {
    let tries = tries_of(app, task).await?;
    let graphs = graphs_of(app, &tries).await?;
    let answers: Vec<TryAnswer<'_>> = tries.iter().map(|task| TryAnswer::new(task, names(&graphs, task))).collect();
    Ok(Json(json!({ "task_instances": answers, "total_entries": answers.len() })).into_response())
}

async fn answer_try(app: &App, task: TaskView, number: &str) -> Result<Response> {
    let number = path_int("task_try_number", number)?;
    let key = format!("dag_id: `{}`, run_id: `{}`, task_id: `{}`", task.dag_id, task.run_id, task.task_id);
    let tries = tries_of(app, task).await?;
    let found = tries
        .iter()
        .rev()
        .find(|task| task.try_number == number)
        .ok_or_else(|| ApiError::NotFound(format!("The Task Instance with {key}, try_number: `{number}` was not found")))?;
    let graphs = graphs_of(app, std::slice::from_ref(found)).await?;
    Ok(Json(TryAnswer::new(found, names(&graphs, found))).into_response())
}

async fn tries(State(app): State<App>, Path(path): Path<TaskPath>, mut query: Query) -> Result<Response> {
    let index = query.map_index();
    query.finish()?;
    let task = find(&app, &path, index).await?;
    answer_tries(&app, task).await
}

async fn mapped_tries(
    State(app): State<App>,
    Path((dag_id, run_id, task_id, map_index)): Path<(String, String, String, String)>,
) -> Result<Response> {
    let task = find(&app, &(dag_id, run_id, task_id), path_map_index(&map_index)?).await?;
    answer_tries(&app, task).await
}

async fn one_try(
    State(app): State<App>,
    Path((dag_id, run_id, task_id, number)): Path<(String, String, String, String)>,
    mut query: Query,
) -> Result<Response> {
    let index = query.map_index();
    query.finish()?;
    let task = find(&app, &(dag_id, run_id, task_id), index).await?;
    answer_try(&app, task, &number).await
}

async fn one_mapped_try(
    State(app): State<App>,
    Path((dag_id, run_id, task_id, map_index, number)): Path<(String, String, String, String, String)>,
) -> Result<Response> {
    let task = find(&app, &(dag_id, run_id, task_id), path_map_index(&map_index)?).await?;
    answer_try(&app, task, &number).await
}

/// XComs in which attempts say where the links of their operators lead begin so; the name of the link follows.
const LINK: &str = "_link_";

/// Operators name their links; where they lead is null until an attempt has said it.
async fn links(State(app): State<App>, Path(path): Path<TaskPath>, mut query: Query) -> Result<Json<Value>> {
    let index = query.map_index();
    query.finish()?;
    let task = find(&app, &path, index).await?;
    let graphs = graphs_of(&app, std::slice::from_ref(&task)).await?;
    let graph = task.version_id.and_then(|version| graphs.get(&version));
    let form = graph.and_then(|graph| Some(graph.task_form(graph.find(&task.task_id)?)));
    let names: Vec<&String> = form.into_iter().flat_map(|form| &form.extra_links).collect();
    let told = if names.is_empty() { HashMap::new() } else { told_links(&app, &task).await? };
    let links: serde_json::Map<String, Value> =
        names.into_iter().map(|name| (name.clone(), told.get(name).cloned().unwrap_or_default())).collect();
    let total = links.len();
    Ok(Json(json!({ "extra_links": links, "total_entries": total })))
}

/// Where the links of a task instance lead, by name.
async fn told_links(app: &App, task: &TaskView) -> Result<HashMap<String, Value>> {
    let filter = XComFilter {
        dag_id: Some(task.dag_id.clone()),
        run_id: Some(task.run_id.clone()),
        task_id: Some(task.task_id.clone()),
        map_index: Some(i64::from(task.map_index)),
        keys: Patterns { prefix: Some(LINK.to_owned()), ..Patterns::default() },
        ..XComFilter::default()
    };
    let listed = app.store().run(ListXComs { filter, order: Vec::new(), page: Page { limit: 100, offset: 0 } }).await?;
    let link = |xcom: XComView| Some((xcom.key.strip_prefix(LINK)?.to_owned(), serde_json::from_str(&xcom.value).ok()?));
    Ok(listed.rows.into_iter().filter_map(link).collect())
}

async fn external_log_url(
    State(app): State<App>,
    Path((dag_id, run_id, task_id, _)): Path<(String, String, String, String)>,
) -> Result<Response> {
    find(&app, &(dag_id, run_id, task_id), -1).await?;
    Err(ApiError::BadRequest("Task log handler does not support external logs.".into()))
}
