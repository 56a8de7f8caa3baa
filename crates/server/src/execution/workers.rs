//! What workers ask about themselves.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use tradewind_queue::remote::{Join, Joined, LONGEST_WAIT, PROTOCOL, Pulse, Take};
use tradewind_queue::service::Hint;

use super::admit::{Joining, Worker};
use super::{Message, Refused, Shared, execution, refreshed};
use crate::clock;

/// Hints of one answer.
const MOST_HINTS: usize = 256;

pub async fn join(State(app): Shared, _: Joining, Message(join): Message<Join>) -> Result<Json<Joined>, Refused> {
    let execution = execution(&app)?;
    if join.protocol != PROTOCOL {
        let text = format!("this worker speaks protocol {}, the control plane {PROTOCOL}: run the same release everywhere", join.protocol);
        return Err(Refused::of(StatusCode::CONFLICT, "conflict", text));
    }
    let _turn = execution.turn().await?;
    let lease = execution.service.register(join.info).await?;
    Ok(Json(Joined { lease, token: execution.tokens.worker(lease.worker, clock::now()) }))
}

/// Waits for hints; answers at once when the server stops, so that the worker asks another.
pub async fn take(State(app): Shared, worker: Worker, Message(take): Message<Take>) -> Result<Response, Refused> {
    let execution = execution(&app)?;
    let Ok(_waiting) = execution.waits.try_acquire() else { return Err(Refused::busy("too many workers wait for hints here")) };
    let wait = take.wait.clamp(0.0, LONGEST_WAIT);
    let mut closing = app.closing();
    let taking = execution.service.take(worker.id, take.queues, take.max.min(MOST_HINTS), wait);
    let hints: Vec<Hint> = tokio::select! {
        // What was taken is handed over.
        biased;
        taken = taking => taken?,
        _ = closing.wait_for(|closing| *closing) => Vec::new(),
    };
    Ok(refreshed(hints, worker.token))
}

pub async fn heartbeat(State(app): Shared, worker: Worker, Message(pulse): Message<Pulse>) -> Result<Response, Refused> {
    // Never behind others: leases hang on it.
    let beat = execution(&app)?.service.heartbeat(worker.id, pulse.running).await?;
    Ok(refreshed(beat, worker.token))
}

pub async fn deregister(State(app): Shared, worker: Worker) -> Result<Json<()>, Refused> {
    execution(&app)?.service.deregister(worker.id).await?;
    Ok(Json(()))
}
