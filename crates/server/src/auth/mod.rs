//! Who asks, and what they may do.

pub mod cross_origin;
pub mod directory;
pub mod limit;
pub mod login;
pub mod password;
pub mod role;
pub mod token;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;

pub use role::{Access, Role};

use crate::error::{ApiError, Result};
use crate::state::App;

/// The cookie that carries a token for browsers.
pub const COOKIE: &str = "_token";

/// The signed-in user of a request.
#[derive(Debug, Clone)]
pub struct User {
    pub name: String,
    pub role: Role,
}

/// Answers 401 and 403 before a handler runs, and leaves the [`User`] for it.
pub async fn guard(State((app, access)): State<(App, Access)>, mut request: Request, next: Next) -> Result<Response> {
    let headers = request.headers();
    let token = presented(headers).ok_or(ApiError::Unauthorized("Not authenticated"))?;
    if bearer(headers).is_none() && !cross_origin::allows_cookie(request.method(), headers) {
        return Err(ApiError::Forbidden("A page of another site may not act with this sign-in".into()));
    }
    let claims = app.tokens().verify(token)?;
    let user = app.directory().admit(&claims).await?;
    if !user.role.may(access) {
        return Err(ApiError::Forbidden("Forbidden".into()));
    }
    request.extensions_mut().insert(user);
    Ok(next.run(request).await)
}

/// The token of a request: the header wins over the cookie.
pub fn presented(headers: &HeaderMap) -> Option<&str> {
    bearer(headers).or_else(|| cookie(headers))
}

/// `Authorization: Bearer ...`
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim()).filter(|token| !token.is_empty())
}

/// The cookie's token.
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == COOKIE && !value.is_empty())
        .map(|(_, value)| value)
}

impl FromRequestParts<App> for User {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self> {
        parts.extensions.get::<Self>().cloned().ok_or(ApiError::Unauthorized("Not authenticated"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn the_header_wins_over_the_cookie() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=b; _token=c.d.e"));
        assert_eq!(presented(&headers), Some("c.d.e"));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("bearer h.e.a"));
        assert_eq!(presented(&headers), Some("h.e.a"));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Basic abc"));
        assert_eq!(presented(&headers), Some("c.d.e"));
    }
}
