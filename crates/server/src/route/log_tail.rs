//! A log as it is written: server-sent events until the attempt has ended.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, stream};
use serde_json::{Value, json};
use tokio::sync::broadcast;
use tradewind_queue::Change;
use tradewind_queue::attempt_log::Page;

use super::log_lines::{Asked, LogPath, entry};
use super::logs::Source;
use crate::auth::Access;
use crate::error::Result;
use crate::request::check;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;

/// Proxies close a silent connection after a minute or so.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How often the file is looked at; a line is seen that long after it was written, at most.
const LOOK: Duration = Duration::from_millis(150);
/// Looks after which the database is asked whether the attempt has ended, when nobody told so.
const LOOKS_PER_QUESTION: u32 = 20;
/// Looks without a new line after which the log of an attempt that has ended is complete: its state is known before its process is gone.
const QUIET_LOOKS: u32 = 5;
/// One event.
const LINES: usize = 2_000;
const BYTES: usize = 1 << 20;

pub fn routes() -> Vec<Route> {
    vec![route(
        Method::GET,
        "/api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{try_number}/stream",
        "tradewind_log_stream",
        Access::Read,
        tail,
    )]
}

/// A place in a log: a byte at which a line begins, and the number of that line (from 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    byte: u64,
    line: u64,
}

/// The `id` of events.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.byte, self.line)
    }
}

fn place(id: &str) -> Option<Place> {
    let (byte, line) = id.split_once(':')?;
    Some(Place { byte: byte.parse().ok()?, line: line.parse().ok()? })
}

/// How far a tail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The attempt may write.
    Open,
    /// It has ended: what it wrote last is still to be read, until so many looks have found nothing.
    Last(u32),
    Over,
}

struct Tail {
    app: App,
    asked: Asked,
    source: Source,
    changes: broadcast::Receiver<Change>,
    next: Place,
    phase: Phase,
    looks: u32,
}

/// Events `lines` (`{"lines": [...], "next_line": n}`), `reset` (the log was cut off: from its beginning again) and, when the attempt has ended, `end`. Begins
/// after `Last-Event-ID` (header, or query `last_event_id`), at `from_line` or `from_byte`; else with what is written from now on.
async fn tail(
    State(app): State<App>,
    Path(path): Path<LogPath>,
    mut query: Query,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = std::result::Result<Event, Infallible>>>> {
    let asked = Asked::read(path, &mut query)?;
    let mut number = |name: &str, least: i64| query.checked(name, |value| check::at_least(least, check::int(value)?));
    let (from_line, from_byte) = (number("from_line", 1), number("from_byte", 0));
    query.finish()?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let known = last.or_else(|| query.text("last_event_id")).as_deref().and_then(place);
    // Subscribed before the state is read: an end in between is not missed.
    let changes = app.changes().subscribe();
    let source = asked.source(&app).await?;
    let next = match known {
        Some(place) => place,
        None => begin(&app, &source, from_line, from_byte).await?,
    };
    let phase = if source.open { Phase::Open } else { Phase::Last(0) };
    let tail = Tail { app, asked, source, changes, next, phase, looks: 0 };
    let events = stream::unfold(tail, |mut tail| async move {
        let event = tail.next().await?;
        Some((Ok(event), tail))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

async fn begin(app: &App, source: &Source, from_line: Option<i64>, from_byte: Option<i64>) -> Result<Place> {
    let unsigned = |number: i64| u64::try_from(number).unwrap_or(0);
    let page = source.read(app, move |log| match (from_line, from_byte) {
        (Some(line), _) => log.from_line(unsigned(line) - 1, 0, 0),
        (None, Some(byte)) => log.from_byte(unsigned(byte), 0, 0),
        (None, None) => log.from_byte(log.line_start(log.size()?)?, 0, 0),
    });
    Ok(page.await?.map_or(Place { byte: 0, line: 0 }, |page| Place { byte: page.next_byte, line: page.next_line }))
}

impl Tail {
    async fn next(&mut self) -> Option<Event> {
        while self.phase != Phase::Over {
            match self.read().await {
                Ok(Some(event)) => return Some(event),
                Ok(None) => match self.phase {
                    Phase::Last(0) | Phase::Over => {
                        self.phase = Phase::Over;
                        return Some(self.event("end", &json!({ "state": self.source.state, "next_line": self.next.line + 1 })));
                    }
                    Phase::Last(left) => {
                        self.phase = Phase::Last(left - 1);
                        self.wait().await?;
                    }
                    Phase::Open => {
                        if self.wait().await? {
                            self.ask().await;
                        }
                    }
                },
                // The reader comes back with its last id.
                Err(error) => {
                    tracing::warn!(log.file = self.source.name, "a tail ends: {error}");
                    return None;
                }
            }
        }
        None
    }

    fn event(&self, kind: &str, data: &Value) -> Event {
        Event::default().id(self.next.to_string()).event(kind).data(data.to_string())
    }

    /// The lines that are there after the last ones.
    async fn read(&mut self) -> Result<Option<Event>> {
        let Place { byte, line } = self.next;
        let read = self.source.read(&self.app, move |log| {
            if log.size()? < byte {
                return Ok(None);
            }
            log.from_place(byte, line, LINES, BYTES).map(Some)
        });
        let page = match read.await? {
            None => Page::default(),
            Some(Some(page)) => page,
            Some(None) => {
                self.next = Place { byte: 0, line: 0 };
                return Ok(Some(self.event("reset", &json!({}))));
            }
        };
        if page.lines.is_empty() {
            return Ok(None);
        }
        self.next = Place { byte: page.next_byte, line: page.next_line };
        let lines: Vec<Value> = (page.first_line..).zip(&page.lines).map(|(number, line)| entry(number, line)).collect();
        Ok(Some(self.event("lines", &json!({ "lines": lines, "next_line": page.next_line + 1 }))))
    }

    /// Until it is time to look again; whether it is time to ask for the state too. `None`: the server stops.
    async fn wait(&mut self) -> Option<bool> {
        let mut closing = self.app.closing();
        let mut told = false;
        let look = tokio::time::sleep(LOOK);
        tokio::pin!(look);
        loop {
            tokio::select! {
                () = &mut look => break,
                _ = closing.wait_for(|closing| *closing) => return None,
                change = self.changes.recv(), if !told => told = match change {
                    Ok(change) => self.is_ours(&change),
                    Err(broadcast::error::RecvError::Lagged(_)) => true,
                    // Without a bus there is nothing to hear; the question below is asked all the same.
                    Err(broadcast::error::RecvError::Closed) => { self.looks = LOOKS_PER_QUESTION; true },
                },
            }
        }
        self.looks += 1;
        let ask = told || self.looks >= LOOKS_PER_QUESTION;
        if ask {
            self.looks = 0;
        }
        Some(ask)
    }

    fn is_ours(&self, change: &Change) -> bool {
        let (dag_id, run_id, task_id) = &self.asked.task;
        match change {
            Change::TaskState { dag_id: dag, run_id: run, task_id: task, map_index, .. } => {
                dag == dag_id && run == run_id && task == task_id && *map_index == self.asked.map_index
            }
            _ => false,
        }
    }

    /// Whether the attempt still may write. What is gone has ended.
    async fn ask(&mut self) {
        match self.asked.source(&self.app).await {
            Ok(source) => self.source = source,
            Err(crate::error::ApiError::NotFound(_)) => self.source.open = false,
            Err(error) => tracing::warn!(log.file = self.source.name, "whether its attempt has ended is not known: {error}"),
        }
        if !self.source.open {
            self.phase = Phase::Last(QUIET_LOOKS);
        }
    }
}
