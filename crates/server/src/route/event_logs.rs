//! The event log, and the processes of the installation.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use serde_json::{Value, json};
use tradewind_store::list::event_log::{EventFilter, EventView, ListEvents, ORDER};
use tradewind_store::list::filter::{Page, Range};
use tradewind_store::list::job::{ListJobs, ORDER as JOB_ORDER};

use crate::answer::job::JobAnswer;
use crate::auth::Access;
use crate::error::{ApiError, Result};
use crate::request::filters::path_int;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;
use crate::time::Time;

pub fn routes() -> Vec<Route> {
    vec![
        route(Method::GET, "/api/v2/eventLogs", "get_event_logs", Access::Read, list),
        route(Method::GET, "/api/v2/eventLogs/{event_log_id}", "get_event_log", Access::Read, get),
        route(Method::GET, "/api/v2/jobs", "get_jobs", Access::Read, jobs),
    ]
}

fn answer(event: &EventView) -> Value {
    json!({
        "event_log_id": event.id, "when": Time::from_micros(event.dttm), "dag_id": event.dag_id, "task_id": event.task_id,
        "run_id": event.run_id, "map_index": event.map_index, "try_number": event.try_number, "event": event.event,
        "logical_date": event.logical_date.map(Time::from_micros), "owner": event.owner, "extra": event.extra,
        "dag_display_name": event.dag_display_name, "task_display_name": event.task_id,
    })
}

async fn list(State(app): State<App>, mut query: Query) -> Result<Json<Value>> {
    let micros = |time: Option<jiff::Timestamp>| time.map(jiff::Timestamp::as_microsecond);
    let filter = EventFilter {
        id: None,
        dag_id: query.text("dag_id"),
        task_id: query.text("task_id"),
        run_id: query.text("run_id"),
        map_index: query.int("map_index"),
        try_number: query.int("try_number"),
        owner: query.text("owner"),
        event: query.text("event"),
        excluded: query.all("excluded_events"),
        included: query.all("included_events"),
        when: Range { gt: micros(query.datetime("after")), lt: micros(query.datetime("before")), ..Range::default() },
        dag_ids: query.patterns("dag_id"),
        task_ids: query.patterns("task_id"),
        run_ids: query.patterns("run_id"),
        owners: query.patterns("owner"),
        events: query.patterns("event"),
    };
    let page = query.page();
    query.finish()?;
    let order = query.order_of(ORDER, "id")?;
    let listed = app.store().run(ListEvents { filter, order, page }).await?;
    let events: Vec<Value> = listed.rows.iter().map(answer).collect();
    Ok(Json(json!({ "event_logs": events, "total_entries": listed.total })))
}

async fn get(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Value>> {
    let id = path_int("event_log_id", &id)?;
    let filter = EventFilter { id: Some(id), ..EventFilter::default() };
    let listed = app.store().run(ListEvents { filter, order: Vec::new(), page: Page { limit: 1, offset: 0 } }).await?;
    match listed.rows.first() {
        Some(event) => Ok(Json(answer(event))),
        None => Err(ApiError::NotFound(format!("The Event Log with id: `{id}` not found"))),
    }
}

async fn jobs(State(app): State<App>, mut query: Query) -> Result<Json<Value>> {
    let wanted = ListJobs {
        is_alive: query.flag("is_alive"),
        states: query.all("job_state"),
        job_type: query.text("job_type"),
        hostname: query.text("hostname"),
        start_date: query.times("start_date"),
        end_date: query.times("end_date"),
        page: query.page(),
        order: query.order_of(JOB_ORDER, "id")?,
    };
    query.finish()?;
    let listed = app.store().run(wanted).await?;
    let jobs: Vec<JobAnswer<'_>> = listed.rows.iter().map(JobAnswer::new).collect();
    Ok(Json(json!({ "jobs": jobs, "total_entries": listed.total })))
}
