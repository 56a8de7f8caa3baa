//! What is known of DAG files and versions: sources, versions, tags, statistics, warnings, import errors, parsing again.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tradewind_queue::Change;
use tradewind_store::list::VersionView;
use tradewind_store::list::event_log::AddEvent;
use tradewind_store::list::filter::Page;
use tradewind_store::list::import_error::{ImportErrorView, ListImportErrors, ORDER as ERROR_ORDER};
use tradewind_store::list::small::{
    CountRuns, GetSource, ListTags, ListVersions, ListWarnings, Reparse, RequestReparse, RunCount, VERSION_ORDER, WARNING_ORDER,
};

use super::dags;
use crate::answer::version::VersionAnswer;
use crate::auth::{Access, User};
use crate::error::{ApiError, Result};
use crate::file_token;
use crate::request::accept::{Accept, accepted};
use crate::request::check;
use crate::request::filters::{RUN_STATES, path_int};
use crate::request::query::{Query, bad_order};
use crate::routes::{Route, route};
use crate::state::App;
use crate::time::Time;

pub fn routes() -> Vec<Route> {
    vec![
        route(Method::GET, "/api/v2/dagSources/{dag_id}", "get_dag_source", Access::Read, source),
        route(Method::GET, "/api/v2/dags/{dag_id}/dagVersions", "get_dag_versions", Access::Read, versions),
        route(Method::GET, "/api/v2/dags/{dag_id}/dagVersions/{version_number}", "get_dag_version", Access::Read, version),
        route(Method::GET, "/api/v2/dagTags", "get_dag_tags", Access::Read, tags),
        route(Method::GET, "/api/v2/dagStats", "get_dag_stats", Access::Read, stats),
        route(Method::GET, "/api/v2/dagWarnings", "list_dag_warnings", Access::Read, warnings),
        route(Method::GET, "/api/v2/importErrors", "get_import_errors", Access::Read, import_errors),
        route(Method::GET, "/api/v2/importErrors/{import_error_id}", "get_import_error", Access::Read, import_error),
        route(Method::PUT, "/api/v2/parseDagFile/{file_token}", "reparse_dag_file", Access::Run, reparse),
    ]
}

async fn source(State(app): State<App>, Path(dag_id): Path<String>, mut query: Query, headers: HeaderMap) -> Result<Response> {
    let accept = accepted(&headers)?;
    let version_number = query.int("version_number");
    query.finish()?;
    let found = app.store().run(GetSource { dag_id: dag_id.clone(), version_number }).await?;
    let found = found.ok_or_else(|| match version_number {
        Some(number) => ApiError::NotFound(format!("The source code of the Dag {dag_id}, version_number {number} was not found")),
        None => ApiError::NotFound(format!("The source code of the Dag {dag_id} was not found")),
    })?;
    Ok(match accept {
        Accept::Text => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], found.source).into_response(),
        Accept::Json => Json(json!({
            "content": found.source, "dag_id": dag_id, "version_number": found.version_number, "dag_display_name": found.dag_display_name,
        }))
        .into_response(),
    })
}

async fn versions(State(app): State<App>, Path(dag_id): Path<String>, mut query: Query) -> Result<Response> {
    let version_number = query.int("version_number");
    let page = query.page();
    query.finish()?;
    let order = query.order_of(VERSION_ORDER, "id")?;
    let all = dag_id == "~";
    if !all {
        dags::find(&app, &dag_id).await?;
    }
    let wanted = ListVersions { dag_id: (!all).then_some(dag_id), version_number, bundle_name: query.text("bundle_name"), order, page };
    let listed = app.store().run(wanted).await?;
    let answers: Vec<VersionAnswer<'_>> = listed.rows.iter().map(answer_version).collect();
    Ok(Json(json!({ "dag_versions": answers, "total_entries": listed.total })).into_response())
}

fn answer_version((version, name): &(VersionView, String)) -> VersionAnswer<'_> {
    VersionAnswer::new(version, name)
}

async fn version(State(app): State<App>, Path((dag_id, number)): Path<(String, String)>) -> Result<Response> {
    let number = path_int("version_number", &number)?;
    let wanted = ListVersions {
        dag_id: Some(dag_id.clone()),
        version_number: Some(number),
        bundle_name: None,
        order: Vec::new(),
        page: Page { limit: 1, offset: 0 },
    };
    let listed = app.store().run(wanted).await?;
    match listed.rows.first() {
        Some(found) => Ok(Json(answer_version(found)).into_response()),
        None => Err(ApiError::NotFound(format!("The DagVersion with dag_id: `{dag_id}` and version_number: `{number}` was not found"))),
    }
}

async fn tags(State(app): State<App>, mut query: Query) -> Result<Json<Value>> {
    let page = query.page();
    query.finish()?;
    let order = query.order()?;
    if let Some((name, _)) = order.iter().find(|(name, _)| name != "name") {
        return Err(bad_order(name));
    }
    let descending = order.first().is_some_and(|(_, descending)| *descending);
    let listed = app.store().run(ListTags { names: query.patterns("tag_name"), descending, page }).await?;
    Ok(Json(json!({ "tags": listed.rows, "total_entries": listed.total })))
}

async fn stats(State(app): State<App>, query: Query) -> Result<Json<Value>> {
    let counts = app.store().run(CountRuns { dag_ids: query.all("dag_ids") }).await?;
    let dags: Vec<Value> = counts.chunk_by(|a, b| a.dag_id == b.dag_id).map(answer_stats).collect();
    let total = dags.len();
    Ok(Json(json!({ "dags": dags, "total_entries": total })))
}

/// Every state is named, also those without runs.
fn answer_stats(counts: &[RunCount]) -> Value {
    let count = |state: &str| counts.iter().find(|count| count.state.as_deref() == Some(state)).map_or(0, |count| count.count);
    let stats: Vec<Value> = RUN_STATES.iter().map(|state| json!({ "state": state, "count": count(state) })).collect();
    json!({ "dag_id": counts[0].dag_id, "dag_display_name": counts[0].dag_display_name, "stats": stats })
}

async fn warnings(State(app): State<App>, mut query: Query) -> Result<Json<Value>> {
    let kinds: &[&str] = &["asset conflict", "non-existent pool", "runtime varying value"];
    let warning_type = query.checked("warning_type", |value| check::one_of(kinds, value).map(str::to_owned));
    let page = query.page();
    query.finish()?;
    let order = query.order_of(WARNING_ORDER, "dag_id")?;
    let listed = app.store().run(ListWarnings { dag_id: query.text("dag_id"), warning_type, order, page }).await?;
    let warnings: Vec<Value> = listed
        .rows
        .iter()
        .map(|warning| {
            json!({
                "dag_id": warning.dag_id, "warning_type": warning.warning_type, "message": warning.message,
                "timestamp": Time::from_micros(warning.timestamp), "dag_display_name": warning.dag_display_name,
            })
        })
        .collect();
    Ok(Json(json!({ "dag_warnings": warnings, "total_entries": listed.total })))
}

fn answer_error(error: &ImportErrorView) -> Value {
    json!({
        "import_error_id": error.id, "timestamp": Time::from_micros(error.timestamp), "filename": error.filename,
        "bundle_name": error.bundle_name, "stack_trace": error.stacktrace,
    })
}

async fn import_errors(State(app): State<App>, mut query: Query) -> Result<Json<Value>> {
    let page = query.page();
    query.finish()?;
    let wanted = ListImportErrors {
        id: None,
        filename: query.text("filename"),
        filenames: query.patterns("filename"),
        bundle_name: query.text("bundle_name"),
        order: query.order_of(ERROR_ORDER, "id")?,
        page,
    };
    let listed = app.store().run(wanted).await?;
    let errors: Vec<Value> = listed.rows.iter().map(answer_error).collect();
    Ok(Json(json!({ "import_errors": errors, "total_entries": listed.total })))
}

async fn import_error(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Value>> {
    let id = path_int("import_error_id", &id)?;
    let wanted = ListImportErrors {
        id: Some(id),
        filename: None,
        filenames: Default::default(),
        bundle_name: None,
        order: Vec::new(),
        page: Page { limit: 1, offset: 0 },
    };
    let listed = app.store().run(wanted).await?;
    match listed.rows.first() {
        Some(error) => Ok(Json(answer_error(error))),
        None => Err(ApiError::NotFound(format!("The ImportError with import_error_id: `{id}` was not found"))),
    }
}

async fn reparse(State(app): State<App>, user: User, Path(token): Path<String>) -> Result<Response> {
    let missing = || ApiError::NotFound("File not found".into());
    let relative_fileloc = file_token::read(&app.options().jwt_secret, &token).ok_or_else(missing)?;
    match app.store().run(RequestReparse { relative_fileloc: relative_fileloc.clone() }).await? {
        Reparse::NoFile => return Err(missing()),
        Reparse::Pending => return Err(ApiError::Exists(format!("a request to parse {relative_fileloc} waits already"))),
        Reparse::Requested => {}
    }
    app.changes().send(Change::Processor);
    let extra = json!({ "file": relative_fileloc }).to_string();
    let event = AddEvent { event: "reparse_dag_file".into(), owner: Some(user.name), extra: Some(extra), ..AddEvent::default() };
    app.store().run(event).await?;
    Ok((StatusCode::CREATED, Json(Value::Null)).into_response())
}
