//! Why a task instance does not run yet.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use serde_json::{Value, json};
use tradewind_core::deps::{Dep, Unmet};
use tradewind_queue::why::{Question, why_not};

use super::task_instances::{self, TaskPath};
use super::{dag_runs, dags, marks};
use crate::auth::Access;
use crate::error::Result;
use crate::request::filters::path_map_index;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;

pub fn routes() -> Vec<Route> {
    vec![
        route(
            Method::GET,
            "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/dependencies",
            "get_task_instance_dependencies",
            Access::Read,
            get,
        ),
        route(
            Method::GET,
            "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/dependencies",
            "get_task_instance_dependencies_by_map_index",
            Access::Read,
            get_mapped,
        ),
    ]
}

async fn get(State(app): State<App>, Path(path): Path<TaskPath>, mut query: Query) -> Result<Json<Value>> {
    let map_index = query.map_index();
    query.finish()?;
    answer(&app, path, map_index).await
}

async fn get_mapped(
    State(app): State<App>,
    Path((dag_id, run_id, task_id, index)): Path<(String, String, String, String)>,
) -> Result<Json<Value>> {
    answer(&app, (dag_id, run_id, task_id), path_map_index(&index)?).await
}

async fn answer(app: &App, path: TaskPath, map_index: i32) -> Result<Json<Value>> {
    let run = dag_runs::find(app, &path.0, &path.1).await?;
    let graph = marks::graph_of_run(app, &run).await?;
    // A queued run has no task instances yet: its tasks can be asked about all the same.
    let queued = run.state == "queued" && graph.find(&path.2).is_some();
    let found = task_instances::find(app, &path, map_index).await;
    if !queued {
        let state = found?.state;
        // What has been handed over or has ended has nothing to wait for.
        if !matches!(state.as_deref(), None | Some("scheduled" | "up_for_retry" | "up_for_reschedule")) {
            return Ok(Json(json!({ "dependencies": [] })));
        }
    }
    let question = Question { run_pk: run.id, task_id: path.2, map_index, parallelism: app.options().parallelism };
    let mut unmet = why_not(app.store(), graph, &question).await?;
    if queued && dags::find(app, &path.0).await?.is_paused {
        unmet.push(Unmet::new(Dep::DagNotPaused, format!("the DAG `{}` is paused", path.0)));
    }
    Ok(Json(json!({ "dependencies": unmet })))
}
