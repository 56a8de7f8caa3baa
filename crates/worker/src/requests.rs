//! What a running attempt asks, and the answers to it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::sleep;
use tradewind_python::FrameSender;
use tradewind_queue::service::{CallError, End, Report};
use uuid::Uuid;

use crate::clock;
use crate::log::Masker;
use crate::worker::Shared;

const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// What came of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    Answered,
    /// The service says that this attempt is fenced.
    Fenced,
    /// The result is safe.
    Reported,
}

/// Answers one request: masks what is secret in the answer before the process can print it.
///
/// While the control plane is away the process waits; it is not its fault.
pub async fn answer(shared: &Shared, id: Uuid, frame: Value, sender: FrameSender, masker: Arc<Mutex<Masker>>) -> Done {
    let method = frame["method"].as_str().unwrap_or_default().to_owned();
    let params = frame["params"].clone();
    let mut backoff = BACKOFF.0;
    let result = loop {
        match shared.service.call(id, method.clone(), params.clone()).await {
            Err(CallError::Unavailable(e)) => {
                tracing::debug!(attempt.id = %id, "`{method}` of an attempt waits: {e}");
                sleep(backoff).await;
                backoff = (backoff * 2).min(BACKOFF.1);
            }
            other => break other,
        }
    };
    if let Ok(result) = &result {
        let secrets = shared.sensitive.found_in(&method, &params, result);
        masker.lock().unwrap_or_else(PoisonError::into_inner).add(secrets);
    }
    let fenced = matches!(result, Err(CallError::Stale(_)));
    if !frame["id"].is_null() {
        let answer = match result {
            Ok(result) => json!({"type": "response", "id": frame["id"], "result": result}),
            Err(e) => json!({"type": "response", "id": frame["id"], "error": {"code": code(&e), "message": e.to_string()}}),
        };
        // A process that has gone needs no answer; its end is seen elsewhere.
        let _ = sender.send(&answer).await;
    }
    if fenced { Done::Fenced } else { Done::Answered }
}

fn code(error: &CallError) -> &'static str {
    match error {
        CallError::NotFound(_) => "not_found",
        CallError::Conflict(_) => "conflict",
        CallError::Invalid(_) => "invalid",
        CallError::Stale(_) => "stale",
        CallError::Unavailable(_) => "unavailable",
    }
}

/// When a result says that its task ended, and the state that the control plane will give it unless somebody intervenes.
pub fn result_of(frame: &Value, should_retry: bool) -> (Timestamp, &'static str) {
    let end_date = frame["end_date"].as_str().and_then(|t| t.parse().ok()).unwrap_or_else(clock::now);
    (end_date, provisional(frame, should_retry))
}

/// Makes a result safe and tells the process what became of its task instance.
pub async fn finish(shared: &Shared, report: Report, otherwise: &'static str, sender: FrameSender) -> Done {
    let awaited = !matches!(&report.end, End::Result { frame } if frame["ack"] == false);
    let answer = match shared.outbox.deliver(report).await {
        Some(reported) => json!({"type": "ack", "accepted": reported.accepted, "state": reported.state}),
        // On disk: the control plane is away.
        None => json!({"type": "ack", "accepted": true, "state": otherwise}),
    };
    if awaited {
        let _ = sender.send(&answer).await;
    }
    Done::Reported
}

fn provisional(frame: &Value, should_retry: bool) -> &'static str {
    match frame["state"].as_str() {
        Some("success") => "success",
        Some("skipped") => "skipped",
        Some("rescheduled") => "up_for_reschedule",
        Some("deferred") => "deferred",
        Some("awaiting_input") => "awaiting_input",
        _ if should_retry && frame["retry"] != false => "up_for_retry",
        _ => "failed",
    }
}
