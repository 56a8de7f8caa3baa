//! Connections. Passwords are never shown, nor what looks secret in `extra`.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tradewind_store::Secret;
use tradewind_store::list::keyed::{CONNECTION_ORDER, ListConnections};
use tradewind_store::table::connection::{AllConnections, Connection, GetConnection};

use super::keyed::{self, Noun, named, refuse_team};
use crate::answer::redact::{MASK, redact_text};
use crate::auth::{Access, User};
use crate::error::{ApiError, Result};
use crate::request::body::{Fields, JsonBody, value_error};
use crate::request::bulk::{self, Outcome};
use crate::request::check::{self, Checked, Finding};
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;

pub fn routes() -> Vec<Route> {
    const ALL: &str = "/api/v2/connections";
    const ONE: &str = "/api/v2/connections/{connection_id}";
    vec![
        route(Method::GET, ALL, "get_connections", Access::Secrets, list),
        route(Method::POST, ALL, "post_connection", Access::Secrets, post),
        route(Method::PATCH, ALL, "bulk_connections", Access::Secrets, bulk),
        route(Method::POST, "/api/v2/connections/test", "test_connection", Access::Secrets, test),
        route(Method::GET, ONE, "get_connection", Access::Secrets, get),
        route(Method::PATCH, ONE, "patch_connection", Access::Secrets, patch),
        route(Method::DELETE, ONE, "delete_connection", Access::Secrets, delete),
        route(Method::GET, "/api/v2/tradewind/connectionTypes", "tradewind_connection_types", Access::Read, types),
    ]
}

const NOUN: Noun = Noun { name: "connection", title: "Connection", key: "connection_id" };

fn answer(connection: &Connection) -> Value {
    let password = connection.password.as_ref().filter(|password| !password.0.is_empty()).map(|_| MASK);
    let extra = connection.extra.as_ref().map(|extra| redact_text("", &extra.0));
    json!({
        "connection_id": connection.conn_id, "conn_type": connection.conn_type, "description": connection.description,
        "host": connection.host, "login": connection.login, "schema": connection.schema, "port": connection.port,
        "password": password, "extra": extra, "team_name": null,
    })
}

/// `^[\w.-]+$`, at most 200 characters.
fn connection_id(value: &Value) -> Checked<String> {
    let id = check::at_most_chars(200, check::text(value)?)?;
    let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-');
    if id.is_empty() || !id.chars().all(fits) {
        let pattern = r"^[\w.-]+$";
        let finding = Finding::new("string_pattern_mismatch", format!("String should match pattern '{pattern}'"));
        return Err(finding.with(json!({ "pattern": pattern })));
    }
    Ok(id)
}

/// JSON text of an object, or nothing.
fn extra(value: &Value) -> Checked<Secret> {
    let text = check::text(value)?;
    let object = text.trim().is_empty() || matches!(serde_json::from_str(&text), Ok(Value::Object(_)));
    if object { Ok(Secret(text)) } else { Err(value_error("The `extra` field must be a valid JSON object (e.g., {'key': 'value'}).")) }
}

fn read(fields: &mut Fields<'_>) -> Option<Connection> {
    let conn_id = fields.required("connection_id", connection_id);
    let conn_type = fields.required("conn_type", check::text);
    let connection = Connection {
        conn_id: String::new(),
        conn_type: String::new(),
        description: fields.text("description"),
        host: fields.text("host"),
        login: fields.text("login"),
        schema: fields.text("schema"),
        port: fields.int("port"),
        password: fields.text("password").map(Secret),
        extra: fields.checked("extra", extra),
    };
    refuse_team(fields);
    Some(Connection { conn_id: conn_id?, conn_type: conn_type?, ..connection })
}

fn read_one(body: &Value) -> Result<Connection> {
    let mut fields = Fields::of(body);
    let connection = read(&mut fields);
    fields.finish()?;
    connection.ok_or_else(|| ApiError::Unprocessable("The body is not a connection".into()))
}

async fn find(app: &App, id: &str) -> Result<Connection> {
    app.store().run(GetConnection { conn_id: id.to_owned() }).await?.ok_or_else(|| NOUN.not_found(id))
}

async fn list(State(app): State<App>, mut query: Query) -> Result<Json<Value>> {
    let page = query.page();
    query.finish()?;
    let order = query.order_of(CONNECTION_ORDER, "id")?;
    let listed = app.store().run(ListConnections { ids: query.patterns("connection_id"), order, page }).await?;
    let connections: Vec<Value> = listed.rows.iter().map(answer).collect();
    Ok(Json(json!({ "connections": connections, "total_entries": listed.total })))
}

async fn get(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Value>> {
    Ok(Json(answer(&find(&app, &id).await?)))
}

async fn post(State(app): State<App>, user: User, JsonBody(body): JsonBody) -> Result<Response> {
    let connection = read_one(&body)?;
    let id = connection.conn_id.clone();
    if !keyed::put(&app, &NOUN, &user, connection, true).await? {
        return Err(ApiError::Exists(format!("connection {id}")));
    }
    Ok((StatusCode::CREATED, Json(answer(&find(&app, &id).await?))).into_response())
}

/// The old connection with what the mask names from the new one. A mask in the place of a password means the old one.
fn merged(old: &Connection, new: Connection, mask: &[String]) -> Connection {
    let take = |name: &str| named(mask, name);
    let masked = new.password.as_ref().is_some_and(|password| password.0 == MASK);
    Connection {
        conn_type: if take("conn_type") { new.conn_type } else { old.conn_type.clone() },
        description: if take("description") { new.description } else { old.description.clone() },
        host: if take("host") { new.host } else { old.host.clone() },
        login: if take("login") { new.login } else { old.login.clone() },
        schema: if take("schema") { new.schema } else { old.schema.clone() },
        port: if take("port") { new.port } else { old.port },
        password: if take("password") && !masked { new.password } else { old.password.clone() },
        extra: if take("extra") { new.extra.map(|extra| unmask(old, extra)) } else { old.extra.clone() },
        conn_id: new.conn_id,
    }
}

/// Values that were shown masked and came back so keep what they were.
fn unmask(old: &Connection, new: Secret) -> Secret {
    let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
    let (Some(old), Some(mut given)) = (old.extra.as_ref().and_then(|extra| parse(&extra.0)), parse(&new.0)) else { return new };
    if !restore(&old, &mut given) {
        return new;
    }
    Secret(given.to_string())
}

/// Puts old values in the place of masks; whether there were any.
fn restore(old: &Value, new: &mut Value) -> bool {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let mut any = false;
            for (key, value) in new.iter_mut() {
                any |= old.get(key).is_some_and(|old| restore(old, value));
            }
            any
        }
        (old, new) if new.as_str() == Some(MASK) => {
            *new = old.clone();
            true
        }
        _ => false,
    }
}

async fn patch(State(app): State<App>, user: User, Path(id): Path<String>, query: Query, JsonBody(body): JsonBody) -> Result<Json<Value>> {
    let connection = read_one(&body)?;
    if connection.conn_id != id {
        return Err(ApiError::BadRequest("The connection_id in the request body does not match the URL parameter".into()));
    }
    let old = find(&app, &id).await?;
    if !keyed::put(&app, &NOUN, &user, merged(&old, connection, &query.all("update_mask")), false).await? {
        return Err(NOUN.not_found(&id));
    }
    get(State(app), Path(id)).await
}

async fn delete(State(app): State<App>, user: User, Path(id): Path<String>) -> Result<StatusCode> {
    keyed::delete::<Connection>(&app, &NOUN, &user, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn types(State(app): State<App>) -> Json<Value> {
    let types = app.connection_types().await;
    Json(json!({ "connection_types": types, "total_entries": types.len() }))
}

/// Connecting runs code of providers, which a web server does not do.
async fn test(JsonBody(body): JsonBody) -> Result<Response> {
    read_one(&body)?;
    Err(ApiError::Forbidden("Testing connections is disabled in Airflow configuration. Contact your deployment admin to enable it.".into()))
}

async fn bulk(State(app): State<App>, user: User, JsonBody(body): JsonBody) -> Result<Json<Value>> {
    let actions = bulk::actions(&body)?;
    let entities = keyed::read_all(&actions, |fields, _| read(fields))?;
    let mut outcome = Outcome::default();
    for (action, items) in actions.iter().zip(entities) {
        let all = app.store().run(AllConnections).await?;
        let old: HashMap<&str, &Connection> = all.iter().map(|connection| (connection.conn_id.as_str(), connection)).collect();
        let items = items
            .into_iter()
            .map(|item| match old.get(item.conn_id.as_str()) {
                Some(old) => merged(old, item, &action.mask),
                None => item,
            })
            .collect();
        keyed::act(&app, &NOUN, &user, action, items, &mut outcome).await?;
    }
    Ok(Json(outcome.answer()))
}
