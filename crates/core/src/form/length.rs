//! How many instances an expanded task or group has.

use serde::{Deserialize, Serialize};

/// An expression over the lengths of upstream return values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Raw", into = "Raw")]
pub enum Length {
    Literal(u32),
    /// Length of the return value of a task; of an expanded task, the number of its instances that pushed one.
    Task(String),
    Product(Vec<Length>),
    Zip {
        of: Vec<Length>,
        longest: bool,
    },
    Concat(Vec<Length>),
}

impl Length {
    /// The tasks it takes values from, in order, possibly repeated.
    pub fn sources(&self) -> Vec<&str> {
        match self {
            Length::Literal(_) => Vec::new(),
            Length::Task(id) => vec![id],
            Length::Product(of) | Length::Concat(of) | Length::Zip { of, .. } => of.iter().flat_map(Length::sources).collect(),
        }
    }

    /// The number, given the length of each source; `None` when one of them is not known. Too large a number is
    /// `u32::MAX`.
    pub fn value(&self, of_task: &impl Fn(&str) -> Option<u32>) -> Option<u32> {
        let all = |of: &[Length]| -> Option<Vec<u32>> { of.iter().map(|length| length.value(of_task)).collect() };
        Some(match self {
            Length::Literal(n) => *n,
            Length::Task(id) => of_task(id)?,
            Length::Product(of) => all(of)?.into_iter().fold(1, u32::saturating_mul),
            Length::Concat(of) => all(of)?.into_iter().fold(0, u32::saturating_add),
            Length::Zip { of, longest: true } => all(of)?.into_iter().max().unwrap_or(0),
            Length::Zip { of, longest: false } => all(of)?.into_iter().min().unwrap_or(0),
        })
    }
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Raw {
    #[serde(skip_serializing_if = "Option::is_none")]
    literal: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<Vec<Length>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zip: Option<Vec<Length>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    concat: Option<Vec<Length>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    longest: bool,
}

impl TryFrom<Raw> for Length {
    type Error = String;

    fn try_from(raw: Raw) -> Result<Length, String> {
        match (raw.literal, raw.task, raw.product, raw.zip, raw.concat) {
            (Some(n), None, None, None, None) => Ok(Length::Literal(n)),
            (None, Some(id), None, None, None) => Ok(Length::Task(id)),
            (None, None, Some(of), None, None) => Ok(Length::Product(of)),
            (None, None, None, Some(of), None) => Ok(Length::Zip { of, longest: raw.longest }),
            (None, None, None, None, Some(of)) => Ok(Length::Concat(of)),
            _ => Err("a length has exactly one of the keys literal, task, product, zip, concat".to_owned()),
        }
    }
}

impl From<Length> for Raw {
    fn from(length: Length) -> Raw {
        match length {
            Length::Literal(n) => Raw { literal: Some(n), ..Raw::default() },
            Length::Task(id) => Raw { task: Some(id), ..Raw::default() },
            Length::Product(of) => Raw { product: Some(of), ..Raw::default() },
            Length::Zip { of, longest } => Raw { zip: Some(of), longest, ..Raw::default() },
            Length::Concat(of) => Raw { concat: Some(of), ..Raw::default() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Length, String> {
        serde_json::from_str(text).map_err(|e| e.to_string())
    }

    fn value(text: &str) -> Option<u32> {
        read(text).expect("a length").value(&|id| match id {
            "a" => Some(3),
            "b" => Some(2),
            "empty" => Some(0),
            _ => None,
        })
    }

    #[test]
    fn every_form_has_its_value() {
        assert_eq!(value(r#"{"literal": 7}"#), Some(7));
        assert_eq!(value(r#"{"task": "a"}"#), Some(3));
        assert_eq!(value(r#"{"product": [{"task": "a"}, {"literal": 4}]}"#), Some(12));
        assert_eq!(value(r#"{"product": [{"task": "a"}, {"task": "empty"}]}"#), Some(0));
        assert_eq!(value(r#"{"zip": [{"task": "a"}, {"task": "b"}]}"#), Some(2));
        assert_eq!(value(r#"{"zip": [{"task": "a"}, {"task": "b"}], "longest": true}"#), Some(3));
        assert_eq!(value(r#"{"concat": [{"task": "a"}, {"task": "b"}]}"#), Some(5));
        assert_eq!(value(r#"{"concat": [{"task": "a"}, {"task": "unknown"}]}"#), None);
        assert_eq!(value(r#"{"product": [{"literal": 4000000000}, {"literal": 2}]}"#), Some(u32::MAX));
    }

    #[test]
    fn two_keys_are_refused() {
        let error = read(r#"{"literal": 1, "task": "a"}"#);
        assert!(error.is_err_and(|e| e.contains("exactly one of the keys")));
        assert!(read("{}").is_err());
    }

    #[test]
    fn it_is_written_as_it_was_read() {
        let text = r#"{"zip":[{"task":"a"},{"concat":[{"literal":1}]}],"longest":true}"#;
        let length = read(text).expect("a length");
        assert_eq!(serde_json::to_string(&length).ok().as_deref(), Some(text));
        assert_eq!(length.sources(), ["a"]);
    }
}
