//! The page at `/`: what this is and where to go on.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use crate::state::App;

/// Version of the product, as `GET /api/v2/version` gives it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem;color:#1c2733}\
code{background:#eef2f5;padding:.1em .3em;border-radius:3px}a{color:#0b6bcb}";

/// A path of its own, so that the policy needs no exception for inline styles.
pub async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

pub async fn home(State(app): State<App>) -> Response {
    secured(Html(document(&app)).into_response())
}

/// The same page for a path that does not exist.
pub fn missing(app: &App) -> Response {
    secured((StatusCode::NOT_FOUND, Html(document(app))).into_response())
}

fn document(app: &App) -> String {
    let name = escape(&app.options().instance_name);
    let base = escape(app.options().prefix());
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{name}</title>\
         <link rel=\"stylesheet\" href=\"{base}/page.css\"></head><body><h1>{name}</h1>\
         <p>Tradewind {VERSION} schedules and runs your DAGs. This server speaks the REST API v2.</p><ul>\
         <li><a href=\"{base}/api/v2/monitor/health\">Health</a></li>\
         <li><a href=\"{base}/api/v2/version\">Version</a></li>\
         <li><a href=\"{base}/openapi.json\">OpenAPI document</a></li></ul>\
         <p>Sign in with <code>POST {base}/auth/token</code> and send the token as <code>Authorization: Bearer</code>. \
         On the command line, <code>tradewind --help</code> shows the way.</p></body></html>"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn secured(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
