//! Types of the tables: `text`, `integer`, `number`, `boolean`, `time`, `any`, `object`, a name, `'word'`, `[T]`, `{T}` (a map), `T | U`,
//! and `?` behind what may be null.

use serde_json::{Value, json};

/// The JSON schema of a type.
///
/// # Errors
/// What cannot be read.
pub fn schema(text: &str) -> Result<Value, String> {
    let mut reader = Reader { rest: text.trim(), whole: text };
    let schema = reader.union()?;
    if reader.rest.is_empty() { Ok(schema) } else { Err(reader.odd()) }
}

struct Reader<'a> {
    rest: &'a str,
    whole: &'a str,
}

impl<'a> Reader<'a> {
    fn odd(&self) -> String {
        format!("type `{}`: `{}` is not expected there", self.whole.trim(), self.rest)
    }

    fn take(&mut self, sign: char) -> bool {
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn need(&mut self, sign: char) -> Result<(), String> {
        if self.take(sign) { Ok(()) } else { Err(self.odd()) }
    }

    fn union(&mut self) -> Result<Value, String> {
        let mut parts = vec![self.one()?];
        while self.take('|') {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { json!({ "anyOf": parts }) })
    }

    fn one(&mut self) -> Result<Value, String> {
        let schema = if self.take('[') {
            let items = self.union()?;
            self.need(']')?;
            json!({ "type": "array", "items": items })
        } else if self.take('{') {
            let values = self.union()?;
            self.need('}')?;
            json!({ "type": "object", "additionalProperties": values })
        } else if self.take('\'') {
            let word = self.word()?;
            self.need('\'')?;
            json!({ "type": "string", "const": word })
        } else {
            named(self.word()?)
        };
        Ok(if self.take('?') { nullable(schema) } else { schema })
    }

    fn word(&mut self) -> Result<&'a str, String> {
        let end = self.rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.is_empty() {
            return Err(self.odd());
        }
        self.rest = rest.trim_start();
        Ok(word)
    }
}

fn named(word: &str) -> Value {
    match word {
        "text" => json!({ "type": "string" }),
        "time" => json!({ "type": "string", "format": "date-time" }),
        "integer" | "number" | "boolean" | "object" | "null" => json!({ "type": word }),
        "any" => json!({}),
        name => json!({ "$ref": format!("#/components/schemas/{name}") }),
    }
}

fn nullable(schema: Value) -> Value {
    match schema {
        Value::Object(mut map) if map.get("type").is_some_and(Value::is_string) && !map.contains_key("const") => {
            let kind = map["type"].take();
            map.insert("type".into(), json!([kind, "null"]));
            Value::Object(map)
        }
        // Anything may be null already.
        Value::Object(map) if map.is_empty() => Value::Object(map),
        other => json!({ "anyOf": [other, { "type": "null" }] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_become_schemas() {
        for (text, expected) in [
            ("time?", json!({"type": ["string", "null"], "format": "date-time"})),
            ("[Run]?", json!({"type": ["array", "null"], "items": {"$ref": "#/components/schemas/Run"}})),
            ("{integer}", json!({"type": "object", "additionalProperties": {"type": "integer"}})),
            ("Run?", json!({"anyOf": [{"$ref": "#/components/schemas/Run"}, {"type": "null"}]})),
            (
                "text | [text | integer]",
                json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}]}),
            ),
            ("'group'", json!({"type": "string", "const": "group"})),
            ("any?", json!({})),
        ] {
            assert_eq!(schema(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_type_is_named() {
        assert_eq!(schema("[text").unwrap_err(), "type `[text`: `` is not expected there");
        assert!(schema("text text").is_err() && schema("").is_err());
    }
}
