//! The response schemas, fields in the order of the reference.

pub mod dag;
pub mod dag_run;
pub mod grid_cells;
pub mod grid_rows;
pub mod job;
pub mod python;
pub mod redact;
pub mod task;
pub mod task_instance;
pub mod version;

use serde::{Serialize, Serializer};

/// Seconds between two times in microseconds, when both are there.
pub fn duration(start: Option<i64>, end: Option<i64>) -> Option<f64> {
    Some((end? - start?) as f64 / 1e6)
}

/// JSON kept as text: written as it is, or as a JSON string when it is no JSON.
#[derive(Debug, Clone)]
pub struct Stored<'a>(pub &'a str);

impl Serialize for Stored<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serde_json::from_str::<&serde_json::value::RawValue>(self.0) {
            Ok(raw) => raw.serialize(serializer),
            Err(_) => serializer.serialize_str(self.0),
        }
    }
}
