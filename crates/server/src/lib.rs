//! The web server: REST API v2, sign-in, live events.
//!
//! [`router`] makes the service of an [`App`]; [`serve`] runs it on a listener until told to stop. Handlers read and write rows
//! through transactions of the store; what they change they tell the bus of changes, so that the owner of a run acts at once.

mod answer;
mod clock;
mod connection_types;
mod execution;
mod feed;
mod file_token;
mod forms;
mod openapi;
pub mod params;
mod remote_log;
pub mod request;
mod route;
pub mod routes;
mod state;
pub mod status;
mod teller;
mod ui;

pub mod auth;
pub mod error;
pub mod options;
pub mod time;

use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde_json::json;
use tower_http::catch_panic::CatchPanicLayer;

pub use connection_types::{Asked, ConnectionField, ConnectionType, ReadConnectionTypes};
pub use execution::{Execution, ExecutionOptions};
pub use options::{ConfigValue, ExposeConfig, MetricsAccess, ServerOptions, Thresholds};
pub use state::App;

/// Version of the product, as `GET /api/v2/version` gives it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The service: everything below the base path.
pub fn router(app: App) -> Router {
    let limit = app.options().max_body;
    let prefix = app.options().prefix().to_owned();
    let inner = routes::router(&app)
        .route("/", get(ui::home))
        .route("/assets/{*path}", get(ui::asset))
        .route("/page.css", get(ui::style))
        .route("/openapi.json", get(openapi::document))
        .merge(execution::router())
        .fallback(fallback)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(limit))
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(app.clone());
    if prefix.is_empty() {
        return inner;
    }
    let below = format!("{prefix}/");
    let page = get(ui::home).with_state(app);
    Router::new().nest(&prefix, inner).route(&below.clone(), page).route("/", get(async move || Redirect::temporary(&below)))
}

/// How long open requests may take once the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// Serves the app until `shutdown` is done; open requests then have a few seconds to end.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: tokio::net::TcpListener,
    app: App,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let mut closing = app.closing();
    let asked = {
        let app = app.clone();
        async move {
            shutdown.await;
            app.close();
        }
    };
    let server = axum::serve(listener, service).with_graceful_shutdown(asked);
    let overdue = async {
        // The sender lives as long as the app.
        drop(closing.wait_for(|closing| *closing).await);
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = server.into_future() => served,
        () = teller::run(&app) => Ok(()),
        () = overdue => {
            tracing::warn!("requests were still open {} s after the server was asked to stop", GRACE.as_secs());
            Ok(())
        }
    }
}

async fn fallback(State(app): State<App>, request: Request) -> Response {
    let path = request.uri().path();
    let gone = |text: &str| (StatusCode::NOT_FOUND, axum::Json(json!({ "error": text }))).into_response();
    if path == "/api/v1" || path.starts_with("/api/v1/") {
        gone("/api/v1 has been removed, please use its replacement /api/v2")
    } else if path.starts_with("/api/") {
        gone("API route not found")
    } else {
        ui::page(&app, &request)
    }
}

async fn method_not_allowed() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, axum::Json(json!({ "detail": "Method Not Allowed" }))).into_response()
}

fn panicked(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    error::ApiError::Internal(format!("a handler panicked: {}", text.unwrap_or("without a text"))).into_response()
}
