//! Plugins and providers: none are loaded by this server, and it says so.

use axum::Json;
use axum::http::Method;
use serde_json::{Value, json};

use crate::auth::Access;
use crate::error::Result;
use crate::request::query::Query;
use crate::routes::{Route, route};

pub fn routes() -> Vec<Route> {
    vec![
        route(Method::GET, "/api/v2/plugins", "get_plugins", Access::Read, plugins),
        route(Method::GET, "/api/v2/plugins/importErrors", "import_errors", Access::Read, plugin_errors),
        route(Method::GET, "/api/v2/providers", "get_providers", Access::Read, providers),
    ]
}

async fn plugins(mut query: Query) -> Result<Json<Value>> {
    query.page();
    query.finish()?;
    Ok(Json(json!({ "plugins": [], "total_entries": 0 })))
}

async fn plugin_errors() -> Json<Value> {
    Json(json!({ "import_errors": [], "total_entries": 0 }))
}

async fn providers(mut query: Query) -> Result<Json<Value>> {
    query.page();
    query.finish()?;
    Ok(Json(json!({ "providers": [], "total_entries": 0 })))
}
