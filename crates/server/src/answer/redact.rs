//! Hiding what looks like a secret, by the name of its key.

use serde_json::Value;

/// What stands in the place of a secret.
pub const MASK: &str = "***";

const SENSITIVE: [&str; 12] = [
    "access_token",
    "api_key",
    "apikey",
    "authorization",
    "keyfile_dict",
    "passphrase",
    "passwd",
    "password",
    "private_key",
    "secret",
    "service_account",
    "token",
];

/// Whether a key with this name holds a secret.
pub fn is_sensitive(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    SENSITIVE.iter().any(|part| name.contains(part))
}

/// The value with everything under sensitive keys hidden.
pub fn redact(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), if is_sensitive(key) && !is_empty(value) { Value::from(MASK) } else { redact(value) }))
            .collect(),
        Value::Array(items) => items.iter().map(redact).collect(),
        other => other.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

/// The text of a variable or an extra: hidden whole under a sensitive name, in part when it is JSON.
pub fn redact_text(name: &str, text: &str) -> String {
    if is_sensitive(name) {
        return MASK.into();
    }
    match serde_json::from_str::<Value>(text) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => {
            let hidden = redact(&value);
            if hidden == value { text.to_owned() } else { super::python::dumps(&hidden) }
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sensitive_names_hide_their_values_at_any_depth() {
        assert_eq!(redact_text("db_password", "x"), MASK);
        assert_eq!(redact_text("plain", "x"), "x");
        assert_eq!(
            redact_text("conf", r#"{"a":[{"API_KEY":"x","n":1}],"token":""}"#),
            r#"{"a": [{"API_KEY": "***", "n": 1}], "token": ""}"#
        );
        assert_eq!(redact_text("conf", r#"{"a":1}"#), r#"{"a":1}"#);
    }
}
