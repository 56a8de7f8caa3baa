//! Backfills: made, told beforehand, listed, paused, cancelled.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use tradewind_queue::backfills::{self, BackfillError, Wanted};
use tradewind_queue::{Change, RunChange};
use tradewind_store::list::backfill::{ListBackfills, ORDER};
use tradewind_store::step::{BackfillOutcome, Reprocess};
use tradewind_store::table::backfill::{Backfill, BackfillAct, BackfillChanged, ChangeBackfill, GetBackfill, GetBackfillProgress};

use super::dags;
use crate::auth::{Access, User};
use crate::error::{ApiError, Result};
use crate::params;
use crate::request::body::{Fields, JsonBody};
use crate::request::check;
use crate::request::filters::path_int;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;
use crate::time::Time;

const BEHAVIORS: &[&str] = &["failed", "completed", "none"];

pub fn routes() -> Vec<Route> {
    const ONE: &str = "/api/v2/backfills/{backfill_id}";
    vec![
        route(Method::GET, "/api/v2/backfills", "list_backfills", Access::Read, list),
        route(Method::POST, "/api/v2/backfills", "create_backfill", Access::Run, create),
        route(Method::POST, "/api/v2/backfills/dry_run", "create_backfill_dry_run", Access::Run, dry_run),
        route(Method::GET, ONE, "get_backfill", Access::Read, get),
        route(Method::PUT, "/api/v2/backfills/{backfill_id}/pause", "pause_backfill", Access::Run, pause),
        route(Method::PUT, "/api/v2/backfills/{backfill_id}/unpause", "unpause_backfill", Access::Run, unpause),
        route(Method::PUT, "/api/v2/backfills/{backfill_id}/cancel", "cancel_backfill", Access::Run, cancel),
        route(Method::GET, "/api/v2/tradewind/backfills/{backfill_id}/progress", "tradewind_backfill_progress", Access::Read, progress),
    ]
}

#[derive(Serialize)]
struct BackfillAnswer {
    id: i64,
    dag_id: String,
    from_date: Time,
    to_date: Time,
    dag_run_conf: Option<Value>,
    is_paused: bool,
    reprocess_behavior: String,
    max_active_runs: i64,
    created_at: Time,
    completed_at: Option<Time>,
    updated_at: Time,
    dag_display_name: String,
}

async fn answer(app: &App, backfill: Backfill) -> Result<BackfillAnswer> {
    let dag = app.store().run(tradewind_store::list::dag::GetDag { dag_id: backfill.dag_id.clone() }).await?;
    Ok(BackfillAnswer {
        id: backfill.id,
        dag_display_name: dag.map_or_else(|| backfill.dag_id.clone(), |dag| dag.dag_display_name),
        dag_id: backfill.dag_id,
        from_date: Time(backfill.from_date),
        to_date: Time(backfill.to_date),
        dag_run_conf: serde_json::from_str(&backfill.dag_run_conf).ok(),
        is_paused: backfill.is_paused,
        reprocess_behavior: backfill.reprocess_behavior,
        max_active_runs: backfill.max_active_runs,
        created_at: Time(backfill.created_at),
        completed_at: backfill.completed_at.map(Time),
        updated_at: Time(backfill.updated_at),
    })
}

async fn list(State(app): State<App>, mut query: Query) -> Result<Json<Value>> {
    let (page, active) = (query.page(), query.flag("active"));
    let dag_id = query.text("dag_id");
    query.finish()?;
    let order = query.order_of(ORDER, "id")?;
    let listed = app.store().run(ListBackfills { dag_id, active, order, page }).await?;
    let mut answers = Vec::with_capacity(listed.rows.len());
    for row in listed.rows {
        answers.push(answer(&app, row).await?);
    }
    Ok(Json(json!({"backfills": answers, "total_entries": listed.total})))
}

fn missing(id: i64) -> ApiError {
    ApiError::NotFound(format!("Backfill with ID {id} not found"))
}

async fn find(app: &App, id: &str) -> Result<Backfill> {
    let id = path_int("backfill_id", id)?;
    app.store().run(GetBackfill { id }).await?.ok_or_else(|| missing(id))
}

async fn get(State(app): State<App>, Path(id): Path<String>) -> Result<Json<BackfillAnswer>> {
    let found = find(&app, &id).await?;
    answer(&app, found).await.map(Json)
}

async fn progress(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Value>> {
    let found = find(&app, &id).await?;
    let counts = app.store().run(GetBackfillProgress { id: found.id }).await?;
    Ok(Json(json!({
        "queued": counts.queued, "running": counts.running, "success": counts.success, "failed": counts.failed, "skipped": counts.skipped,
    })))
}

/// What a client asks for.
struct Asked {
    dag_id: String,
    from_date: Timestamp,
    to_date: Timestamp,
    run_backwards: bool,
    conf: Map<String, Value>,
    behavior: &'static str,
    max_active_runs: i64,
    latest_version: bool,
}

fn read(body: &Value) -> Result<Asked> {
    let mut fields = Fields::of(body);
    let dag_id = fields.required("dag_id", check::text);
    let from_date = fields.required("from_date", check::datetime);
    let to_date = fields.required("to_date", check::datetime);
    let run_backwards = fields.flag("run_backwards", false);
    let conf = fields.object("dag_run_conf").cloned().unwrap_or_default();
    let behavior = fields.not_null("reprocess_behavior", |value| check::one_of(BEHAVIORS, value)).unwrap_or("none");
    let max_active_runs = fields.not_null("max_active_runs", |value| check::at_least(1, check::int(value)?)).unwrap_or(10);
    let latest_version = fields.checked("run_on_latest_version", check::boolean).unwrap_or(true);
    fields.finish()?;
    // What `finish` has let through is there.
    let absent = || ApiError::Internal("a field of a backfill is missing".into());
    Ok(Asked {
        dag_id: dag_id.ok_or_else(absent)?,
        from_date: from_date.ok_or_else(absent)?,
        to_date: to_date.ok_or_else(absent)?,
        run_backwards,
        conf,
        behavior,
        max_active_runs,
        latest_version,
    })
}

async fn ask(app: &App, user: &User, body: &Value, dry_run: bool) -> Result<BackfillOutcome> {
    let asked = read(body)?;
    let dag = dags::find(app, &asked.dag_id).await?;
    let graph = dags::need_graph(app, &dag).await?;
    params::check(&graph.form().params, &asked.conf).map_err(ApiError::BadRequest)?;
    let wanted = Wanted {
        from_date: asked.from_date,
        to_date: asked.to_date,
        conf: asked.conf,
        reprocess: reprocess(asked.behavior),
        max_active_runs: u32::try_from(asked.max_active_runs).unwrap_or(u32::MAX),
        run_backwards: asked.run_backwards,
        latest_version: asked.latest_version,
        user: user.name.clone(),
        dry_run,
    };
    match backfills::create(app.store(), Some(app.changes()), graph.form(), wanted).await? {
        BackfillOutcome::Active { id } => {
            Err(ApiError::Conflict(format!("There is already a running backfill for dag {}: it has the ID {id}", asked.dag_id)))
        }
        BackfillOutcome::NoDag => Err(dags::no_dag(&asked.dag_id)),
        BackfillOutcome::StaleDag => Err(ApiError::NotFound(format!("The Dag with ID: `{}` is in no file any more", asked.dag_id))),
        made => Ok(made),
    }
}

fn reprocess(behavior: &str) -> Reprocess {
    match behavior {
        "failed" => Reprocess::Failed,
        "completed" => Reprocess::Completed,
        _ => Reprocess::None,
    }
}

impl From<BackfillError> for ApiError {
    fn from(error: BackfillError) -> Self {
        match error {
            BackfillError::Store(error) => error.into(),
            BackfillError::Ask(error) => error.into(),
            error => Self::Unprocessable(error.to_string()),
        }
    }
}

async fn create(State(app): State<App>, user: User, JsonBody(body): JsonBody) -> Result<Json<BackfillAnswer>> {
    match ask(&app, &user, &body, false).await? {
        BackfillOutcome::Created(made) => answer(&app, *made).await.map(Json),
        other => Err(ApiError::Internal(format!("a backfill was made as {other:?}"))),
    }
}

async fn dry_run(State(app): State<App>, user: User, JsonBody(body): JsonBody) -> Result<Json<Value>> {
    match ask(&app, &user, &body, true).await? {
        BackfillOutcome::Planned(dates) => {
            let run = |date: &Timestamp| json!({"logical_date": Time(*date), "partition_key": null, "partition_date": null});
            Ok(Json(json!({"backfills": dates.iter().map(run).collect::<Vec<_>>(), "total_entries": dates.len()})))
        }
        other => Err(ApiError::Internal(format!("a backfill was told as {other:?}"))),
    }
}

async fn pause(State(app): State<App>, user: User, Path(id): Path<String>) -> Result<Json<BackfillAnswer>> {
    change(&app, &user, &id, BackfillAct::Pause).await
}

async fn unpause(State(app): State<App>, user: User, Path(id): Path<String>) -> Result<Json<BackfillAnswer>> {
    change(&app, &user, &id, BackfillAct::Unpause).await
}

async fn cancel(State(app): State<App>, user: User, Path(id): Path<String>) -> Result<Json<BackfillAnswer>> {
    change(&app, &user, &id, BackfillAct::Cancel).await
}

async fn change(app: &App, user: &User, id: &str, act: BackfillAct) -> Result<Json<BackfillAnswer>> {
    let id = path_int("backfill_id", id)?;
    match app.store().run(ChangeBackfill { id, act, user: user.name.clone() }).await? {
        BackfillChanged::Done(backfill, ended) => {
            for run in ended {
                let (dag_id, run_id) = (run.dag_id.to_string(), run.run_id.to_string());
                app.changes().send(Change::RunState { dag_id, run_id, state: run.state.to_string() });
                app.changes().send(Change::Run { run_pk: run.run_pk, seq: run.change_seq, what: RunChange::Reload });
            }
            app.changes().send(Change::Dag { dag_id: backfill.dag_id.clone() });
            answer(app, *backfill).await.map(Json)
        }
        BackfillChanged::Completed => Err(ApiError::Conflict("Backfill is already completed.".into())),
        BackfillChanged::NoBackfill => Err(missing(id)),
    }
}
