//! The canonical text of a form and its hash.

use std::fmt::Write;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The value as JSON with sorted keys and no blanks.
#[must_use]
pub fn canonical_text(value: &Value) -> String {
    let mut out = String::new();
    write_value(value, &mut out);
    out
}

/// SHA-256 of the canonical text, in lower-case hexadecimal.
#[must_use]
pub fn content_hash(value: &Value) -> String {
    let digest = Sha256::digest(canonical_text(value).as_bytes());
    digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn write_value(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            out.push('{');
            for (i, (key, value)) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_value(&Value::String(key.clone()), out);
                out.push(':');
                write_value(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_value(item, out);
            }
            out.push(']');
        }
        scalar => {
            let _ = write!(out, "{scalar}");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_sorted_at_every_level_and_arrays_keep_their_order() {
        let value = json!({"b": [3, 1, {"z": null, "a": "x\"y"}], "a": 1.5});
        assert_eq!(canonical_text(&value), r#"{"a":1.5,"b":[3,1,{"a":"x\"y","z":null}]}"#);
    }

    #[test]
    fn the_hash_does_not_see_the_order_of_keys() {
        let one: Value = serde_json::from_str(r#"{"a": 1, "b": 2}"#).expect("JSON");
        let other: Value = serde_json::from_str(r#"{"b":2,"a":1}"#).expect("JSON");
        assert_eq!(content_hash(&one), content_hash(&other));
        assert_ne!(content_hash(&one), content_hash(&json!({"a": 1, "b": 3})));
        // sha256 of the two characters {}
        assert_eq!(content_hash(&json!({})), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }
}
