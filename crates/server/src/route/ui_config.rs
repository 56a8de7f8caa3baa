//! `GET /api/v2/tradewind/ui/config`: what the page needs to know before it shows anything.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use serde::Serialize;

use crate::VERSION;
use crate::auth::{Access, Role, User};
use crate::routes::{Route, route};
use crate::state::App;

pub fn routes() -> Vec<Route> {
    vec![route(Method::GET, "/api/v2/tradewind/ui/config", "tradewind_ui_config", Access::Read, config)]
}

#[derive(Serialize)]
struct ConfigAnswer {
    instance_name: String,
    version: &'static str,
    default_timezone: String,
    /// Empty: the browser's.
    default_ui_timezone: String,
    /// Path below which everything is served, with a slash at its end.
    base_url: String,
    user: UserAnswer,
    page_size: i64,
    maximum_page_size: i64,
    /// Seconds.
    auto_refresh: u64,
    hide_paused_dags_by_default: bool,
}

#[derive(Serialize)]
struct UserAnswer {
    username: String,
    role: Role,
    permissions: Permissions,
}

#[derive(Serialize)]
struct Permissions {
    /// See DAGs, runs, tasks, logs, XComs, pools.
    read: bool,
    /// Change DAGs, runs, tasks, XComs.
    run: bool,
    /// Change pools.
    operate: bool,
    /// See and change connections and variables.
    secrets: bool,
}

async fn config(State(app): State<App>, user: User) -> Json<ConfigAnswer> {
    let options = app.options();
    let permissions = Permissions {
        read: user.role.may(Access::Read),
        run: user.role.may(Access::Run),
        operate: user.role.may(Access::Operate),
        secrets: user.role.may(Access::Secrets),
    };
    Json(ConfigAnswer {
        instance_name: options.instance_name.clone(),
        version: VERSION,
        default_timezone: options.default_timezone.clone(),
        default_ui_timezone: options.default_ui_timezone.clone(),
        base_url: format!("{}/", options.prefix()),
        user: UserAnswer { username: user.name, role: user.role, permissions },
        page_size: options.fallback_page_limit,
        maximum_page_size: options.maximum_page_limit,
        auto_refresh: options.auto_refresh,
        hide_paused_dags_by_default: options.hide_paused_dags,
    })
}
