//! The web app: its files are part of the program, and the path it is served under is written in at run time.

mod files;
mod page;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::state::App;
use files::{Bundle, File};

/// The page's policy: nothing from elsewhere, nothing inline, no plug-ins, in nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
    manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

/// A file of the app; its name changes with its content.
pub async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    match files::built().get(&format!("assets/{path}")) {
        Some(file) => answer(file, &headers, "public, max-age=31536000, immutable"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// What is no API path: a file beside the page, else the page, which finds its way by the address.
pub fn page(app: &App, request: &Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let bundle = files::built();
    let path = request.uri().path().trim_start_matches('/');
    if path != "index.html"
        && let Some(file) = bundle.get(path)
    {
        return answer(file, request.headers(), "no-cache");
    }
    secured(document(app, bundle))
}

/// The page at the root.
pub async fn home(State(app): State<App>) -> Response {
    secured(document(&app, files::built()))
}

/// The style of the page that stands in where the app was not built.
pub async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], page::STYLE).into_response()
}

fn document(app: &App, bundle: Bundle) -> Response {
    let (status, text) = match bundle.get("index.html") {
        Some(file) => (StatusCode::OK, page::filled(app, &String::from_utf8_lossy(file.plain))),
        None => (StatusCode::OK, page::not_built(app)),
    };
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response()
}

fn answer(file: &File, asked: &HeaderMap, caching: &'static str) -> Response {
    let (bytes, encoding) = file.accepted(asked);
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

fn secured(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
