//! What workers ask about attempts, and what attempts ask themselves.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;
use tradewind_queue::remote::{Began, Call, Renewed, Scope, TokenError, Won};
use tradewind_queue::service::{Report, Reported};
use uuid::Uuid;

use super::admit::{Attempt, Worker};
use super::{Execution, Message, Refused, Shared, execution, refreshed};
use crate::clock;

pub async fn claim(State(app): Shared, worker: Worker, Path((_, attempt)): Path<(i64, Uuid)>) -> Result<Response, Refused> {
    let execution = execution(&app)?;
    let _turn = execution.turn().await?;
    let won = execution.service.claim(worker.id, attempt).await?.map(|mut start| {
        // The control plane's own secrets never reach another machine, so no log there can show them.
        start.secrets.clear();
        Won { start, token: execution.tokens.attempt(attempt, worker.id, clock::now()) }
    });
    Ok(refreshed(won, worker.token))
}

pub async fn started(
    State(app): Shared,
    worker: Worker,
    Path((_, attempt)): Path<(i64, Uuid)>,
    Message(began): Message<Began>,
) -> Result<Response, Refused> {
    let execution = execution(&app)?;
    let _turn = execution.turn().await?;
    execution.service.started(worker.id, attempt, began.pid).await?;
    Ok(refreshed((), worker.token))
}

/// A new token for an attempt that still runs on this worker.
pub async fn token(State(app): Shared, worker: Worker, Path((_, attempt)): Path<(i64, Uuid)>) -> Result<Response, Refused> {
    let execution = execution(&app)?;
    let _turn = execution.turn().await?;
    execution.service.vouch(worker.id, attempt).await?;
    let token = execution.tokens.attempt(attempt, worker.id, clock::now());
    Ok(refreshed(Renewed { token }, worker.token))
}

/// A report of this worker; or of a former life of it, with the token of the attempt as proof, which may be over by now.
pub async fn report(State(app): Shared, worker: Worker, Message(report): Message<Report>) -> Result<Response, Refused> {
    let execution = execution(&app)?;
    if report.worker != worker.id && !is_proven(execution, &report) {
        return Err(Refused::of(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "the attempt is that of another worker"));
    }
    let _turn = execution.turn().await?;
    let reported: Reported = execution.service.report(report).await?;
    Ok(refreshed(reported, worker.token))
}

fn is_proven(execution: &Execution, report: &Report) -> bool {
    let claims = report.proof.as_deref().ok_or(TokenError::Invalid).and_then(|token| execution.tokens.signed(token, Scope::Execution));
    claims.is_ok_and(|claims| claims.sub == report.attempt_id.to_string() && claims.worker == Some(report.worker.0))
}

pub async fn call(State(app): Shared, attempt: Attempt, Message(call): Message<Call>) -> Result<Json<Value>, Refused> {
    let execution = execution(&app)?;
    let _turn = execution.turn().await?;
    Ok(Json(execution.service.call(attempt.id, call.method, call.params).await?))
}
