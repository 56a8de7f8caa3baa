//! A port for processes without a web server: `/health` and `/metrics`, and nothing else.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;

use crate::route::metrics::exposition;

/// Says whether the process does its work.
pub type Health = Arc<dyn Fn() -> bool + Send + Sync>;

/// Serves until `shutdown` is done.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: tokio::net::TcpListener,
    health: Health,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(health)).with_graceful_shutdown(shutdown).await
}

/// 200 and an empty body when it does its work, 503 otherwise.
fn router(health: Health) -> Router {
    let answer = async move || if health() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Router::new().route("/health", get(answer)).route("/metrics", get(async || exposition()))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn health_is_a_status() {
        let ask = async |well: bool, path: &str| {
            let request = Request::builder().uri(path).body(Body::empty()).unwrap();
            router(Arc::new(move || well)).oneshot(request).await.unwrap().status().as_u16()
        };
        assert_eq!(ask(true, "/health").await, 200);
        assert_eq!(ask(false, "/health").await, 503);
        assert_eq!(ask(true, "/other").await, 404);
    }
}
