//! `[metrics] metrics_allow_list` and `metrics_block_list`.

use regex::{Regex, RegexBuilder};

/// Which names are told. The allow list wins when both are there; without any, all are.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    allow: Vec<Regex>,
    block: Vec<Regex>,
}

/// A pattern that is none.
#[derive(Debug, thiserror::Error)]
#[error("[metrics] {key}: `{pattern}` is no regular expression: {source}")]
pub struct PatternError {
    key: &'static str,
    pattern: String,
    source: Box<regex::Error>,
}

impl Filter {
    /// Patterns are looked for anywhere in the name, in any case.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn new(allow: &[String], block: &[String]) -> Result<Self, PatternError> {
        Ok(Self { allow: compile("metrics_allow_list", allow)?, block: compile("metrics_block_list", block)? })
    }

    /// Whether a name, without the prefix, is told.
    pub fn lets_through(&self, name: &str) -> bool {
        if self.allow.is_empty() && self.block.is_empty() {
            return true;
        }
        let found = |patterns: &[Regex]| patterns.iter().any(|pattern| pattern.is_match(name));
        if self.allow.is_empty() { !found(&self.block) } else { found(&self.allow) }
    }
}

fn compile(key: &'static str, patterns: &[String]) -> Result<Vec<Regex>, PatternError> {
    let wanted = patterns.iter().map(|pattern| pattern.trim()).filter(|pattern| !pattern.is_empty());
    wanted
        .map(|pattern| {
            let read = RegexBuilder::new(pattern).case_insensitive(true).build();
            read.map_err(|source| PatternError { key, pattern: pattern.to_owned(), source: Box::new(source) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(allow: &[&str], block: &[&str]) -> Filter {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Filter::new(&texts(allow), &texts(block)).unwrap()
    }

    #[test]
    fn the_allow_list_wins() {
        let both = filter(&["^ti\\.", "pool"], &["ti"]);
        assert!(both.lets_through("ti.start") && both.lets_through("my_POOL.x") && !both.lets_through("task.duration"));
        let block = filter(&[], &["dag_processing"]);
        assert!(block.lets_through("ti.start") && !block.lets_through("dag_processing.processes"));
        assert!(filter(&[], &[" "]).lets_through("anything"));
    }

    #[test]
    fn a_pattern_that_is_none_is_named() {
        let error = Filter::new(&[], &["(".to_owned()]).unwrap_err().to_string();
        assert!(error.starts_with("[metrics] metrics_block_list: `(` is no regular expression"), "{error}");
    }
}
