//! The table of routes: the router, the permissions and the OpenAPI document come from it.

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::auth::{self, Access};
use crate::state::App;

/// One operation.
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    /// Operation id: the method name of the Python client.
    pub operation: &'static str,
    /// `None`: answers without a token.
    pub access: Option<Access>,
    handler: MethodRouter<App>,
}

/// An operation for signed-in users.
pub fn route<H, T>(method: Method, path: &'static str, operation: &'static str, access: Access, handler: H) -> Route
where
    H: Handler<T, App>,
    T: 'static,
{
    Route { access: Some(access), ..open(method, path, operation, handler) }
}

/// An operation that needs no token.
pub fn open<H, T>(method: Method, path: &'static str, operation: &'static str, handler: H) -> Route
where
    H: Handler<T, App>,
    T: 'static,
{
    let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
    Route { method, path, operation, access: None, handler: on(filter, handler) }
}

/// All operations.
pub fn all() -> Vec<Route> {
    use crate::route::*;
    [
        sign_in::routes(),
        monitor::routes(),
        metrics::routes(),
        cluster::routes(),
        ui_config::routes(),
        home::routes(),
        events::routes(),
        dags::routes(),
        unpause::routes(),
        dag_rows::routes(),
        grid::routes(),
        schedule::routes(),
        history::routes(),
        backfills::routes(),
        hitl::routes(),
        assets::routes(),
        asset_queue::routes(),
        asset_waits::routes(),
        tasks::routes(),
        dag_runs::routes(),
        trigger::routes(),
        task_instances::routes(),
        patch_tasks::routes(),
        bulk_runs::routes(),
        clear::routes(),
        dependencies::routes(),
        logs::routes(),
        log_lines::routes(),
        log_download::routes(),
        log_tail::routes(),
        xcom::routes(),
        event_logs::routes(),
        alerts::routes(),
        variables::routes(),
        connections::routes(),
        pools::routes(),
        catalog::routes(),
        config::routes(),
        static_lists::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The router of the table.
pub fn router(app: &App) -> Router<App> {
    let mut router = Router::new();
    for route in all() {
        let handler = match route.access {
            None => route.handler,
            Some(access) => route.handler.route_layer(from_fn_with_state((app.clone(), access), auth::guard)),
        };
        router = router.route(route.path, handler);
    }
    router
}
