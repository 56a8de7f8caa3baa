//! JSON bodies. Fields are asked for by name; what nobody asked for is refused.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::check::{self, Checked, Finding};
use crate::error::{ApiError, Issue, Result};

/// The body of a request as JSON.
pub struct JsonBody(pub Value);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| ApiError::TooLarge(rejection.body_text()))?;
        json(&bytes).map(Self)
    }
}

/// Parses a request body. An empty one counts as missing.
pub fn json(bytes: &Bytes) -> Result<Value> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ApiError::issue("missing", &["body"], "Field required", Value::Null));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let position = offset(bytes, error.line(), error.column());
        ApiError::Invalid(vec![Issue {
            kind: "json_invalid",
            loc: vec![json!("body"), json!(position)],
            msg: "JSON decode error".into(),
            input: json!({}),
            ctx: Some(json!({ "error": error.to_string() })),
        }])
    })
}

fn offset(bytes: &[u8], line: usize, column: usize) -> usize {
    let before: usize = bytes.split(|byte| *byte == b'\n').take(line.saturating_sub(1)).map(|text| text.len() + 1).sum();
    before + column.saturating_sub(1)
}

/// Reads an object of a body field by field and collects the findings.
pub struct Fields<'a> {
    map: &'a Map<String, Value>,
    whole: &'a Value,
    loc: Vec<Value>,
    known: Vec<&'static str>,
    issues: Vec<Issue>,
}

static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);

impl<'a> Fields<'a> {
    /// The body itself.
    pub fn of(whole: &'a Value) -> Self {
        Self::at(whole, vec![json!("body")])
    }

    /// An object somewhere inside the body.
    pub fn at(whole: &'a Value, loc: Vec<Value>) -> Self {
        let mut fields = Self { map: whole.as_object().unwrap_or(&EMPTY), whole, loc, known: Vec::new(), issues: Vec::new() };
        if !whole.is_object() {
            let finding = Finding::new("model_attributes_type", "Input should be a valid dictionary or object to extract fields from");
            let loc = fields.loc.clone();
            fields.issues.push(finding.at(loc, whole.clone()));
        }
        fields
    }

    /// Whether the field was sent (null counts).
    pub fn sent(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// The value as it is, null included.
    pub fn raw(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.map.get(name)
    }

    /// The field with a check of its own; null counts as absent.
    pub fn checked<T>(&mut self, name: &'static str, check: impl FnOnce(&Value) -> Checked<T>) -> Option<T> {
        match self.raw(name) {
            None | Some(Value::Null) => None,
            Some(value) => self.keep(name, value, check(value)),
        }
    }

    /// As [`Fields::checked`], for a field that must not be null when sent.
    pub fn not_null<T>(&mut self, name: &'static str, check: impl FnOnce(&Value) -> Checked<T>) -> Option<T> {
        let value = self.raw(name)?;
        self.keep(name, value, check(value))
    }

    /// As [`Fields::not_null`], and it must be there.
    pub fn required<T>(&mut self, name: &'static str, check: impl FnOnce(&Value) -> Checked<T>) -> Option<T> {
        match self.raw(name) {
            None => {
                self.report(name, check::missing(), self.whole.clone());
                None
            }
            Some(value) => self.keep(name, value, check(value)),
        }
    }

    fn keep<T>(&mut self, name: &'static str, value: &Value, checked: Checked<T>) -> Option<T> {
        match checked {
            Ok(value) => Some(value),
            Err(finding) => {
                self.report(name, finding, value.clone());
                None
            }
        }
    }

    pub fn text(&mut self, name: &'static str) -> Option<String> {
        self.checked(name, check::text)
    }

    pub fn note(&mut self) -> Option<String> {
        self.short_text("note", 1000)
    }

    pub fn short_text(&mut self, name: &'static str, max: usize) -> Option<String> {
        self.checked(name, |value| check::at_most_chars(max, check::text(value)?))
    }

    pub fn flag(&mut self, name: &'static str, default: bool) -> bool {
        self.not_null(name, check::boolean).unwrap_or(default)
    }

    pub fn datetime(&mut self, name: &'static str) -> Option<Timestamp> {
        self.checked(name, check::datetime)
    }

    pub fn int(&mut self, name: &'static str) -> Option<i64> {
        self.checked(name, check::int)
    }

    /// An array of texts.
    pub fn texts(&mut self, name: &'static str) -> Option<Vec<String>> {
        let items = self.items(name)?;
        let mut out = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match check::text(item) {
                Ok(text) => out.push(text),
                Err(finding) => self.report_item(name, index, finding, item.clone()),
            }
        }
        Some(out)
    }

    /// An array; null counts as absent.
    pub fn items(&mut self, name: &'static str) -> Option<&'a Vec<Value>> {
        match self.raw(name) {
            None | Some(Value::Null) => None,
            Some(Value::Array(items)) => Some(items),
            Some(other) => {
                let finding = Finding::new("list_type", "Input should be a valid list");
                self.report(name, finding, other.clone());
                None
            }
        }
    }

    /// An object; null counts as absent.
    pub fn object(&mut self, name: &'static str) -> Option<&'a Map<String, Value>> {
        match self.raw(name) {
            None | Some(Value::Null) => None,
            Some(Value::Object(map)) => Some(map),
            Some(other) => {
                let finding = Finding::new("dict_type", "Input should be a valid dictionary");
                self.report(name, finding, other.clone());
                None
            }
        }
    }

    /// Adds a finding about a field.
    pub fn report(&mut self, name: &'static str, finding: Finding, input: Value) {
        let mut loc = self.loc.clone();
        loc.push(json!(name));
        self.issues.push(finding.at(loc, input));
    }

    pub fn report_item(&mut self, name: &str, index: usize, finding: Finding, input: Value) {
        let mut loc = self.loc.clone();
        loc.extend([json!(name), json!(index)]);
        self.issues.push(finding.at(loc, input));
    }

    /// Adds a finding about the body as a whole.
    pub fn reject(&mut self, why: impl Into<String>) {
        let finding = value_error(why);
        self.issues.push(finding.at(self.loc.clone(), self.whole.clone()));
    }

    /// Adds findings made elsewhere.
    pub fn extend(&mut self, issues: Vec<Issue>) {
        self.issues.extend(issues);
    }

    /// The findings, with one for each field nobody asked for.
    pub fn issues(mut self) -> Vec<Issue> {
        for (name, value) in self.map {
            if !self.known.contains(&name.as_str()) {
                let finding = Finding::new("extra_forbidden", "Extra inputs are not permitted");
                let mut loc = self.loc.clone();
                loc.push(json!(name));
                self.issues.push(finding.at(loc, value.clone()));
            }
        }
        self.issues
    }

    pub fn finish(self) -> Result<()> {
        let issues = self.issues();
        if issues.is_empty() { Ok(()) } else { Err(ApiError::Invalid(issues)) }
    }
}

/// A finding of our own rules.
pub fn value_error(why: impl Into<String>) -> Finding {
    Finding::new("value_error", format!("Value error, {}", why.into())).with(json!({ "error": {} }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail(error: ApiError) -> Value {
        error.detail()
    }

    #[test]
    fn findings_name_type_place_and_input() {
        let body = json!({"note": "x".repeat(1001), "zzz": 1, "when": "2024-01-01T00:00:00"});
        let mut fields = Fields::of(&body);
        fields.note();
        fields.required("logical_date", check::datetime);
        fields.datetime("when");
        let found = detail(fields.finish().unwrap_err());
        let kinds: Vec<&str> = found.as_array().unwrap().iter().map(|issue| issue["type"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["string_too_long", "missing", "timezone_aware", "extra_forbidden"]);
        assert_eq!(found[1]["loc"], json!(["body", "logical_date"]));
        assert_eq!(found[1]["input"], body);
        assert_eq!(found[3]["loc"], json!(["body", "zzz"]));
    }

    #[test]
    fn broken_json_names_its_position() {
        let error = json(&Bytes::from_static(b"{\"a\": \n nope}")).unwrap_err();
        let found = detail(error);
        assert_eq!(found[0]["type"], "json_invalid");
        assert_eq!(found[0]["loc"][0], "body");
        assert!(found[0]["loc"][1].as_u64().unwrap() >= 7);
    }

    #[test]
    fn an_array_is_no_object() {
        let body = json!([1]);
        let found = detail(Fields::of(&body).finish().unwrap_err());
        assert_eq!(found[0]["type"], "model_attributes_type");
    }
}
