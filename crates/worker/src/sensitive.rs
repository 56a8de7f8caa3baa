//! Values a task fetches that must not appear in its log.

use serde_json::Value;

/// Parts of names whose values are secret.
const NAMES: [&str; 14] = [
    "access_token",
    "api_key",
    "apikey",
    "authorization",
    "passphrase",
    "passwd",
    "password",
    "private_key",
    "proxies",
    "proxy",
    "secret",
    "token",
    "keyfile_dict",
    "service_account",
];

/// Tells secret names from others.
#[derive(Debug, Clone)]
pub struct Sensitive {
    names: Vec<String>,
    hide: bool,
}

impl Sensitive {
    pub fn new(further: &[String], hide: bool) -> Self {
        let further = further.iter().map(|n| n.trim().to_lowercase()).filter(|n| !n.is_empty());
        Self { names: NAMES.iter().map(|n| (*n).to_owned()).chain(further).collect(), hide }
    }

    /// Texts to be hidden, given a call of an attempt and its answer.
    pub fn found_in(&self, method: &str, params: &Value, result: &Value) -> Vec<String> {
        let mut found = Vec::new();
        match method {
            "variable.get" | "variable.set" => {
                let value = if method == "variable.get" { &result["value"] } else { &params["value"] };
                let key = params["key"].as_str().unwrap_or_default();
                self.collect_text(key, value, &mut found);
            }
            "connection.get" => {
                let connection = &result["connection"];
                // A password is secret whatever is configured.
                found.extend(connection["password"].as_str().map(str::to_owned));
                self.collect_text("extra", &connection["extra"], &mut found);
            }
            _ => {}
        }
        found
    }

    fn is_secret(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.hide && self.names.iter().any(|n| name.contains(n.as_str()))
    }

    /// A text that may be JSON with names of its own.
    fn collect_text(&self, name: &str, value: &Value, found: &mut Vec<String>) {
        let inner = value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        if self.is_secret(name) {
            found.extend(value.as_str().map(str::to_owned));
        }
        if let Some(inner) = inner.filter(|v| v.is_object() || v.is_array()) {
            self.collect(name, &inner, found);
        }
    }

    fn collect(&self, name: &str, value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                let below = |key: &str| if self.is_secret(name) { name.to_owned() } else { key.to_owned() };
                map.iter().for_each(|(key, value)| self.collect(&below(key), value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| self.collect(name, item, found)),
            Value::String(text) if self.is_secret(name) => found.push(text.clone()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_decide() {
        let sensitive = Sensitive::new(&["pincode".to_owned()], true);
        let variable = |key: &str, value: &str| sensitive.found_in("variable.get", &json!({"key": key}), &json!({"value": value}));
        assert_eq!(variable("city", "Seoul"), [""; 0]);
        assert_eq!(variable("DB_PASSWORD", "hunter2"), ["hunter2"]);
        assert_eq!(variable("my_pincode", "123456"), ["123456"]);
        assert_eq!(variable("settings", r#"{"user":"me","api_key":"k1234","n":{"token":["t1234"]}}"#), ["k1234", "t1234"]);
        assert_eq!(variable("secret_map", r#"{"a":"b1234"}"#), [r#"{"a":"b1234"}"#, "b1234"]);

        let off = Sensitive::new(&[], false);
        let connection = json!({"connection": {"login": "me", "password": "pw123", "extra": "{\"token\":\"t1234\",\"region\":\"eu\"}"}});
        assert_eq!(sensitive.found_in("connection.get", &json!({}), &connection), ["pw123", "t1234"]);
        assert_eq!(off.found_in("connection.get", &json!({}), &connection), ["pw123"]);
    }
}
