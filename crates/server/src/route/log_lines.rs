//! Logs by lines: a window, the last ones, searches. Lines are counted from 1, as people do.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tradewind_queue::attempt_log::{Hits, LogLine, Wanted};

use super::logs::{Source, source_of};
use super::task_instances::{TaskPath, find};
use crate::auth::Access;
use crate::clock;
use crate::error::{ApiError, Result};
use crate::request::check;
use crate::request::filters::path_int;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;

/// Lines of an answer.
const LINES: i64 = 1_000;
const MOST_LINES: i64 = 5_000;
/// Matches of an answer.
const MATCHES: i64 = 200;
const MOST_MATCHES: i64 = 1_000;
/// Bytes of lines that an answer holds, about.
const BYTES: usize = 8 << 20;
/// How long one request may look for lines.
const PATIENCE: SignedDuration = SignedDuration::from_millis(500);

/// Path of the log of a try: DAG, run, task, try.
pub(super) type LogPath = (String, String, String, String);

pub fn routes() -> Vec<Route> {
    vec![
        route(
            Method::GET,
            "/api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{try_number}/lines",
            "tradewind_log_lines",
            Access::Read,
            lines,
        ),
        route(
            Method::GET,
            "/api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{try_number}/search",
            "tradewind_log_search",
            Access::Read,
            search,
        ),
        route(
            Method::GET,
            "/api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{try_number}/first_error",
            "tradewind_log_first_error",
            Access::Read,
            first_error,
        ),
    ]
}

/// Whose log it is, from the path and `map_index`.
pub(super) struct Asked {
    pub task: TaskPath,
    pub number: i64,
    pub map_index: i32,
}

impl Asked {
    pub fn read((dag_id, run_id, task_id, number): LogPath, query: &mut Query) -> Result<Asked> {
        Ok(Asked { task: (dag_id, run_id, task_id), number: path_int("try_number", &number)?, map_index: query.map_index() })
    }

    /// The log; 404 for a try there never was.
    pub async fn source(&self, app: &App) -> Result<Source> {
        source_of(app, find(app, &self.task, self.map_index).await?, self.number).await
    }
}

/// A line as the API gives it.
pub(super) fn entry(number: u64, line: &str) -> Value {
    let line = LogLine::read(line);
    json!({
        "n": number + 1, "timestamp": line.timestamp, "level": line.level, "event": line.event, "logger": line.logger, "fields": line.fields,
    })
}

/// `x` of the query, from `least` to `most`.
fn bounded(query: &mut Query, name: &str, least: i64, most: i64) -> Option<usize> {
    let number = query.checked(name, |value| check::at_least(least, check::int(value)?))?;
    usize::try_from(number.min(most)).ok()
}

/// A line number of the query; 0-based ones are one less.
fn line_number(query: &mut Query, name: &str, least: i64) -> Option<u64> {
    let number = query.checked(name, |value| check::at_least(least, check::int(value)?))?;
    u64::try_from(number).ok()
}

/// A repeated parameter whose values may also be separated by commas.
fn words(query: &Query, name: &str) -> Vec<String> {
    let all = query.all(name);
    all.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn patience() -> impl FnMut() -> bool {
    let until = clock::now() + PATIENCE;
    move || clock::now() < until
}

/// What there is of a log, and what was found in it.
struct Window {
    size: u64,
    total: u64,
    hits: Hits,
}

async fn lines(State(app): State<App>, Path(path): Path<LogPath>, mut query: Query) -> Result<Json<Value>> {
    let asked = Asked::read(path, &mut query)?;
    let from = line_number(&mut query, "from", 1).unwrap_or(1) - 1;
    let limit = bounded(&mut query, "limit", 1, MOST_LINES).unwrap_or(usize::try_from(LINES).unwrap_or(usize::MAX));
    let tail = bounded(&mut query, "tail", 1, MOST_LINES);
    let before = line_number(&mut query, "before", 1).map_or(u64::MAX, |number| number - 1);
    query.finish()?;
    let wanted = Wanted::default().levels(&words(&query, "level")).sources(&words(&query, "source"));
    let source = asked.source(&app).await?;
    let window = source.read(&app, move |log| {
        let hits = match tail {
            Some(tail) => log.find_last(&wanted, before, tail, BYTES, patience())?,
            None => log.find(&wanted, from, limit, BYTES, patience())?,
        };
        Ok(Window { size: log.size()?, total: log.count()?, hits })
    });
    let window = window.await?;
    let exists = window.is_some();
    let Window { size, total, hits } = window.unwrap_or_else(|| Window { size: 0, total: 0, hits: Hits { done: true, ..Hits::default() } });
    // Forward, `next_line` is where to go on; backward it is `before` of the lines that come earlier.
    let (next_line, before) = match tail {
        Some(_) => (hits.hits.last().map_or(total, |hit| hit.number + 1) + 1, Some(hits.next_line + 1)),
        None => (hits.next_line + 1, None),
    };
    Ok(Json(json!({
        "exists": exists,
        "open": source.open,
        "state": source.state,
        "file": source.name,
        "size": size,
        "total_lines": total,
        "first_line": hits.hits.first().map(|hit| hit.number + 1),
        "next_line": next_line,
        "before": before,
        "done": hits.done,
        "lines": hits.hits.iter().map(|hit| entry(hit.number, &hit.line)).collect::<Vec<_>>(),
    })))
}

async fn search(State(app): State<App>, Path(path): Path<LogPath>, mut query: Query) -> Result<Json<Value>> {
    let asked = Asked::read(path, &mut query)?;
    let text = query.required("q", check::text).unwrap_or_default();
    let is_pattern = query.flag("regex").unwrap_or(false);
    let ignore_case = query.flag("ignore_case").unwrap_or(false);
    let after = line_number(&mut query, "after_line", 0).unwrap_or(0);
    let limit = bounded(&mut query, "limit", 1, MOST_MATCHES).unwrap_or(usize::try_from(MATCHES).unwrap_or(usize::MAX));
    query.finish()?;
    let refused = |why: String| ApiError::issue("value_error", &["query", "q"], format!("This cannot be searched for: {why}"), json!(text));
    if text.is_empty() {
        return Err(refused("it is empty".to_owned()));
    }
    let wanted = Wanted::default().text(&text, is_pattern, ignore_case).map_err(refused)?;
    let wanted = wanted.levels(&words(&query, "level")).sources(&words(&query, "source"));
    let source = asked.source(&app).await?;
    let found = source.read(&app, move |log| Ok((log.count()?, log.find(&wanted, after, limit, usize::MAX, patience())?))).await?;
    let (total, hits) = found.unwrap_or_else(|| (0, Hits { done: true, ..Hits::default() }));
    Ok(Json(json!({
        "matches": hits.hits.iter().map(|hit| json!({ "n": hit.number + 1, "text": hit.text })).collect::<Vec<_>>(),
        "next_after": hits.next_line,
        "done": hits.done,
        "searched_lines": hits.searched,
        "total_lines": total,
    })))
}

async fn first_error(State(app): State<App>, Path(path): Path<LogPath>, mut query: Query) -> Result<Json<Value>> {
    let asked = Asked::read(path, &mut query)?;
    let after = line_number(&mut query, "after_line", 0).unwrap_or(0);
    query.finish()?;
    let source = asked.source(&app).await?;
    let found = source.read(&app, move |log| log.find(&Wanted::errors(), after, 1, usize::MAX, patience())).await?;
    let hits = found.unwrap_or_else(|| Hits { done: true, ..Hits::default() });
    let first = hits.hits.first();
    Ok(Json(json!({
        "n": first.map(|hit| hit.number + 1),
        "text": first.map(|hit| LogLine::read(&hit.line).summary()),
        "next_after": hits.next_line,
        "done": hits.done || first.is_some(),
    })))
}
