//! What a line of a log says.

use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// Levels of a line that tells of an error.
const ERRORS: [&str; 3] = ["error", "critical", "fatal"];
/// How Python begins the story of an exception, where somebody prints it.
const TRACEBACK: &str = "Traceback (most recent call last)";
/// Characters of a summary.
const SUMMARY: usize = 300;

/// A line, taken apart. Anything but an object becomes the event of one.
#[derive(Debug, Clone, PartialEq)]
pub struct LogLine {
    pub timestamp: Option<String>,
    /// As written, in lower case.
    pub level: Option<String>,
    pub event: String,
    pub logger: Option<String>,
    /// All other fields.
    pub fields: Map<String, Value>,
}

impl LogLine {
    pub fn read(line: &str) -> LogLine {
        let object = line.trim_start().starts_with('{').then(|| serde_json::from_str::<Map<String, Value>>(line).ok()).flatten();
        let Some(mut fields) = object else {
            return LogLine { timestamp: None, level: None, event: line.to_owned(), logger: None, fields: Map::new() };
        };
        let text = |value: Value| match value {
            Value::Null => None,
            Value::String(text) => Some(text),
            other => Some(other.to_string()),
        };
        let mut take = |key: &str| fields.shift_remove(key).and_then(text);
        LogLine {
            timestamp: take("timestamp"),
            level: take("level").map(|level| level.to_ascii_lowercase()),
            event: take("event").unwrap_or_default(),
            logger: take("logger"),
            fields,
        }
    }

    pub fn is_error(&self) -> bool {
        tells_of_error(self.level.as_deref().unwrap_or_default(), &self.event)
    }

    /// What a reader sees besides the event: exceptions with their frames, then other fields.
    pub fn details(&self) -> Vec<Cow<'_, str>> {
        let mut details = Vec::new();
        for (key, value) in &self.fields {
            match (key.as_str(), value) {
                ("filename" | "lineno", _) => {}
                ("error_detail", Value::Array(errors)) => errors.iter().for_each(|error| exception(error, &mut details)),
                (_, Value::String(text)) => details.push(Cow::from(text)),
                (_, value) => details.push(Cow::from(value.to_string())),
            }
        }
        details
    }

    /// The exception that the line tells of, or its event: one line, not too long.
    pub fn summary(&self) -> String {
        let error = self.fields.get("error_detail").and_then(|errors| errors.get(0)).and_then(named);
        let text = error.unwrap_or_else(|| self.event.clone());
        let mut first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().chars();
        let short: String = first.by_ref().take(SUMMARY).collect();
        if first.next().is_some() { short + "..." } else { short }
    }

    /// The line as people read it in a file: time, level, logger, event, and what else it tells on lines of their own.
    pub fn plain(&self) -> String {
        let mut text = String::with_capacity(self.event.len() + 64);
        if let Some(timestamp) = &self.timestamp {
            text.push_str(&format!("[{timestamp}] "));
        }
        if let Some(level) = &self.level {
            text.push_str(&format!("{} ", level.to_ascii_uppercase()));
        }
        if let Some(logger) = &self.logger {
            text.push_str(&format!("{logger}: "));
        }
        text.push_str(&self.event);
        for detail in self.details() {
            text.push('\n');
            text.push_str(&detail);
        }
        text
    }
}

/// `level` in any case.
pub(super) fn tells_of_error(level: &str, event: &str) -> bool {
    ERRORS.iter().any(|error| error.eq_ignore_ascii_case(level)) || event.starts_with(TRACEBACK)
}

/// What a search mostly looks at, read without copying it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Head<'a> {
    pub level: Option<Cow<'a, str>>,
    pub logger: Option<Cow<'a, str>>,
    pub event: Cow<'a, str>,
    /// There are fields whose values a reader sees.
    pub has_details: bool,
}

impl<'a> Head<'a> {
    /// `None`: the line is no object, or one with fields of other kinds; [`LogLine::read`] knows what to do.
    pub fn read(line: &'a str) -> Option<Head<'a>> {
        if !line.starts_with('{') { None } else { serde_json::from_str(line).ok() }
    }
}

/// Borrowed where it is written without escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Head<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeadVisitor)
    }
}

struct HeadVisitor;

impl<'de> Visitor<'de> for HeadVisitor {
    type Value = Head<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the object of a log line")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Head<'de>, A::Error> {
        let mut head = Head::default();
        while let Some(Text(key)) = map.next_key()? {
            match &*key {
                "level" => head.level = Some(map.next_value::<Text<'de>>()?.0),
                "logger" => head.logger = Some(map.next_value::<Text<'de>>()?.0),
                "event" => head.event = map.next_value::<Text<'de>>()?.0,
                other => {
                    head.has_details |= !matches!(other, "timestamp" | "filename" | "lineno");
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(head)
    }
}

fn exception<'a>(error: &'a Value, details: &mut Vec<Cow<'a, str>>) {
    for frame in error["frames"].as_array().into_iter().flatten() {
        let text = |key: &str| frame[key].as_str().unwrap_or("?");
        details.push(format!("  File \"{}\", line {}, in {}", text("filename"), frame["lineno"], text("name")).into());
    }
    details.extend(named(error).map(Cow::from));
    for note in error["exc_notes"].as_array().into_iter().flatten() {
        details.extend(note.as_str().map(Cow::from));
    }
}

/// `ValueError: the value`
fn named(error: &Value) -> Option<String> {
    let kind = error["exc_type"].as_str()?;
    Some(match error["exc_value"].as_str() {
        Some(value) if !value.is_empty() => format!("{kind}: {value}"),
        _ => kind.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: &str = r#"{"timestamp":"2026-01-01T00:00:00Z","level":"ERROR","event":"Task failed","logger":"airflow.task","filename":"x.py",
        "lineno":3,"error_detail":[{"exc_type":"ValueError","exc_value":"no such day\nat all","exc_notes":["a note"],
        "frames":[{"filename":"/dags/x.py","lineno":7,"name":"load"}]}],"extra":{"k":1}}"#;

    #[test]
    fn the_head_of_a_line_is_read_alone() {
        let head = Head::read(r#"{"timestamp":1,"level":"info","event":"a \"b\"","lineno":3}"#).unwrap();
        assert_eq!((head.level.as_deref(), &*head.event, head.has_details), (Some("info"), "a \"b\"", false));
        assert!(matches!(head.level, Some(Cow::Borrowed(_))));
        assert!(Head::read(r#"{"event":"a","more":{"x":[1]}}"#).unwrap().has_details);
        for odd in [r#"{"event":7}"#, r#"{"level":null,"event":"x"}"#, "{", "text", "[1]"] {
            assert_eq!(Head::read(odd), None, "{odd}");
        }
    }

    #[test]
    fn an_object_has_its_fields_and_anything_else_is_an_event() {
        let line = LogLine::read(FAILED);
        assert_eq!((line.level.as_deref(), line.logger.as_deref(), line.is_error()), (Some("error"), Some("airflow.task"), true));
        assert_eq!(line.summary(), "ValueError: no such day");
        let shown = "[2026-01-01T00:00:00Z] ERROR airflow.task: Task failed\n  File \"/dags/x.py\", line 7, in load\n\
                     ValueError: no such day\nat all\na note\n{\"k\":1}";
        assert_eq!(line.plain(), shown);
        for raw in ["plain text", "{not json", "[1, 2]", ""] {
            let line = LogLine::read(raw);
            assert_eq!((line.event.as_str(), line.plain().as_str(), line.is_error()), (raw, raw, false));
        }
        assert!(LogLine::read("Traceback (most recent call last):").is_error());
        assert_eq!(LogLine::read(&"x".repeat(400)).summary(), "x".repeat(300) + "...");
        let odd = LogLine::read(r#"{"level":3,"event":null,"timestamp":1.5}"#);
        assert_eq!((odd.level.as_deref(), odd.event.as_str(), odd.timestamp.as_deref()), (Some("3"), "", Some("1.5")));
    }
}
