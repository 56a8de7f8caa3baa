//! `GET /api/v2/tradewind/cluster`: every process of the installation, and whether it does its work.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use serde::Serialize;
use serde_json::Value;
use tradewind_store::list::job::{JobView, ReadCluster};

use super::home::kind;
use crate::auth::Access;
use crate::error::Result;
use crate::options::Thresholds;
use crate::routes::{Route, route};
use crate::state::App;
use crate::time::Time;

/// How long a process that died is listed, microseconds.
const LOST: i64 = 600_000_000;

pub fn routes() -> Vec<Route> {
    vec![route(Method::GET, "/api/v2/tradewind/cluster", "tradewind_cluster", Access::Read, cluster)]
}

#[derive(Serialize)]
struct ClusterAnswer {
    members: Vec<Member>,
    total_entries: usize,
    server_time: Time,
}

/// A process. What it says of itself is as old as its last beat; `null` where it does not apply.
#[derive(Serialize)]
struct Member {
    id: i64,
    job_type: String,
    kind: String,
    /// `active`, `standby` or `lost`.
    role: &'static str,
    healthy: bool,
    hostname: String,
    unixname: Option<String>,
    pid: Option<i64>,
    address: Option<String>,
    version: Option<String>,
    term: i64,
    lease_until: Time,
    start_date: Time,
    latest_heartbeat: Time,
    age_seconds: f64,
    /// Seconds for which its loop has not done its work.
    stalled_seconds: Option<i64>,
    /// Dag runs that it owns.
    runs: Option<i64>,
    /// Task instances that wait for admission.
    waiting: Option<i64>,
    /// Queued attempts that no worker took; for a DAG processor, files in line.
    queue: Option<i64>,
    /// Attempts, or parses, that run now.
    running: Option<i64>,
    concurrency: Option<i64>,
    queues: Option<Vec<String>>,
    loop_ms: Option<f64>,
    longest_loop_ms: Option<f64>,
    errors: Option<i64>,
    files: Option<i64>,
    dags: Option<i64>,
}

async fn cluster(State(app): State<App>) -> Result<Json<ClusterAnswer>> {
    let lost_since = app.store().now().as_microsecond() - LOST;
    let (now, jobs) = app.store().run(ReadCluster { lost_since }).await?;
    let members: Vec<Member> = jobs.into_iter().map(|job| member(job, now.as_microsecond(), app.options().thresholds)).collect();
    Ok(Json(ClusterAnswer { total_entries: members.len(), members, server_time: Time(now) }))
}

fn member(job: JobView, now: i64, thresholds: Thresholds) -> Member {
    let alive = job.state == "running" && job.lease_until > now;
    let standby = job.job_type.starts_with("Standby");
    let said: Value = job.stats.as_deref().and_then(|stats| serde_json::from_str(stats).ok()).unwrap_or_default();
    let number = |key: &str| said[key].as_i64();
    let millis = |key: &str| said[key].as_f64().map(|us| us / 1_000.0);
    let queues = said["queues"].as_array().map(|all| all.iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect());
    Member {
        kind: kind(job.job_type.strip_prefix("Standby").unwrap_or(&job.job_type)),
        role: match (alive, standby) {
            (false, _) => "lost",
            (true, true) => "standby",
            (true, false) => "active",
        },
        healthy: job.is_well(now, thresholds.of(&job.job_type)),
        stalled_seconds: number("stalled_s"),
        runs: number("runs"),
        waiting: number("waiting"),
        queue: number("queue"),
        running: number("running"),
        concurrency: number("concurrency"),
        queues,
        loop_ms: millis("usual_turn_us"),
        longest_loop_ms: millis("longest_turn_us"),
        errors: number("errors"),
        files: number("files"),
        dags: number("dags"),
        age_seconds: (now - job.latest_heartbeat).max(0) as f64 / 1e6,
        lease_until: Time::from_micros(job.lease_until),
        start_date: Time::from_micros(job.start_date),
        latest_heartbeat: Time::from_micros(job.latest_heartbeat),
        id: job.id,
        job_type: job.job_type,
        hostname: job.hostname,
        unixname: job.unixname,
        pid: job.pid,
        address: job.address,
        version: job.version,
        term: job.term,
    }
}
