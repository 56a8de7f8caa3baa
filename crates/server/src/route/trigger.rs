//! Triggering a run, and waiting for its end.

use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tradewind_core::graph::Graph;
use tradewind_core::run_id::{RunType, run_id as name_of_run};
use tradewind_queue::Change;
use tradewind_queue::timetables::{AskError, infer_manual};
use tradewind_store::list::change::TriggerLogged;
use tradewind_store::list::dag::DagView;
use tradewind_store::list::dag_run::{GetRun, RunView};
use tradewind_store::list::filter::Page;
use tradewind_store::list::xcom::{ListXComs, XComFilter};
use tradewind_store::step::{Existing, NewRun, TriggerOutcome, TriggerRun};
use tradewind_store::table::event_log::NewEvent;

use super::{assets, dag_runs, dags, marks};
use crate::answer::dag_run::RunAnswer;
use crate::auth::{Access, User};
use crate::error::{ApiError, Result};
use crate::params;
use crate::request::body::{Fields, JsonBody, json as json_body};
use crate::request::check;
use crate::request::filters::path_int;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;

pub fn routes() -> Vec<Route> {
    vec![
        route(Method::POST, "/api/v2/dags/{dag_id}/dagRuns", "trigger_dag_run", Access::Run, trigger),
        route(Method::POST, "/api/v2/assets/{asset_id}/materialize", "materialize_asset", Access::Operate, materialize),
        route(Method::GET, "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/wait", "wait_dag_run_until_finished", Access::Read, wait),
    ]
}

/// What a client asked for.
#[derive(Clone)]
struct Wanted {
    run_id: Option<String>,
    logical_date: Option<Timestamp>,
    interval: Option<(Timestamp, Timestamp)>,
    run_after: Option<Timestamp>,
    conf: Map<String, Value>,
    note: Option<String>,
}

/// `needs_date`: the logical date must be said, be it null.
fn read(body: &Value, needs_date: bool) -> Result<Wanted> {
    let mut fields = Fields::of(body);
    let run_id = fields.text("dag_run_id");
    let start = fields.datetime("data_interval_start");
    let end = fields.datetime("data_interval_end");
    // Null is a value here: no logical date.
    let date = |value: &Value| if value.is_null() { Ok(None) } else { check::datetime(value).map(Some) };
    let logical_date = if needs_date { fields.required("logical_date", date).flatten() } else { fields.datetime("logical_date") };
    let run_after = fields.datetime("run_after");
    let conf = fields.object("conf").cloned().unwrap_or_default();
    let note = fields.note();
    let partition_key = fields.text("partition_key");
    if start.is_some() != end.is_some() {
        fields.reject("Either both data_interval_start and data_interval_end must be provided or both must be None");
    }
    fields.finish()?;
    if partition_key.is_some() {
        return Err(ApiError::BadRequest("The Dag is not partitioned: it takes no partition_key".into()));
    }
    Ok(Wanted { run_id, logical_date, interval: start.zip(end), run_after, conf, note })
}

async fn trigger(
    State(app): State<App>,
    user: User,
    Path(dag_id): Path<String>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response> {
    let wanted = read(&body, true)?;
    start(&app, &user, &dag_id, &headers, RunType::Manual, wanted, &body).await
}

/// Starts a run of the DAG that makes an asset.
async fn materialize(
    State(app): State<App>,
    user: User,
    Path(asset_id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response> {
    let body = if bytes.iter().all(u8::is_ascii_whitespace) { json!({}) } else { json_body(&bytes)? };
    let wanted = read(&body, false)?;
    let asset = assets::find(&app, path_int("asset_id", &asset_id)?).await?;
    let mut makers: Vec<&str> = asset.uses.iter().filter(|one| one.kind == "outlet").map(|one| one.dag_id.as_str()).collect();
    makers.dedup();
    match makers.as_slice() {
        [] => Err(ApiError::NotFound(format!("No DAG materializes asset with ID: {asset_id}"))),
        [dag_id] => start(&app, &user, dag_id, &headers, RunType::AssetMaterialization, wanted, &body).await,
        several => {
            let names = several.join(", ");
            Err(ApiError::Conflict(format!("More than one DAG materializes asset with ID: {asset_id} ({names}); trigger one of them")))
        }
    }
}

/// Makes a run that a client asks for.
async fn start(
    app: &App,
    user: &User,
    dag_id: &str,
    headers: &HeaderMap,
    run_type: RunType,
    wanted: Wanted,
    body: &Value,
) -> Result<Response> {
    let dag = dags::find(app, dag_id).await?;
    if dag.has_import_errors {
        return Err(ApiError::BadRequest(format!("Dag with dag_id: '{dag_id}' has import errors and cannot be triggered")));
    }
    let graph = dags::need_graph(app, &dag).await?;
    params::check(&graph.form().params, &wanted.conf).map_err(ApiError::BadRequest)?;
    if let Some(run_id) = &wanted.run_id {
        check_run_id(app, run_id, run_type)?;
    }
    let triggered_by = if headers.contains_key(header::REFERER) { "ui" } else { "rest_api" };
    let is_named = wanted.run_id.is_some() || wanted.run_after.is_some() || wanted.logical_date.is_some();
    let run = plan(app, &graph, wanted.clone(), run_type, triggered_by, user).await?;
    let mut outcome = insert(app, user, dag_id, run_type, run, body).await?;
    // Somebody else asked for a run in the same microsecond, of which its name is made.
    if matches!(outcome, TriggerOutcome::Exists(Existing::RunId)) && !is_named {
        let run = plan(app, &graph, wanted, run_type, triggered_by, user).await?;
        outcome = insert(app, user, dag_id, run_type, run, body).await?;
    }
    let created = match outcome {
        TriggerOutcome::Created(created) => created,
        TriggerOutcome::Exists(key) => return Err(ApiError::Exists(format!("dag_run: {key:?} of {dag_id} is taken"))),
        TriggerOutcome::NoDag => return Err(dags::no_dag(dag_id)),
        TriggerOutcome::StaleDag => {
            return Err(ApiError::NotFound(format!("The Dag with ID: `{dag_id}` is in no file any more")));
        }
    };
    let view = view_of(&created, dag);
    app.changes().send(Change::RunQueued { dag_id: view.dag_id.clone(), run_pk: view.id });
    app.changes().send(Change::RunState { dag_id: view.dag_id.clone(), run_id: view.run_id.clone(), state: view.state.clone() });
    Ok(Json(RunAnswer::from(&view)).into_response())
}

async fn insert(app: &App, user: &User, dag_id: &str, run_type: RunType, run: NewRun, body: &Value) -> Result<TriggerOutcome> {
    let event = NewEvent { extra: Some(body.to_string()), ..marks::event(operation(run_type), user, dag_id, None, None) };
    Ok(app.store().run(TriggerLogged { trigger: TriggerRun { dag_id: dag_id.to_owned(), run }, event }).await?)
}

/// What the event log calls it.
fn operation(run_type: RunType) -> &'static str {
    if run_type == RunType::AssetMaterialization { "materialize_asset" } else { "trigger_dag_run" }
}

/// The run to insert: dates, interval and id as the reference has them.
async fn plan(app: &App, graph: &Graph, wanted: Wanted, run_type: RunType, triggered_by: &str, user: &User) -> Result<NewRun> {
    let run_after = wanted.run_after.unwrap_or_else(|| app.store().now());
    let logical_date = graph.form().manual_date(wanted.logical_date, run_after);
    let interval = match (logical_date, wanted.interval) {
        (None, _) => None,
        (Some(_), Some(interval)) => Some(interval),
        (Some(date), None) => Some(infer(app, graph, date).await?),
    };
    Ok(NewRun {
        run_id: wanted.run_id.unwrap_or_else(|| name_of_run(run_type, run_after, None)),
        run_type: run_type.as_str().into(),
        logical_date,
        data_interval_start: interval.map(|(start, _)| start),
        data_interval_end: interval.map(|(_, end)| end),
        run_after,
        conf: Value::Object(wanted.conf).to_string(),
        triggered_by: triggered_by.into(),
        triggering_user_name: Some(user.name.clone()),
        note: wanted.note,
    })
}

/// The data interval the timetable gives to a run by hand at `date`.
async fn infer(app: &App, graph: &Graph, date: Timestamp) -> Result<(Timestamp, Timestamp)> {
    match infer_manual(app.store(), Some(app.changes()), graph.form(), date).await {
        Ok(interval) => Ok((interval.start, interval.end)),
        Err(AskError::Timetable(error)) => Err(ApiError::BadRequest(format!("no data interval for {date}: {error}"))),
        Err(error) => Err(error.into()),
    }
}

impl From<AskError> for ApiError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Store(error) => error.into(),
            AskError::Form { .. } | AskError::Answer { .. } => Self::Internal(error.to_string()),
            AskError::Timetable(_) | AskError::Failed { .. } => Self::BadRequest(error.to_string()),
            AskError::NoAnswer { .. } => Self::Elsewhere(error.to_string()),
        }
    }
}

/// Run ids of clients follow the pattern, hide no path, and do not pose as runs of another type.
fn check_run_id(app: &App, run_id: &str, run_type: RunType) -> Result<()> {
    if !app.allowed_run_id().is_match(run_id) {
        let pattern = &app.options().allowed_run_id_pattern;
        return Err(ApiError::BadRequest(format!("The run_id provided '{run_id}' does not match regex pattern '{pattern}'")));
    }
    if run_id.contains("..") {
        return Err(ApiError::BadRequest(format!("The run_id provided '{run_id}' must not contain '..'")));
    }
    let posing = ["scheduled", "backfill", "asset_triggered", "asset_materialization", "operator_triggered"];
    if let Some(kind) = posing.iter().filter(|kind| **kind != run_type.as_str()).find(|kind| run_id.starts_with(&format!("{kind}__"))) {
        return Err(ApiError::BadRequest(format!("A manual DAG run cannot use ID {run_id} since it is reserved for {kind} runs")));
    }
    Ok(())
}

/// The answer's rows, without reading them again.
fn view_of(run: &tradewind_store::table::dag_run::DagRun, dag: DagView) -> RunView {
    let micros = |time: Option<Timestamp>| time.map(Timestamp::as_microsecond);
    RunView {
        id: run.id,
        dag_id: run.dag_id.to_string(),
        run_id: run.run_id.to_string(),
        run_type: run.run_type.clone(),
        state: run.state.to_string(),
        logical_date: micros(run.logical_date),
        data_interval_start: micros(run.data_interval_start),
        data_interval_end: micros(run.data_interval_end),
        run_after: run.run_after.as_microsecond(),
        queued_at: micros(run.queued_at),
        start_date: micros(run.start_date),
        end_date: micros(run.end_date),
        triggered_by: run.triggered_by.clone(),
        triggering_user_name: run.triggering_user_name.clone(),
        conf: run.conf.clone(),
        note: run.note.clone(),
        last_scheduling_decision: micros(run.last_scheduling_decision),
        updated_at: run.updated_at.as_microsecond(),
        dag_display_name: dag.dag_display_name,
        version_id: run.version_id,
        version: dag.version,
    }
}

/// What a waiting client is told next.
struct Waiter {
    app: App,
    run: GetRun,
    interval: Duration,
    results: Vec<String>,
    first: bool,
    done: bool,
}

/// One line of JSON per poll until the run has ended; the last one with the results that were asked for.
async fn wait(State(app): State<App>, Path((dag_id, run_id)): Path<(String, String)>, mut query: Query) -> Result<Response> {
    let interval = query.required("interval", |value| {
        let seconds = check::float(value)?;
        if seconds > 0.0 && seconds.is_finite() {
            return Ok(seconds);
        }
        Err(check::Finding::new("greater_than", "Input should be greater than 0").with(json!({ "gt": 0.0 })))
    });
    query.finish()?;
    dag_runs::find(&app, &dag_id, &run_id).await?;
    let interval = Duration::from_secs_f64(interval.unwrap_or(1.0).clamp(0.01, 3_600.0));
    let waiter = Waiter { app, run: GetRun { dag_id, run_id }, interval, results: query.all("result"), first: true, done: false };
    let lines = stream::unfold(waiter, |mut waiter| async move {
        let line = waiter.line().await?;
        Some((Ok::<_, std::convert::Infallible>(Bytes::from(line)), waiter))
    });
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response())
}

impl Waiter {
    async fn line(&mut self) -> Option<String> {
        if self.done {
            return None;
        }
        if !std::mem::take(&mut self.first) {
            let mut closing = self.app.closing();
            tokio::select! {
                () = tokio::time::sleep(self.interval) => {}
                _ = closing.wait_for(|closing| *closing) => return None,
            }
        }
        let Ok(Some(run)) = self.app.store().run(self.run.clone()).await else {
            self.done = true;
            return None;
        };
        self.done = matches!(run.state.as_str(), "success" | "failed");
        let mut line = json!({ "state": run.state });
        if self.done && !self.results.is_empty() {
            line["results"] = Value::Object(self.results().await);
        }
        Some(format!("{line}\n"))
    }

    /// Return values by task id; a list for mapped tasks.
    async fn results(&self) -> Map<String, Value> {
        let mut results = Map::new();
        for task_id in &self.results {
            let filter = XComFilter {
                dag_id: Some(self.run.dag_id.clone()),
                run_id: Some(self.run.run_id.clone()),
                task_id: Some(task_id.clone()),
                key: Some("return_value".into()),
                ..XComFilter::default()
            };
            let listing = ListXComs { filter, order: Vec::new(), page: Page { limit: 10_000, offset: 0 } };
            let Ok(listed) = self.app.store().run(listing).await else { continue };
            let mut found: Vec<(i32, Value)> =
                listed.rows.iter().filter_map(|row| Some((row.map_index, serde_json::from_str(&row.value).ok()?))).collect();
            found.sort_by_key(|(index, _)| *index);
            match found.as_slice() {
                [] => {}
                [(-1, value)] => {
                    results.insert(task_id.clone(), value.clone());
                }
                many => {
                    results.insert(task_id.clone(), many.iter().map(|(_, value)| value.clone()).collect());
                }
            }
        }
        results
    }
}
