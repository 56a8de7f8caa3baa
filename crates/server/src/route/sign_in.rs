//! `/auth/*`: tokens.

use std::net::SocketAddr;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::auth::login::{Credentials, sign_in};
use crate::auth::{COOKIE, bearer, cookie, cross_origin};
use crate::error::{ApiError, Result};
use crate::request::body;
use crate::request::query::Query;
use crate::routes::{Route, open};
use crate::state::App;

pub fn routes() -> Vec<Route> {
    vec![
        open(Method::POST, "/auth/token", "create_token", create_token),
        open(Method::GET, "/auth/token", "create_token_all_admins", create_token_all_admins),
        open(Method::POST, "/auth/token/cli", "create_token_cli", create_token_cli),
        open(Method::POST, "/auth/session", "create_session", create_session),
        open(Method::DELETE, "/auth/session", "delete_session", delete_session),
        open(Method::GET, "/auth/logout", "auth_logout", logout),
        open(Method::GET, "/api/v2/auth/login", "login", login),
        open(Method::GET, "/api/v2/auth/logout", "logout", logout),
    ]
}

/// Where a request comes from, as far as the connection tells.
pub struct Origin(String);

impl FromRequestParts<App> for Origin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> std::result::Result<Self, Self::Rejection> {
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(address.map_or_else(String::new, |info| info.0.ip().to_string())))
    }
}

async fn create_token(State(app): State<App>, origin: Origin, headers: HeaderMap, bytes: Bytes) -> Result<Response> {
    let credentials = read_credentials(&headers, &bytes, true)?;
    let lifetime = app.options().jwt_lifetime;
    token_for(&app, credentials, &origin, lifetime).await
}

async fn create_token_cli(State(app): State<App>, origin: Origin, headers: HeaderMap, bytes: Bytes) -> Result<Response> {
    let credentials = read_credentials(&headers, &bytes, false)?;
    let lifetime = app.options().jwt_cli_lifetime;
    token_for(&app, credentials, &origin, lifetime).await
}

async fn token_for(app: &App, credentials: Credentials, origin: &Origin, lifetime: u64) -> Result<Response> {
    let (name, role) = sign_in(app, credentials, &origin.0).await?;
    let token = app.tokens().issue(&name, role, lifetime)?;
    Ok((StatusCode::CREATED, Json(json!({ "access_token": token }))).into_response())
}

/// Signs a browser in: the token goes into a cookie that scripts cannot read and other sites cannot send.
async fn create_session(State(app): State<App>, origin: Origin, method: Method, headers: HeaderMap, bytes: Bytes) -> Result<Response> {
    if !cross_origin::allows_cookie(&method, &headers) {
        return Err(ApiError::Forbidden("A page of another site may not sign in here".into()));
    }
    let credentials = read_credentials(&headers, &bytes, false)?;
    let lifetime = app.options().jwt_lifetime;
    let (name, role) = sign_in(&app, credentials, &origin.0).await?;
    let token = app.tokens().issue(&name, role, lifetime)?;
    let mut response = (StatusCode::CREATED, Json(json!({ "username": name, "role": role }))).into_response();
    set_cookie(&mut response, &app, &headers, &token, lifetime);
    Ok(response)
}

/// Signs a browser out.
async fn delete_session(State(app): State<App>, method: Method, headers: HeaderMap) -> Result<Response> {
    if !cross_origin::allows_cookie(&method, &headers) {
        return Err(ApiError::Forbidden("A page of another site may not sign out here".into()));
    }
    revoke(&app, &headers).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&mut response, &app, &headers, "", 0);
    Ok(response)
}

fn set_cookie(response: &mut Response, app: &App, headers: &HeaderMap, token: &str, lifetime: u64) {
    let forwarded = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
    let secure = if app.options().https || forwarded == Some("https") { "; Secure" } else { "" };
    let path = app.options().prefix();
    let cookie = format!("{COOKIE}={token}; Path={path}/; Max-Age={lifetime}; HttpOnly; SameSite=Strict{secure}");
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Tokens without a password exist only in a mode that we do not have.
async fn create_token_all_admins() -> ApiError {
    ApiError::Forbidden("This method is only allowed if ``[core] simple_auth_manager_all_admins`` is True".into())
}

fn read_credentials(headers: &HeaderMap, bytes: &Bytes, form_too: bool) -> Result<Credentials> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("application/json");
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let value = match kind.as_str() {
        "application/json" => body::json(bytes)?,
        "application/x-www-form-urlencoded" if form_too => {
            let query = Query::parse(&String::from_utf8_lossy(bytes));
            let mut fields = serde_json::Map::new();
            for name in ["username", "password"] {
                fields.extend(query.text(name).map(|text| (name.to_owned(), json!(text))));
            }
            Value::Object(fields)
        }
        _ => return Err(ApiError::MediaType("Unsupported Media Type")),
    };
    let text = |name: &str| match value.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(ApiError::Unprocessable(format!("{name}: Input should be a valid string"))),
        None => Err(ApiError::Unprocessable(format!("{name}: Field required"))),
    };
    Ok(Credentials { username: text("username")?, password: text("password")? })
}

async fn login(State(app): State<App>, query: Query, headers: HeaderMap) -> Result<Response> {
    let next = query.text("next");
    if let Some(next) = &next
        && !is_safe_target(next, &headers)
    {
        return Err(ApiError::BadRequest("Invalid or unsafe next URL".into()));
    }
    let target = match next {
        Some(next) => {
            let encoded: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
            format!("{}/auth/login?next={encoded}", app.options().prefix())
        }
        None => format!("{}/auth/login", app.options().prefix()),
    };
    Ok(redirect(&target))
}

/// Only paths of this server, or absolute URLs that name the host of the request.
fn is_safe_target(next: &str, headers: &HeaderMap) -> bool {
    if next.contains(['\\', '\r', '\n', '\t']) {
        return false;
    }
    if next.starts_with('/') {
        return !next.starts_with("//");
    }
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let rest = next.strip_prefix("http://").or_else(|| next.strip_prefix("https://"));
    match (rest, host) {
        (Some(rest), Some(host)) => rest.split('/').next() == Some(host),
        _ => false,
    }
}

/// Revokes every token the request presents, and deletes the cookie.
async fn logout(State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    revoke(&app, &headers).await?;
    let mut response = redirect(&format!("{}/auth/login", app.options().prefix()));
    set_cookie(&mut response, &app, &headers, "", 0);
    Ok(response)
}

async fn revoke(app: &App, headers: &HeaderMap) -> Result<()> {
    for token in [bearer(headers), cookie(headers)].into_iter().flatten() {
        if let Ok(claims) = app.tokens().verify(token) {
            app.directory().revoke(claims.jti, claims.exp).await?;
        }
    }
    Ok(())
}

fn redirect(target: &str) -> Response {
    let mut response = StatusCode::TEMPORARY_REDIRECT.into_response();
    if let Ok(value) = HeaderValue::from_str(target) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_targets_on_this_server_are_safe() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("flows:8080"));
        for good in ["/", "/dags/a?b=c", "http://flows:8080/x"] {
            assert!(is_safe_target(good, &headers), "{good}");
        }
        for bad in ["//evil", "http://evil/x", "javascript:alert(1)", "/\\evil", "http://flows:8080@evil/"] {
            assert!(!is_safe_target(bad, &headers), "{bad}");
        }
    }
}
