//! `GET /api/v2/tradewind/dags/{dag_id}/grid`: runs as columns, tasks as rows, and what each task did in each run.

use std::collections::HashMap;
use std::str::FromStr as _;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use indexmap::IndexMap;
use serde::Serialize;
use tradewind_core::state::{TaskState, summary};
use tradewind_store::list::dag_run::RunView;
use tradewind_store::list::grid::{Cell, ReadGrid};

use super::dags;
use crate::answer::grid_rows::{GridRow, rows};
use crate::auth::Access;
use crate::error::Result;
use crate::request::check;
use crate::request::filters::{RUN_STATES, RUN_TYPES};
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;
use crate::time::Time;

/// Runs when nothing is said, and at most: a year of days.
const DEFAULT_RUNS: i64 = 25;
const MAX_RUNS: i64 = 366;

pub fn routes() -> Vec<Route> {
    vec![route(Method::GET, "/api/v2/tradewind/dags/{dag_id}/grid", "tradewind_grid", Access::Read, grid)]
}

#[derive(Serialize)]
struct GridAnswer {
    dag_id: String,
    dag_display_name: String,
    timezone: String,
    /// Number of the newest version.
    version: Option<i64>,
    tasks: Vec<GridRow>,
    runs: Vec<RunAnswer>,
    has_older: bool,
}

#[derive(Serialize)]
struct RunAnswer {
    run_id: String,
    run_type: String,
    state: String,
    run_after: Time,
    logical_date: Option<Time>,
    data_interval_start: Option<Time>,
    data_interval_end: Option<Time>,
    queued_at: Option<Time>,
    start_date: Option<Time>,
    end_date: Option<Time>,
    triggering_user_name: Option<String>,
    note: Option<String>,
    version_number: Option<i64>,
    states: IndexMap<String, CellAnswer>,
}

#[derive(Serialize)]
struct CellAnswer {
    /// Of a mapped task: the state that says most about its instances.
    state: Option<String>,
    try_number: i64,
    start_date: Option<Time>,
    end_date: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// Instances of a mapped task by state; `none` counts those without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<IndexMap<String, i64>>,
}

async fn grid(State(app): State<App>, Path(dag_id): Path<String>, mut query: Query) -> Result<Json<GridAnswer>> {
    let limit = query.checked("limit", |value| check::at_least(1, check::int(value)?)).unwrap_or(DEFAULT_RUNS);
    let before = query.datetime("before").map(|time| time.as_microsecond());
    query.finish()?;
    let run_types = query.choices("run_type", RUN_TYPES)?;
    let states = query.choices("state", RUN_STATES)?;
    let dag = dags::find(&app, &dag_id).await?;
    let found = app.store().run(ReadGrid { dag_id, limit: limit.min(MAX_RUNS), before, run_types, states }).await?;
    let newest = dags::graph_of(&app, &dag).await?;
    let versions: Vec<i64> = found.runs.iter().rev().filter_map(|run| run.version_id).collect();
    let graphs = app.forms().of_versions(versions.clone()).await?;
    // Newest first, so that a task that is gone looks as it did last.
    let mut older: Vec<_> = graphs.into_iter().collect();
    older.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    let older: Vec<_> = older.into_iter().map(|(_, graph)| graph).collect();
    let mut of_run: HashMap<i64, Vec<Cell>> = HashMap::new();
    for cell in found.cells {
        of_run.entry(cell.run_pk).or_default().push(cell);
    }
    let seen = of_run.values().flatten().map(|cell| cell.task_id.as_str());
    let tasks = rows(newest.as_deref(), &older, seen);
    Ok(Json(GridAnswer {
        dag_id: dag.dag_id,
        dag_display_name: dag.dag_display_name,
        timezone: dag.timezone,
        version: dag.version.map(|version| version.version_number),
        tasks,
        runs: found.runs.into_iter().map(|run| RunAnswer::new(of_run.remove(&run.id).unwrap_or_default(), run)).collect(),
        has_older: found.has_older,
    }))
}

fn time(us: Option<i64>) -> Option<Time> {
    us.map(Time::from_micros)
}

impl RunAnswer {
    fn new(cells: Vec<Cell>, run: RunView) -> Self {
        let states =
            cells.chunk_by(|a, b| a.task_id == b.task_id).map(|cells| (cells[0].task_id.clone(), CellAnswer::new(cells))).collect();
        Self {
            run_id: run.run_id,
            run_type: run.run_type,
            state: run.state,
            run_after: Time::from_micros(run.run_after),
            logical_date: time(run.logical_date),
            data_interval_start: time(run.data_interval_start),
            data_interval_end: time(run.data_interval_end),
            queued_at: time(run.queued_at),
            start_date: time(run.start_date),
            end_date: time(run.end_date),
            triggering_user_name: run.triggering_user_name,
            note: run.note,
            version_number: run.version.map(|version| version.version_number),
            states,
        }
    }
}

impl CellAnswer {
    /// Of all cells of one task: one for each state.
    fn new(cells: &[Cell]) -> Self {
        let state = |cell: &Cell| cell.state.as_deref().and_then(|text| TaskState::from_str(text).ok());
        let expanded = cells.iter().any(|cell| cell.expanded);
        let name = |cell: &Cell| cell.state.clone().unwrap_or_else(|| "none".to_owned());
        let ended = cells.iter().all(|cell| cell.end_date.is_some());
        Self {
            state: summary(cells.iter().map(state)).map(|state| state.to_string()),
            try_number: cells.iter().map(|cell| cell.try_number).max().unwrap_or(0),
            start_date: time(cells.iter().filter_map(|cell| cell.start_date).min()),
            end_date: time(cells.iter().filter_map(|cell| cell.end_date).max().filter(|_| ended)),
            note: cells.iter().find_map(|cell| cell.note.clone()),
            counts: expanded.then(|| cells.iter().map(|cell| (name(cell), cell.count)).collect()),
        }
    }
}
