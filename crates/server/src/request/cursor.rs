//! Cursors: where the next or previous page of a list begins. Clients pass them on as they are.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};
use tradewind_store::Value;
use tradewind_store::list::keyset::{Cursor, KeysetPage};

use crate::error::{ApiError, Result};

/// Reads `cursor`; an empty one asks for the first page.
pub fn read(text: &str, limit: i64) -> Result<KeysetPage> {
    if text.is_empty() {
        return Ok(KeysetPage { limit, cursor: None });
    }
    let (backward, text) = match text.strip_prefix('~') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let values = decode(text).ok_or_else(invalid)?;
    Ok(KeysetPage { limit, cursor: Some(Cursor { values, backward }) })
}

/// The answer to a cursor that is none, or one of another order.
pub fn invalid() -> ApiError {
    ApiError::BadRequest("Invalid cursor token".into())
}

fn decode(text: &str) -> Option<Vec<Value>> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let values: Vec<Json> = serde_json::from_slice(&bytes).ok()?;
    values
        .into_iter()
        .map(|value| match value {
            Json::Null => Some(Value::Null),
            Json::String(text) => Some(Value::Text(text)),
            Json::Number(number) => number.as_i64().map(Value::Int).or_else(|| number.as_f64().map(Value::Real)),
            Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
        })
        .collect()
}

/// The text of a cursor.
pub fn write(cursor: &Cursor) -> String {
    let values: Vec<Json> = cursor
        .values
        .iter()
        .map(|value| match value {
            Value::Int(number) => json!(number),
            Value::Real(number) => json!(number),
            Value::Text(text) => json!(text),
            Value::Null | Value::Blob(_) => Json::Null,
        })
        .collect();
    let sign = if cursor.backward { "~" } else { "" };
    format!("{sign}{}", BASE64_URL_SAFE_NO_PAD.encode(Json::Array(values).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_survive_the_way_to_the_client_and_back() {
        let values = vec![Value::Null, Value::Int(-7), Value::Text("a/b".into()), Value::Real(1.5)];
        for backward in [false, true] {
            let cursor = Cursor { values: values.clone(), backward };
            assert_eq!(read(&write(&cursor), 5).unwrap().cursor, Some(cursor));
        }
        assert!(read("", 5).unwrap().cursor.is_none());
        for bad in ["!!", "bm9uc2Vuc2U", "W3RydWVd"] {
            assert!(matches!(read(bad, 5), Err(ApiError::BadRequest(_))), "{bad}");
        }
    }
}
