//! The checks of single values, shared by bodies and queries.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::error::Issue;
use crate::time::{self, BadTime};

/// A finding without its place.
pub struct Finding {
    pub kind: &'static str,
    pub msg: String,
    pub ctx: Option<Value>,
}

impl Finding {
    pub fn new(kind: &'static str, msg: impl Into<String>) -> Self {
        Self { kind, msg: msg.into(), ctx: None }
    }

    pub fn with(mut self, ctx: Value) -> Self {
        self.ctx = Some(ctx);
        self
    }

    pub fn at(self, loc: Vec<Value>, input: Value) -> Issue {
        Issue { kind: self.kind, loc, msg: self.msg, input, ctx: self.ctx }
    }
}

pub type Checked<T> = Result<T, Finding>;

pub fn missing() -> Finding {
    Finding::new("missing", "Field required")
}

/// A whole number in a JSON value or, as queries have it, in a text.
pub fn int(value: &Value) -> Checked<i64> {
    match value {
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Ok(whole),
            (None, Some(float)) if float.fract() == 0.0 && float.abs() < 9e15 => Ok(float as i64),
            _ => Err(Finding::new("int_from_float", "Input should be a valid integer, got a number with a fractional part")),
        },
        Value::String(text) => text
            .trim()
            .parse()
            .map_err(|_| Finding::new("int_parsing", "Input should be a valid integer, unable to parse string as an integer")),
        _ => Err(Finding::new("int_type", "Input should be a valid integer")),
    }
}

pub fn at_least(min: i64, value: i64) -> Checked<i64> {
    if value < min {
        return Err(
            Finding::new("greater_than_equal", format!("Input should be greater than or equal to {min}")).with(json!({ "ge": min }))
        );
    }
    Ok(value)
}

pub fn float(value: &Value) -> Checked<f64> {
    match value {
        Value::Number(number) => Ok(number.as_f64().unwrap_or(f64::MAX)),
        Value::String(text) => text
            .trim()
            .parse()
            .map_err(|_| Finding::new("float_parsing", "Input should be a valid number, unable to parse string as a number")),
        _ => Err(Finding::new("float_type", "Input should be a valid number")),
    }
}

pub fn boolean(value: &Value) -> Checked<bool> {
    let parsed = match value {
        Value::Bool(flag) => return Ok(*flag),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.to_ascii_lowercase(),
        _ => {
            return Err(Finding::new("bool_type", "Input should be a valid boolean"));
        }
    };
    match parsed.as_str() {
        "true" | "1" | "on" | "t" | "y" | "yes" => Ok(true),
        "false" | "0" | "off" | "f" | "n" | "no" => Ok(false),
        _ => Err(Finding::new("bool_parsing", "Input should be a valid boolean, unable to interpret input")),
    }
}

pub fn text(value: &Value) -> Checked<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        _ => Err(Finding::new("string_type", "Input should be a valid string")),
    }
}

pub fn at_most_chars(max: usize, text: String) -> Checked<String> {
    if text.chars().count() > max {
        return Err(
            Finding::new("string_too_long", format!("String should have at most {max} characters")).with(json!({ "max_length": max }))
        );
    }
    Ok(text)
}

/// A time with an offset.
pub fn datetime(value: &Value) -> Checked<Timestamp> {
    let text = match value {
        Value::String(text) => text.as_str(),
        _ => {
            return Err(Finding::new("datetime_type", "Input should be a valid datetime"));
        }
    };
    time::parse(text).map_err(|bad| match bad {
        BadTime::Naive => Finding::new("timezone_aware", "Input should have timezone info"),
        BadTime::Malformed(why) => Finding::new("datetime_from_date_parsing", format!("Input should be a valid datetime or date, {why}"))
            .with(json!({ "error": why })),
    })
}

/// One of a few texts.
pub fn one_of(allowed: &'static [&'static str], value: &Value) -> Checked<&'static str> {
    if let Value::String(text) = value
        && let Some(found) = allowed.iter().find(|name| *name == text)
    {
        return Ok(found);
    }
    let expected = expected(allowed);
    Err(Finding::new("enum", format!("Input should be {expected}")).with(json!({ "expected": expected })))
}

/// `'a', 'b' or 'c'`
fn expected(allowed: &[&str]) -> String {
    let quoted: Vec<String> = allowed.iter().map(|name| format!("'{name}'")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
