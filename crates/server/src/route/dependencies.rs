//! Why a task instance or a run does not go on.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use serde_json::{Value, json};
use tradewind_queue::why::{Explanation, Question, why_not, why_run_waits};

use super::task_instances::{self, TaskPath};
use super::{dag_runs, marks};
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
        route(
            Method::GET,
            "/api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/dependencies",
            "tradewind_run_dependencies",
            Access::Read,
            get_of_run,
        ),
    ]
}

async fn get(State(app): State<App>, Path(path): Path<TaskPath>, mut query: Query) -> Result<Json<Value>> {
    let map_index = query.map_index();
    query.finish()?;
    of_task(&app, path, map_index).await
}

async fn get_mapped(
    State(app): State<App>,
    Path((dag_id, run_id, task_id, index)): Path<(String, String, String, String)>,
) -> Result<Json<Value>> {
    of_task(&app, (dag_id, run_id, task_id), path_map_index(&index)?).await
}

async fn of_task(app: &App, path: TaskPath, map_index: i32) -> Result<Json<Value>> {
    let run = dag_runs::find(app, &path.0, &path.1).await?;
    let graph = marks::graph_of_run(app, &run).await?;
    // A queued run has no task instances yet: its tasks can be asked about all the same.
    if run.state != "queued" || graph.find(&path.2).is_none() {
        task_instances::find(app, &path, map_index).await?;
    }
    let question = Question { run_pk: run.id, task_id: path.2, map_index, parallelism: app.options().parallelism };
    Ok(answer(why_not(app.store(), graph, &question).await?))
}

async fn get_of_run(State(app): State<App>, Path((dag_id, run_id)): Path<(String, String)>) -> Result<Json<Value>> {
    let run = dag_runs::find(&app, &dag_id, &run_id).await?;
    let graph = marks::graph_of_run(&app, &run).await?;
    Ok(answer(why_run_waits(app.store(), graph, run.id, app.options().parallelism).await?))
}

fn answer(explanation: Explanation) -> Json<Value> {
    Json(json!({ "dependencies": explanation.unmet, "summary": explanation.summary }))
}
