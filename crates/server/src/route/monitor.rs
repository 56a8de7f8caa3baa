//! Health and version: the operations that need no token.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tradewind_store::list::alert::{AlertCounts, AlertPulse};
use tradewind_store::list::job::{Pulse, ReadPulses};

use crate::VERSION;
use crate::routes::{Route, open};
use crate::state::App;
use crate::time::Time;

pub fn routes() -> Vec<Route> {
    vec![
        open(Method::GET, "/api/v2/monitor/health", "get_health", health),
        open(Method::GET, "/health", "tradewind_health", health),
        open(Method::GET, "/api/v2/version", "get_version", version),
    ]
}

/// Always 200: the states are in the body.
async fn health(State(app): State<App>) -> Json<Value> {
    let pulses = app.store().run(ReadPulses).await;
    let alerts = app.store().run(AlertPulse { failed_within: SignedDuration::from_hours(24) }).await.unwrap_or_default();
    let database = if pulses.is_ok() { "healthy" } else { "unhealthy" };
    let pulses = pulses.unwrap_or_default();
    let part = |kind: &str| status(pulses.iter().find(|pulse| pulse.job_type == kind), app.options().thresholds.of(kind));
    let (scheduler, scheduler_beat) = part("SchedulerJob");
    let (triggerer, triggerer_beat) = part("TriggererJob");
    let (processor, processor_beat) = part("DagProcessorJob");
    Json(json!({
        "metadatabase": { "status": database },
        // Without a scheduler nothing works: that none was ever started is no excuse.
        "scheduler": { "status": scheduler.unwrap_or("unhealthy"), "latest_scheduler_heartbeat": scheduler_beat },
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
fn status(pulse: Option<&Pulse>, threshold: i64) -> (Option<&'static str>, Option<Time>) {
    let Some(pulse) = pulse else { return (None, None) };
    (Some(if pulse.is_well(threshold) { "healthy" } else { "unhealthy" }), Some(Time::from_micros(pulse.latest_heartbeat)))
}

async fn version() -> Json<Value> {
    Json(json!({ "version": VERSION, "git_version": null }))
}
