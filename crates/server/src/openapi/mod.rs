//! The OpenAPI document of what this server serves: the table of routes says what there is, the tables of shapes what goes in and comes out.
//!
//! Every answer of the tests of the API is held against its shape (`tests/api/contract.rs`).

mod kind;
mod table;

use std::sync::LazyLock;

use axum::Json;
use axum::http::Method;
use serde_json::{Map, Value, json};

use table::{Answer, Operation, Tables};

use crate::VERSION;
use crate::routes::{self, Route};

/// One for each group of routes, those that others build on first.
const TABLES: [&str; 16] = [
    include_str!("tables/common.txt"),
    include_str!("tables/catalog.txt"),
    include_str!("tables/dags.txt"),
    include_str!("tables/dag_runs.txt"),
    include_str!("tables/task_instances.txt"),
    include_str!("tables/changes.txt"),
    include_str!("tables/assets.txt"),
    include_str!("tables/hitl.txt"),
    include_str!("tables/xcom.txt"),
    include_str!("tables/keyed.txt"),
    include_str!("tables/logs.txt"),
    include_str!("tables/alerts.txt"),
    include_str!("tables/backfills.txt"),
    include_str!("tables/monitor.txt"),
    include_str!("tables/sign_in.txt"),
    include_str!("tables/pages.txt"),
];

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let tables = read().unwrap_or_else(|why| unreachable!("a test reads the tables: {why}"));
    build(&tables)
});

/// `GET /openapi.json`
pub async fn document() -> Json<&'static Value> {
    Json(&DOCUMENT)
}

fn read() -> Result<Tables, String> {
    let mut tables = Tables::default();
    for text in TABLES {
        tables.read(text)?;
    }
    Ok(tables)
}

fn build(tables: &Tables) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in routes::all() {
        let path = route.path.replace("{*", "{");
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        if let Value::Object(methods) = entry {
            methods.insert(route.method.as_str().to_ascii_lowercase(), operation(&route, tables.operations.get(route.operation)));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Tradewind API", "version": VERSION },
        "paths": paths,
        "components": {
            "securitySchemes": { "HTTPBearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } },
            "schemas": tables.shapes,
        },
    })
}

fn operation(route: &Route, told: Option<&Operation>) -> Value {
    let error = |text: &str, schema: &str| content(text, "application/json", &json!({ "$ref": format!("#/components/schemas/{schema}") }));
    let mut parameters = path_parameters(route.path);
    parameters.extend(told.into_iter().flat_map(|told| told.query.iter().cloned()));
    let mut operation = json!({ "operationId": route.operation, "tags": [tag(route.path)], "parameters": parameters });
    if let Some(summary) = told.and_then(|told| told.summary.as_ref()) {
        operation["summary"] = json!(summary);
    }
    let mut responses = Map::new();
    responses.insert(success(route).into(), done(told.map(|told| &told.answer)));
    if route.access.is_some() {
        responses.insert("401".into(), error("No valid token", "HTTPExceptionResponse"));
        responses.insert("403".into(), error("The role does not allow it", "HTTPExceptionResponse"));
        operation["security"] = json!([{ "HTTPBearer": [] }]);
    }
    if route.path.contains('{') {
        responses.insert("404".into(), error("Something the path names does not exist", "HTTPExceptionResponse"));
    }
    responses.insert("422".into(), error("The request is not valid", "HTTPValidationError"));
    if let Some(body) = told.and_then(|told| told.body.as_ref()) {
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": body } } });
    }
    operation["responses"] = Value::Object(responses);
    operation
}

fn content(text: &str, media: &str, schema: &Value) -> Value {
    json!({ "description": text, "content": { media: { "schema": schema } } })
}

fn done(answer: Option<&Answer>) -> Value {
    match answer {
        Some(Answer::Json(schema)) => content("Done", "application/json", schema),
        Some(Answer::Media(media)) => content("Done", media, &json!({ "type": "string" })),
        Some(Answer::Nothing | Answer::Untold) | None => json!({ "description": "Done" }),
    }
}

/// The success status, where it is not 200.
fn success(route: &Route) -> &'static str {
    match route.operation {
        "post_connection" | "post_variable" | "post_pool" | "create_xcom_entry" | "reparse_dag_file" | "create_token"
        | "create_token_cli" | "create_session" => "201",
        "favorite_dag" | "unfavorite_dag" | "create_default_connections" => "204",
        "delete_task_instance" => "200",
        _ if route.method == Method::DELETE => "204",
        _ => "200",
    }
}

fn path_parameters(path: &str) -> Vec<Value> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| name.trim_start_matches('*'))
        .map(|name| {
            let kind = if matches!(
                name,
                "map_index" | "delivery_id" | "import_error_id" | "event_log_id" | "try_number" | "task_try_number" | "version_number"
            ) {
                "integer"
            } else {
                "string"
            };
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": kind } })
        })
        .collect()
}

/// The first part of the path below the API that is no parameter.
fn tag(path: &str) -> &str {
    let below = path.strip_prefix("/api/v2/").unwrap_or(path.trim_start_matches('/'));
    below.split('/').rev().find(|part| !part.starts_with('{')).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_is_described_and_nothing_else_is() {
        let tables = read().unwrap();
        let routes: BTreeSet<&str> = routes::all().iter().map(|route| route.operation).collect();
        let told: BTreeSet<&str> =
            tables.operations.iter().filter(|(_, told)| told.answer != Answer::Untold).map(|(id, _)| id.as_str()).collect();
        let untold: Vec<_> = routes.difference(&told).collect();
        let unknown: Vec<_> = told.difference(&routes).collect();
        assert!(untold.is_empty(), "tell in src/openapi/tables what these take and answer: {untold:?}");
        assert!(unknown.is_empty(), "there are no such operations: {unknown:?}");
    }

    #[test]
    fn every_name_that_is_used_is_a_shape_and_every_shape_is_used() {
        let document = DOCUMENT.to_string();
        let used: BTreeSet<&str> = document.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let shapes = read().unwrap().shapes;
        let known: BTreeSet<&str> = shapes.keys().map(String::as_str).collect();
        assert_eq!(used.difference(&known).collect::<Vec<_>>(), Vec::<&&str>::new(), "no such shapes");
        assert_eq!(known.difference(&used).collect::<Vec<_>>(), Vec::<&&str>::new(), "shapes that nothing uses");
    }
}
