//! Variables. Who may see them sees their values, except those under names that look secret.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tradewind_store::Secret;
use tradewind_store::list::keyed::{ListVariables, PutVariable, VARIABLE_ORDER};
use tradewind_store::table::variable::{AllVariables, GetVariable, Variable};

use super::keyed::{self, Noun, named, refuse_team};
use crate::answer::python::dumps;
use crate::answer::redact::redact_text;
use crate::auth::{Access, User};
use crate::error::{ApiError, Result};
use crate::request::body::{Fields, JsonBody};
use crate::request::bulk::{self, Outcome};
use crate::request::check;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;

pub fn routes() -> Vec<Route> {
    const ALL: &str = "/api/v2/variables";
    const ONE: &str = "/api/v2/variables/{*variable_key}";
    vec![
        route(Method::GET, ALL, "get_variables", Access::Secrets, list),
        route(Method::POST, ALL, "post_variable", Access::Secrets, post),
        route(Method::PATCH, ALL, "bulk_variables", Access::Secrets, bulk),
        route(Method::GET, ONE, "get_variable", Access::Secrets, get),
        route(Method::PATCH, ONE, "patch_variable", Access::Secrets, patch),
        route(Method::DELETE, ONE, "delete_variable", Access::Secrets, delete),
    ]
}

const NOUN: Noun = Noun { name: "variable", title: "Variable", key: "key" };

fn answer(variable: &Variable) -> Value {
    json!({
        "key": variable.key, "value": redact_text(&variable.key, &variable.val.0), "description": variable.description,
        "is_encrypted": variable.is_encrypted, "team_name": null,
    })
}

/// Texts are kept as they are, everything else as JSON.
fn stored(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => dumps(other),
    }
}

fn read(fields: &mut Fields<'_>) -> Option<PutVariable> {
    let key = fields.required("key", |value| check::at_most_chars(250, check::text(value)?));
    let value = fields.required("value", |value| Ok(stored(value)));
    let description = fields.text("description");
    refuse_team(fields);
    Some(PutVariable { key: key?, val: Secret(value?), description })
}

fn read_one(body: &Value) -> Result<PutVariable> {
    let mut fields = Fields::of(body);
    let variable = read(&mut fields);
    fields.finish()?;
    variable.ok_or_else(|| ApiError::Unprocessable("The body is not a variable".into()))
}

async fn find(app: &App, key: &str) -> Result<Variable> {
    app.store().run(GetVariable { key: key.to_owned() }).await?.ok_or_else(|| NOUN.not_found(key))
}

async fn list(State(app): State<App>, mut query: Query) -> Result<Json<Value>> {
    let page = query.page();
    query.finish()?;
    let order = query.order_of(VARIABLE_ORDER, "id")?;
    let listed = app.store().run(ListVariables { keys: query.patterns("variable_key"), order, page }).await?;
    let variables: Vec<Value> = listed.rows.iter().map(answer).collect();
    Ok(Json(json!({ "variables": variables, "total_entries": listed.total })))
}

async fn get(State(app): State<App>, Path(key): Path<String>) -> Result<Json<Value>> {
    Ok(Json(answer(&find(&app, &key).await?)))
}

async fn post(State(app): State<App>, user: User, JsonBody(body): JsonBody) -> Result<Response> {
    let variable = read_one(&body)?;
    let key = variable.key.clone();
    if !keyed::put(&app, &NOUN, &user, variable, true).await? {
        return Err(ApiError::Conflict(format!("The Variable with key: `{key}` already exists")));
    }
    Ok((StatusCode::CREATED, Json(answer(&find(&app, &key).await?))).into_response())
}

/// The old variable with what the mask names from the new one.
fn merged(old: &Variable, new: PutVariable, mask: &[String]) -> PutVariable {
    PutVariable {
        val: if named(mask, "value") { new.val } else { old.val.clone() },
        description: if named(mask, "description") { new.description } else { old.description.clone() },
        key: new.key,
    }
}

async fn patch(State(app): State<App>, user: User, Path(key): Path<String>, query: Query, JsonBody(body): JsonBody) -> Result<Json<Value>> {
    let variable = read_one(&body)?;
    if variable.key != key {
        return Err(ApiError::BadRequest("Invalid body, key from request body doesn't match uri parameter".into()));
    }
    let old = find(&app, &key).await?;
    let variable = merged(&old, variable, &query.all("update_mask"));
    if !keyed::put(&app, &NOUN, &user, variable, false).await? {
        return Err(NOUN.not_found(&key));
    }
    get(State(app), Path(key)).await
}

async fn delete(State(app): State<App>, user: User, Path(key): Path<String>) -> Result<StatusCode> {
    keyed::delete::<PutVariable>(&app, &NOUN, &user, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn bulk(State(app): State<App>, user: User, JsonBody(body): JsonBody) -> Result<Json<Value>> {
    let actions = bulk::actions(&body)?;
    let entities = keyed::read_all(&actions, |fields, _| read(fields))?;
    let mut outcome = Outcome::default();
    for (action, items) in actions.iter().zip(entities) {
        let items = if action.mask.is_empty() {
            items
        } else {
            let all = app.store().run(AllVariables).await?;
            let old: HashMap<&str, &Variable> = all.iter().map(|variable| (variable.key.as_str(), variable)).collect();
            items
                .into_iter()
                .map(|item| match old.get(item.key.as_str()) {
                    Some(old) => merged(old, item, &action.mask),
                    None => item,
                })
                .collect()
        };
        keyed::act(&app, &NOUN, &user, action, items, &mut outcome).await?;
    }
    Ok(Json(outcome.answer()))
}
