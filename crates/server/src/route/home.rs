//! `GET /api/v2/tradewind/home`: what the first page shows.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use jiff::Timestamp;
use serde::Serialize;
use tradewind_queue::attempt_log::LogName;
use tradewind_store::list::home::{ErrorLine, Failure, Home, NextRun, ReadHome};
use tradewind_store::list::job::JobView;
use tradewind_store::table::pool::Pool;

use super::logs;
use crate::auth::Access;
use crate::error::Result;
use crate::options::Thresholds;
use crate::routes::{Route, route};
use crate::state::App;
use crate::time::Time;

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;
/// Failures of a long weekend are still listed.
const FAILURES_SINCE: i64 = 7 * DAY;
/// How long a process that died is listed.
const LOST_SINCE: i64 = HOUR / 6;
/// Texts of errors are cut to this many characters.
const ERROR_CHARS: usize = 300;

pub fn routes() -> Vec<Route> {
    vec![route(Method::GET, "/api/v2/tradewind/home", "tradewind_home", Access::Read, home)]
}

#[derive(Serialize)]
struct HomeAnswer {
    counts: Counts,
    components: Vec<Component>,
    pools: Vec<PoolAnswer>,
    recent_failures: Vec<FailureAnswer>,
    import_errors: Vec<ErrorAnswer>,
    next_runs: Vec<NextRunAnswer>,
    server_time: Time,
}

#[derive(Serialize)]
struct Counts {
    dags_active: i64,
    dags_paused: i64,
    dags_with_errors: i64,
    runs_queued: i64,
    runs_running: i64,
    runs_failed_24h: i64,
    runs_success_24h: i64,
    tasks_running: i64,
    tasks_queued: i64,
    tasks_failed_24h: i64,
    import_errors: i64,
}

#[derive(Serialize)]
struct Component {
    /// `scheduler`, `worker`, `dag_processor`, `triggerer` ...
    kind: String,
    id: i64,
    hostname: String,
    pid: Option<i64>,
    version: Option<String>,
    since: Time,
    latest_heartbeat: Time,
    age_seconds: f64,
    healthy: bool,
}

#[derive(Serialize)]
struct PoolAnswer {
    name: String,
    /// -1: without limit.
    slots: i64,
    running: i64,
    queued: i64,
    scheduled: i64,
    deferred: i64,
    /// -1: without limit.
    open: i64,
}

#[derive(Serialize)]
struct FailureAnswer {
    dag_id: String,
    dag_display_name: String,
    run_id: String,
    task_id: String,
    map_index: i32,
    try_number: i64,
    end_date: Time,
    error: Option<String>,
}

#[derive(Serialize)]
struct ErrorAnswer {
    id: i64,
    filename: String,
    line: Option<i64>,
    summary: String,
    timestamp: Time,
}

#[derive(Serialize)]
struct NextRunAnswer {
    dag_id: String,
    dag_display_name: String,
    run_after: Time,
    logical_date: Option<Time>,
    timezone: String,
}

async fn home(State(app): State<App>) -> Result<Json<HomeAnswer>> {
    let now = app.store().now();
    let at = now.as_microsecond();
    let wanted = ReadHome {
        since: at - DAY,
        failures_since: at - FAILURES_SINCE,
        until: at + DAY,
        lost_since: at - LOST_SINCE,
        failures: 10,
        errors: 10,
        next_runs: 20,
    };
    let mut home = app.store().run(wanted).await?;
    let failures = std::mem::take(&mut home.failures);
    Ok(Json(HomeAnswer {
        counts: Counts::from(&home),
        components: home.jobs.into_iter().map(|job| component(job, now, app.options().thresholds)).collect(),
        pools: home.pools.into_iter().map(Into::into).collect(),
        recent_failures: explained(&app, failures).await,
        import_errors: home.newest_errors.into_iter().map(Into::into).collect(),
        next_runs: home.next_runs.into_iter().map(Into::into).collect(),
        server_time: Time(now),
    }))
}

impl From<&Home> for Counts {
    fn from(home: &Home) -> Self {
        Self {
            dags_active: home.dags.active,
            dags_paused: home.dags.paused,
            dags_with_errors: home.dags.with_errors,
            runs_queued: home.runs.queued,
            runs_running: home.runs.running,
            runs_failed_24h: home.runs.failed,
            runs_success_24h: home.runs.success,
            tasks_running: home.tasks_running,
            tasks_queued: home.tasks_queued,
            tasks_failed_24h: home.tasks_failed,
            import_errors: home.import_errors,
        }
    }
}

fn component(job: JobView, now: Timestamp, thresholds: Thresholds) -> Component {
    let age = (now.as_microsecond() - job.latest_heartbeat).max(0);
    let healthy = job.is_well(now.as_microsecond(), thresholds.of(&job.job_type));
    Component {
        kind: kind(&job.job_type),
        id: job.id,
        hostname: job.hostname,
        pid: job.pid,
        version: job.version,
        since: Time::from_micros(job.start_date),
        latest_heartbeat: Time::from_micros(job.latest_heartbeat),
        age_seconds: age as f64 / 1e6,
        healthy,
    }
}

/// `DagProcessorJob` is `dag_processor`.
pub fn kind(job_type: &str) -> String {
    let name = job_type.strip_suffix("Job").unwrap_or(job_type);
    let mut out = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

impl From<Pool> for PoolAnswer {
    fn from(pool: Pool) -> Self {
        Self {
            slots: pool.slots,
            running: pool.running_slots,
            queued: pool.queued_slots,
            scheduled: pool.scheduled_slots,
            deferred: pool.deferred_slots,
            open: pool.open_slots().unwrap_or(-1),
            name: pool.name,
        }
    }
}

/// With the reason of each: why its attempt was ended, or what its log says at its end.
async fn explained(app: &App, failures: Vec<Failure>) -> Vec<FailureAnswer> {
    let explain = async |failure: Failure| {
        let logical_date = failure.logical_date.map(|us| Time::from_micros(us).to_string()).unwrap_or_default();
        let attempt = LogName {
            dag_id: &failure.dag_id,
            run_id: &failure.run_id,
            task_id: &failure.task_id,
            map_index: failure.map_index,
            try_number: i32::try_from(failure.try_number).unwrap_or(i32::MAX),
            logical_date: &logical_date,
        };
        let told = if failure.reason.is_none() { logs::failure_of(app, &attempt).await } else { None };
        let answer = FailureAnswer::from(failure);
        FailureAnswer { error: answer.error.or(told), ..answer }
    };
    futures_util::future::join_all(failures.into_iter().map(explain)).await
}

impl From<Failure> for FailureAnswer {
    fn from(failure: Failure) -> Self {
        Self {
            dag_id: failure.dag_id,
            dag_display_name: failure.dag_display_name,
            run_id: failure.run_id,
            task_id: failure.task_id,
            map_index: failure.map_index,
            try_number: failure.try_number,
            end_date: Time::from_micros(failure.end_date),
            error: failure.reason.as_deref().and_then(|text| text.lines().map(str::trim).find(|line| !line.is_empty())).map(cut),
        }
    }
}

impl From<ErrorLine> for ErrorAnswer {
    fn from(error: ErrorLine) -> Self {
        // The last line of a trace names the exception.
        let summary = error.stacktrace.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(cut).unwrap_or_default();
        Self { id: error.id, filename: error.filename, line: error.line, summary, timestamp: Time::from_micros(error.timestamp) }
    }
}

impl From<NextRun> for NextRunAnswer {
    fn from(run: NextRun) -> Self {
        Self {
            dag_id: run.dag_id,
            dag_display_name: run.dag_display_name,
            run_after: Time::from_micros(run.run_after),
            logical_date: run.logical_date.map(Time::from_micros),
            timezone: run.timezone,
        }
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(ERROR_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_as_roles_are() {
        for (job_type, expected) in [("SchedulerJob", "scheduler"), ("DagProcessorJob", "dag_processor"), ("Odd", "odd")] {
            assert_eq!(kind(job_type), expected);
        }
    }

    #[test]
    fn texts_are_cut_at_letters() {
        assert_eq!(cut("short"), "short");
        assert_eq!(cut(&"é".repeat(400)).chars().count(), ERROR_CHARS + 1);
    }
}
