//! The rules of the house as a check. Each finding says where, what and why, and what to do instead.

mod edges;
mod exceptions;
mod lengths;
mod source;
mod text;
mod tokens;

use anyhow::{Context, Result};
use std::fmt;
use std::path::{Path, PathBuf};

/// Something to mend.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Relative to the root of the repository.
    pub path: String,
    /// From 1; 0 for the file as a whole.
    pub line: usize,
    /// The name by which exceptions are listed.
    pub rule: &'static str,
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { path, line, rule, message } = self;
        if *line == 0 { write!(f, "{path}: [{rule}] {message}") } else { write!(f, "{path}:{line}: [{rule}] {message}") }
    }
}

/// The root of the repository this program was built from.
pub fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(2).context("crates/xtask lies two folders below the root")?;
    Ok(root.to_owned())
}

/// All that is to be mended, sorted by file and line.
pub fn check(root: &Path) -> Result<Vec<Finding>> {
    let sources = source::read(root)?;
    let mut findings = edges::check(root)?;
    let mut excepted = Vec::new();
    for source in &sources {
        excepted.extend(text::check(source));
        if source.is_rust() {
            excepted.extend(tokens::check(source)?);
        }
    }
    findings.extend(exceptions::apply(root, excepted)?);
    findings.extend(lengths::check(root, &sources)?);
    findings.sort();
    Ok(findings)
}

/// Lowers the list of long files and functions to what they are now; nothing is added.
pub fn shrink(root: &Path) -> Result<()> {
    lengths::shrink(root, &source::read(root)?)
}
