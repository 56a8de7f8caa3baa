//! Refusals as answers of HTTP: status, and a reason in the body's `detail`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::service::CallError;

/// `detail` of an answer that is no success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub reason: String,
    pub message: String,
}

/// Reason and status of each kind of error.
const KINDS: [(&str, u16); 5] = [("not_found", 404), ("conflict", 409), ("invalid", 422), ("stale", 410), ("unavailable", 503)];

impl Refusal {
    pub fn new(reason: &str, message: impl Into<String>) -> Self {
        Self { reason: reason.to_owned(), message: message.into() }
    }

    /// The body of the answer.
    pub fn body(&self) -> Value {
        json!({"detail": self})
    }

    /// Reads the body of an answer; `None`: somebody else wrote it (a proxy, another program).
    pub fn read(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        match &body["detail"] {
            Value::String(text) => Some(Self::new("refused", text.clone())),
            detail => Self::deserialize(detail).ok(),
        }
    }

    /// The error that the service answered with; `None`: it was not the service.
    pub fn error(self) -> Option<CallError> {
        Some(match self.reason.as_str() {
            "not_found" => CallError::NotFound(self.message),
            "conflict" => CallError::Conflict(self.message),
            "invalid" => CallError::Invalid(self.message),
            "stale" => CallError::Stale(self.message),
            "unavailable" | "busy" => CallError::Unavailable(self.message),
            _ => return None,
        })
    }
}

impl CallError {
    /// Status of HTTP and refusal.
    pub fn refusal(&self) -> (u16, Refusal) {
        let (kind, message) = match self {
            Self::NotFound(message) => (KINDS[0], message),
            Self::Conflict(message) => (KINDS[1], message),
            Self::Invalid(message) => (KINDS[2], message),
            Self::Stale(message) => (KINDS[3], message),
            Self::Unavailable(message) => (KINDS[4], message),
        };
        (kind.1, Refusal::new(kind.0, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_come_back_as_they_were() {
        let text = "why".to_owned();
        for error in [
            CallError::NotFound(text.clone()),
            CallError::Conflict(text.clone()),
            CallError::Invalid(text.clone()),
            CallError::Stale(text.clone()),
            CallError::Unavailable(text.clone()),
        ] {
            let (_, refusal) = error.refusal();
            let back = Refusal::read(refusal.body().to_string().as_bytes()).unwrap().error().unwrap();
            assert_eq!(format!("{error:?}"), format!("{back:?}"));
        }
        assert_eq!(Refusal::read(b"{\"detail\": \"Missing auth token\"}").unwrap().message, "Missing auth token");
        assert!(Refusal::read(b"<html>Bad gateway</html>").is_none());
    }
}
