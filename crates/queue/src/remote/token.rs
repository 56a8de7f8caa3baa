//! Tokens between workers and the control plane: JWTs (HS512) with the claims of Airflow's task tokens.

use std::time::Duration;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::service::WorkerId;

/// Audience of all tokens but those of logs: a token of a user is none of these, and the other way round.
const TASK: &str = "urn:airflow.apache.org:task";
/// Audience of tokens that let read one log.
pub const LOGS: &str = "task-instance-logs";

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// To register; signed by the worker itself with the secret of the configuration.
    Join,
    /// What a worker asks.
    Worker,
    /// What one attempt asks.
    Execution,
    /// To read one log.
    Logs,
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The worker's number, the attempt's id, or the path of the log.
    pub sub: String,
    pub scope: Scope,
    /// For an attempt: the worker that claimed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<i64>,
    pub aud: String,
    pub jti: Uuid,
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It was good.
    #[error("Expired auth token")]
    Expired,
    /// Signed with another key, for something else, or no token at all.
    #[error("Invalid auth token")]
    Invalid,
}

/// Signs and checks tokens of one key.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    /// How long a token is good.
    pub lifetime: Duration,
    /// By how much clocks may differ.
    leeway: Duration,
}

impl Tokens {
    pub fn new(secret: &[u8], lifetime: Duration, leeway: Duration) -> Self {
        Self { encoding: EncodingKey::from_secret(secret), decoding: DecodingKey::from_secret(secret), lifetime, leeway }
    }

    /// A token for whoever wants to be a worker.
    pub fn join(&self, now: Timestamp) -> String {
        self.sign(Scope::Join, "worker".to_owned(), None, now)
    }

    pub fn worker(&self, worker: WorkerId, now: Timestamp) -> String {
        self.sign(Scope::Worker, worker.0.to_string(), None, now)
    }

    pub fn attempt(&self, attempt: Uuid, worker: WorkerId, now: Timestamp) -> String {
        self.sign(Scope::Execution, attempt.to_string(), Some(worker.0), now)
    }

    /// A token to read the log of this path.
    pub fn log(&self, path: &str, now: Timestamp) -> String {
        self.sign(Scope::Logs, path.to_owned(), None, now)
    }

    fn sign(&self, scope: Scope, sub: String, worker: Option<i64>, now: Timestamp) -> String {
        let now = now.as_second();
        let lifetime = i64::try_from(self.lifetime.as_secs()).unwrap_or(i64::MAX);
        let claims = Claims {
            sub,
            scope,
            worker,
            aud: audience(scope).to_owned(),
            jti: Uuid::now_v7(),
            iat: now,
            nbf: now,
            exp: now.saturating_add(lifetime),
        };
        // Signing fails for keys of another kind only.
        encode(&Header::new(Algorithm::HS512), &claims, &self.encoding).unwrap_or_default()
    }

    /// The claims of a token of this scope that is good at `now`.
    ///
    /// # Errors
    /// It is not ours, not for this, or over.
    pub fn check(&self, token: &str, scope: Scope, now: Timestamp) -> Result<Claims, TokenError> {
        let claims = self.signed(token, scope)?;
        let (now, leeway) = (now.as_second(), i64::try_from(self.leeway.as_secs()).unwrap_or(i64::MAX));
        if claims.exp.saturating_add(leeway) < now {
            return Err(TokenError::Expired);
        }
        if claims.nbf.saturating_sub(leeway) > now {
            return Err(TokenError::Invalid);
        }
        Ok(claims)
    }

    /// As [`Tokens::check`] for a token that may be over: proof that its holder once had what it is about.
    ///
    /// # Errors
    /// It is not ours, or not for this.
    pub fn signed(&self, token: &str, scope: Scope) -> Result<Claims, TokenError> {
        let mut validation = Validation::new(Algorithm::HS512);
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        validation.set_audience(&[audience(scope)]);
        let claims = decode::<Claims>(token, &self.decoding, &validation).map_err(|_| TokenError::Invalid)?.claims;
        if claims.scope == scope { Ok(claims) } else { Err(TokenError::Invalid) }
    }

    /// Whether a token that was shown is to be replaced: a fifth of its life is left, or half a minute.
    pub fn ends_soon(&self, claims: &Claims, now: Timestamp) -> bool {
        let margin = (self.lifetime.as_secs() / 5).max(30);
        claims.exp.saturating_sub(now.as_second()) <= i64::try_from(margin).unwrap_or(i64::MAX)
    }
}

fn audience(scope: Scope) -> &'static str {
    match scope {
        Scope::Logs => LOGS,
        _ => TASK,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_token_is_good_for_its_scope_and_its_time() {
        let tokens = Tokens::new(b"key", Duration::from_secs(600), Duration::from_secs(10));
        let token = tokens.worker(WorkerId(7), NOW);
        assert_eq!(tokens.check(&token, Scope::Worker, NOW).unwrap().sub, "7");
        for other in [Scope::Join, Scope::Execution, Scope::Logs] {
            assert_eq!(tokens.check(&token, other, NOW), Err(TokenError::Invalid));
        }
        assert!(tokens.check(&token, Scope::Worker, at(610)).is_ok(), "clocks may differ");
        assert_eq!(tokens.check(&token, Scope::Worker, at(611)), Err(TokenError::Expired));
        assert!(tokens.signed(&token, Scope::Worker).is_ok(), "it is still proof");
        assert_eq!(tokens.check(&tokens.worker(WorkerId(7), at(60)), Scope::Worker, NOW), Err(TokenError::Invalid));
    }

    #[test]
    fn a_token_of_another_key_or_of_none_is_refused() {
        let (tokens, others) =
            (Tokens::new(b"key", Duration::from_secs(600), Duration::ZERO), Tokens::new(b"yek", Duration::from_secs(600), Duration::ZERO));
        assert_eq!(tokens.check(&others.join(NOW), Scope::Join, NOW), Err(TokenError::Invalid));
        assert_eq!(tokens.check("nonsense", Scope::Join, NOW), Err(TokenError::Invalid));
        // No signature at all, as some libraries take it.
        let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiI3Iiwic2NvcGUiOiJ3b3JrZXIifQ.";
        assert_eq!(tokens.signed(unsigned, Scope::Worker), Err(TokenError::Invalid));
    }

    #[test]
    fn tokens_are_replaced_in_time() {
        let tokens = Tokens::new(b"key", Duration::from_secs(600), Duration::ZERO);
        let attempt = Uuid::now_v7();
        let claims = tokens.check(&tokens.attempt(attempt, WorkerId(3), NOW), Scope::Execution, NOW).unwrap();
        assert_eq!((claims.sub, claims.worker), (attempt.to_string(), Some(3)));
        let claims = tokens.check(&tokens.worker(WorkerId(3), NOW), Scope::Worker, NOW).unwrap();
        assert!(!tokens.ends_soon(&claims, at(400)) && tokens.ends_soon(&claims, at(480)));
    }
}
