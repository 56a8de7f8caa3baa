//! JSON values as Python writes them: by `str()`, and by `json.dumps`.

use serde_json::Value;

/// The text of a value: a string as it is, everything else as Python writes it.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => repr(other),
    }
}

fn repr(value: &Value) -> String {
    match value {
        Value::Null => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(items) => format!("[{}]", items.iter().map(repr).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let pairs: Vec<String> = map.iter().map(|(key, value)| format!("{}: {}", quoted(key), repr(value))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

/// Single quotes, unless only double ones need no escape.
fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter == quote => {
                out.push('\\');
                out.push(letter);
            }
            letter if (letter as u32) < 0x20 || letter as u32 == 0x7f => out.push_str(&format!("\\x{:02x}", letter as u32)),
            letter => out.push(letter),
        }
    }
    out.push(quote);
    out
}

/// JSON text with the separators and escapes of Python's `json.dumps`.
pub fn dumps(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(dumps).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let pairs: Vec<String> = map.iter().map(|(key, value)| format!("{}: {}", ascii(key), dumps(value))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        Value::String(text) => ascii(text),
        other => other.to_string(),
    }
}

/// A JSON string of ASCII letters only.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for letter in Value::from(text).to_string().chars() {
        if letter.is_ascii() {
            out.push(letter);
        } else {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_is_written_as_by_python() {
        assert_eq!(dumps(&json!({"a": [1, "é😀\n"], "b": null})), r#"{"a": [1, "\u00e9\ud83d\ude00\n"], "b": null}"#);
    }

    #[test]
    fn values_read_as_in_python() {
        let value = json!({"a": [1, 2.5, null, true], "it's": "x\ny"});
        assert_eq!(text_of(&value), "{'a': [1, 2.5, None, True], \"it's\": 'x\\ny'}");
        assert_eq!(text_of(&json!("plain")), "plain");
        assert_eq!(text_of(&json!("é \u{1}")), "é \u{1}");
        assert_eq!(text_of(&json!(["\u{1}"])), "['\\x01']");
    }
}
