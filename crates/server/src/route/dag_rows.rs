//! `GET /api/v2/tradewind/dags`: the rows of the page's list of DAGs, each with its newest runs.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use serde::Serialize;
use tradewind_store::list::dag::{DagFilter, ORDER};
use tradewind_store::list::dag_row::{DagRow, ListDagRows, RowPage, RunBar, RunCounts};
use tradewind_store::list::filter::Patterns;

use crate::auth::{Access, User};
use crate::error::Result;
use crate::request::check;
use crate::request::cursor;
use crate::request::filters::RUN_STATES;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;
use crate::time::Time;

/// Runs in the bar of a row.
const RUNS: i64 = 16;

pub fn routes() -> Vec<Route> {
    vec![route(Method::GET, "/api/v2/tradewind/dags", "tradewind_dags", Access::Read, list)]
}

#[derive(Serialize)]
struct ListAnswer {
    dags: Vec<RowAnswer>,
    total_entries: i64,
    next_cursor: Option<String>,
}

#[derive(Serialize)]
pub struct RowAnswer {
    dag_id: String,
    dag_display_name: String,
    description: Option<String>,
    is_paused: bool,
    is_stale: bool,
    tags: Vec<String>,
    owners: Vec<String>,
    timetable_summary: Option<String>,
    timetable_description: Option<String>,
    timezone: String,
    next_run_after: Option<Time>,
    next_logical_date: Option<Time>,
    has_import_errors: bool,
    is_favorite: bool,
    max_active_runs: i64,
    last_runs: Vec<BarAnswer>,
    run_counts: CountsAnswer,
    assets: Option<AssetsAnswer>,
}

/// How many of the assets that a DAG waits for were updated since its last run.
#[derive(Serialize)]
pub struct AssetsAnswer {
    arrived: i64,
    total: i64,
}

#[derive(Serialize)]
pub struct BarAnswer {
    run_id: String,
    run_type: String,
    state: String,
    run_after: Time,
    logical_date: Option<Time>,
    start_date: Option<Time>,
    end_date: Option<Time>,
}

#[derive(Serialize)]
pub struct CountsAnswer {
    queued: i64,
    running: i64,
    success: i64,
    failed: i64,
}

fn time(us: Option<i64>) -> Option<Time> {
    us.map(Time::from_micros)
}

impl From<RunBar> for BarAnswer {
    fn from(run: RunBar) -> Self {
        Self {
            run_id: run.run_id,
            run_type: run.run_type,
            state: run.state,
            run_after: Time::from_micros(run.run_after),
            logical_date: time(run.logical_date),
            start_date: time(run.start_date),
            end_date: time(run.end_date),
        }
    }
}

impl From<RunCounts> for CountsAnswer {
    fn from(counts: RunCounts) -> Self {
        Self { queued: counts.queued, running: counts.running, success: counts.success, failed: counts.failed }
    }
}

impl From<DagRow> for RowAnswer {
    fn from(row: DagRow) -> Self {
        let dag = row.dag;
        Self {
            tags: serde_json::from_str(&dag.tags).unwrap_or_default(),
            owners: dag.owners.split(',').map(str::trim).filter(|owner| !owner.is_empty()).map(str::to_owned).collect(),
            dag_id: dag.dag_id,
            dag_display_name: dag.dag_display_name,
            description: dag.description,
            is_paused: dag.is_paused,
            is_stale: dag.is_stale,
            timetable_summary: dag.timetable_summary,
            timetable_description: dag.timetable_description,
            timezone: dag.timezone,
            next_run_after: time(dag.next_run_after),
            next_logical_date: time(dag.next_logical_date),
            has_import_errors: dag.has_import_errors,
            is_favorite: row.is_favorite,
            max_active_runs: dag.max_active_runs,
            last_runs: row.last_runs.into_iter().map(Into::into).collect(),
            run_counts: row.counts.into(),
            assets: row.assets.map(|(arrived, total)| AssetsAnswer { arrived, total }),
        }
    }
}

fn read_filter(query: &mut Query, user: &User) -> DagFilter {
    let match_mode = query.checked("tags_match_mode", |value| check::one_of(&["any", "all"], value));
    let last_run_state = query.checked("last_run_state", |value| check::one_of(RUN_STATES, value));
    let owners = query.all("owner");
    DagFilter {
        tags: query.all("tags"),
        all_tags: match_mode == Some("all"),
        owners,
        dag_id: Patterns::default(),
        search: query.text("search"),
        exclude_stale: query.flag("exclude_stale").unwrap_or(true),
        paused: query.flag("paused"),
        has_import_errors: query.flag("has_import_errors"),
        last_run_state: last_run_state.map(str::to_owned),
        favorite: query.flag("favorite").map(|wanted| (user.name.clone(), wanted)),
        ..DagFilter::default()
    }
}

async fn list(State(app): State<App>, user: User, mut query: Query) -> Result<Json<ListAnswer>> {
    let filter = read_filter(&mut query, &user);
    let page = query.page();
    query.finish()?;
    let order = query.order_of(ORDER, "dag_display_name")?;
    let page = match (query.text("cursor"), query.get("offset")) {
        (None, Some(_)) => RowPage::Offset(page),
        (cursor, _) => RowPage::Cursor(cursor::read(cursor.as_deref().unwrap_or_default(), page.limit)?),
    };
    let wanted = ListDagRows { filter, order, page, username: user.name, runs: RUNS };
    let found = app.store().run(wanted).await?.ok_or_else(cursor::invalid)?;
    Ok(Json(ListAnswer {
        dags: found.rows.into_iter().map(Into::into).collect(),
        total_entries: found.total,
        next_cursor: found.next.as_ref().map(cursor::write),
    }))
}
