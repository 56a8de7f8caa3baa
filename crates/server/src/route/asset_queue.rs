//! Assets that were updated since the last run of a DAG that waits for them: shown, and forgotten.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tradewind_queue::Change;
use tradewind_store::list::asset::{DeleteQueued, ListQueued, QueueFilter, QueuedView};

use super::{dags, marks};
use crate::auth::{Access, User};
use crate::error::{ApiError, Result};
use crate::request::filters::path_int;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;
use crate::time::Time;

pub fn routes() -> Vec<Route> {
    const OF_ASSET: &str = "/api/v2/assets/{asset_id}/queuedEvents";
    const OF_DAG: &str = "/api/v2/dags/{dag_id}/assets/queuedEvents";
    const OF_BOTH: &str = "/api/v2/dags/{dag_id}/assets/{asset_id}/queuedEvents";
    vec![
        route(Method::GET, OF_ASSET, "get_asset_queued_events", Access::Read, of_asset),
        route(Method::DELETE, OF_ASSET, "delete_asset_queued_events", Access::Operate, forget_asset),
        route(Method::GET, OF_DAG, "get_dag_asset_queued_events", Access::Read, of_dag),
        route(Method::DELETE, OF_DAG, "delete_dag_asset_queued_events", Access::Operate, forget_dag),
        route(Method::GET, OF_BOTH, "get_dag_asset_queued_event", Access::Read, of_both),
        route(Method::DELETE, OF_BOTH, "delete_dag_asset_queued_event", Access::Operate, forget_both),
    ]
}

fn answer(view: &QueuedView) -> Value {
    json!({
        "dag_id": view.dag_id, "dag_display_name": view.dag_display_name, "asset_id": view.asset_id, "created_at": Time(view.created_at),
    })
}

fn filter(mut query: Query, dag_id: Option<String>, asset_id: Option<&str>) -> Result<QueueFilter> {
    let before = query.datetime("before");
    query.finish()?;
    Ok(QueueFilter { dag_id, asset_id: asset_id.map(|text| path_int("asset_id", text)).transpose()?, before })
}

async fn listed(app: &App, filter: QueueFilter) -> Result<Response> {
    let rows = app.store().run(ListQueued(filter)).await?;
    let events: Vec<Value> = rows.iter().map(answer).collect();
    Ok(Json(json!({"queued_events": events, "total_entries": events.len()})).into_response())
}

/// What a request that found nothing is told.
fn nothing(filter: &QueueFilter) -> ApiError {
    let named = [
        filter.dag_id.as_ref().map(|dag_id| format!("dag_id: `{dag_id}`")),
        filter.asset_id.map(|asset_id| format!("asset_id: `{asset_id}`")),
    ];
    let named: Vec<String> = named.into_iter().flatten().collect();
    ApiError::NotFound(format!("Queue event with {} was not found", named.join(" and ")))
}

async fn forget(app: &App, user: &User, operation: &str, filter: QueueFilter) -> Result<Response> {
    let mut event = marks::event(operation, user, "", None, None);
    event.dag_id = filter.dag_id.clone();
    event.extra = filter.asset_id.map(|asset_id| json!({"asset_id": asset_id}).to_string());
    let missing = nothing(&filter);
    let dag_id = filter.dag_id.clone();
    if app.store().run(DeleteQueued { filter, event }).await? == 0 {
        return Err(missing);
    }
    app.changes().send(Change::Assets { dag_ids: dag_id.into_iter().collect() });
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn of_asset(State(app): State<App>, Path(asset_id): Path<String>, query: Query) -> Result<Response> {
    listed(&app, filter(query, None, Some(&asset_id))?).await
}

async fn forget_asset(State(app): State<App>, user: User, Path(asset_id): Path<String>, query: Query) -> Result<Response> {
    forget(&app, &user, "delete_asset_queued_events", filter(query, None, Some(&asset_id))?).await
}

async fn of_dag(State(app): State<App>, Path(dag_id): Path<String>, query: Query) -> Result<Response> {
    listed(&app, filter(query, Some(dag_id), None)?).await
}

async fn forget_dag(State(app): State<App>, user: User, Path(dag_id): Path<String>, query: Query) -> Result<Response> {
    dags::find(&app, &dag_id).await?;
    forget(&app, &user, "delete_dag_asset_queued_events", filter(query, Some(dag_id), None)?).await
}

async fn of_both(State(app): State<App>, Path((dag_id, asset_id)): Path<(String, String)>, query: Query) -> Result<Response> {
    let filter = filter(query, Some(dag_id), Some(&asset_id))?;
    let missing = nothing(&filter);
    let rows = app.store().run(ListQueued(filter)).await?;
    Ok(Json(answer(rows.first().ok_or(missing)?)).into_response())
}

async fn forget_both(
    State(app): State<App>,
    user: User,
    Path((dag_id, asset_id)): Path<(String, String)>,
    query: Query,
) -> Result<Response> {
    dags::find(&app, &dag_id).await?;
    forget(&app, &user, "delete_dag_asset_queued_event", filter(query, Some(dag_id), Some(&asset_id))?).await
}
