//! Tasks of a DAG, as its newest version has them.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use serde_json::{Value, json};

use super::dags;
use crate::answer::task::task;
use crate::auth::Access;
use crate::error::{ApiError, Result};
use crate::request::query::{Query, split_order};
use crate::routes::{Route, route};
use crate::state::App;

pub fn routes() -> Vec<Route> {
    vec![
        route(Method::GET, "/api/v2/dags/{dag_id}/tasks", "get_tasks", Access::Read, list),
        route(Method::GET, "/api/v2/dags/{dag_id}/tasks/{task_id}", "get_task", Access::Read, get),
    ]
}

async fn list(State(app): State<App>, Path(dag_id): Path<String>, query: Query) -> Result<Json<Value>> {
    let dag = dags::find(&app, &dag_id).await?;
    let graph = dags::need_graph(&app, &dag).await?;
    let form = graph.form();
    let mut tasks: Vec<Value> = form.tasks.iter().map(|one| task(form, one)).collect();
    let (key, descending) = split_order(query.get("order_by").unwrap_or("task_id"));
    if tasks.first().is_some_and(|first| first.get(&key).is_none()) {
        return Err(ApiError::BadRequest(format!("'Operator' object has no attribute '{key}'")));
    }
    tasks.sort_by_cached_key(|task| sort_text(&task[&key]));
    if descending {
        tasks.reverse();
    }
    let total = tasks.len();
    Ok(Json(json!({ "tasks": tasks, "total_entries": total })))
}

/// Texts by themselves; numbers so that they sort as numbers.
fn sort_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => format!("{:020.3}", number.as_f64().unwrap_or_default()),
        other => other.to_string(),
    }
}

async fn get(State(app): State<App>, Path((dag_id, task_id)): Path<(String, String)>) -> Result<Json<Value>> {
    let dag = dags::find(&app, &dag_id).await?;
    let graph = dags::need_graph(&app, &dag).await?;
    let form = graph.form();
    let found = form.task(&task_id).ok_or_else(|| ApiError::NotFound(format!("Task with id {task_id} was not found")))?;
    Ok(Json(task(form, found)))
}
