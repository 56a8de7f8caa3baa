//! Questions that tasks ask people, and the answers.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use indexmap::IndexMap;
use serde_json::{Map, Value, json};
use tradewind_core::form::ParamForm;
use tradewind_queue::control::task_row;
use tradewind_queue::{Change, RunChange, TaskChange};
use tradewind_store::list::filter::Page;
use tradewind_store::list::hitl::{HitlFilter, ListHitl, ORDER};
use tradewind_store::list::task_instance::{ListTasks, TaskFilter, TaskView};
use tradewind_store::table::hitl_detail::{AnswerHitl, GetHitl, HitlAnswered, HitlDetail};
use tradewind_store::table::task_instance::TaskKey;

use super::task_answers::Surroundings;
use super::{dag_runs, marks, task_instances};
use crate::answer::task_instance::TryAnswer;
use crate::auth::{Access, Role, User};
use crate::error::{ApiError, Result};
use crate::params;
use crate::request::body::{Fields, JsonBody};
use crate::request::filters::{TASK_STATES, path_int, path_map_index};
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;
use crate::time::Time;

pub fn routes() -> Vec<Route> {
    const ONE: &str = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/hitlDetails";
    vec![
        route(Method::GET, "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/hitlDetails", "get_hitl_details", Access::Read, list),
        route(Method::GET, ONE, "get_hitl_detail", Access::Read, get),
        route(Method::PATCH, ONE, "update_hitl_detail", Access::Run, answer),
        route(
            Method::GET,
            "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/hitlDetails/tries/{try_number}",
            "get_hitl_detail_try_detail",
            Access::Read,
            get_try,
        ),
    ]
}

type IndexPath = (String, String, String, String);

/// A task instance that asked, with its question.
async fn find(app: &App, (dag_id, run_id, task_id, index): IndexPath, try_number: Option<u32>) -> Result<(TaskView, HitlDetail)> {
    let map_index = path_map_index(&index)?;
    let task = task_instances::find(app, &(dag_id, run_id, task_id), map_index).await?;
    let key = TaskKey::new(task.run_pk, task.task_id.as_str(), map_index);
    let detail = app.store().run(GetHitl { task: key, try_number }).await?.ok_or_else(|| {
        ApiError::NotFound(format!("Human-in-the-loop detail does not exist for Task Instance `{}` of run `{}`", task.task_id, task.run_id))
    })?;
    Ok((task, detail))
}

async fn get(State(app): State<App>, Path(path): Path<IndexPath>) -> Result<Response> {
    let (task, detail) = find(&app, path, None).await?;
    let around = Surroundings::of(&app, std::slice::from_ref(&task)).await?;
    let mut body = question(&detail);
    body["task_instance"] = json!(around.answer(&task));
    Ok(Json(body).into_response())
}

async fn get_try(
    State(app): State<App>,
    Path((dag_id, run_id, task_id, index, number)): Path<(String, String, String, String, String)>,
) -> Result<Response> {
    let number = path_int("try_number", &number)?;
    let (task, detail) = find(&app, (dag_id, run_id, task_id, index), Some(u32::try_from(number).unwrap_or(0))).await?;
    let tries = task_instances::tries_of(&app, task).await?;
    let graphs = task_instances::graphs_of(&app, &tries).await?;
    let asked = tries.iter().find(|one| one.try_number == number);
    let asked = asked.ok_or_else(|| ApiError::NotFound(format!("try {number} was not found")))?;
    let mut body = question(&detail);
    body["task_instance"] = json!(TryAnswer::new(asked, task_instances::names(&graphs, asked)));
    Ok(Json(body).into_response())
}

fn question(detail: &HitlDetail) -> Value {
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let user = detail.responded_by_id.as_ref().map(|id| json!({"id": id, "name": detail.responded_by_name}));
    json!({
        "options": detail.options(), "subject": detail.subject, "body": detail.body, "defaults": detail.defaults(),
        "multiple": detail.multiple, "params": json(&detail.params), "assigned_users": json(&detail.assigned_users),
        "created_at": Time(detail.created_at), "responded_by_user": user, "responded_at": detail.responded_at.map(Time),
        "chosen_options": detail.chosen_options.as_deref().map(json), "params_input": json(&detail.params_input),
        "response_received": detail.responded_at.is_some(),
    })
}

async fn list(State(app): State<App>, Path((dag_id, run_id)): Path<(String, String)>, mut query: Query) -> Result<Response> {
    let one = |text: &str| if text == "~" { Vec::new() } else { vec![text.to_owned()] };
    let mut filter = HitlFilter {
        dag_ids: one(&dag_id),
        run_ids: one(&run_id),
        task_ids: query.all("task_id"),
        dag_id: query.patterns("dag_id"),
        task_id: query.patterns("task_id"),
        map_index: query.int("map_index"),
        states: query.states("state", TASK_STATES)?,
        response_received: query.flag("response_received"),
        responded_by_ids: query.all("responded_by_user_id"),
        responded_by_names: query.all("responded_by_user_name"),
        created_at: query.times("created_at"),
        ..HitlFilter::default()
    };
    filter.subject.contains = query.text("subject_search");
    filter.body.contains = query.text("body_search");
    let page = query.page();
    query.finish()?;
    if dag_id != "~" && run_id != "~" {
        dag_runs::find(&app, &dag_id, &run_id).await?;
    }
    let order = query.order_of(ORDER, "ti_id")?;
    let listed = app.store().run(ListHitl { filter, order, page }).await?;
    let tasks = tasks_of(&app, &listed.rows).await?;
    let around = Surroundings::of(&app, &tasks).await?;
    let by_key: HashMap<(i64, &str, i32), &TaskView> =
        tasks.iter().map(|task| ((task.run_pk, task.task_id.as_str(), task.map_index), task)).collect();
    let details = listed.rows.iter().filter_map(|row| {
        let task = by_key.get(&(row.detail.run_pk, &*row.detail.task_id, row.detail.map_index))?;
        let mut body = question(&row.detail);
        body["task_instance"] = json!(around.answer(task));
        Some(body)
    });
    Ok(Json(json!({"hitl_details": details.collect::<Vec<_>>(), "total_entries": listed.total})).into_response())
}

/// The task instances of questions.
async fn tasks_of(app: &App, rows: &[tradewind_store::list::hitl::HitlView]) -> Result<Vec<TaskView>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let all = |of: fn(&tradewind_store::list::hitl::HitlView) -> String| {
        let mut found: Vec<String> = rows.iter().map(of).collect();
        found.sort_unstable();
        found.dedup();
        found
    };
    let filter = TaskFilter {
        dag_ids: all(|row| row.dag_id.clone()),
        run_ids: all(|row| row.run_id.clone()),
        task_ids: all(|row| row.detail.task_id.to_string()),
        ..TaskFilter::default()
    };
    let page = Page { limit: marks::MAX_TASKS, offset: 0 };
    Ok(app.store().run(ListTasks { filter, order: Vec::new(), page }).await?.rows)
}

async fn answer(State(app): State<App>, Path(path): Path<IndexPath>, user: User, JsonBody(body): JsonBody) -> Result<Response> {
    let mut fields = Fields::of(&body);
    let chosen = fields.texts("chosen_options");
    let input = fields.object("params_input").cloned().unwrap_or_default();
    if chosen.as_ref().is_none_or(Vec::is_empty) {
        fields.reject("chosen_options needs one option at least");
    }
    fields.finish()?;
    let chosen = chosen.unwrap_or_default();
    let (task, detail) = find(&app, path, None).await?;
    may_answer(&user, &detail)?;
    if detail.responded_at.is_some() || i64::from(detail.try_number) != task.try_number {
        return Err(answered(&task));
    }
    check(&detail, &chosen, &input)?;
    let mut event = marks::event("update_hitl_detail", &user, &task.dag_id, Some(&task.run_id), Some((&task.task_id, task.map_index)));
    event.extra = Some(json!({"chosen_options": chosen}).to_string());
    let step = AnswerHitl {
        id: detail.id,
        user_id: user.name.clone(),
        user_name: user.name.clone(),
        chosen_options: chosen.clone(),
        params_input: Value::Object(input.clone()).to_string(),
        events: vec![event],
    };
    let HitlAnswered::Done { detail, woken } = app.store().run(step).await? else { return Err(answered(&task)) };
    if let Some(woken) = woken {
        let (run_pk, seq) = (woken.changed.run_pk, woken.changed.change_seq);
        marks::tell_tasks(&app, std::slice::from_ref(&task), Some("scheduled"));
        let change = TaskChange { row: task_row(&woken.task), skip: Vec::new() };
        app.changes().send(Change::Run { run_pk, seq, what: RunChange::Task(Box::new(change)) });
    }
    let responded = json!({
        "responded_by": {"id": user.name, "name": user.name}, "responded_at": detail.responded_at.map(Time),
        "chosen_options": chosen, "params_input": input,
    });
    Ok(Json(responded).into_response())
}

fn answered(task: &TaskView) -> ApiError {
    ApiError::Conflict(format!(
        "Human-in-the-loop detail has already been updated for Task Instance `{}` of run `{}` and is not allowed to write again.",
        task.task_id, task.run_id
    ))
}

/// Those who were named, and administrators.
fn may_answer(user: &User, detail: &HitlDetail) -> Result<()> {
    let assigned: Vec<HashMap<String, String>> = serde_json::from_str(&detail.assigned_users).unwrap_or_default();
    let named = assigned.iter().any(|one| [one.get("id"), one.get("name")].into_iter().flatten().any(|name| *name == user.name));
    if assigned.is_empty() || named || user.role == Role::Admin {
        return Ok(());
    }
    Err(ApiError::Forbidden(format!("User `{}` is not among those who are asked", user.name)))
}

/// Whether an answer fits its question.
fn check(detail: &HitlDetail, chosen: &[String], input: &Map<String, Value>) -> Result<()> {
    let options = detail.options();
    if let Some(unknown) = chosen.iter().find(|option| !options.contains(option)) {
        return Err(ApiError::Unprocessable(format!("`{unknown}` is not among the options {options:?}")));
    }
    if chosen.len() > 1 && !detail.multiple {
        return Err(ApiError::Unprocessable("Only one option may be chosen".to_owned()));
    }
    let asked: IndexMap<String, ParamForm> = serde_json::from_str(&detail.params).unwrap_or_default();
    if let Some(unknown) = input.keys().find(|name| !asked.contains_key(*name)) {
        let known: Vec<&String> = asked.keys().collect();
        return Err(ApiError::Unprocessable(format!("`{unknown}` is not asked for; params are {known:?}")));
    }
    params::check(&asked, input).map_err(ApiError::Unprocessable)
}
