//! Errors as the clients of the v2 API know them.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

/// One finding of a validation, in the shape Python clients know from pydantic.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Issue {
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Where it is: `["body", "state"]`, `["query", "limit"]`.
    pub loc: Vec<Value>,
    pub msg: String,
    pub input: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ctx: Option<Value>,
}

/// Everything a request can be refused with.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("not signed in: {0}")]
    Unauthorized(&'static str),
    #[error("forbidden: {0}")]
    Forbidden(String),
    #[error("bad request: {0}")]
    BadRequest(String),
    #[error("not found: {0}")]
    NotFound(String),
    /// Refused because of the state of the thing.
    #[error("conflict: {0}")]
    Conflict(String),
    /// A unique key exists already; the text says which, for those who may see it.
    #[error("unique constraint: {0}")]
    Exists(String),
    #[error("not acceptable: {0}")]
    NotAcceptable(&'static str),
    #[error("unsupported media type: {0}")]
    MediaType(&'static str),
    #[error("body: {0}")]
    TooLarge(String),
    #[error("validation: {0:?}")]
    Invalid(Vec<Issue>),
    /// A validation error whose detail is one sentence.
    #[error("unprocessable: {0}")]
    Unprocessable(String),
    #[error("too many sign-ins; again in {0} s")]
    TooMany(u64),
    #[error("the database cannot answer now: {0}")]
    Unavailable(String),
    /// Another process of ours that is asked for a part of the answer does not give it.
    #[error("elsewhere: {0}")]
    Elsewhere(String),
    #[error("internal: {0}")]
    Internal(String),
}

impl ApiError {
    /// A single finding in the body or query.
    pub fn issue(kind: &'static str, loc: &[&str], msg: impl Into<String>, input: Value) -> Self {
        Self::Invalid(vec![Issue { kind, loc: loc.iter().map(|part| json!(part)).collect(), msg: msg.into(), input, ctx: None }])
    }

    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Conflict(_) | Self::Exists(_) => StatusCode::CONFLICT,
            Self::NotAcceptable(_) => StatusCode::NOT_ACCEPTABLE,
            Self::MediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Invalid(_) | Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Elsewhere(_) => StatusCode::BAD_GATEWAY,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The `detail` of the answer. What happened inside stays inside: it is in the log under the same id.
    pub fn detail(&self) -> Value {
        match self {
            Self::Unauthorized(text) | Self::NotAcceptable(text) | Self::MediaType(text) => {
                json!(text)
            }
            Self::Forbidden(text)
            | Self::BadRequest(text)
            | Self::NotFound(text)
            | Self::Conflict(text)
            | Self::TooLarge(text)
            | Self::Elsewhere(text)
            | Self::Unprocessable(text) => {
                json!(text)
            }
            Self::Exists(what) => database_error("Unique constraint violation", what),
            Self::Invalid(issues) => json!(issues),
            Self::TooMany(seconds) => {
                json!(format!("Too many failed sign-ins; try again in {seconds} seconds"))
            }
            Self::Unavailable(what) => database_error("Database unavailable", what),
            Self::Internal(what) => database_error("Database error", what),
        }
    }
}

/// The object Airflow's clients get for errors of the database, with an id that finds the log line.
fn database_error(reason: &str, what: &str) -> Value {
    let id = short_id();
    tracing::warn!(error.id = %id, error.reason = reason, "a request met an error of the database: {what}");
    json!({
        "reason": reason,
        "statement": "hidden",
        "orig_error": "hidden",
        "message": format!("The details are in the server's log, under ID {id}"),
    })
}

fn short_id() -> String {
    format!("{:08x}", rand::random::<u32>())
}

impl From<tradewind_store::Error> for ApiError {
    fn from(error: tradewind_store::Error) -> Self {
        match &error {
            tradewind_store::Error::Constraint { name } => Self::Exists(name.clone()),
            tradewind_store::Error::Invalid { .. } => Self::Unprocessable(error.to_string()),
            _ if error.is_transient() => Self::Unavailable(error.to_string()),
            _ => Self::Internal(error.to_string()),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Json(json!({ "detail": self.detail() }))).into_response();
        let headers = response.headers_mut();
        match self {
            Self::Unauthorized(_) => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::TooMany(seconds) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            _ => {}
        }
        response
    }
}

pub type Result<T, E = ApiError> = std::result::Result<T, E>;
