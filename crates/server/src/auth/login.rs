//! Signing in: name and password in, token out.

use jiff::Timestamp;

use super::{Role, password};
use crate::clock;
use crate::error::{ApiError, Result};
use crate::state::App;

/// What a sign-in sends.
pub struct Credentials {
    pub username: String,
    pub password: String,
}

/// Checks name and password; `origin` (an address) and name together are slowed down after failures.
pub async fn sign_in(app: &App, credentials: Credentials, origin: &str) -> Result<(String, Role)> {
    if credentials.username.is_empty() || credentials.password.is_empty() {
        return Err(ApiError::BadRequest("Username and password must be provided".into()));
    }
    let key = format!("{origin} {}", credentials.username);
    refuse_guessing(app, &key, clock::now())?;
    let found = app.directory().lookup(&credentials.username).await?;
    let hash = found.as_ref().map_or_else(|| password::decoy().to_owned(), |user| user.password_hash.clone());
    let given = credentials.password;
    let _turn = app.login_limit().turn().await;
    let matches = tokio::task::spawn_blocking(move || password::verify(&given, &hash))
        .await
        .map_err(|error| ApiError::Internal(format!("password check ended early: {error}")))?;
    match found {
        Some(user) if matches && user.is_active => {
            app.login_limit().succeeded(&key);
            Ok((user.username, user.role))
        }
        _ => {
            app.login_limit().failed(&key, clock::now());
            Err(ApiError::Unauthorized("Invalid credentials"))
        }
    }
}

fn refuse_guessing(app: &App, key: &str, now: Timestamp) -> Result<()> {
    app.login_limit().wait(key, now).map_or(Ok(()), |seconds| Err(ApiError::TooMany(seconds)))
}
