//! A whole log as a file, streamed.

use std::io;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tradewind_queue::attempt_log::LogLine;

use super::log_lines::{Asked, LogPath};
use super::logs::Source;
use crate::auth::Access;
use crate::error::{ApiError, Result};
use crate::request::check;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;

/// What is held in memory at once.
const CHUNK: u64 = 256 << 10;
const CHUNK_LINES: usize = 4_000;

pub fn routes() -> Vec<Route> {
    vec![route(
        Method::GET,
        "/api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{try_number}/download",
        "tradewind_log_download",
        Access::Read,
        download,
    )]
}

/// How the lines are written.
#[derive(Clone, Copy)]
enum Form {
    /// As people read them.
    Text,
    /// As the worker wrote them: JSON.
    Lines,
}

/// Where a download has come to.
struct Reading {
    app: App,
    source: Source,
    form: Form,
    byte: u64,
    /// The log as it was when the download began: one that grows comes to an end too.
    size: u64,
}

async fn download(State(app): State<App>, Path(path): Path<LogPath>, mut query: Query) -> Result<Response> {
    let asked = Asked::read(path, &mut query)?;
    let form = query.checked("format", |value| check::one_of(&["text", "ndjson"], value)).unwrap_or("text");
    query.finish()?;
    let form = if form == "text" { Form::Text } else { Form::Lines };
    let source = asked.source(&app).await?;
    let size = source.read(&app, |log| log.size()).await?;
    let size = size.ok_or_else(|| ApiError::NotFound(format!("There is no log file {} (yet)", source.name)))?;
    let name = file_name(&asked);
    let reading = Reading { app, source, form, byte: 0, size };
    let chunks = stream::unfold(reading, |mut reading| async move {
        let chunk = reading.chunk().await?;
        Some((chunk, reading))
    });
    let kind = match form {
        Form::Text => "text/plain; charset=utf-8",
        Form::Lines => "application/x-ndjson",
    };
    let mut response = ([(header::CONTENT_TYPE, kind)], Body::from_stream(chunks)).into_response();
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// The name under which a browser keeps the log.
fn file_name(asked: &Asked) -> String {
    let (dag_id, run_id, task_id) = &asked.task;
    let index = if asked.map_index < 0 { String::new() } else { format!(".{}", asked.map_index) };
    let name = format!("{dag_id}.{run_id}.{task_id}{index}.{}.log", asked.number);
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-+".contains(c) { c } else { '_' }).collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(&name, NON_ALPHANUMERIC))
}

impl Reading {
    async fn chunk(&mut self) -> Option<io::Result<Bytes>> {
        if self.byte >= self.size {
            return None;
        }
        let (byte, form, left) = (self.byte, self.form, self.size - self.byte);
        let read = self.source.read(&self.app, move |log| match form {
            Form::Lines => {
                let bytes = log.read(byte, left.min(CHUNK))?;
                Ok((byte + bytes.len() as u64, bytes))
            }
            Form::Text => {
                let page = log.from_place(byte, 0, CHUNK_LINES, usize::try_from(CHUNK).unwrap_or(usize::MAX))?;
                let mut text = String::new();
                for line in &page.lines {
                    text.push_str(&LogLine::read(line).plain());
                    text.push('\n');
                }
                Ok((page.next_byte, text.into_bytes()))
            }
        });
        let (next, bytes) = match read.await {
            Ok(Some(read)) => read,
            Ok(None) => return Some(Err(io::Error::new(io::ErrorKind::NotFound, "the log has gone"))),
            Err(error) => return Some(Err(io::Error::other(error.to_string()))),
        };
        // Cut off meanwhile, or in the middle of a line that is being written.
        if bytes.is_empty() {
            return None;
        }
        self.byte = next;
        Some(Ok(Bytes::from(bytes)))
    }
}
