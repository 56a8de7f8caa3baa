//! Dag runs: list, get, delete, note and state.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tradewind_queue::{Change as Told, RunChange};
use tradewind_store::list::change::{DeleteRun, RunDeleted, SetRunNote};
use tradewind_store::list::dag_run::{GetRun, ListRuns, ORDER, RunFilter, RunView, ScrollRuns};
use tradewind_store::list::filter::{Listed, OrderKey, Page, order_key};
use tradewind_store::list::keyset::{COUNT_LIMIT, KeysetPage};

use super::{dags, marks};
use crate::answer::dag_run::RunAnswer;
use crate::auth::{Access, User};
use crate::error::{ApiError, Result};
use crate::request::body::{Fields, JsonBody};
use crate::request::check;
use crate::request::cursor;
use crate::request::filters::{RUN_STATES, RUN_TYPES};
use crate::request::query::{Query, bad_order, split_order};
use crate::routes::{Route, route};
use crate::state::App;

pub fn routes() -> Vec<Route> {
    const RUNS: &str = "/api/v2/dags/{dag_id}/dagRuns";
    const RUN: &str = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}";
    vec![
        route(Method::GET, RUNS, "get_dag_runs", Access::Read, list),
        route(Method::POST, "/api/v2/dags/{dag_id}/dagRuns/list", "get_list_dag_runs_batch", Access::Read, list_batch),
        route(Method::GET, RUN, "get_dag_run", Access::Read, get),
        route(Method::PATCH, RUN, "patch_dag_run", Access::Run, patch),
        route(Method::DELETE, RUN, "delete_dag_run", Access::Run, delete),
    ]
}

/// The run of a path, or 404.
pub async fn find(app: &App, dag_id: &str, run_id: &str) -> Result<RunView> {
    let wanted = GetRun { dag_id: dag_id.to_owned(), run_id: run_id.to_owned() };
    app.store().run(wanted).await?.ok_or_else(|| no_run(dag_id, run_id))
}

pub fn no_run(dag_id: &str, run_id: &str) -> ApiError {
    ApiError::NotFound(format!("The DagRun with dag_id: `{dag_id}` and run_id: `{run_id}` was not found"))
}

async fn get(State(app): State<App>, Path((dag_id, run_id)): Path<(String, String)>) -> Result<Response> {
    let run = find(&app, &dag_id, &run_id).await?;
    Ok(Json(RunAnswer::from(&run)).into_response())
}

fn answer_list(listed: &Listed<RunView>) -> Response {
    let runs: Vec<RunAnswer<'_>> = listed.rows.iter().map(RunAnswer::from).collect();
    let body = json!({
        "dag_runs": runs, "total_entries": listed.total, "total_entries_limit": null, "next_cursor": null, "previous_cursor": null,
    });
    Json(body).into_response()
}

async fn scroll(app: &App, filter: RunFilter, order: Vec<OrderKey>, page: KeysetPage) -> Result<Response> {
    let found = app.store().run(ScrollRuns { filter, order, page }).await?.ok_or_else(cursor::invalid)?;
    let runs: Vec<RunAnswer<'_>> = found.rows.iter().map(RunAnswer::from).collect();
    let body = json!({
        "dag_runs": runs, "total_entries": found.total, "total_entries_limit": COUNT_LIMIT,
        "next_cursor": found.next.as_ref().map(cursor::write), "previous_cursor": found.previous.as_ref().map(cursor::write),
    });
    Ok(Json(body).into_response())
}

async fn list(State(app): State<App>, Path(dag_id): Path<String>, mut query: Query) -> Result<Response> {
    let mut filter = RunFilter {
        dag_ids: Vec::new(),
        dag_id: query.patterns("dag_id"),
        run_id: query.patterns("run_id"),
        triggering_user_name: query.patterns("triggering_user_name"),
        run_types: query.choices("run_type", RUN_TYPES)?,
        states: query.choices("state", RUN_STATES)?,
        versions: query.ints("dag_version"),
        conf_contains: query.text("conf_contains").filter(|text| !text.is_empty()),
        run_after: query.times("run_after"),
        logical_date: query.times("logical_date"),
        start_date: query.times("start_date"),
        end_date: query.times("end_date"),
        updated_at: query.times("updated_at"),
        duration: query.floats("duration"),
    };
    let page = query.page();
    query.finish()?;
    if dag_id != "~" {
        dags::find(&app, &dag_id).await?;
        filter.dag_ids.push(dag_id);
    }
    let order = query.order_of(ORDER, "id")?;
    if let Some(text) = query.get("cursor") {
        return scroll(&app, filter, order, cursor::read(text, page.limit)?).await;
    }
    let listed = app.store().run(ListRuns { filter, order, page }).await?;
    Ok(answer_list(&listed))
}

fn read_batch(body: &Value, maximum: i64) -> Result<(RunFilter, Vec<OrderKey>, Page)> {
    let mut fields = Fields::of(body);
    let order = fields.text("order_by");
    let filter = RunFilter {
        dag_ids: fields.texts("dag_ids").unwrap_or_default(),
        states: fields.states("states", RUN_STATES).into_iter().flatten().collect(),
        run_after: fields.times(["run_after_gte", "run_after_gt", "run_after_lte", "run_after_lt"]),
        logical_date: fields.times(["logical_date_gte", "logical_date_gt", "logical_date_lte", "logical_date_lt"]),
        start_date: fields.times(["start_date_gte", "start_date_gt", "start_date_lte", "start_date_lt"]),
        end_date: fields.times(["end_date_gte", "end_date_gt", "end_date_lte", "end_date_lt"]),
        duration: fields.floats(["duration_gte", "duration_gt", "duration_lte", "duration_lt"]),
        conf_contains: fields.text("conf_contains").filter(|text| !text.is_empty()),
        ..RunFilter::default()
    };
    let page = fields.page(maximum);
    fields.finish()?;
    let (name, descending) = split_order(order.as_deref().unwrap_or("id"));
    let key = order_key(ORDER, &name, descending).ok_or_else(|| bad_order(&name))?;
    Ok((filter, vec![key], page))
}

async fn list_batch(State(app): State<App>, Path(dag_id): Path<String>, JsonBody(body): JsonBody) -> Result<Response> {
    let (mut filter, order, page) = read_batch(&body, app.options().maximum_page_limit)?;
    if dag_id != "~" {
        dags::find(&app, &dag_id).await?;
        filter.dag_ids = vec![dag_id];
    }
    let listed = app.store().run(ListRuns { filter, order, page }).await?;
    Ok(answer_list(&listed))
}

/// The states a client may set.
const MUTABLE_STATES: &[&str] = &["queued", "success", "failed"];

/// What a client wants of a run.
#[derive(Default)]
pub struct Change {
    state: Option<&'static str>,
    /// `Some(None)` removes the note.
    note: Option<Option<String>>,
}

impl Change {
    /// Reads the fields of the body; the caller finishes them.
    pub fn read(fields: &mut Fields<'_>, mask: &[String]) -> Self {
        let state = fields.checked("state", |value| check::one_of(MUTABLE_STATES, value));
        let note = fields.note();
        let note = fields.sent("note").then_some(note);
        let named = |name: &str| mask.is_empty() || mask.iter().any(|field| field == name);
        Self { state: state.filter(|_| named("state")), note: note.filter(|_| named("note")) }
    }
}

/// Changes one run.
pub async fn change(app: &App, user: &User, dag_id: &str, run_id: &str, change: Change) -> Result<()> {
    let run = find(app, dag_id, run_id).await?;
    if let Some(state) = change.state {
        marks::set_run_state(app, user, &run, state).await?;
    }
    if let Some(note) = change.note {
        app.store().run(SetRunNote { dag_id: run.dag_id, run_id: run.run_id, note, user: user.name.clone() }).await?;
    }
    Ok(())
}

async fn patch(
    State(app): State<App>,
    user: User,
    Path((dag_id, run_id)): Path<(String, String)>,
    query: Query,
    JsonBody(body): JsonBody,
) -> Result<Response> {
    let mut fields = Fields::of(&body);
    let wanted = Change::read(&mut fields, &query.all("update_mask"));
    fields.finish()?;
    change(&app, &user, &dag_id, &run_id, wanted).await?;
    get(State(app), Path((dag_id, run_id))).await
}

/// Deletes one run.
pub async fn delete_one(app: &App, user: &User, dag_id: &str, run_id: &str) -> Result<()> {
    let wanted = DeleteRun { dag_id: dag_id.to_owned(), run_id: run_id.to_owned(), user: user.name.clone() };
    match app.store().run(wanted).await? {
        RunDeleted::Done { run_pk, change_seq } => {
            app.changes().send(Told::Run { run_pk, seq: change_seq, what: RunChange::Reload });
            Ok(())
        }
        RunDeleted::NoRun => Err(no_run(dag_id, run_id)),
        RunDeleted::Running => {
            Err(ApiError::Conflict(format!("The DagRun with dag_id: `{dag_id}` and run_id: `{run_id}` cannot be deleted in running state")))
        }
    }
}

async fn delete(State(app): State<App>, user: User, Path((dag_id, run_id)): Path<(String, String)>) -> Result<StatusCode> {
    delete_one(&app, &user, &dag_id, &run_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
