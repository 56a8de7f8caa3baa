//! Pools.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tradewind_store::list::keyed::{ListPoolNames, POOL_ORDER, PutPool, RenamePool};
use tradewind_store::table::pool::{DEFAULT_POOL, GetPools, Pool};

use super::keyed::{self, Noun, named, refuse_team};
use crate::auth::{Access, User};
use crate::error::{ApiError, Result};
use crate::request::body::{Fields, JsonBody};
use crate::request::bulk::{self, Kind, Outcome};
use crate::request::check;
use crate::request::query::Query;
use crate::routes::{Route, route};
use crate::state::App;

pub fn routes() -> Vec<Route> {
    const ALL: &str = "/api/v2/pools";
    const ONE: &str = "/api/v2/pools/{*pool_name}";
    vec![
        route(Method::GET, ALL, "get_pools", Access::Read, list),
        route(Method::POST, ALL, "post_pool", Access::Operate, post),
        route(Method::PATCH, ALL, "bulk_pools", Access::Operate, bulk),
        route(Method::GET, ONE, "get_pool", Access::Read, get),
        route(Method::PATCH, ONE, "patch_pool", Access::Operate, patch),
        route(Method::DELETE, ONE, "delete_pool", Access::Operate, delete),
    ]
}

const NOUN: Noun = Noun { name: "pool", title: "Pool", key: "name" };

fn answer(pool: &Pool) -> Value {
    json!({
        "name": pool.name, "slots": pool.slots, "description": pool.description, "include_deferred": pool.include_deferred,
        "occupied_slots": pool.occupied_slots(), "running_slots": pool.running_slots, "queued_slots": pool.queued_slots,
        "scheduled_slots": pool.scheduled_slots, "open_slots": pool.open_slots().unwrap_or(-1), "deferred_slots": pool.deferred_slots,
        "team_name": null,
    })
}

fn slots(value: &Value) -> check::Checked<i64> {
    check::at_least(-1, check::int(value)?)
}

fn read(fields: &mut Fields<'_>) -> Option<PutPool> {
    let name = fields.required("name", |value| check::at_most_chars(256, check::text(value)?));
    let slots = fields.required("slots", slots);
    let description = fields.text("description");
    let include_deferred = fields.flag("include_deferred", false);
    refuse_team(fields);
    Some(PutPool { name: name?, slots: slots?, description, include_deferred })
}

async fn find(app: &App, name: &str) -> Result<Pool> {
    let found = app.store().run(GetPools { name: Some(name.to_owned()) }).await?.pop();
    found.ok_or_else(|| NOUN.not_found(name))
}

async fn list(State(app): State<App>, mut query: Query) -> Result<Json<Value>> {
    let page = query.page();
    query.finish()?;
    let order = query.order_of(POOL_ORDER, "id")?;
    let names = app.store().run(ListPoolNames { names: query.patterns("pool_name"), order, page }).await?;
    let all = app.store().run(GetPools { name: None }).await?;
    let by_name: HashMap<&str, &Pool> = all.iter().map(|pool| (pool.name.as_str(), pool)).collect();
    let pools: Vec<Value> = names.rows.iter().filter_map(|name| by_name.get(name.as_str())).map(|pool| answer(pool)).collect();
    Ok(Json(json!({ "pools": pools, "total_entries": names.total })))
}

async fn get(State(app): State<App>, Path(name): Path<String>) -> Result<Json<Value>> {
    Ok(Json(answer(&find(&app, &name).await?)))
}

async fn post(State(app): State<App>, user: User, JsonBody(body): JsonBody) -> Result<Response> {
    let mut fields = Fields::of(&body);
    let pool = read(&mut fields);
    fields.finish()?;
    let pool = pool.ok_or_else(|| ApiError::Unprocessable("The body is not a pool".into()))?;
    let name = pool.name.clone();
    if !keyed::put(&app, &NOUN, &user, pool, true).await? {
        return Err(ApiError::Exists(format!("pool {name}")));
    }
    Ok((StatusCode::CREATED, Json(answer(&find(&app, &name).await?))).into_response())
}

/// What a patch gives.
struct Patch {
    name: Option<String>,
    slots: Option<i64>,
    description: Option<String>,
    include_deferred: Option<bool>,
}

/// The default pool takes any of its two values; other pools are given whole, as Airflow has it.
fn read_patch(body: &Value, is_default: bool) -> Result<Patch> {
    let mut fields = Fields::of(body);
    let patch = Patch {
        name: fields.text("pool"),
        slots: fields.checked("slots", slots),
        description: fields.text("description"),
        include_deferred: fields.checked("include_deferred", check::boolean),
    };
    refuse_team(&mut fields);
    if !is_default {
        for (name, there) in
            [("pool", patch.name.is_some()), ("slots", patch.slots.is_some()), ("include_deferred", patch.include_deferred.is_some())]
        {
            if !there && body.get(name).is_none_or(Value::is_null) {
                fields.report(name, check::missing(), body.clone());
            }
        }
    }
    fields.finish()?;
    Ok(patch)
}

async fn patch(
    State(app): State<App>,
    user: User,
    Path(name): Path<String>,
    query: Query,
    JsonBody(body): JsonBody,
) -> Result<Json<Value>> {
    let is_default = name == DEFAULT_POOL;
    let patch = read_patch(&body, is_default)?;
    let mask = query.all("update_mask");
    let allowed = ["slots", "include_deferred"];
    if is_default {
        let named_by_body = body.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
        let mut touched: Vec<&str> = if mask.is_empty() { named_by_body.collect() } else { mask.iter().map(String::as_str).collect() };
        // Naming the pool itself changes nothing.
        touched.retain(|field| *field != "pool" || patch.name.as_deref() != Some(DEFAULT_POOL));
        if touched.iter().any(|field| !allowed.contains(field)) {
            return Err(ApiError::BadRequest("Only slots and included_deferred can be modified on Default Pool".into()));
        }
    }
    let old = find(&app, &name).await?;
    let new = PutPool {
        name: name.clone(),
        slots: patch.slots.filter(|_| named(&mask, "slots")).unwrap_or(old.slots),
        description: if body.get("description").is_some() && named(&mask, "description") { patch.description } else { old.description },
        include_deferred: patch.include_deferred.filter(|_| named(&mask, "include_deferred")).unwrap_or(old.include_deferred),
    };
    if !keyed::put(&app, &NOUN, &user, new, false).await? {
        return Err(NOUN.not_found(&name));
    }
    let renamed = patch.name.filter(|to| *to != name && named(&mask, "pool") && !is_default);
    if let Some(to) = &renamed {
        app.store().run(RenamePool { from: name.clone(), to: to.clone() }).await?;
    }
    get(State(app), Path(renamed.unwrap_or(name))).await
}

async fn delete(State(app): State<App>, user: User, Path(name): Path<String>) -> Result<StatusCode> {
    if name == DEFAULT_POOL {
        return Err(ApiError::BadRequest("Default Pool can't be deleted".into()));
    }
    keyed::delete::<PutPool>(&app, &NOUN, &user, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn bulk(State(app): State<App>, user: User, JsonBody(body): JsonBody) -> Result<Json<Value>> {
    let actions = bulk::actions(&body)?;
    let entities = keyed::read_all(&actions, |fields, _| read(fields))?;
    let mut outcome = Outcome::default();
    for (action, mut items) in actions.iter().zip(entities) {
        if action.kind == Kind::Delete && action.keys(NOUN.key).iter().any(|name| name == DEFAULT_POOL) {
            outcome.error(action.kind, &ApiError::BadRequest("Default Pool can't be deleted".into()));
            continue;
        }
        if !action.mask.is_empty() {
            let all = app.store().run(GetPools { name: None }).await?;
            for item in &mut items {
                let Some(old) = all.iter().find(|pool| pool.name == item.name) else { continue };
                let new = item.clone();
                *item = PutPool {
                    slots: if named(&action.mask, "slots") { new.slots } else { old.slots },
                    description: if named(&action.mask, "description") { new.description } else { old.description.clone() },
                    include_deferred: if named(&action.mask, "include_deferred") { new.include_deferred } else { old.include_deferred },
                    name: new.name,
                };
            }
        }
        keyed::act(&app, &NOUN, &user, action, items, &mut outcome).await?;
    }
    Ok(Json(outcome.answer()))
}
