//! `GET /metrics`: the figures of this process for Prometheus.

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::auth;
use crate::error::{ApiError, Result};
use crate::options::MetricsAccess;
use crate::routes::{Route, open};
use crate::state::App;

pub fn routes() -> Vec<Route> {
    vec![open(Method::GET, "/metrics", "tradewind_metrics", metrics)]
}

async fn metrics(State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    match app.options().metrics {
        MetricsAccess::Open => {}
        MetricsAccess::Token => {
            let token = auth::presented(&headers).ok_or(ApiError::Unauthorized("Not authenticated"))?;
            app.directory().admit(&app.tokens().verify(token)?).await?;
        }
        MetricsAccess::Off => return Ok(StatusCode::NOT_FOUND.into_response()),
    }
    Ok(exposition())
}

/// The figures of this process; 404 when none are kept.
pub fn exposition() -> Response {
    match tradewind_metrics::prometheus() {
        Some(text) => ([(header::CONTENT_TYPE, tradewind_metrics::CONTENT_TYPE)], text).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
