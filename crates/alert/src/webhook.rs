//! Webhooks: a POST with JSON. Redirects are not followed: an address that moved is to be configured anew.

use std::time::Duration;

use jiff::SignedDuration;
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, StatusCode};
use serde_json::Value;
use tradewind_config::Secret;

use crate::outcome::{End, Tried};

/// Posts `body`. What a message about a failure says never holds the address: that is a secret.
pub async fn post(client: &Client, url: &Secret, headers: &[(String, Secret)], timeout: Duration, body: &Value) -> Tried {
    let mut request = client.post(url.expose()).timeout(timeout).json(body);
    for (name, value) in headers {
        request = request.header(name, value.expose());
    }
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) => {
            let never_left = error.is_connect() || error.is_builder();
            let text = words(error);
            return if never_left { Tried::again(text) } else { Tried::unanswered(text) };
        }
    };
    let status = answer.status();
    if status.is_success() {
        return Tried::sent();
    }
    let wait = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<i64>().ok());
    let text: String = answer.text().await.unwrap_or_default().chars().take(300).collect();
    let error = format!("the webhook answered {status}: {}", text.trim());
    if status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT) {
        let end = wait.map_or(End::Again, |seconds| End::AgainAfter(SignedDuration::from_secs(seconds.clamp(0, 86_400))));
        return Tried { end, ..Tried::again(error) };
    }
    Tried::failed(error)
}

fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = format!("the webhook cannot be reached: {error}");
    let mut cause = std::error::Error::source(&error);
    while let Some(next) = cause {
        text.push_str(&format!(": {next}"));
        cause = next.source();
    }
    text
}

/// The client of a courier.
///
/// # Errors
/// TLS cannot be set up.
pub fn client() -> Result<Client, String> {
    let built = Client::builder().redirect(reqwest::redirect::Policy::none()).user_agent("tradewind").build();
    built.map_err(|error| format!("webhooks cannot be called: {error}"))
}
