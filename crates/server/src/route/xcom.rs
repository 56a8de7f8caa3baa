//! XComs: list, get, create, change, delete.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use tradewind_store::list::filter::Page;
use tradewind_store::list::xcom::{DeleteXCom, ListXComs, ORDER, WriteXCom, XComChanged, XComFilter, XComKey, XComView};

use super::task_instances::{self, TaskPath};
use super::{dag_runs, dags, marks};
use crate::answer::python::text_of;
use crate::auth::{Access, User};
use crate::error::{ApiError, Result};
use crate::request::body::{Fields, JsonBody};
use crate::request::check;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;
use crate::time::Time;

pub fn routes() -> Vec<Route> {
    const ENTRIES: &str = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries";
    const ENTRY: &str = "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries/{*xcom_key}";
    vec![
        route(Method::GET, ENTRIES, "get_xcom_entries", Access::Read, list),
        route(Method::POST, ENTRIES, "create_xcom_entry", Access::Run, create),
        route(Method::GET, ENTRY, "get_xcom_entry", Access::Read, get),
        route(Method::PATCH, ENTRY, "update_xcom_entry", Access::Run, update),
        route(Method::DELETE, ENTRY, "delete_xcom_entry", Access::Run, delete),
    ]
}

type EntryPath = (String, String, String, String);

/// The fields of an entry, without its value.
fn answer(app_names: &Names, xcom: &XComView) -> Map<String, Value> {
    let shown = json!({
        "key": xcom.key, "timestamp": Time::from_micros(xcom.timestamp), "logical_date": xcom.logical_date.map(Time::from_micros),
        "map_index": xcom.map_index, "task_id": xcom.task_id, "dag_id": xcom.dag_id, "run_id": xcom.run_id,
        "dag_display_name": xcom.dag_display_name, "task_display_name": app_names.of(xcom), "run_after": Time::from_micros(xcom.run_after),
    });
    match shown {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Display names of tasks, from the forms of their runs.
struct Names(task_instances::Graphs);

impl Names {
    async fn read(app: &App, xcoms: &[XComView]) -> Result<Self> {
        Ok(Self(app.forms().of_versions(xcoms.iter().filter_map(|xcom| xcom.version_id).collect()).await?))
    }

    fn of<'a>(&'a self, xcom: &'a XComView) -> &'a str {
        let graph = xcom.version_id.and_then(|version| self.0.get(&version));
        graph.and_then(|graph| Some(graph.task_form(graph.find(&xcom.task_id)?).display_name())).unwrap_or(&xcom.task_id)
    }
}

async fn list(State(app): State<App>, Path((dag_id, run_id, task_id)): Path<TaskPath>, mut query: Query) -> Result<Json<Value>> {
    let some = |part: &str| (part != "~").then(|| part.to_owned());
    let map_index = query.checked("map_index", |value| check::at_least(-1, check::int(value)?)).or_else(|| query.int("map_index_filter"));
    let filter = XComFilter {
        dag_id: some(&dag_id),
        run_id: some(&run_id),
        task_id: some(&task_id),
        key: query.text("xcom_key"),
        map_index,
        keys: query.patterns("xcom_key"),
        dag_display_name: query.patterns("dag_display_name"),
        run_ids: query.patterns("run_id"),
        task_ids: query.patterns("task_id"),
        logical_date: query.times("logical_date"),
        run_after: query.times("run_after"),
    };
    let page = query.page();
    query.finish()?;
    if dag_id != "~" {
        dags::find(&app, &dag_id).await?;
        if run_id != "~" {
            dag_runs::find(&app, &dag_id, &run_id).await?;
        }
    }
    let mut order = query.order_of(ORDER, "")?;
    if order.is_empty() {
        let names = ["dag_id", "task_id", "run_id", "map_index", "key"];
        order = names.iter().filter_map(|name| tradewind_store::list::filter::order_key(ORDER, name, false)).collect();
    }
    let listed = app.store().run(ListXComs { filter, order, page }).await?;
    let names = Names::read(&app, &listed.rows).await?;
    let entries: Vec<Map<String, Value>> = listed.rows.iter().map(|xcom| answer(&names, xcom)).collect();
    Ok(Json(json!({ "xcom_entries": entries, "total_entries": listed.total })))
}

fn no_xcom(key: &str) -> ApiError {
    ApiError::NotFound(format!("XCom entry with key: `{key}` not found"))
}

async fn with_value(app: &App, xcom: XComView, status: StatusCode, show: impl FnOnce(Value) -> Value) -> Result<Response> {
    let xcoms = [xcom];
    let names = Names::read(app, &xcoms).await?;
    let [xcom] = &xcoms;
    let stored = serde_json::from_str(&xcom.value).unwrap_or_else(|_| json!(xcom.value));
    let mut shown = answer(&names, xcom);
    shown.insert("value".into(), show(stored));
    Ok((status, Json(shown)).into_response())
}

async fn get(State(app): State<App>, Path((dag_id, run_id, task_id, key)): Path<EntryPath>, mut query: Query) -> Result<Response> {
    let map_index = query.map_index();
    let stringify = query.flag("stringify").unwrap_or(false);
    let deserialize = query.flag("deserialize").unwrap_or(false);
    query.finish()?;
    let filter = XComFilter {
        dag_id: Some(dag_id),
        run_id: Some(run_id),
        task_id: Some(task_id),
        key: Some(key.clone()),
        map_index: Some(map_index.into()),
        ..XComFilter::default()
    };
    let listed = app.store().run(ListXComs { filter, order: Vec::new(), page: Page { limit: 1, offset: 0 } }).await?;
    let xcom = listed.rows.into_iter().next().ok_or_else(|| no_xcom(&key))?;
    let show = |value: Value| match value {
        value if stringify || (deserialize && value.is_object()) => Value::String(text_of(&value)),
        value => value,
    };
    with_value(&app, xcom, StatusCode::OK, show).await
}

/// Reads `value` and `map_index`; `create` also wants `key`.
fn read(body: &Value, create: bool) -> Result<(Option<String>, String, i32)> {
    let mut fields = Fields::of(body);
    let key = if create { fields.required("key", check::text) } else { None };
    let value = fields.required("value", |value| Ok(value.to_string())).unwrap_or_default();
    let map_index = fields.not_null("map_index", check::int).unwrap_or(-1);
    fields.finish()?;
    Ok((key, value, i32::try_from(map_index).unwrap_or(i32::MAX)))
}

async fn write(app: &App, user: &User, at: XComKey, value: String, create: bool) -> Result<XComView> {
    let name = if create { "create_xcom_entry" } else { "update_xcom_entry" };
    let event = marks::event(name, user, &at.dag_id, Some(&at.run_id), Some((&at.task_id, at.map_index)));
    match app.store().run(WriteXCom { at: at.clone(), value, create, event }).await? {
        XComChanged::Done(xcom) => Ok(*xcom),
        XComChanged::NoTask => {
            let path = (at.dag_id, at.run_id, at.task_id);
            Err(task_instances::find(app, &path, at.map_index).await.err().unwrap_or_else(|| no_xcom(&at.key)))
        }
        XComChanged::Exists => {
            Err(ApiError::Conflict(format!("The XCom with key: `{}` with mentioned task instance already exists.", at.key)))
        }
        XComChanged::Missing => Err(no_xcom(&at.key)),
    }
}

async fn create(
    State(app): State<App>,
    user: User,
    Path((dag_id, run_id, task_id)): Path<TaskPath>,
    JsonBody(body): JsonBody,
) -> Result<Response> {
    let (key, value, map_index) = read(&body, true)?;
    let at = XComKey { dag_id, run_id, task_id, map_index, key: key.unwrap_or_default() };
    let xcom = write(&app, &user, at, value, true).await?;
    with_value(&app, xcom, StatusCode::CREATED, |value| value).await
}

async fn update(
    State(app): State<App>,
    user: User,
    Path((dag_id, run_id, task_id, key)): Path<EntryPath>,
    JsonBody(body): JsonBody,
) -> Result<Response> {
    let (_, value, map_index) = read(&body, false)?;
    let xcom = write(&app, &user, XComKey { dag_id, run_id, task_id, map_index, key }, value, false).await?;
    with_value(&app, xcom, StatusCode::OK, |value| value).await
}

async fn delete(
    State(app): State<App>,
    user: User,
    Path((dag_id, run_id, task_id, key)): Path<EntryPath>,
    mut query: Query,
) -> Result<StatusCode> {
    let map_index = query.map_index();
    query.finish()?;
    let event = marks::event("delete_xcom_entry", &user, &dag_id, Some(&run_id), Some((&task_id, map_index)));
    let at = XComKey { dag_id, run_id, task_id, map_index, key: key.clone() };
    if app.store().run(DeleteXCom { at, event }).await? { Ok(StatusCode::NO_CONTENT) } else { Err(no_xcom(&key)) }
}
