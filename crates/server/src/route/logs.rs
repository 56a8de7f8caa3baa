//! Logs of attempts, from the files their workers write.

use std::io;
use std::path::PathBuf;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::stream;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tradewind_queue::attempt_log::{LogName, LogReader, failure_line, place};
use tradewind_store::list::log_place::LogPlace;
use tradewind_store::list::task_instance::TaskView;

use super::task_instances::{find, tries_of};
use crate::auth::Access;
use crate::error::{ApiError, Result};
use crate::request::accept::wants_ndjson;
use crate::request::filters::path_int;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;

pub fn routes() -> Vec<Route> {
    vec![route(
        Method::GET,
        "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{try_number}",
        "get_log",
        Access::Read,
        get,
    )]
}

/// What one answer holds at most; the continuation token leads to the rest.
const PAGE_LINES: usize = 20_000;
const PAGE_BYTES: usize = 8 << 20;
/// What is held in memory at once while a log is streamed.
const CHUNK_LINES: usize = 2_000;
const CHUNK_BYTES: usize = 1 << 20;

/// The log of one try.
#[derive(Clone)]
pub(super) struct Source {
    pub path: PathBuf,
    /// Below the log folder, for the reader.
    pub name: String,
    /// The worker that serves it, when it does not lie here.
    pub worker: Option<String>,
    /// The attempt may still write.
    pub open: bool,
    /// State of the task instance, or of the attempt that is over.
    pub state: Option<String>,
}

impl Source {
    /// Runs something on the log, on a thread that may wait for the disk; few at once, so that searches leave the machine to others. `None`: there is no
    /// such file.
    pub async fn read<T: Send + 'static>(
        &self,
        app: &App,
        work: impl FnOnce(&LogReader) -> io::Result<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let permit = app.log_reads().acquire_owned().await.map_err(|error| ApiError::Internal(error.to_string()))?;
        let (source, logs) = (self.clone(), app.clone());
        let read = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&source.reader(&logs)?)
        });
        match read.await.map_err(|error| ApiError::Internal(format!("reading a log ended early: {error}")))? {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => match &self.worker {
                Some(worker) => Err(ApiError::Elsewhere(format!("{error} ({worker})"))),
                None => Err(ApiError::Internal(format!("a log cannot be read: {error}"))),
            },
        }
    }

    fn reader(&self, app: &App) -> io::Result<LogReader> {
        let here = if self.open { LogReader::open(&self.path) } else { LogReader::open_ended(&self.path) };
        match (here, &self.worker, app.remote_logs()) {
            (Err(error), Some(worker), Some(logs)) if error.kind() == io::ErrorKind::NotFound => logs.open(worker, &self.name, !self.open),
            (here, ..) => here,
        }
    }
}

async fn get(
    State(app): State<App>,
    Path((dag_id, run_id, task_id, number)): Path<(String, String, String, String)>,
    mut query: Query,
    headers: HeaderMap,
) -> Result<Response> {
    let number = path_int("try_number", &number)?;
    let map_index = query.map_index();
    let full = query.flag("full_content").unwrap_or(false);
    query.finish()?;
    let from = query.text("token").map(|token| read_token(&token)).transpose()?.unwrap_or(0);
    let task = find(&app, &(dag_id, run_id, task_id), map_index).await?;
    let source = source_of(&app, task, number).await?;
    if wants_ndjson(&headers) {
        return Ok(stream_lines(app, source, from));
    }
    let name = source.name.clone();
    let open = source.open;
    let (lines, bytes) = if full { (usize::MAX, usize::MAX) } else { (PAGE_LINES, PAGE_BYTES) };
    let page = source.read(&app, move |log| log.from_byte(from, lines, bytes)).await?;
    let mut content = if from == 0 { heading(&name, page.is_some()) } else { Vec::new() };
    let more = page.as_ref().is_some_and(|page| !page.at_end) || open;
    let next = page.as_ref().map_or(from, |page| page.next_byte);
    content.extend(page.into_iter().flat_map(|page| page.lines).map(entry));
    let token = more.then(|| write_token(next));
    Ok(Json(json!({ "content": content, "continuation_token": token })).into_response())
}

/// The file of a try; 404 for a try there never was.
pub(super) async fn source_of(app: &App, task: TaskView, number: i64) -> Result<Source> {
    let current = task.try_number;
    let key = (task.dag_id.clone(), task.run_id.clone(), task.task_id.clone(), task.map_index);
    let wanted = LogPlace { run_pk: task.run_pk, task_id: task.task_id.clone(), map_index: task.map_index, try_number: number };
    let unfinished = task.state.as_deref().is_some_and(|state| {
        matches!(state, "queued" | "running" | "restarting" | "deferred" | "up_for_reschedule" | "awaiting_input" | "scheduled")
    });
    let logical_date = task.logical_date.map(|us| crate::time::Time::from_micros(us).to_string()).unwrap_or_default();
    let state = match number == current {
        true => Some(task.state),
        false => tries_of(app, task).await?.into_iter().find(|task| task.try_number == number).map(|task| task.state),
    };
    let Some(state) = state.filter(|_| number >= 1) else { return Err(ApiError::NotFound("TaskInstance not found".into())) };
    let name = app.options().log_template.render(&LogName {
        dag_id: &key.0,
        run_id: &key.1,
        task_id: &key.2,
        map_index: key.3,
        try_number: i32::try_from(number).unwrap_or(i32::MAX),
        logical_date: &logical_date,
    });
    let path = place(&app.options().log_folder, &name).map_err(|error| ApiError::Internal(error.to_string()))?;
    // Rows are asked only when the file is not here.
    let is_here = tokio::fs::try_exists(&path).await.unwrap_or(true) || app.remote_logs().is_none();
    let worker = if is_here { None } else { app.store().run(wanted).await? };
    Ok(Source { path, name, worker, open: unfinished && number == current, state })
}

/// Why an attempt failed, in one line, from a bounded look at its log; `None`: the log says nothing about it.
pub async fn failure_of(app: &App, attempt: &LogName<'_>) -> Option<String> {
    let path = place(&app.options().log_folder, &app.options().log_template.render(attempt)).ok()?;
    let permit = app.log_reads().acquire_owned().await.ok()?;
    let read = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        failure_line(&path)
    });
    read.await.ok()?.ok()?.map(|(_, text)| text)
}

/// The block that tells where the lines come from.
fn heading(name: &str, exists: bool) -> Vec<Box<RawValue>> {
    let sources: Vec<&str> = if exists { vec![name] } else { Vec::new() };
    let mut block = vec![
        json!({ "timestamp": null, "event": "::group::Log message source details", "sources": sources }),
        json!({ "timestamp": null, "event": "::endgroup::" }),
    ];
    if !exists {
        block.push(json!({ "timestamp": null, "event": format!("There is no log file {name} (yet)"), "level": "warning" }));
    }
    block.into_iter().filter_map(|entry| RawValue::from_string(entry.to_string()).ok()).collect()
}

/// A line as an entry: workers write objects; anything else becomes the event of one.
fn entry(line: String) -> Box<RawValue> {
    let object = line.trim_start().starts_with('{') && serde_json::from_str::<&RawValue>(&line).is_ok();
    let text = if object { line } else { json!({ "event": line }).to_string() };
    RawValue::from_string(text).unwrap_or_default()
}

/// Where a stream of lines has come to.
struct Reading {
    app: App,
    source: Option<Source>,
    next: u64,
    /// The block at the beginning is still to come.
    first: bool,
}

fn stream_lines(app: App, source: Source, from: u64) -> Response {
    let reading = Reading { app, source: Some(source), next: from, first: from == 0 };
    let chunks = stream::unfold(reading, |mut reading| async move {
        let chunk = reading.chunk().await?;
        Some((chunk, reading))
    });
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(chunks)).into_response()
}

impl Reading {
    async fn chunk(&mut self) -> Option<io::Result<Bytes>> {
        let source = self.source.take()?;
        let next = self.next;
        let page = match source.read(&self.app, move |log| log.from_byte(next, CHUNK_LINES, CHUNK_BYTES)).await {
            Ok(page) => page,
            Err(error) => return Some(Err(io::Error::other(error.to_string()))),
        };
        let mut entries = if std::mem::take(&mut self.first) { heading(&source.name, page.is_some()) } else { Vec::new() };
        if let Some(page) = page {
            self.next = page.next_byte;
            if !page.at_end {
                self.source = Some(source);
            }
            entries.extend(page.lines.into_iter().map(entry));
        }
        let mut text = String::new();
        for entry in entries {
            text.push_str(entry.get());
            text.push('\n');
        }
        Some(Ok(Bytes::from(text)))
    }
}

fn write_token(byte: u64) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(json!({ "log_pos": byte }).to_string())
}

fn read_token(token: &str) -> Result<u64> {
    let bad = || ApiError::BadRequest("Bad Signature. Please use only the tokens provided by the API.".into());
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| bad())?;
    let value: Value = serde_json::from_slice(&bytes).map_err(|_| bad())?;
    value["log_pos"].as_u64().ok_or_else(bad)
}
