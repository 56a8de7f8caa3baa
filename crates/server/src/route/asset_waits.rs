//! What a DAG that is scheduled by assets waits for.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use serde_json::{Value, json};
use tradewind_queue::awaited::{Waiting, awaited};

use super::dags;
use crate::auth::Access;
use crate::error::Result;
use crate::routes::{Route, route};
use crate::state::App;
use crate::time::Time;

pub fn routes() -> Vec<Route> {
    vec![route(Method::GET, "/api/v2/tradewind/dags/{dag_id}/assets", "tradewind_awaited_assets", Access::Read, get)]
}

async fn get(State(app): State<App>, Path(dag_id): Path<String>) -> Result<Json<Value>> {
    dags::find(&app, &dag_id).await?;
    let waiting = awaited(app.store(), &dag_id).await?;
    Ok(Json(json!({"dag_id": dag_id, "waiting": waiting.as_ref().map(answer)})))
}

fn answer(waiting: &Waiting) -> Value {
    let awaited: Vec<Value> = waiting
        .progress
        .awaited
        .iter()
        .map(|one| {
            let since = waiting.since.get(&one.name).copied().map(Time);
            json!({"kind": one.kind, "name": one.name, "uri": one.uri, "arrived": one.arrived, "since": since})
        })
        .collect();
    json!({
        "is_paused": waiting.is_paused, "condition": waiting.condition, "awaited": awaited, "arrived": waiting.progress.arrived(),
        "total": waiting.progress.awaited.len(), "is_met": waiting.progress.is_met, "open_runs": waiting.open_runs,
        "max_active_runs": waiting.max_active_runs, "sentence": waiting.sentence(),
    })
}
