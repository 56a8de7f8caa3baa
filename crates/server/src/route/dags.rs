//! DAGs: list, get, details, pause, favourites, delete.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tradewind_core::graph::Graph;
use tradewind_queue::Change;
use tradewind_store::list::change::{DagDeleted, DeleteDag, SetPaused};
use tradewind_store::list::dag::{DagFilter, DagView, GetDag, GetDagExtras, ListDags, ORDER};
use tradewind_store::list::filter::Listed;
use tradewind_store::list::small::SetFavorite;

use super::unpause;
use crate::answer::dag::{DagAnswer, DetailExtras, DetailsAnswer};
use crate::auth::{Access, User};
use crate::error::{ApiError, Result};
use crate::file_token;
use crate::request::body::{Fields, JsonBody};
use crate::request::check;
use crate::request::filters::RUN_STATES;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;

pub fn routes() -> Vec<Route> {
    vec![
        route(Method::GET, "/api/v2/dags", "get_dags", Access::Read, list),
        route(Method::PATCH, "/api/v2/dags", "patch_dags", Access::Run, patch_many),
        route(Method::GET, "/api/v2/dags/{dag_id}", "get_dag", Access::Read, get),
        route(Method::PATCH, "/api/v2/dags/{dag_id}", "patch_dag", Access::Run, patch),
        route(Method::DELETE, "/api/v2/dags/{dag_id}", "delete_dag", Access::Run, delete),
        route(Method::GET, "/api/v2/dags/{dag_id}/details", "get_dag_details", Access::Read, details),
        route(Method::POST, "/api/v2/dags/{dag_id}/favorite", "favorite_dag", Access::Read, favorite),
        route(Method::POST, "/api/v2/dags/{dag_id}/unfavorite", "unfavorite_dag", Access::Read, unfavorite),
    ]
}

/// The DAG of a path, or 404.
pub async fn find(app: &App, dag_id: &str) -> Result<DagView> {
    app.store().run(GetDag { dag_id: dag_id.to_owned() }).await?.ok_or_else(|| no_dag(dag_id))
}

/// The newest graph of a DAG.
pub async fn graph_of(app: &App, dag: &DagView) -> Result<Option<Arc<Graph>>> {
    match &dag.content_hash {
        Some(hash) => app.forms().of_hash(hash).await,
        None => Ok(None),
    }
}

/// As [`graph_of`], when nothing can be done without it.
pub async fn need_graph(app: &App, dag: &DagView) -> Result<Arc<Graph>> {
    graph_of(app, dag).await?.ok_or_else(|| ApiError::NotFound(format!("The Dag with ID: `{}` has no stored form", dag.dag_id)))
}

pub fn no_dag(dag_id: &str) -> ApiError {
    ApiError::NotFound(format!("The Dag with ID: `{dag_id}` was not found"))
}

fn read_filter(query: &mut Query, user: &User) -> Result<DagFilter> {
    let match_mode = query.checked("tags_match_mode", |value| check::one_of(&["any", "all"], value));
    let last_run_state = query.checked("last_dag_run_state", |value| check::one_of(RUN_STATES, value));
    Ok(DagFilter {
        tags: query.all("tags"),
        all_tags: match_mode == Some("all"),
        owners: query.all("owners"),
        dag_id: query.patterns("dag_id"),
        dag_display_name: query.patterns("dag_display_name"),
        search: None,
        exclude_stale: query.flag("exclude_stale").unwrap_or(true),
        paused: query.flag("paused"),
        has_import_errors: query.flag("has_import_errors"),
        last_run_state: last_run_state.map(str::to_owned),
        bundle_name: query.text("bundle_name"),
        timetable_types: query.all("timetable_type"),
        run_states: query.choices("dag_run_state", RUN_STATES)?,
        run_start: query.times("dag_run_start_date"),
        run_end: query.times("dag_run_end_date"),
        favorite: query.flag("is_favorite").map(|wanted| (user.name.clone(), wanted)),
        asset_schedule: query.flag("has_asset_schedule"),
        asset_dependency: query.text("asset_dependency"),
    })
}

async fn read_list(app: &App, query: &mut Query, user: &User) -> Result<Listed<DagView>> {
    let filter = read_filter(query, user)?;
    let page = query.page();
    query.finish()?;
    let order = query.order_of(ORDER, "dag_id")?;
    Ok(app.store().run(ListDags { filter, order, page }).await?)
}

async fn answer_list(app: &App, listed: &Listed<DagView>) -> Result<Response> {
    let hashes = listed.rows.iter().filter_map(|dag| dag.content_hash.clone()).collect();
    let graphs = app.forms().of_hashes(hashes).await?;
    let dags: Vec<DagAnswer<'_>> = listed.rows.iter().map(|dag| answer(app, dag, &graphs)).collect();
    Ok(Json(json!({ "dags": dags, "total_entries": listed.total })).into_response())
}

fn answer<'a>(app: &App, dag: &'a DagView, graphs: &HashMap<String, Arc<Graph>>) -> DagAnswer<'a> {
    let graph = dag.content_hash.as_ref().and_then(|hash| graphs.get(hash));
    DagAnswer::new(dag, graph.map(|graph| &**graph.form()), token(app, dag))
}

fn token(app: &App, dag: &DagView) -> String {
    file_token::issue(&app.options().jwt_secret, &dag.relative_fileloc)
}

async fn list(State(app): State<App>, user: User, mut query: Query) -> Result<Response> {
    let listed = read_list(&app, &mut query, &user).await?;
    answer_list(&app, &listed).await
}

async fn get(State(app): State<App>, Path(dag_id): Path<String>) -> Result<Response> {
    let dag = find(&app, &dag_id).await?;
    let graph = graph_of(&app, &dag).await?;
    Ok(Json(DagAnswer::new(&dag, graph.as_ref().map(|graph| &**graph.form()), token(&app, &dag))).into_response())
}

async fn details(State(app): State<App>, user: User, Path(dag_id): Path<String>) -> Result<Response> {
    let dag = find(&app, &dag_id).await?;
    let graph = need_graph(&app, &dag).await?;
    let (is_favorite, active_runs_count) = app.store().run(GetDagExtras { dag_id, username: user.name }).await?;
    let extras = DetailExtras { is_favorite, active_runs_count, file_token: token(&app, &dag) };
    Ok(Json(DetailsAnswer::new(&dag, graph.form(), extras)).into_response())
}

/// How `is_paused` is to change.
#[derive(Clone, Copy)]
enum Pausing {
    Pause,
    Unpause,
    /// Unpauses and passes over what was missed.
    FromNow,
}

/// `is_paused` of a body, with `from_now` of the query; `update_mask` may name nothing else.
fn read_patch(query: &mut Query, body: &Value) -> Result<Option<Pausing>> {
    let mut fields = Fields::of(body);
    let is_paused = fields.required("is_paused", check::boolean);
    fields.finish()?;
    let mask = query.all("update_mask");
    if mask.iter().any(|name| name != "is_paused") {
        return Err(ApiError::BadRequest("Only `is_paused` field can be updated through the REST API".into()));
    }
    let from_now = query.flag("from_now").unwrap_or(false);
    query.finish()?;
    match (is_paused, from_now) {
        (Some(true), true) => Err(ApiError::BadRequest("`from_now` goes with `is_paused` false: it passes over what was missed".into())),
        (None, _) => Ok(None),
        (Some(true), false) => Ok(Some(Pausing::Pause)),
        (Some(false), false) => Ok(Some(Pausing::Unpause)),
        (Some(false), true) => Ok(Some(Pausing::FromNow)),
    }
}

async fn pause(app: &App, user: &User, dag_ids: Vec<String>, pausing: Pausing) -> Result<()> {
    let is_paused = match pausing {
        Pausing::Pause => true,
        Pausing::Unpause => false,
        Pausing::FromNow => {
            for dag_id in dag_ids {
                unpause::from_now(app, user, &dag_id).await?;
            }
            return Ok(());
        }
    };
    let changed = app.store().run(SetPaused { dag_ids, is_paused, user: user.name.clone() }).await?;
    for dag_id in changed {
        app.changes().send(Change::Dag { dag_id });
    }
    Ok(())
}

async fn patch(
    State(app): State<App>,
    user: User,
    Path(dag_id): Path<String>,
    mut query: Query,
    JsonBody(body): JsonBody,
) -> Result<Response> {
    let pausing = read_patch(&mut query, &body)?;
    find(&app, &dag_id).await?;
    if let Some(pausing) = pausing {
        pause(&app, &user, vec![dag_id.clone()], pausing).await?;
    }
    get(State(app), Path(dag_id)).await
}

async fn patch_many(State(app): State<App>, user: User, mut query: Query, JsonBody(body): JsonBody) -> Result<Response> {
    let pausing = read_patch(&mut query, &body)?;
    let mut listed = read_list(&app, &mut query, &user).await?;
    if let Some(pausing) = pausing {
        let ids = listed.rows.iter().map(|dag| dag.dag_id.clone()).collect();
        pause(&app, &user, ids, pausing).await?;
        for dag in &mut listed.rows {
            dag.is_paused = matches!(pausing, Pausing::Pause);
        }
    }
    answer_list(&app, &listed).await
}

async fn delete(State(app): State<App>, user: User, Path(dag_id): Path<String>) -> Result<StatusCode> {
    match app.store().run(DeleteDag { dag_id: dag_id.clone(), user: user.name }).await? {
        DagDeleted::Done => {
            app.changes().send(Change::Dag { dag_id });
            Ok(StatusCode::NO_CONTENT)
        }
        DagDeleted::NoDag => Err(no_dag(&dag_id)),
        DagDeleted::Busy => Err(ApiError::Conflict(format!("Task instances of dag with id: '{dag_id}' are still running"))),
    }
}

async fn favorite(State(app): State<App>, user: User, Path(dag_id): Path<String>) -> Result<StatusCode> {
    find(&app, &dag_id).await?;
    app.store().run(SetFavorite { username: user.name, dag_id, favorite: true }).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn unfavorite(State(app): State<App>, user: User, Path(dag_id): Path<String>) -> Result<StatusCode> {
    find(&app, &dag_id).await?;
    if !app.store().run(SetFavorite { username: user.name, dag_id, favorite: false }).await? {
        return Err(ApiError::Conflict("Dag is not marked as favorite".into()));
    }
    Ok(StatusCode::NO_CONTENT)
}
