//! Values that go into statements and come out of rows.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use tradewind_core::state::{AttemptState, RunState, TaskState};
use uuid::Uuid;

use crate::{Error, Result};

/// One parameter or one column.
#[derive(Clone, PartialEq)]
pub enum Value {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// Shows the kind only: parameters and rows may hold secrets.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Real(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "text({} bytes)", text.len()),
            Self::Blob(bytes) => write!(f, "bytes({})", bytes.len()),
        }
    }
}

impl Value {
    /// A set, or any value, as JSON text.
    ///
    /// # Errors
    /// When it cannot be written as JSON (a map with keys that are not texts).
    pub fn json(value: &(impl Serialize + ?Sized)) -> Result<Self> {
        serde_json::to_string(value).map(Self::Text).map_err(|error| Error::invalid("a value for the database", error))
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Int(_) => "a whole number",
            Self::Real(_) => "a fraction",
            Self::Text(_) => "text",
            Self::Blob(_) => "bytes",
        }
    }
}

macro_rules! from_int {
    ($($type:ty),+) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::Int(i64::from(value))
            }
        }

        impl FromValue for $type {
            const EXPECTED: &'static str = concat!("a whole number (", stringify!($type), ")");

            fn from_value(value: Value) -> std::result::Result<Self, Value> {
                match value {
                    Value::Int(number) => Self::try_from(number).map_err(|_| Value::Int(number)),
                    other => Err(other),
                }
            }
        }
    )+};
}

/// What a column can be read as. The error gives the value back.
pub trait FromValue: Sized {
    /// For error texts.
    const EXPECTED: &'static str;

    /// # Errors
    /// The value itself, when it is something else.
    fn from_value(value: Value) -> std::result::Result<Self, Value>;
}

from_int!(i64, i32, u32, u16);

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.as_microsecond())
    }
}

impl From<Uuid> for Value {
    fn from(value: Uuid) -> Self {
        Self::Text(value.to_string())
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T> From<&Option<T>> for Value
where
    T: Clone + Into<Value>,
{
    fn from(value: &Option<T>) -> Self {
        value.clone().map_or(Self::Null, Into::into)
    }
}

macro_rules! states {
    ($($type:ident: $expected:literal),+) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::Text(value.as_str().to_owned())
            }
        }

        impl FromValue for $type {
            const EXPECTED: &'static str = $expected;

            fn from_value(value: Value) -> std::result::Result<Self, Value> {
                match value {
                    Value::Text(text) => text.parse().map_err(|_| Value::Text(text)),
                    other => Err(other),
                }
            }
        }
    )+};
}

states!(TaskState: "a state of a task instance", RunState: "a state of a dag run", AttemptState: "a state of an attempt");

impl FromValue for Value {
    const EXPECTED: &'static str = "anything";

    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        Ok(value)
    }
}

impl FromValue for bool {
    const EXPECTED: &'static str = "0 or 1";

    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        match value {
            Value::Int(0) => Ok(false),
            Value::Int(1) => Ok(true),
            other => Err(other),
        }
    }
}

impl FromValue for f64 {
    const EXPECTED: &'static str = "a number";

    #[expect(clippy::cast_precision_loss, reason = "a database may give a whole number for a fraction without one")]
    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        match value {
            Value::Real(number) => Ok(number),
            Value::Int(number) => Ok(number as Self),
            other => Err(other),
        }
    }
}

impl FromValue for String {
    const EXPECTED: &'static str = "text";

    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        match value {
            Value::Text(text) => Ok(text),
            other => Err(other),
        }
    }
}

impl From<Arc<str>> for Value {
    fn from(value: Arc<str>) -> Self {
        Self::Text(value.as_ref().to_owned())
    }
}

impl From<&Arc<str>> for Value {
    fn from(value: &Arc<str>) -> Self {
        Self::Text(value.as_ref().to_owned())
    }
}

impl FromValue for Arc<str> {
    const EXPECTED: &'static str = "text";

    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        match value {
            Value::Text(text) => Ok(text.into()),
            other => Err(other),
        }
    }
}

impl FromValue for Vec<u8> {
    const EXPECTED: &'static str = "bytes";

    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        match value {
            Value::Blob(bytes) => Ok(bytes),
            other => Err(other),
        }
    }
}

impl FromValue for Timestamp {
    const EXPECTED: &'static str = "a time in microseconds";

    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        match value {
            Value::Int(micros) => Self::from_microsecond(micros).map_err(|_| Value::Int(micros)),
            other => Err(other),
        }
    }
}

impl FromValue for Uuid {
    const EXPECTED: &'static str = "a UUID";

    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        match value {
            Value::Text(text) => Self::parse_str(&text).map_err(|_| Value::Text(text)),
            other => Err(other),
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_value(value: Value) -> std::result::Result<Self, Value> {
        match value {
            Value::Null => Ok(None),
            other => T::from_value(other).map(Some),
        }
    }
}

/// Parameters of a statement, in the order of its `?`.
#[macro_export]
macro_rules! params {
    () => { [] as [$crate::Value; 0] };
    ($($value:expr),+ $(,)?) => { [$($crate::Value::from($value)),+] };
}
