//! `GET /api/v2/tradewind/dags/{dag_id}/grid`: runs as columns, tasks as rows, and what each task did in each run; and the same packed.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use indexmap::IndexMap;
use serde::Serialize;
use tradewind_core::state::TaskState;
use tradewind_store::list::dag_run::RunView;
use tradewind_store::list::grid::{Cell, ReadGrid};

use super::dags;
use crate::answer::grid_cells::{Letters, PackedCells, Summary};
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
    vec![
        route(Method::GET, "/api/v2/tradewind/dags/{dag_id}/grid", "tradewind_grid", Access::Read, grid),
        route(Method::GET, "/api/v2/tradewind/dags/{dag_id}/grid/packed", "tradewind_packed_grid", Access::Read, packed),
    ]
}

#[derive(Serialize)]
struct GridAnswer<R> {
    dag_id: String,
    dag_display_name: String,
    timezone: String,
    /// Number of the newest version.
    version: Option<i64>,
    tasks: Vec<GridRow>,
    /// Of the packed form: what each letter stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    letters: Option<&'static Letters>,
    runs: Vec<R>,
    has_older: bool,
}

#[derive(Serialize)]
struct RunAnswer {
    #[serde(flatten)]
    facts: RunFacts,
    states: IndexMap<String, CellAnswer>,
}

#[derive(Serialize)]
struct PackedRunAnswer {
    #[serde(flatten)]
    facts: RunFacts,
    #[serde(flatten)]
    cells: PackedCells,
}

#[derive(Serialize)]
struct RunFacts {
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
}

#[derive(Serialize)]
struct CellAnswer {
    state: Option<TaskState>,
    try_number: i64,
    start_date: Option<Time>,
    end_date: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// Instances of a mapped task by state; `none` counts those without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<IndexMap<String, i64>>,
}

async fn grid(State(app): State<App>, Path(dag_id): Path<String>, query: Query) -> Result<Json<GridAnswer<RunAnswer>>> {
    answer(&app, dag_id, query, None, |_, run, cells| {
        let states = by_task(&cells).map(|cells| (cells[0].task_id.clone(), CellAnswer::new(cells))).collect();
        RunAnswer { facts: RunFacts::new(run), states }
    })
    .await
}

/// The same for very many cells: some bytes for each instead of an object.
async fn packed(State(app): State<App>, Path(dag_id): Path<String>, query: Query) -> Result<Json<GridAnswer<PackedRunAnswer>>> {
    answer(&app, dag_id, query, Some(Letters::ALL), |tasks, run, cells| {
        let base = run.start_date.unwrap_or(run.run_after);
        let found: HashMap<&str, Summary> = by_task(&cells).map(|cells| (cells[0].task_id.as_str(), Summary::of(cells))).collect();
        let of_rows = tasks.iter().filter(|row| row.kind == "task").map(|row| (row.id.as_str(), found.get(row.id.as_str())));
        PackedRunAnswer { cells: PackedCells::new(base, of_rows), facts: RunFacts::new(run) }
    })
    .await
}

/// Cells in runs of one task each.
fn by_task(cells: &[Cell]) -> impl Iterator<Item = &[Cell]> {
    cells.chunk_by(|a, b| a.task_id == b.task_id)
}

async fn answer<R>(
    app: &App,
    dag_id: String,
    mut query: Query,
    letters: Option<&'static Letters>,
    of_run: impl Fn(&[GridRow], RunView, Vec<Cell>) -> R,
) -> Result<Json<GridAnswer<R>>> {
    let limit = query.checked("limit", |value| check::at_least(1, check::int(value)?)).unwrap_or(DEFAULT_RUNS);
    let before = query.datetime("before").map(|time| time.as_microsecond());
    query.finish()?;
    let run_types = query.choices("run_type", RUN_TYPES)?;
    let states = query.choices("state", RUN_STATES)?;
    let dag = dags::find(app, &dag_id).await?;
    let found = app.store().run(ReadGrid { dag_id, limit: limit.min(MAX_RUNS), before, run_types, states }).await?;
    let newest = dags::graph_of(app, &dag).await?;
    let versions: Vec<i64> = found.runs.iter().rev().filter_map(|run| run.version_id).collect();
    let graphs = app.forms().of_versions(versions.clone()).await?;
    // Newest first, so that a task that is gone looks as it did last.
    let mut older: Vec<_> = graphs.into_iter().collect();
    older.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    let older: Vec<_> = older.into_iter().map(|(_, graph)| graph).collect();
    let mut cells: HashMap<i64, Vec<Cell>> = HashMap::new();
    for cell in found.cells {
        cells.entry(cell.run_pk).or_default().push(cell);
    }
    let seen = cells.values().flatten().map(|cell| cell.task_id.as_str());
    let tasks = rows(newest.as_deref(), &older, seen);
    let runs = found.runs.into_iter().map(|run| {
        let cells = cells.remove(&run.id).unwrap_or_default();
        of_run(&tasks, run, cells)
    });
    let runs = runs.collect();
    Ok(Json(GridAnswer {
        dag_id: dag.dag_id,
        dag_display_name: dag.dag_display_name,
        timezone: dag.timezone,
        version: dag.version.map(|version| version.version_number),
        tasks,
        letters,
        runs,
        has_older: found.has_older,
    }))
}

fn time(us: Option<i64>) -> Option<Time> {
    us.map(Time::from_micros)
}

impl RunFacts {
    fn new(run: RunView) -> Self {
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
        }
    }
}

impl CellAnswer {
    /// Of all cells of one task: one for each state.
    fn new(cells: &[Cell]) -> Self {
        let Summary { state, try_number, start, end, note, counts } = Summary::of(cells);
        Self { state, try_number, start_date: time(start), end_date: time(end), note, counts }
    }
}
