//! Bulk changes of dag runs and task instances. Each entity stands for itself: it succeeds, or says why not.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use serde_json::Value;
use tradewind_store::list::keyed::Odd;

use super::dag_runs;
use super::patch_tasks::{self, Patch};
use crate::auth::{Access, User};
use crate::error::{ApiError, Result};
use crate::request::body::{Fields, JsonBody};
use crate::request::bulk::{self, Action, Kind, Outcome};
use crate::request::check;
use crate::routes::{Route, route};
use crate::state::App;

pub fn routes() -> Vec<Route> {
    const TASKS: &str = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances";
    vec![
        route(Method::PATCH, "/api/v2/dags/{dag_id}/dagRuns", "bulk_dag_runs", Access::Run, bulk_runs),
        route(Method::PATCH, TASKS, "bulk_task_instances", Access::Run, bulk_tasks),
    ]
}

/// A run of a bulk request.
struct RunEntity {
    dag_id: String,
    run_id: String,
    change: dag_runs::Change,
}

fn read_run(fields: &mut Fields<'_>, mask: &[String], path_dag: &str) -> Option<RunEntity> {
    let run_id = fields.required("dag_run_id", check::text);
    let dag_id = fields.text("dag_id").unwrap_or_else(|| path_dag.to_owned());
    let change = dag_runs::Change::read(fields, mask);
    Some(RunEntity { dag_id, run_id: run_id?, change })
}

/// Entities of deletions are ids or objects; the others are objects.
fn read_any<T>(action: &Action<'_>, id: impl Fn(&str) -> T, read: impl Fn(&mut Fields<'_>) -> Option<T>) -> Result<Vec<T>> {
    let mut items = Vec::with_capacity(action.entities.len());
    let mut issues = Vec::new();
    for (index, entity) in action.entities.iter().enumerate() {
        if let (Kind::Delete, Value::String(text)) = (action.kind, entity) {
            items.push(id(text));
            continue;
        }
        let mut fields = Fields::at(entity, action.entity_loc(index));
        items.extend(read(&mut fields));
        issues.extend(fields.issues());
    }
    if issues.is_empty() { Ok(items) } else { Err(ApiError::Invalid(issues)) }
}

/// Notes what became of one entity; a missing one is left out when that is wanted.
fn note(outcome: &mut Outcome, action: &Action<'_>, id: String, result: Result<()>) {
    match result {
        Ok(()) => outcome.success(action.kind, id),
        Err(ApiError::NotFound(_)) if action.odd == Odd::Skip => {}
        Err(error) => outcome.error(action.kind, &error),
    }
}

fn cannot_create(what: &str) -> ApiError {
    ApiError::BadRequest(format!("Bulk creation of {what} is not supported"))
}

async fn bulk_runs(State(app): State<App>, user: User, Path(dag_id): Path<String>, JsonBody(body): JsonBody) -> Result<Json<Value>> {
    let actions = bulk::actions(&body)?;
    let by_id = |text: &str| RunEntity { dag_id: dag_id.clone(), run_id: text.to_owned(), change: dag_runs::Change::default() };
    let mut read = Vec::with_capacity(actions.len());
    for action in &actions {
        read.push(read_any(action, by_id, |fields| read_run(fields, &action.mask, &dag_id))?);
    }
    let mut outcome = Outcome::default();
    for (action, entities) in actions.iter().zip(read) {
        outcome.touch(action.kind);
        for entity in entities {
            let RunEntity { dag_id, run_id, change } = entity;
            let result = match action.kind {
                Kind::Create => Err(cannot_create("dag runs")),
                Kind::Update => dag_runs::change(&app, &user, &dag_id, &run_id, change).await,
                Kind::Delete => dag_runs::delete_one(&app, &user, &dag_id, &run_id).await,
            };
            note(&mut outcome, action, format!("{dag_id}.{run_id}"), result);
        }
    }
    Ok(Json(outcome.answer()))
}

/// A task instance of a bulk request.
struct TaskEntity {
    dag_id: String,
    run_id: String,
    task_id: String,
    map_index: Option<i32>,
    patch: Patch,
}

fn read_task(fields: &mut Fields<'_>, mask: &[String], (dag_id, run_id): &(String, String)) -> Option<TaskEntity> {
    let task_id = fields.required("task_id", check::text);
    let map_index = fields.int("map_index").map(|index| i32::try_from(index).unwrap_or(i32::MAX));
    let dag_id = fields.text("dag_id").unwrap_or_else(|| dag_id.clone());
    let run_id = fields.text("dag_run_id").unwrap_or_else(|| run_id.clone());
    let patch = Patch::read(fields, mask);
    Some(TaskEntity { dag_id, run_id, task_id: task_id?, map_index, patch })
}

async fn bulk_tasks(
    State(app): State<App>,
    user: User,
    Path(path): Path<(String, String)>,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>> {
    let actions = bulk::actions(&body)?;
    let by_id = |text: &str| TaskEntity {
        dag_id: path.0.clone(),
        run_id: path.1.clone(),
        task_id: text.to_owned(),
        map_index: None,
        patch: Patch::default(),
    };
    let mut read = Vec::with_capacity(actions.len());
    for action in &actions {
        read.push(read_any(action, by_id, |fields| read_task(fields, &action.mask, &path))?);
    }
    let mut outcome = Outcome::default();
    for (action, entities) in actions.iter().zip(read) {
        outcome.touch(action.kind);
        for entity in entities {
            let TaskEntity { dag_id, run_id, task_id, map_index, patch } = entity;
            let id = format!("{dag_id}.{run_id}.{task_id}[{}]", map_index.unwrap_or(-1));
            let path = (dag_id, run_id, task_id);
            let result = match action.kind {
                Kind::Create => Err(cannot_create("task instances")),
                Kind::Update => patch_tasks::patch_one(&app, &user, path, map_index, patch, false).await.map(drop),
                Kind::Delete => patch_tasks::delete_one(&app, &user, path, map_index.unwrap_or(-1)).await,
            };
            note(&mut outcome, action, id, result);
        }
    }
    Ok(Json(outcome.answer()))
}
