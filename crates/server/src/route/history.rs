//! `GET .../taskInstances/{task_id}/history`: the states that a task instance went through, and why.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use serde::Serialize;
use serde_json::Value;
use tradewind_store::list::event_log::{EventFilter, EventView, ListEvents, ORDER};
use tradewind_store::list::filter::{Page, order_key};
use tradewind_store::list::history::{AttemptStory, History, ReadHistory};
use tradewind_store::list::task_instance::TaskView;

use super::task_instances::{self, TaskPath};
use crate::auth::Access;
use crate::error::Result;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;
use crate::time::Time;

pub fn routes() -> Vec<Route> {
    const PATH: &str = "/api/v2/tradewind/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/history";
    vec![route(Method::GET, PATH, "tradewind_task_history", Access::Read, history)]
}

/// Events of a run that are looked through.
const MAX_EVENTS: i64 = 1_000;

#[derive(Serialize)]
struct HistoryAnswer {
    events: Vec<StateEvent>,
}

#[derive(Debug, Serialize)]
struct StateEvent {
    at: Time,
    /// A state of task instances, or `lost`, `cancelled`; null when it was cleared.
    state: Option<String>,
    try_number: Option<i64>,
    attempt_id: Option<String>,
    hostname: Option<String>,
    why: Option<String>,
}

async fn history(State(app): State<App>, Path(path): Path<TaskPath>, mut query: Query) -> Result<Json<HistoryAnswer>> {
    let map_index = query.map_index();
    query.finish()?;
    let task = task_instances::find(&app, &path, map_index).await?;
    let wanted = ReadHistory { run_pk: task.run_pk, task_id: task.task_id.clone(), map_index };
    let history = app.store().run(wanted).await?;
    let filter = EventFilter { dag_id: Some(task.dag_id.clone()), run_id: Some(task.run_id.clone()), ..EventFilter::default() };
    let order = order_key(ORDER, "id", true).into_iter().collect();
    let log = app.store().run(ListEvents { filter, order, page: Page { limit: MAX_EVENTS, offset: 0 } }).await?;
    Ok(Json(HistoryAnswer { events: events(&task, &history, &log.rows) }))
}

/// What happened, oldest first.
fn events(task: &TaskView, history: &History, log: &[EventView]) -> Vec<StateEvent> {
    let mut events: Vec<(i64, StateEvent)> = Vec::new();
    if let Some(at) = task.scheduled_at {
        let event = StateEvent { try_number: None, ..state_event(at, "scheduled") };
        events.push((at, event));
    }
    for attempt in &history.attempts {
        of_attempt(attempt, history, &mut events);
    }
    events.extend(log.iter().filter_map(|event| Some((event.dttm, of_log(task, event)?))));
    events.extend(by_itself(task, history, log));
    events.sort_by_key(|(at, _)| *at);
    events.into_iter().map(|(_, event)| event).collect()
}

fn state_event(at: i64, state: &str) -> StateEvent {
    StateEvent { at: Time::from_micros(at), state: Some(state.to_owned()), try_number: None, attempt_id: None, hostname: None, why: None }
}

fn of_attempt(attempt: &AttemptStory, history: &History, events: &mut Vec<(i64, StateEvent)>) {
    let event = |at: i64, state: &str| StateEvent {
        try_number: Some(attempt.try_number),
        attempt_id: Some(attempt.id.clone()),
        ..state_event(at, state)
    };
    events.push((attempt.queued_at, event(attempt.queued_at, "queued")));
    if let Some(at) = attempt.start_date {
        events.push((at, StateEvent { hostname: attempt.hostname.clone(), ..event(at, "running") }));
    }
    if let Some(at) = attempt.end_date.filter(|_| !matches!(attempt.state.as_str(), "queued" | "running")) {
        let mut pauses = history.reschedules.iter().filter(|_| attempt.state == "up_for_reschedule");
        let again = pauses.find(|pause| pause.try_number == attempt.try_number && pause.end_date == at);
        let why = match again {
            Some(pause) => Some(format!("looks again at {}", Time::from_micros(pause.reschedule_date))),
            None => why_ended(attempt),
        };
        events.push((at, StateEvent { hostname: attempt.hostname.clone(), why, ..event(at, &attempt.state) }));
    }
}

fn why_ended(attempt: &AttemptStory) -> Option<String> {
    let asked = attempt.kill_requested.as_deref().map(|kill| match kill {
        "run_ended" => "its run ended",
        "fenced" => "its worker was given up",
        _ => "its state was changed while it was under way",
    });
    let lost = (attempt.state == "lost").then_some("its worker was lost");
    attempt.reason.clone().filter(|reason| !reason.is_empty()).or_else(|| asked.or(lost).map(str::to_owned))
}

/// What somebody did to the task instance, or to its whole run.
fn of_log(task: &TaskView, event: &EventView) -> Option<StateEvent> {
    let by = event.owner.as_deref().unwrap_or("somebody");
    let its_own =
        event.task_id.as_deref() == Some(&*task.task_id) && event.map_index.is_none_or(|index| index == i64::from(task.map_index));
    let (state, why) = match event.event.as_str() {
        name if its_own && name.starts_with("task_instance_") => {
            let state = name.trim_start_matches("task_instance_");
            (Some(state.to_owned()), format!("marked {state} by {by}"))
        }
        "clear_task_instances" if names(event, task) => (None, format!("cleared by {by}")),
        "clear_dag_run" | "dag_run_queued" => (None, format!("its run was cleared by {by}")),
        name @ ("dag_run_success" | "dag_run_failed") => {
            let state = name.trim_start_matches("dag_run_");
            (None, format!("its run was marked {state} by {by}"))
        }
        _ => return None,
    };
    Some(StateEvent { state, why: Some(why), try_number: event.try_number, ..state_event(event.dttm, "") })
}

/// Whether a clear of task instances, which lists them, was about this one.
fn names(event: &EventView, task: &TaskView) -> bool {
    let extra = event.extra.as_deref().and_then(|extra| serde_json::from_str::<Value>(extra).ok());
    let listed = extra.as_ref().and_then(|extra| extra["task_instances"].as_array());
    listed.into_iter().flatten().any(|one| one["task_id"] == task.task_id.as_str() && one["map_index"] == i64::from(task.map_index))
}

/// The state that came without an attempt: skipped, a failure above it, removed.
fn by_itself(task: &TaskView, history: &History, log: &[EventView]) -> Option<(i64, StateEvent)> {
    let state = task.state.as_deref().filter(|state| matches!(*state, "skipped" | "upstream_failed" | "removed" | "failed" | "success"))?;
    let attempted = history.attempts.iter().any(|attempt| attempt.state == state && Some(&attempt.id) == task.attempt_id.as_ref());
    let marked = log.iter().filter_map(|event| of_log(task, event)).any(|event| event.state.as_deref() == Some(state));
    if attempted || marked {
        return None;
    }
    let why = match state {
        "upstream_failed" => Some("something before it failed"),
        "skipped" => Some("its trigger rule or something before it decided so"),
        "removed" => Some("the DAG has it no more"),
        _ => None,
    };
    let at = task.end_date.unwrap_or(task.updated_at);
    Some((at, StateEvent { why: why.map(str::to_owned), ..state_event(at, state) }))
}
