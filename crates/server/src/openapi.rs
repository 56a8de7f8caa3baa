//! The OpenAPI document of what this server serves, made from the table of routes.

use axum::Json;
use axum::http::Method;
use serde_json::{Map, Value, json};

use crate::VERSION;
use crate::routes::{self, Route};

/// `GET /openapi.json`
pub async fn document() -> Json<Value> {
    static DOCUMENT: std::sync::LazyLock<Value> = std::sync::LazyLock::new(build);
    Json(DOCUMENT.clone())
}

fn build() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in routes::all() {
        let path = route.path.replace("{*", "{");
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        if let Value::Object(methods) = entry {
            methods.insert(route.method.as_str().to_ascii_lowercase(), operation(&route));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Tradewind API", "version": VERSION },
        "paths": paths,
        "components": {
            "securitySchemes": { "HTTPBearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } },
            "schemas": {
                "HTTPExceptionResponse": {
                    "type": "object", "required": ["detail"],
                    "properties": { "detail": { "anyOf": [{ "type": "string" }, { "type": "object" }] } },
                },
                "HTTPValidationError": {
                    "type": "object",
                    "properties": { "detail": { "type": "array", "items": { "type": "object" } } },
                },
            },
        },
    })
}

fn operation(route: &Route) -> Value {
    let error = |text: &str, schema: &str| {
        let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
        json!({ "description": text, "content": { "application/json": { "schema": schema } } })
    };
    let mut responses = Map::new();
    responses.insert(success(route).into(), json!({ "description": "Done" }));
    let mut operation = json!({ "operationId": route.operation, "tags": [tag(route.path)], "parameters": parameters(route.path) });
    if route.access.is_some() {
        responses.insert("401".into(), error("No valid token", "HTTPExceptionResponse"));
        responses.insert("403".into(), error("The role does not allow it", "HTTPExceptionResponse"));
        operation["security"] = json!([{ "HTTPBearer": [] }]);
    }
    if route.path.contains('{') {
        responses.insert("404".into(), error("Something the path names does not exist", "HTTPExceptionResponse"));
    }
    responses.insert("422".into(), error("The request is not valid", "HTTPValidationError"));
    if takes_body(route) {
        operation["requestBody"] = json!({ "content": { "application/json": { "schema": { "type": "object" } } } });
    }
    operation["responses"] = Value::Object(responses);
    operation
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

fn takes_body(route: &Route) -> bool {
    (route.method == Method::POST || route.method == Method::PATCH)
        && !matches!(route.operation, "favorite_dag" | "unfavorite_dag" | "create_default_connections")
}

fn parameters(path: &str) -> Vec<Value> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| name.trim_start_matches('*'))
        .map(|name| {
            let kind =
                if matches!(name, "map_index" | "import_error_id" | "event_log_id" | "try_number" | "task_try_number" | "version_number") {
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
