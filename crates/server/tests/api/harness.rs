//! A server in the test's own process: requests go straight into its router.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::sync::OnceCell;
use tower::ServiceExt;
use tradewind_queue::Changes;
use tradewind_server::auth::Role;
use tradewind_server::{App, ServerOptions, router};
use tradewind_store::{Options, Store};

use crate::contract::Contract;
use crate::seed;

/// The password of every user of a test.
pub const PASSWORD: &str = "correct horse battery";

pub struct Harness {
    pub app: App,
    pub changes: Changes,
    router: Router,
    token: Option<String>,
    folder: std::sync::Arc<tempfile::TempDir>,
    contract: std::sync::Arc<OnceCell<Contract>>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text))
    }

    /// Checks the status and gives the body.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        if self.text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&self.text).unwrap_or_else(|_| Value::String(self.text.clone()))
        }
    }
}

impl Harness {
    /// A server with the users `viewer`, `user`, `op` and `admin`, asked by the admin.
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut ServerOptions)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:///{}", folder.path().join("test.db").display());
        let store = Store::open(&url, Options::default()).await.unwrap();
        store.migrate().await.unwrap();
        for role in Role::ALL {
            seed::user(&store, &role.name().to_lowercase(), role, PASSWORD).await;
        }
        let mut options = ServerOptions { log_folder: folder.path().join("logs"), ..ServerOptions::default() };
        change(&mut options);
        let changes = Changes::new();
        let app = App::new(store, changes.clone(), options);
        let router = router(app.clone());
        let harness = Self { app, changes, router, token: None, folder: folder.into(), contract: Default::default() };
        harness.signed_in(Role::Admin)
    }

    pub fn store(&self) -> &Store {
        self.app.store()
    }

    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The same server, asked by a user with this role.
    pub fn signed_in(&self, role: Role) -> Self {
        let token = self.app.tokens().issue(&role.name().to_lowercase(), role, 600).unwrap();
        self.with_token(Some(token))
    }

    pub fn with_token(&self, token: Option<String>) -> Self {
        let (app, changes, router) = (self.app.clone(), self.changes.clone(), self.router.clone());
        Self { app, changes, router, token, folder: self.folder.clone(), contract: self.contract.clone() }
    }

    /// What the server's OpenAPI document promises.
    pub async fn contract(&self) -> &Contract {
        let read = async || {
            let path = format!("{}/openapi.json", self.app.options().prefix());
            Contract::new(self.send(self.request(Method::GET, &path, None)).await.expect(200))
        };
        self.contract.get_or_init(read).await
    }

    /// Sends a request and holds what it took and got against the document.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let answer = self.send(self.request(method.clone(), path, body)).await;
        let below = path.strip_prefix(self.app.options().prefix()).unwrap_or(path);
        self.contract().await.check(&method, below, body, &answer);
        answer
    }

    /// An answer whose body is still to come.
    pub async fn open(&self, request: Request<Body>) -> axum::response::Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.open(request).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    pub fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        match body {
            Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())).unwrap(),
            None => request.body(Body::empty()).unwrap(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, Some(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None).await
    }
}

impl Answer {
    /// The body, or null when it is no JSON.
    pub fn json_or_null(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }
}
