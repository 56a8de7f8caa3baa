//! Health and version: the operations that need no token, and what runs in this installation.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tradewind_store::list::alert::{AlertCounts, AlertPulse};
use tradewind_store::list::filter::Page;
use tradewind_store::list::job::{ListJobs, Pulse, ReadPulses};

use crate::VERSION;
use crate::auth::Access;
use crate::error::Result;
use crate::routes::{Route, open, route};
use crate::state::App;
use crate::time::Time;

pub fn routes() -> Vec<Route> {
    vec![
        open(Method::GET, "/api/v2/monitor/health", "get_health", health),
        open(Method::GET, "/api/v2/version", "get_version", version),
        route(Method::GET, "/api/v2/tradewind/cluster", "tradewind_cluster", Access::Read, cluster),
    ]
}

/// Always 200: the states are in the body.
async fn health(State(app): State<App>) -> Json<Value> {
    let pulses = app.store().run(ReadPulses).await;
    let alerts = app.store().run(AlertPulse { failed_within: SignedDuration::from_hours(24) }).await.unwrap_or_default();
    let database = if pulses.is_ok() { "healthy" } else { "unhealthy" };
    let pulses = pulses.unwrap_or_default();
    let part = |kinds: &[&str]| {
        let found = pulses.iter().filter(|pulse| kinds.contains(&pulse.job_type.as_str())).max_by_key(|pulse| pulse.latest_heartbeat);
        status(&app, found)
    };
    let (scheduler, scheduler_beat) = part(&["SchedulerJob"]);
    let (triggerer, triggerer_beat) = part(&["TriggererJob"]);
    let (processor, processor_beat) = part(&["DagProcessorJob"]);
    Json(json!({
        "metadatabase": { "status": database },
        "scheduler": { "status": scheduler, "latest_scheduler_heartbeat": scheduler_beat },
        "triggerer": { "status": triggerer, "latest_triggerer_heartbeat": triggerer_beat },
        "dag_processor": { "status": processor, "latest_dag_processor_heartbeat": processor_beat },
        "alerts": alerts_health(&alerts),
    }))
}

/// Unhealthy while what was tried waits for another try, or was given up within a day.
fn alerts_health(counts: &AlertCounts) -> Value {
    let status = if counts.troubled == 0 && counts.failed == 0 { "healthy" } else { "unhealthy" };
    json!({ "status": status, "waiting": counts.waiting, "failed_24h": counts.failed, "oldest_waiting": counts.oldest.map(Time) })
}

/// `None` for what was never started.
fn status(app: &App, pulse: Option<&Pulse>) -> (Option<&'static str>, Option<Time>) {
    let Some(pulse) = pulse else { return (None, None) };
    let age = app.store().now().as_microsecond() - pulse.latest_heartbeat;
    let well = pulse.alive && age < app.options().health_threshold * 1_000_000;
    (Some(if well { "healthy" } else { "unhealthy" }), Some(Time::from_micros(pulse.latest_heartbeat)))
}

async fn version() -> Json<Value> {
    Json(json!({ "version": VERSION, "git_version": null }))
}

/// The processes that hold a lease now.
async fn cluster(State(app): State<App>) -> Result<Json<Value>> {
    let listed = app
        .store()
        .run(ListJobs {
            is_alive: Some(true),
            states: Vec::new(),
            job_type: None,
            hostname: None,
            start_date: Default::default(),
            end_date: Default::default(),
            order: Vec::new(),
            page: Page { limit: 1_000, offset: 0 },
        })
        .await?;
    let members: Vec<Value> = listed
        .rows
        .iter()
        .map(|job| {
            json!({
                "id": job.id, "job_type": job.job_type, "hostname": job.hostname, "pid": job.pid, "address": job.address,
                "version": job.version, "term": job.term, "lease_until": Time::from_micros(job.lease_until),
                "start_date": Time::from_micros(job.start_date), "latest_heartbeat": Time::from_micros(job.latest_heartbeat),
            })
        })
        .collect();
    Ok(Json(json!({ "members": members, "total_entries": listed.total })))
}
