//! Alerts: the deliveries of the outbox, another try, test messages, and the channels. Nothing here shows a secret.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use serde::Serialize;
use serde_json::{Value, json};
use tradewind_alert::{AlertOptions, TestError};
use tradewind_queue::Change;
use tradewind_store::list::alert::ListAlerts;
use tradewind_store::step::RetryAlerts;
use tradewind_store::table::alert::Alert;
use tradewind_store::table::event_log::{NewEvent, WriteEvents};

use crate::auth::{Access, User};
use crate::error::{ApiError, Result};
use crate::request::body::{Fields, JsonBody};
use crate::request::filters::path_int;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;
use crate::time::Time;

pub fn routes() -> Vec<Route> {
    const LIST: &str = "/api/v2/tradewind/alerts/deliveries";
    const ONE: &str = "/api/v2/tradewind/alerts/deliveries/{delivery_id}";
    const RETRY: &str = "/api/v2/tradewind/alerts/deliveries/{delivery_id}/retry";
    vec![
        route(Method::GET, LIST, "tradewind_alert_deliveries", Access::Read, list),
        route(Method::GET, ONE, "tradewind_alert_delivery", Access::Read, get),
        route(Method::POST, RETRY, "tradewind_retry_alert_delivery", Access::Operate, retry),
        route(Method::POST, "/api/v2/tradewind/alerts/test", "tradewind_test_alert", Access::Operate, test),
        route(Method::GET, "/api/v2/tradewind/alerts/channels", "tradewind_alert_channels", Access::Read, channels),
    ]
}

#[derive(Serialize)]
struct Delivery {
    id: i64,
    created_at: Time,
    channel: String,
    kind: String,
    subject: Option<String>,
    recipients: Vec<Recipient>,
    dag_id: Option<String>,
    run_id: Option<String>,
    task_id: Option<String>,
    map_index: Option<i32>,
    try_number: Option<u32>,
    /// `waiting`, `held` (for a digest), `sending`, `sent`, `grouped` (told by the digest `digest_id`), `failed`.
    state: String,
    tries: u32,
    next_try_at: Option<Time>,
    sent_at: Option<Time>,
    last_error: Option<String>,
    grouped_count: i64,
    digest_id: Option<i64>,
}

#[derive(Serialize)]
struct Recipient {
    address: String,
    /// `waiting`, `sent`, `refused`.
    state: &'static str,
    error: Option<String>,
}

fn answer(alert: &Alert) -> Delivery {
    let outcomes = alert.outcomes();
    let recipients = alert.recipients().into_iter().map(|address| {
        let (state, error) = match outcomes.get(&address) {
            None => ("waiting", None),
            Some(None) => ("sent", None),
            Some(Some(why)) => ("refused", Some(why.clone())),
        };
        Recipient { address, state, error }
    });
    Delivery {
        id: alert.id,
        created_at: Time(alert.created_at),
        channel: alert.channel.clone(),
        kind: alert.kind.clone(),
        subject: alert.subject.clone(),
        recipients: recipients.collect(),
        dag_id: alert.dag_id.clone(),
        run_id: alert.run_id.clone(),
        task_id: alert.task_id.clone(),
        map_index: alert.map_index,
        try_number: alert.try_number,
        state: alert.state.clone(),
        tries: alert.tries,
        // Of one that is being sent it is the end of the claim.
        next_try_at: alert.next_try_at.filter(|_| alert.state != "sending").map(Time),
        sent_at: alert.sent_at.map(Time),
        last_error: alert.last_error.clone(),
        grouped_count: alert.grouped_count,
        digest_id: alert.digest_id,
    }
}

#[derive(Serialize)]
struct Deliveries {
    deliveries: Vec<Delivery>,
    total_entries: i64,
    next_cursor: Option<String>,
}

/// Newest first; `state`, `channel`, `kind`, `dag_id` and `dag_run_id` limit, `cursor` goes on where a page ended.
async fn list(State(app): State<App>, mut query: Query) -> Result<Json<Deliveries>> {
    let page = query.page();
    let cursor = query.text("cursor").filter(|text| !text.is_empty());
    query.finish()?;
    let before = cursor.map(|text| text.parse().map_err(|_| ApiError::BadRequest("Invalid cursor token".into()))).transpose()?;
    let wanted = ListAlerts {
        id: None,
        states: query.all("state"),
        channel: query.text("channel"),
        kind: query.text("kind"),
        dag_id: query.text("dag_id"),
        run_id: query.text("dag_run_id"),
        before,
        limit: page.limit,
    };
    let listed = app.store().run(wanted).await?;
    let full = i64::try_from(listed.rows.len()).unwrap_or(i64::MAX) == page.limit;
    let next_cursor = listed.rows.last().filter(|_| full).map(|alert| alert.id.to_string());
    Ok(Json(Deliveries { deliveries: listed.rows.iter().map(answer).collect(), total_entries: listed.total, next_cursor }))
}

async fn find(app: &App, id: &str) -> Result<Alert> {
    let id = path_int("delivery_id", id)?;
    let listed = app.store().run(ListAlerts { id: Some(id), limit: 1, ..ListAlerts::default() }).await?;
    listed.rows.into_iter().next().ok_or_else(|| ApiError::NotFound(format!("The delivery with id: `{id}` was not found")))
}

async fn get(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Delivery>> {
    Ok(Json(answer(&find(&app, &id).await?)))
}

/// Another try, now, of one that failed or waits.
async fn retry(State(app): State<App>, user: User, Path(id): Path<String>) -> Result<Json<Delivery>> {
    let alert = find(&app, &id).await?;
    if app.store().run(RetryAlerts { id: Some(alert.id) }).await? == 0 {
        return Err(ApiError::Conflict(format!("The delivery {} is `{}`: there is nothing to try again", alert.id, alert.state)));
    }
    let event = NewEvent {
        event: "retry_alert".to_owned(),
        dag_id: alert.dag_id.clone(),
        run_id: alert.run_id.clone(),
        task_id: alert.task_id.clone(),
        owner: Some(user.name.clone()),
        extra: Some(json!({ "delivery_id": alert.id, "channel": alert.channel }).to_string()),
        ..NewEvent::default()
    };
    app.store().run(WriteEvents(vec![event])).await?;
    app.changes().send(Change::Outbox);
    Ok(Json(answer(&find(&app, &id).await?)))
}

fn options(app: &App) -> Result<&AlertOptions> {
    app.options().alerts.as_ref().ok_or_else(|| ApiError::NotFound("This server knows no channels".into()))
}

/// Sends a test message at once: `{"channel": name, "to": addresses?}`. What goes wrong is the answer, not an error of the request.
async fn test(State(app): State<App>, JsonBody(body): JsonBody) -> Result<Json<Value>> {
    let mut fields = Fields::of(&body);
    let channel = fields.text("channel");
    let to = fields.text("to");
    fields.finish()?;
    let channel = channel.unwrap_or_else(|| "email".to_owned());
    match tradewind_alert::test(options(&app)?, app.store(), &channel, to.as_deref()).await {
        Ok(()) => Ok(Json(json!({ "ok": true, "error": null }))),
        Err(error @ TestError::Unknown { .. }) => Err(ApiError::NotFound(error.to_string())),
        Err(error @ TestError::NoAddress(_)) => Err(ApiError::Unprocessable(error.to_string())),
        Err(TestError::Failed(why)) => Ok(Json(json!({ "ok": false, "error": why }))),
    }
}

async fn channels(State(app): State<App>) -> Result<Json<Value>> {
    let channels = tradewind_alert::channels(options(&app)?);
    Ok(Json(json!({ "total_entries": channels.len(), "channels": channels })))
}
