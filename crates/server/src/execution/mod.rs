//! The attempt service for workers elsewhere (`docs/reference/execution-api.md`).
//!
//! *Authority:* tokens say who asks; whether it may be is decided by the service and its rows. *Limits:* a message has a largest size, and so has the number
//! of requests that are worked on and that wait for hints; what is above is answered 503 at once, and the worker comes again.

mod admit;
mod attempts;
mod workers;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::sync::Semaphore;
use tradewind_queue::remote::{Hello, LARGEST, PROTOCOL, REFRESHED, Refusal, SMALL, Tokens};
use tradewind_queue::service::{AttemptService, CallError};

use crate::state::App;
use admit::Joining;

/// Requests that are worked on at once; those that wait for hints are counted apart.
const AT_ONCE: usize = 256;
/// Workers that wait for hints.
const WAITING: usize = 2_048;
/// How long a request waits for its turn.
const TURN: Duration = Duration::from_secs(2);

/// What the web server needs for workers elsewhere.
pub struct Execution {
    service: Arc<dyn AttemptService>,
    joining: Tokens,
    tokens: Tokens,
    refusal: Option<String>,
    turns: Semaphore,
    waits: Semaphore,
}

/// Settings of [`Execution`].
#[derive(Debug, Clone)]
pub struct ExecutionOptions {
    /// What workers show to register.
    pub join_secret: String,
    /// Key of the tokens that they get.
    pub token_secret: String,
    /// `[execution_api] jwt_expiration_time`: how long such a token is good.
    pub token_lifetime: Duration,
    /// `[api_auth] jwt_leeway`: by how much clocks may differ.
    pub leeway: Duration,
    /// Why no worker elsewhere could be of use, if so.
    pub refusal: Option<String>,
}

impl Execution {
    pub fn new(service: Arc<dyn AttemptService>, options: ExecutionOptions) -> Self {
        Self {
            service,
            joining: Tokens::new(options.join_secret.as_bytes(), options.token_lifetime, options.leeway),
            tokens: Tokens::new(options.token_secret.as_bytes(), options.token_lifetime, options.leeway),
            refusal: options.refusal,
            turns: Semaphore::new(AT_ONCE),
            waits: Semaphore::new(WAITING),
        }
    }

    /// A turn among those that are worked on.
    async fn turn(&self) -> Result<tokio::sync::SemaphorePermit<'_>, Refused> {
        match tokio::time::timeout(TURN, self.turns.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Refused::busy("too many requests are worked on")),
        }
    }
}

/// The routes, for an app that has an [`Execution`].
pub fn router() -> Router<App> {
    let small = Router::new()
        .route("/execution/health", get(async || Json(json!({"status": "healthy"}))))
        .route("/execution/hello", get(hello))
        .route("/execution/workers", post(workers::join))
        .route("/execution/workers/{worker}/hints", post(workers::take))
        .route("/execution/workers/{worker}/heartbeat", post(workers::heartbeat))
        .route("/execution/workers/{worker}/deregister", post(workers::deregister))
        .route("/execution/workers/{worker}/attempts/{attempt}/claim", post(attempts::claim))
        .route("/execution/workers/{worker}/attempts/{attempt}/started", post(attempts::started))
        .route("/execution/workers/{worker}/attempts/{attempt}/token", post(attempts::token))
        .layer(DefaultBodyLimit::max(SMALL));
    let large = Router::new()
        .route("/execution/workers/reports", post(attempts::report))
        .route("/execution/attempts/{attempt}/call", post(attempts::call))
        .layer(DefaultBodyLimit::max(LARGEST));
    small.merge(large)
}

async fn hello(_: Joining) -> Json<Hello> {
    Json(Hello { protocol: PROTOCOL, version: crate::VERSION.to_owned() })
}

fn execution(app: &App) -> Result<&Execution, Refused> {
    app.execution().ok_or_else(|| Refused::of(StatusCode::NOT_FOUND, "not_found", "this server takes no workers"))
}

/// An answer that is no success.
pub struct Refused {
    status: StatusCode,
    refusal: Refusal,
    /// Without an object around the text, as Airflow's clients know it.
    plain: bool,
}

impl Refused {
    fn of(status: StatusCode, reason: &str, message: impl Into<String>) -> Self {
        Self { status, refusal: Refusal::new(reason, message), plain: false }
    }

    fn token(status: StatusCode, message: impl Into<String>) -> Self {
        Self { plain: true, ..Self::of(status, "token", message) }
    }

    fn busy(message: &str) -> Self {
        Self::of(StatusCode::SERVICE_UNAVAILABLE, "busy", message)
    }
}

impl From<CallError> for Refused {
    fn from(error: CallError) -> Self {
        let (status, refusal) = error.refusal();
        Self { status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), refusal, plain: false }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = if self.plain { json!({"detail": self.refusal.message}) } else { self.refusal.body() };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// An answer, with a token in place of one that ends soon.
fn refreshed<T: serde::Serialize>(answer: T, token: Option<String>) -> Response {
    let mut response = Json(answer).into_response();
    if let Some(token) = token.and_then(|token| HeaderValue::from_str(&token).ok()) {
        response.headers_mut().insert(REFRESHED, token);
    }
    response
}

/// A body as it must be; what is wrong with it is told as the service would.
pub struct Message<T>(T);

impl<T: DeserializeOwned> FromRequest<App> for Message<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refused> {
        match Json::<T>::from_request(request, app).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Refused::of(StatusCode::PAYLOAD_TOO_LARGE, "invalid", "the message is too large"))
            }
            Err(error) => Err(Refused::of(StatusCode::UNPROCESSABLE_ENTITY, "invalid", error.body_text())),
        }
    }
}

/// The state of handlers.
type Shared = State<App>;
