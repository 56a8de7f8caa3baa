//! Query strings: repeated parameters, paging, ordering.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jiff::Timestamp;
use serde_json::{Value, json};
use tradewind_store::list::filter::Page;

use super::check::{self, Checked};
use crate::error::{ApiError, Issue, Result};
use crate::state::App;

/// Sorting by more keys than this helps nobody.
const MAX_ORDER_KEYS: usize = 10;

/// The parameters of a request, in order. Unknown ones are ignored, as the reference does.
#[derive(Debug, Default)]
pub struct Query {
    pairs: Vec<(String, String)>,
    issues: Vec<Issue>,
    page_limit: (i64, i64),
}

impl FromRequestParts<App> for Query {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> std::result::Result<Self, Self::Rejection> {
        let mut query = Self::parse(parts.uri.query().unwrap_or_default());
        let options = app.options();
        query.page_limit = (options.fallback_page_limit, options.maximum_page_limit);
        Ok(query)
    }
}

impl Query {
    /// Parses `a=1&a=2`. Never fails: odd escapes stay as they are.
    pub fn parse(text: &str) -> Self {
        Self { pairs: form_urlencoded::parse(text.as_bytes()).into_owned().collect(), issues: Vec::new(), page_limit: (50, 100) }
    }

    /// The last value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The last value, owned; an empty one counts.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// All values of a repeated parameter.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }

    /// A parameter with a check; a failed one is remembered for [`Query::finish`].
    pub fn checked<T>(&mut self, name: &str, check: impl FnOnce(&Value) -> Checked<T>) -> Option<T> {
        let value = json!(self.get(name)?);
        match check(&value) {
            Ok(parsed) => Some(parsed),
            Err(finding) => {
                self.issues.push(finding.at(vec![json!("query"), json!(name)], value));
                None
            }
        }
    }

    /// As [`Query::checked`], and it must be there.
    pub fn required<T>(&mut self, name: &str, check: impl FnOnce(&Value) -> Checked<T>) -> Option<T> {
        if self.get(name).is_none() {
            let loc = vec![json!("query"), json!(name)];
            self.issues.push(check::missing().at(loc, Value::Null));
        }
        self.checked(name, check)
    }

    pub fn flag(&mut self, name: &str) -> Option<bool> {
        self.checked(name, check::boolean)
    }

    pub fn int(&mut self, name: &str) -> Option<i64> {
        self.checked(name, check::int)
    }

    pub fn float(&mut self, name: &str) -> Option<f64> {
        self.checked(name, check::float)
    }

    /// All values of a repeated number.
    pub fn ints(&mut self, name: &str) -> Vec<i64> {
        let mut out = Vec::new();
        for (index, text) in self.all(name).into_iter().enumerate() {
            match check::int(&json!(text)) {
                Ok(number) => out.push(number),
                Err(finding) => self.issues.push(finding.at(vec![json!("query"), json!(name), json!(index)], json!(text))),
            }
        }
        out
    }

    pub fn datetime(&mut self, name: &str) -> Option<Timestamp> {
        // An empty filter is no filter: forms send them.
        if self.get(name) == Some("") {
            return None;
        }
        self.checked(name, check::datetime)
    }

    /// `map_index`, which is -1 for a task that is not mapped.
    pub fn map_index(&mut self) -> i32 {
        let index = self.checked("map_index", |value| check::at_least(-1, check::int(value)?));
        i32::try_from(index.unwrap_or(-1)).unwrap_or(i32::MAX)
    }

    /// `limit` (default and cap by configuration) and `offset`.
    pub fn page(&mut self) -> Page {
        let (fallback, maximum) = self.page_limit;
        let not_negative = |value: &Value| check::at_least(0, check::int(value)?);
        let limit = self.checked("limit", not_negative).unwrap_or(fallback);
        let offset = self.checked("offset", not_negative).unwrap_or(0);
        Page { limit: limit.min(maximum), offset }
    }

    /// The sort keys as sent: name and whether descending.
    pub fn order(&self) -> Result<Vec<(String, bool)>> {
        let keys = self.all("order_by");
        if keys.len() > MAX_ORDER_KEYS {
            return Err(ApiError::BadRequest(format!(
                "Ordering with more than {MAX_ORDER_KEYS} parameters is not allowed. Provided: {keys:?}"
            )));
        }
        Ok(keys.iter().map(|key| split_order(key)).collect())
    }

    pub fn finish(&mut self) -> Result<()> {
        if self.issues.is_empty() {
            return Ok(());
        }
        Err(ApiError::Invalid(std::mem::take(&mut self.issues)))
    }
}

/// `-start_date` is `start_date`, descending.
pub fn split_order(key: &str) -> (String, bool) {
    match key.strip_prefix('-') {
        Some(name) => (name.to_owned(), true),
        None => (key.to_owned(), false),
    }
}

/// The answer to a sort key that does not exist.
pub fn bad_order(name: &str) -> ApiError {
    ApiError::BadRequest(format!("Ordering with '{name}' is disallowed or the attribute does not exist on the model"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_a_default_a_cap_and_no_sign() {
        let mut none = Query::parse("");
        assert_eq!(none.page(), Page { limit: 50, offset: 0 });
        let mut large = Query::parse("limit=1000&offset=7");
        assert_eq!(large.page(), Page { limit: 100, offset: 7 });
        let mut bad = Query::parse("limit=-1&offset=x");
        bad.page();
        let detail = bad.finish().unwrap_err().detail();
        assert_eq!(detail[0]["type"], "greater_than_equal");
        assert_eq!(detail[0]["ctx"], json!({"ge": 0}));
        assert_eq!(detail[1]["type"], "int_parsing");
        assert_eq!(detail[1]["loc"], json!(["query", "offset"]));
    }

    #[test]
    fn sort_keys_keep_their_order_and_are_bounded() {
        let query = Query::parse("order_by=-id&order_by=state");
        assert_eq!(query.order().unwrap(), [("id".to_owned(), true), ("state".to_owned(), false)]);
        let many = "order_by=id&".repeat(11);
        assert!(matches!(Query::parse(&many).order(), Err(ApiError::BadRequest(_))));
    }

    #[test]
    fn a_plus_in_a_time_may_be_encoded_or_not() {
        for text in ["t=2024-01-01T00:00:00%2B00:00", "t=2024-01-01T00:00:00+00:00"] {
            let mut query = Query::parse(text);
            assert!(query.datetime("t").is_some(), "{text}");
        }
    }
}
