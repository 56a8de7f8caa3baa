//! Places where a rule does not hold, with the reason: `crates/xtask/tidy/exceptions.txt`.

use super::Finding;
use anyhow::{Context, Result, ensure};
use std::path::Path;

const FILE: &str = "crates/xtask/tidy/exceptions.txt";

struct Exception {
    line: usize,
    rule: String,
    /// A file, or a folder ending in `/`.
    place: String,
    used: bool,
}

/// The findings that no exception covers, and the exceptions that cover nothing any more.
pub fn apply(root: &Path, findings: Vec<Finding>) -> Result<Vec<Finding>> {
    let text = std::fs::read_to_string(root.join(FILE)).with_context(|| format!("reading {FILE}"))?;
    let mut exceptions = parse(&text)?;
    let mut left = Vec::new();
    for finding in findings {
        let covers = |e: &&mut Exception| e.rule == finding.rule && within(&finding.path, &e.place);
        match exceptions.iter_mut().find(covers) {
            Some(exception) => exception.used = true,
            None => left.push(finding),
        }
    }
    left.extend(exceptions.into_iter().filter(|e| !e.used).map(|e| Finding {
        path: FILE.to_owned(),
        line: e.line,
        rule: "exceptions",
        message: format!("nothing in {} breaks `{}` any more; take the line out", e.place, e.rule),
    }));
    Ok(left)
}

fn within(path: &str, place: &str) -> bool {
    path == place || (place.ends_with('/') && path.starts_with(place))
}

fn parse(text: &str) -> Result<Vec<Exception>> {
    let mut exceptions = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let mut words = line.splitn(3, ' ');
        let (rule, place, reason) = (words.next(), words.next(), words.next());
        let (Some(rule), Some(place), Some(reason)) = (rule, place, reason) else {
            anyhow::bail!("{FILE}:{}: `rule place reason` is expected, found `{line}`", number + 1);
        };
        ensure!(!reason.trim().is_empty(), "{FILE}:{}: the reason is missing", number + 1);
        exceptions.push(Exception { line: number + 1, rule: rule.to_owned(), place: place.to_owned(), used: false });
    }
    Ok(exceptions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_file_or_a_whole_folder() {
        assert!(within("crates/a/src/clock.rs", "crates/a/src/clock.rs"));
        assert!(within("crates/a/src/x/y.rs", "crates/a/src/"));
        assert!(!within("crates/ab/src/y.rs", "crates/a"));
        assert!(parse("clock crates/a.rs").is_err(), "no reason");
    }
}
