//! Typed reads that go on after an error, so that all wrong values are told at once.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::config::{Config, Found};
use crate::error::{ConfigError, Result};
use crate::option::{Kind, parse_bool, parse_float, parse_int, parse_list, parse_octal, parse_timezone, table};

/// Reads options by name; errors are kept until [`Reader::finish`].
pub struct Reader<'a> {
    config: &'a Config,
    errors: Vec<ConfigError>,
}

impl<'a> Reader<'a> {
    pub fn new(config: &'a Config) -> Reader<'a> {
        Reader { config, errors: Vec::new() }
    }

    pub fn config(&self) -> &'a Config {
        self.config
    }

    /// Keeps an error that was found by hand.
    pub fn reject(&mut self, error: ConfigError) {
        self.errors.push(error);
    }

    /// `value` when nothing was wrong. A value that was read twice is told once.
    pub fn finish<T>(mut self, value: T) -> Result<T> {
        let mut told = HashSet::new();
        self.errors.retain(|error| told.insert(error.to_string()));
        ConfigError::from_many(self.errors).map_or(Ok(value), Err)
    }

    /// The value of an option when it is one of its kind.
    pub fn found(&mut self, section: &str, key: &str) -> Option<Found> {
        let spec = table().get(section, key).unwrap_or_else(|| panic!("the table has no option [{section}] {key}"));
        match self.config.find(section, key) {
            Ok(Some(found)) if spec.kind.accepts(&found.value) => Some(found),
            Ok(Some(found)) => {
                self.errors.push(found.not_allowed(spec.kind.expected()));
                None
            }
            Ok(None) => None,
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }

    /// A text; an empty one is None.
    pub fn optional(&mut self, section: &str, key: &str) -> Option<String> {
        self.found(section, key).map(|found| found.value).filter(|value| !value.is_empty())
    }

    pub fn text(&mut self, section: &str, key: &str) -> String {
        self.found(section, key).map(|found| found.value).unwrap_or_default()
    }

    pub fn path(&mut self, section: &str, key: &str) -> PathBuf {
        PathBuf::from(self.text(section, key))
    }

    pub fn list(&mut self, section: &str, key: &str) -> Vec<String> {
        parse_list(&self.text(section, key))
    }

    pub fn bool(&mut self, section: &str, key: &str) -> bool {
        self.found(section, key).and_then(|found| parse_bool(&found.value)).unwrap_or_default()
    }

    /// The word of an enumeration as the table spells it.
    pub fn word(&mut self, section: &str, key: &str) -> &'static str {
        let value = self.text(section, key);
        match table().get(section, key).map(|spec| &spec.kind) {
            Some(Kind::Enum(words)) => words.iter().find(|word| word.eq_ignore_ascii_case(value.trim())).copied().unwrap_or(""),
            _ => panic!("[{section}] {key} is no enumeration"),
        }
    }

    pub fn octal(&mut self, section: &str, key: &str) -> u32 {
        self.found(section, key).and_then(|found| parse_octal(&found.value)).unwrap_or_default()
    }

    pub fn timezone(&mut self, section: &str, key: &str) -> TimeZone {
        self.found(section, key).and_then(|found| parse_timezone(&found.value)).unwrap_or(TimeZone::UTC)
    }

    /// A number of seconds or such; None when the value is empty.
    pub fn optional_float(&mut self, section: &str, key: &str) -> Option<f64> {
        self.found(section, key).and_then(|found| parse_float(&found.value))
    }

    /// A number; the default of the table for an empty value.
    pub fn float(&mut self, section: &str, key: &str) -> f64 {
        self.optional_float(section, key).or_else(|| parse_float(default_of(section, key))).unwrap_or_default()
    }

    /// A whole number within the range of `N`; the default of the table for an empty value.
    pub fn int<N: TryFrom<i64> + Default>(&mut self, section: &str, key: &str) -> N {
        let Some(found) = self.found(section, key) else {
            return N::default();
        };
        let number = parse_int(&found.value).or_else(|| parse_int(default_of(section, key))).unwrap_or_default();
        N::try_from(number).unwrap_or_else(|_| {
            self.errors.push(found.not_allowed("a smaller number"));
            N::default()
        })
    }
}

fn default_of(section: &str, key: &str) -> &'static str {
    table().get(section, key).and_then(|spec| spec.default).unwrap_or_default()
}

/// A length of time; too long a number is the longest one.
pub fn seconds(number: f64) -> Duration {
    Duration::try_from_secs_f64(number).unwrap_or(Duration::MAX)
}

/// A length of time where 0 means no limit.
pub fn limit(number: f64) -> Option<Duration> {
    (number > 0.0).then(|| seconds(number))
}
