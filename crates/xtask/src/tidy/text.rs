//! Words that no file may hold.

use super::Finding;
use super::source::Source;
use regex::Regex;
use std::sync::LazyLock;

/// The checks name what they look for, and so do their tests.
const OWN_FOLDER: &str = "crates/xtask/";

static LATER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b(TODO|FIXME|XXX)\b").expect("a valid expression"));
static MACHINE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"(^|[\s"'`(=:,])/(work|root|farm)/\w"#).expect("a valid expression"));

/// Notes for later, and paths of one machine.
pub fn check(source: &Source) -> Vec<Finding> {
    if source.path.starts_with(OWN_FOLDER) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (number, line) in source.text.lines().enumerate() {
        let mut find = |rule, message: String| {
            findings.push(Finding { path: source.path.clone(), line: number + 1, rule, message });
        };
        if let Some(found) = LATER.find(line) {
            find("later", format!("{}: finish it, or open an issue and say nothing here", found.as_str()));
        }
        if MACHINE.is_match(line) {
            find("machine-path", "names a folder of one machine; take it from the environment or the place of the file".to_owned());
        }
    }
    findings
}
