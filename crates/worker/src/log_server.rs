//! Serves the logs of this worker to web servers, in pieces: `GET /log/{path below the log folder}`, a range of bytes at a time.
//!
//! *Authority:* a token names the one log that it lets read (and the index beside it). *Limits:* a piece is [`PIECE`] bytes at most; few are read at once.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tradewind_queue::attempt_log::place;
use tradewind_queue::remote::{Scope, TokenError, Tokens};

use crate::clock;

/// Bytes of an answer at most.
const PIECE: u64 = 4 << 20;
const READERS: usize = 16;
/// Tokens are made for the request; clocks may differ by as much.
const LEEWAY: Duration = Duration::from_secs(60);

struct Logs {
    folder: PathBuf,
    tokens: Tokens,
    readers: Arc<Semaphore>,
}

/// Serves the logs below `folder` for as long as it is polled.
///
/// # Errors
/// The listener fails.
pub async fn serve_logs(listener: TcpListener, folder: PathBuf, secret: &str) -> io::Result<()> {
    let tokens = Tokens::new(secret.as_bytes(), LEEWAY, LEEWAY);
    let logs = Arc::new(Logs { folder, tokens, readers: Arc::new(Semaphore::new(READERS)) });
    let router = Router::new().route("/log/{*path}", get(read)).route("/health", get(async || "ok")).with_state(logs);
    axum::serve(listener, router).await
}

async fn read(State(logs): State<Arc<Logs>>, Path(path): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refused) = admit(&logs, &path, &headers) {
        return refused.into_response();
    }
    let Ok(file) = place(&logs.folder, &path) else { return (StatusCode::BAD_REQUEST, "not a path of a log").into_response() };
    let Some((from, to)) = range(&headers) else {
        return (StatusCode::BAD_REQUEST, "a range of bytes is wanted: `Range: bytes=FROM-TO`").into_response();
    };
    let Ok(permit) = logs.readers.clone().acquire_owned().await else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let piece = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        piece(&file, from, to)
    });
    match piece.await {
        Ok(Ok((bytes, size))) => answer(from, bytes, size),
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => (StatusCode::NOT_FOUND, "there is no such log (yet)").into_response(),
        Ok(Err(error)) => (StatusCode::INTERNAL_SERVER_ERROR, format!("the log cannot be read: {error}")).into_response(),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "reading the log ended early").into_response(),
    }
}

fn admit(logs: &Logs, path: &str, headers: &HeaderMap) -> Result<(), (StatusCode, String)> {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
    let Some(token) = shown else { return Err((StatusCode::UNAUTHORIZED, "Missing auth token".to_owned())) };
    let claims = logs.tokens.check(token, Scope::Logs, clock::now());
    let named = |claims: &str| path == claims || path.strip_suffix(".idx").is_some_and(|log| log == claims);
    match claims {
        Ok(claims) if named(&claims.sub) => Ok(()),
        Ok(_) => Err((StatusCode::FORBIDDEN, TokenError::Invalid.to_string())),
        Err(error) => Err((StatusCode::FORBIDDEN, error.to_string())),
    }
}

/// First and last byte that are wanted.
fn range(headers: &HeaderMap) -> Option<(u64, u64)> {
    let (from, to) = headers.get(header::RANGE)?.to_str().ok()?.strip_prefix("bytes=")?.split_once('-')?;
    let from: u64 = from.parse().ok()?;
    let to = if to.is_empty() { u64::MAX } else { to.parse().ok()? };
    (from <= to).then_some((from, to.min(from.saturating_add(PIECE - 1))))
}

fn piece(path: &std::path::Path, from: u64, to: u64) -> io::Result<(Vec<u8>, u64)> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let length = size.min(to.saturating_add(1)).saturating_sub(from);
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read_at(&mut bytes[filled..], from + filled as u64) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok((bytes, size))
}

fn answer(from: u64, bytes: Vec<u8>, size: u64) -> Response {
    if bytes.is_empty() {
        return (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, format!("bytes */{size}"))]).into_response();
    }
    let place = format!("bytes {from}-{}/{size}", from + bytes.len() as u64 - 1);
    let headers = [(header::CONTENT_RANGE, place), (header::CONTENT_TYPE, "application/octet-stream".to_owned())];
    (StatusCode::PARTIAL_CONTENT, headers, bytes).into_response()
}
