//! Assets: who makes and who waits for them, their aliases and events. What is queued stands in `asset_queue`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use tradewind_metrics::names;
use tradewind_queue::Change;
use tradewind_store::list::asset::{
    ALIAS_ORDER, AliasView, AssetFilter, AssetView, EVENT_ORDER, EventFilter, EventView, ListAliases, ListAssetEvents, ListAssets, ORDER,
    TakenBy, UseView,
};
use tradewind_store::list::filter::{Listed, Page};
use tradewind_store::step::CreateAssetEvent;
use uuid::Uuid;

use super::dag_runs;
use crate::auth::{Access, User};
use crate::error::{ApiError, Result};
use crate::request::body::{Fields, JsonBody};
use crate::request::filters::path_int;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;
use crate::time::Time;

pub fn routes() -> Vec<Route> {
    const OF_RUN: &str = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/upstreamAssetEvents";
    vec![
        route(Method::GET, "/api/v2/assets", "get_assets", Access::Read, list),
        route(Method::GET, "/api/v2/assets/{asset_id}", "get_asset", Access::Read, get),
        route(Method::GET, "/api/v2/assets/aliases", "get_asset_aliases", Access::Read, list_aliases),
        route(Method::GET, "/api/v2/assets/aliases/{asset_alias_id}", "get_asset_alias", Access::Read, get_alias),
        route(Method::GET, "/api/v2/assets/events", "get_asset_events", Access::Read, list_events),
        route(Method::POST, "/api/v2/assets/events", "create_asset_event", Access::Operate, create_event),
        route(Method::GET, OF_RUN, "get_upstream_asset_events", Access::Read, upstream),
    ]
}

/// The JSON object of a text that the store keeps.
fn object(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!({}))
}

fn alias(view: &AliasView) -> Value {
    json!({"id": view.id, "name": view.name, "group": view.group})
}

fn answer(view: &AssetView) -> Value {
    let asset = &view.asset;
    let of = |kind: &str, with_task: bool| -> Vec<Value> {
        let one = |one: &UseView| {
            let mut shown = json!({"dag_id": one.dag_id, "created_at": Time(one.created_at), "updated_at": Time(one.updated_at)});
            if with_task {
                shown["task_id"] = json!(one.task_id);
            }
            shown
        };
        view.uses.iter().filter(|one| one.kind == kind).map(one).collect()
    };
    json!({
        "id": asset.id, "name": asset.name, "uri": asset.uri, "group": asset.group_name, "extra": object(&asset.extra),
        "created_at": Time(asset.created_at), "updated_at": Time(asset.updated_at),
        "scheduled_dags": of("schedule", false), "producing_tasks": of("outlet", true), "consuming_tasks": of("inlet", true),
        "aliases": view.aliases.iter().map(alias).collect::<Vec<_>>(), "watchers": [],
        "last_asset_event": view.last_event.map(|(id, at)| json!({"id": id, "timestamp": Time(at)})),
    })
}

async fn list(State(app): State<App>, mut query: Query) -> Result<Response> {
    let filter = AssetFilter {
        ids: Vec::new(),
        name: query.patterns("name"),
        uri: query.patterns("uri"),
        dag_ids: query.all("dag_ids"),
        only_active: query.flag("only_active").unwrap_or(true),
    };
    let page = query.page();
    query.finish()?;
    let order = query.order_of(ORDER, "id")?;
    let listed = app.store().run(ListAssets { filter, order, page }).await?;
    let assets: Vec<Value> = listed.rows.iter().map(answer).collect();
    Ok(Json(json!({"assets": assets, "total_entries": listed.total})).into_response())
}

/// The asset with this number.
pub(super) async fn find(app: &App, asset_id: i64) -> Result<AssetView> {
    let filter = AssetFilter { ids: vec![asset_id], ..AssetFilter::default() };
    let listed = app.store().run(ListAssets { filter, order: Vec::new(), page: Page { limit: 1, offset: 0 } }).await?;
    listed.rows.into_iter().next().ok_or_else(|| no_asset(asset_id))
}

fn no_asset(asset_id: i64) -> ApiError {
    ApiError::NotFound(format!("The Asset with ID: `{asset_id}` was not found"))
}

async fn get(State(app): State<App>, Path(asset_id): Path<String>) -> Result<Response> {
    Ok(Json(answer(&find(&app, path_int("asset_id", &asset_id)?).await?)).into_response())
}

async fn list_aliases(State(app): State<App>, mut query: Query) -> Result<Response> {
    let (name, page) = (query.patterns("name"), query.page());
    query.finish()?;
    let order = query.order_of(ALIAS_ORDER, "id")?;
    let listed = app.store().run(ListAliases { ids: Vec::new(), name, order, page }).await?;
    let aliases: Vec<Value> = listed.rows.iter().map(alias).collect();
    Ok(Json(json!({"asset_aliases": aliases, "total_entries": listed.total})).into_response())
}

async fn get_alias(State(app): State<App>, Path(alias_id): Path<String>) -> Result<Response> {
    let id = path_int("asset_alias_id", &alias_id)?;
    let one = ListAliases { ids: vec![id], name: Default::default(), order: Vec::new(), page: Page { limit: 1, offset: 0 } };
    let listed = app.store().run(one).await?;
    let found = listed.rows.first().ok_or_else(|| ApiError::NotFound(format!("The AssetAlias with ID: `{id}` was not found")))?;
    Ok(Json(alias(found)).into_response())
}

fn event(view: &EventView) -> Value {
    let event = &view.event;
    let run = |run: &TakenBy| {
        let time = |at: Option<jiff::Timestamp>| at.map(Time);
        json!({
            "run_id": run.run_id, "dag_id": run.dag_id, "state": run.state, "logical_date": time(run.logical_date),
            "start_date": time(run.start_date), "end_date": time(run.end_date), "data_interval_start": time(run.data_interval_start),
            "data_interval_end": time(run.data_interval_end), "partition_key": null, "triggering": true,
        })
    };
    json!({
        "id": event.id, "asset_id": event.asset_id, "uri": event.uri, "name": event.name, "group": event.group,
        "extra": object(&event.extra), "source_task_id": event.source_task_id, "source_dag_id": event.source_dag_id,
        "source_run_id": event.source_run_id, "source_map_index": event.source_map_index,
        "created_dagruns": view.runs.iter().map(run).collect::<Vec<_>>(), "timestamp": Time(event.timestamp), "partition_key": null,
    })
}

fn events(listed: &Listed<EventView>) -> Response {
    let rows: Vec<Value> = listed.rows.iter().map(event).collect();
    Json(json!({"asset_events": rows, "total_entries": listed.total})).into_response()
}

async fn list_events(State(app): State<App>, mut query: Query) -> Result<Response> {
    let filter = EventFilter {
        asset_id: query.int("asset_id"),
        name: query.patterns("name"),
        source_dag_id: query.text("source_dag_id"),
        source_task_id: query.text("source_task_id"),
        source_run_id: query.text("source_run_id"),
        source_map_index: query.int("source_map_index"),
        timestamp: query.times("timestamp"),
        ..EventFilter::default()
    };
    let page = query.page();
    query.finish()?;
    let order = query.order_of(EVENT_ORDER, "timestamp")?;
    Ok(events(&app.store().run(ListAssetEvents { filter, order, page }).await?))
}

/// The events that made a run.
async fn upstream(State(app): State<App>, Path((dag_id, run_id)): Path<(String, String)>) -> Result<Response> {
    /// Of a run that took more, the first.
    const MOST: i64 = 10_000;
    let run = dag_runs::find(&app, &dag_id, &run_id).await?;
    let filter = EventFilter { run_pk: Some(run.id), ..EventFilter::default() };
    let order = tradewind_store::list::filter::order_key(EVENT_ORDER, "timestamp", false).into_iter().collect();
    Ok(events(&app.store().run(ListAssetEvents { filter, order, page: Page { limit: MOST, offset: 0 } }).await?))
}

async fn create_event(State(app): State<App>, user: User, JsonBody(body): JsonBody) -> Result<Response> {
    let mut fields = Fields::of(&body);
    let asset_id = fields.required("asset_id", crate::request::check::int);
    let mut extra: Map<String, Value> = fields.object("extra").cloned().unwrap_or_default();
    let partition_key = fields.text("partition_key");
    // Teams are not told apart.
    fields.object("access_control");
    fields.finish()?;
    let asset_id = asset_id.unwrap_or_default();
    if partition_key.is_some() {
        return Err(ApiError::BadRequest("Assets have no partitions here: an event takes no partition_key".into()));
    }
    extra.insert("from_rest_api".into(), json!(true));
    let step =
        CreateAssetEvent { asset_id, extra: Value::Object(extra).to_string(), key: format!("api/{}", Uuid::now_v7()), user: user.name };
    let emitted = app.store().run(step).await?.ok_or_else(|| no_asset(asset_id))?;
    names::ASSET_UPDATES.count(1, &[]);
    app.changes().send(Change::Assets { dag_ids: emitted.dags });
    let filter = EventFilter { ids: emitted.events, ..EventFilter::default() };
    let listed = app.store().run(ListAssetEvents { filter, order: Vec::new(), page: Page { limit: 1, offset: 0 } }).await?;
    let written = listed.rows.first().ok_or_else(|| no_asset(asset_id))?;
    Ok(Json(event(written)).into_response())
}
