//! `GET /api/v2/tradewind/dags/{dag_id}/schedule`: the runs to come, with what changes of the clock do to them.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use jiff::Timestamp;
use jiff::tz::Offset;
use serde::Serialize;
use tradewind_core::form::DagForm;
use tradewind_core::timetable::{Ahead, Answer, DataInterval, NextRun, Restriction, Timetable, Zone};
use tradewind_store::list::dag::DagView;
use tradewind_store::table::timetable_question::GetAhead;

use super::dags;
use crate::auth::Access;
use crate::error::{ApiError, Result};
use crate::request::check;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;
use crate::time::Time;

/// Runs when nothing is said, and at most.
const DEFAULT_RUNS: i64 = 20;
const MAX_RUNS: i64 = 1_000;

pub fn routes() -> Vec<Route> {
    vec![route(Method::GET, "/api/v2/tradewind/dags/{dag_id}/schedule", "tradewind_schedule", Access::Read, schedule)]
}

#[derive(Serialize)]
struct ScheduleAnswer {
    dag_id: String,
    is_paused: bool,
    /// The zone whose clock the schedule goes by.
    timezone: String,
    summary: String,
    description: String,
    catchup: bool,
    runs: Vec<RunAnswer>,
}

#[derive(Serialize)]
struct RunAnswer {
    run_after: Time,
    logical_date: Time,
    data_interval_start: Time,
    data_interval_end: Time,
    utc_offset: String,
    mark: Option<&'static str>,
    mark_text: Option<String>,
}

async fn schedule(State(app): State<App>, Path(dag_id): Path<String>, mut query: Query) -> Result<Json<ScheduleAnswer>> {
    let count = query.checked("count", |value| check::at_least(1, check::int(value)?)).unwrap_or(DEFAULT_RUNS).min(MAX_RUNS);
    let from = query.datetime("from").unwrap_or_else(|| app.store().now());
    query.finish()?;
    let dag = dags::find(&app, &dag_id).await?;
    let graph = dags::need_graph(&app, &dag).await?;
    let limit = usize::try_from(count).unwrap_or(usize::MAX);
    let form = graph.form().clone();
    // A schedule of short distances may have a long way to go.
    let said = ahead(&app, &dag_id).await?;
    let found = tokio::task::spawn_blocking(move || answer(&dag, &form, said, from, limit)).await;
    found.map_err(|error| ApiError::Internal(format!("a schedule was not read to its end: {error}")))?.map(Json)
}

/// What a class of the user's said of the runs to come, if one decides.
async fn ahead(app: &App, dag_id: &str) -> Result<Option<Ahead>> {
    let text = app.store().run(GetAhead { dag_id: dag_id.to_owned() }).await?;
    Ok(match text.as_deref().map(serde_json::from_str::<Answer>) {
        Some(Ok(Answer::Runs(ahead))) => Some(ahead),
        _ => None,
    })
}

fn answer(dag: &DagView, form: &DagForm, said: Option<Ahead>, from: Timestamp, limit: usize) -> Result<ScheduleAnswer> {
    let timetable: Timetable = serde_json::from_value(form.timetable.clone())
        .map_err(|error| ApiError::Internal(format!("the timetable of {} cannot be read: {error}", form.dag_id)))?;
    let timetable = timetable.with_ahead(said);
    let zone = timetable.zone().cloned().unwrap_or_else(|| Zone::named(&form.timezone).unwrap_or_default());
    let restriction = Restriction { earliest: form.start_date, latest: form.end_date, catchup: form.catchup };
    let runs = timetable
        .upcoming(planned(dag), restriction, from, limit)
        .map_err(|error| ApiError::Unprocessable(format!("the schedule of {} has no runs to come: {error}", form.dag_id)))?;
    Ok(ScheduleAnswer {
        dag_id: dag.dag_id.clone(),
        is_paused: dag.is_paused,
        timezone: zone.name().to_owned(),
        summary: timetable.summary(),
        description: timetable.description(),
        catchup: form.catchup,
        runs: runs.into_iter().map(|run| shown(run, &timetable, &zone)).collect(),
    })
}

/// The run that the DAG's row names as the next one.
fn planned(dag: &DagView) -> Option<NextRun> {
    let time = |us: Option<i64>| us.and_then(|us| Timestamp::from_microsecond(us).ok());
    let run_after = time(dag.next_run_after)?;
    let logical_date = time(dag.next_logical_date)?;
    let interval = DataInterval { start: time(dag.next_interval_start)?, end: time(dag.next_interval_end)? };
    Some(NextRun { logical_date, interval, run_after })
}

fn shown(run: NextRun, timetable: &Timetable, zone: &Zone) -> RunAnswer {
    let mark = timetable.clock_mark(run.run_after, zone.rules());
    RunAnswer {
        run_after: Time(run.run_after),
        logical_date: Time(run.logical_date),
        data_interval_start: Time(run.interval.start),
        data_interval_end: Time(run.interval.end),
        utc_offset: offset(zone.rules().to_offset(run.run_after)),
        mark: mark.as_ref().map(|mark| mark.name()),
        mark_text: mark.map(|mark| mark.to_string()),
    }
}

/// `+09:00`
fn offset(offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", seconds.abs() / 3_600, seconds.abs() % 3_600 / 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_have_a_sign_and_minutes() {
        for (seconds, text) in [(32_400, "+09:00"), (-12_600, "-03:30"), (0, "+00:00")] {
            assert_eq!(offset(Offset::from_seconds(seconds).unwrap()), text);
        }
    }
}
