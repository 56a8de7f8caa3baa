//! Who asks: the token of a request, before its body is read.

use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use tradewind_queue::remote::{Claims, Scope, TokenError, Tokens};
use tradewind_queue::service::WorkerId;
use uuid::Uuid;

use super::{Refused, execution};
use crate::auth;
use crate::clock;
use crate::state::App;

/// Somebody who knows the secret of the configuration.
pub struct Joining;

/// A worker that has registered; where the path names one, it is this.
pub struct Worker {
    pub id: WorkerId,
    /// Replaces the token that was shown, when that one ends soon.
    pub token: Option<String>,
}

/// The attempt of the path. Its token is not replaced in passing: only one that still runs gets another (`token`), since a token dies with its attempt.
pub struct Attempt {
    pub id: Uuid,
}

fn check(parts: &Parts, tokens: &Tokens, scope: Scope) -> Result<Claims, Refused> {
    let token = auth::bearer(&parts.headers).ok_or_else(|| Refused::token(StatusCode::UNAUTHORIZED, "Missing auth token"))?;
    tokens.check(token, scope, clock::now()).map_err(|error| Refused::token(StatusCode::FORBIDDEN, error.to_string()))
}

fn invalid() -> Refused {
    Refused::token(StatusCode::FORBIDDEN, TokenError::Invalid.to_string())
}

/// A named part of the path; `None`: it has no such part.
async fn named(parts: &mut Parts, app: &App, name: &str) -> Option<String> {
    let Path(all) = Path::<Vec<(String, String)>>::from_request_parts(parts, app).await.ok()?;
    all.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

impl FromRequestParts<App> for Joining {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let execution = execution(app)?;
        check(parts, &execution.joining, Scope::Join)?;
        match &execution.refusal {
            Some(why) => Err(Refused::of(StatusCode::CONFLICT, "conflict", why)),
            None => Ok(Self),
        }
    }
}

impl FromRequestParts<App> for Worker {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let tokens = &execution(app)?.tokens;
        let claims = check(parts, tokens, Scope::Worker)?;
        if named(parts, app, "worker").await.is_some_and(|worker| worker != claims.sub) {
            return Err(invalid());
        }
        let id = WorkerId(claims.sub.parse().map_err(|_| invalid())?);
        let now = clock::now();
        Ok(Self { id, token: tokens.ends_soon(&claims, now).then(|| tokens.worker(id, now)) })
    }
}

impl FromRequestParts<App> for Attempt {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let tokens = &execution(app)?.tokens;
        let claims = check(parts, tokens, Scope::Execution)?;
        let id = named(parts, app, "attempt").await.filter(|attempt| *attempt == claims.sub).ok_or_else(invalid)?;
        Ok(Self { id: id.parse().map_err(|_| invalid())? })
    }
}
