//! Requests: each address at most once, until one answers.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tradewind_queue::remote::{REFRESHED, Refusal};
use tradewind_queue::service::CallError;

use super::Trouble;
use super::addresses::{AddressError, Addresses};

/// How long a connection may take: an address behind a wall answers nothing at all.
const CONNECT: Duration = Duration::from_secs(1);

pub struct Client {
    http: reqwest::Client,
    addresses: Addresses,
}

/// A request, ready to be sent more than once.
pub struct Asked {
    method: Method,
    path: String,
    pub token: String,
    body: Vec<u8>,
    timeout: Duration,
}

impl Asked {
    pub fn get(path: &str, token: &str, timeout: Duration) -> Self {
        Self { method: Method::GET, path: path.to_owned(), token: token.to_owned(), body: Vec::new(), timeout }
    }

    pub fn post<B: Serialize>(path: &str, token: &str, body: &B, timeout: Duration) -> Result<Self, CallError> {
        let body = serde_json::to_vec(body).map_err(|error| CallError::Invalid(format!("it cannot be written as JSON: {error}")))?;
        Ok(Self { method: Method::POST, body, ..Self::get(path, token, timeout) })
    }

    /// Bytes of the body.
    pub fn size(&self) -> usize {
        self.body.len()
    }
}

/// An answer of the service.
pub struct Reply {
    body: Vec<u8>,
    /// A token that replaces the one that was shown.
    pub refreshed: Option<String>,
}

impl Reply {
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, CallError> {
        let text: &[u8] = if self.body.is_empty() { b"null" } else { &self.body };
        serde_json::from_slice(text)
            .map_err(|error| CallError::Unavailable(format!("an answer of the control plane cannot be read: {error}")))
    }
}

impl Client {
    pub fn new(addresses: Addresses) -> Result<Self, AddressError> {
        let built = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::none())
            .tcp_keepalive(Duration::from_secs(15))
            .user_agent(concat!("tradewind-worker/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { http: built.map_err(|error| AddressError::Client(error.to_string()))?, addresses })
    }

    pub async fn ask(&self, asked: &Asked) -> Result<Reply, Trouble> {
        let (mut away, mut refused) = (Vec::new(), None);
        for (at, address) in self.addresses.in_turn() {
            let doubt = self.addresses.asking(at);
            match self.once(address, asked).await {
                Ok(answer) => {
                    doubt.answered();
                    return Ok(answer);
                }
                Err(Trouble::Call(error)) if !matches!(error, CallError::Unavailable(_)) => {
                    doubt.answered();
                    return Err(Trouble::Call(error));
                }
                // One server with another secret must not cost what the others know.
                Err(Trouble::Token(text)) => refused = Some(format!("{address}: {text}")),
                Err(Trouble::Call(error)) => away.push(format!("{address}: {error}")),
                Err(Trouble::Away(text)) => away.push(format!("{address}: {text}")),
            }
        }
        match refused {
            Some(text) if away.is_empty() => Err(Trouble::Token(text)),
            Some(text) => Err(Trouble::Away(format!("{}, {text}", away.join(", ")))),
            None => Err(Trouble::Away(away.join(", "))),
        }
    }

    async fn once(&self, address: &str, asked: &Asked) -> Result<Reply, Trouble> {
        let request = self
            .http
            .request(asked.method.clone(), format!("{address}{}", asked.path))
            .header(AUTHORIZATION, format!("Bearer {}", asked.token))
            .header(CONTENT_TYPE, "application/json")
            .timeout(asked.timeout)
            .body(asked.body.clone());
        let answer = request.send().await.map_err(|error| Trouble::Away(words(error)))?;
        let status = answer.status();
        let refreshed = answer.headers().get(REFRESHED).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = answer.bytes().await.map_err(|error| Trouble::Away(words(error)))?.to_vec();
        if status.is_success() {
            return Ok(Reply { body, refreshed });
        }
        let refusal = Refusal::read(&body);
        let text = refusal.as_ref().map_or_else(|| format!("it answered {status}"), |refusal| refusal.message.clone());
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Trouble::Token(text)),
            _ => match refusal.and_then(Refusal::error) {
                Some(error) => Err(Trouble::Call(error)),
                // A proxy, or a server of another kind.
                None => Err(Trouble::Away(text)),
            },
        }
    }
}

fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut last: &dyn std::error::Error = &error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    if error.is_timeout() { "no answer in time".to_owned() } else { last.to_string() }
}
