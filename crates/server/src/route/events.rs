//! `GET /api/v2/tradewind/events`: state changes as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream;

use crate::auth::Access;
use crate::feed::Entry;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;

/// Proxies close a silent connection after a minute or so.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub fn routes() -> Vec<Route> {
    vec![route(Method::GET, "/api/v2/tradewind/events", "tradewind_events", Access::Read, events)]
}

/// What one watcher has seen and what of it waits to be sent.
struct Watcher {
    app: App,
    newest: tokio::sync::watch::Receiver<u64>,
    seen: u64,
    waiting: std::vec::IntoIter<Entry>,
    reset: bool,
}

/// Events `dag_run`, `task_instance`, `dag` with JSON data; resumes by `Last-Event-ID` (header, or query `last_event_id`).
/// A `reset` event tells that changes were missed.
async fn events(State(app): State<App>, query: Query, headers: HeaderMap) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let last = last.or_else(|| query.text("last_event_id"));
    let known = last.as_deref().map(|id| app.feed().number(id));
    let newest = app.feed().watch();
    let (seen, reset) = match known {
        None => (app.feed().newest(), false),
        Some(Some(number)) => (number, false),
        Some(None) => (app.feed().newest(), true),
    };
    let watcher = Watcher { app, newest, seen, waiting: Vec::new().into_iter(), reset };
    let events = stream::unfold(watcher, |mut watcher| async move {
        let event = watcher.next().await?;
        Some((Ok(event), watcher))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

impl Watcher {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if std::mem::take(&mut self.reset) {
                return Some(Event::default().id(self.app.feed().id(self.seen)).event("reset").data("{}"));
            }
            if let Some(entry) = self.waiting.next() {
                self.seen = entry.number;
                return Some(Event::default().id(self.app.feed().id(entry.number)).event(entry.kind).data(&*entry.data));
            }
            match self.app.feed().after(self.seen) {
                Some(entries) if entries.is_empty() => {
                    let mut closing = self.app.closing();
                    tokio::select! {
                        changed = self.newest.changed() => changed.ok()?,
                        _ = closing.wait_for(|closing| *closing) => return None,
                    }
                }
                Some(entries) => self.waiting = entries.into_iter(),
                None => {
                    self.seen = self.app.feed().newest();
                    self.reset = true;
                }
            }
        }
    }
}
