//! Tokens: HS512 JWTs with the claims Airflow's clients expect.

use jiff::Timestamp;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

use super::Role;
use crate::clock;
use crate::error::{ApiError, Result};
use crate::options::ServerOptions;

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    pub sub: String,
    pub role: Role,
    #[serde(default)]
    pub teams: Vec<String>,
    /// 32 hex digits; what a sign-out revokes.
    pub jti: String,
    pub aud: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    pub nbf: i64,
    pub iat: i64,
    pub exp: i64,
}

/// Signs and checks tokens.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    audience: String,
    issuer: Option<String>,
}

impl Tokens {
    pub fn new(options: &ServerOptions) -> Self {
        let mut validation = Validation::new(Algorithm::HS512);
        validation.leeway = options.jwt_leeway;
        validation.validate_nbf = true;
        validation.set_audience(&[&options.jwt_audience]);
        validation.set_required_spec_claims(&["exp", "nbf", "aud"]);
        if let Some(issuer) = &options.jwt_issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".into());
        }
        Self {
            encoding: EncodingKey::from_secret(&options.jwt_secret),
            decoding: DecodingKey::from_secret(&options.jwt_secret),
            validation,
            audience: options.jwt_audience.clone(),
            issuer: options.jwt_issuer.clone(),
        }
    }

    /// A token for `lifetime` seconds from now.
    pub fn issue(&self, user: &str, role: Role, lifetime: u64) -> Result<String> {
        self.issue_at(user, role, lifetime, clock::now())
    }

    fn issue_at(&self, user: &str, role: Role, lifetime: u64, now: Timestamp) -> Result<String> {
        let now = now.as_second();
        let claims = Claims {
            sub: user.to_owned(),
            role,
            teams: Vec::new(),
            jti: uuid::Uuid::new_v4().simple().to_string(),
            aud: self.audience.clone(),
            iss: self.issuer.clone(),
            nbf: now,
            iat: now,
            exp: now.saturating_add(i64::try_from(lifetime).unwrap_or(i64::MAX)),
        };
        let mut header = Header::new(Algorithm::HS512);
        header.kid = Some("not-used".into());
        encode(&header, &claims, &self.encoding).map_err(|error| ApiError::Internal(format!("cannot sign a token: {error}")))
    }

    /// The claims of a token that is ours and still good.
    pub fn verify(&self, token: &str) -> Result<Claims> {
        match decode::<Claims>(token, &self.decoding, &self.validation) {
            Ok(data) => Ok(data.claims),
            Err(error) if *error.kind() == ErrorKind::ExpiredSignature => Err(ApiError::Unauthorized("Token Expired")),
            Err(_) => Err(ApiError::Forbidden("Invalid JWT token".into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use serde_json::Value;

    fn part(token: &str, index: usize) -> Value {
        let text = token.split('.').nth(index).unwrap();
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
    }

    #[test]
    fn header_and_claims_are_those_clients_know() {
        let tokens = Tokens::new(&ServerOptions::default());
        let token = tokens.issue("ann", Role::Op, 60).unwrap();
        let header = part(&token, 0);
        assert_eq!(header["alg"], "HS512");
        assert_eq!(header["kid"], "not-used");
        assert_eq!(header["typ"], "JWT");
        let claims = part(&token, 1);
        assert_eq!(claims["sub"], "ann");
        assert_eq!(claims["role"], "OP");
        assert_eq!(claims["aud"], "apache-airflow");
        assert_eq!(claims["jti"].as_str().unwrap().len(), 32);
        assert!(claims.get("iss").is_none());
        assert_eq!(claims["exp"].as_i64().unwrap(), claims["iat"].as_i64().unwrap() + 60);
        assert_eq!(tokens.verify(&token).unwrap().sub, "ann");
    }

    #[test]
    fn old_foreign_and_broken_tokens_are_told_apart() {
        let tokens = Tokens::new(&ServerOptions::default());
        let long_ago: Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
        let old = tokens.issue_at("ann", Role::Op, 60, long_ago).unwrap();
        assert!(matches!(tokens.verify(&old), Err(ApiError::Unauthorized("Token Expired"))));
        let foreign = Tokens::new(&ServerOptions::default()).issue("ann", Role::Admin, 60).unwrap();
        assert!(matches!(tokens.verify(&foreign), Err(ApiError::Forbidden(_))));
        assert!(matches!(tokens.verify("nonsense"), Err(ApiError::Forbidden(_))));
        let far = clock::now() + jiff::SignedDuration::from_hours(1);
        let early = tokens.issue_at("ann", Role::Op, 60, far).unwrap();
        assert!(matches!(tokens.verify(&early), Err(ApiError::Forbidden(_))));
    }
}
