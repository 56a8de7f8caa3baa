//! The text files of the repository.

use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::Command;

/// A file that people write.
pub struct Source {
    /// Relative to the root, with `/`.
    pub path: String,
    pub text: String,
}

impl Source {
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    pub fn is_python(&self) -> bool {
        self.path.ends_with(".py")
    }

    /// Tests and measurements may wait, spawn and look at the clock.
    pub fn is_test(&self) -> bool {
        let mut folders = self.path.split('/').rev().skip(1);
        folders.any(|folder| matches!(folder, "tests" | "benches" | "examples" | "testkit"))
    }
}

/// What git keeps or would keep, except what no person writes: lock files, recorded vectors, minified assets.
pub fn read(root: &Path) -> Result<Vec<Source>> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root)
        .output()
        .context("git is needed to list the files of the repository")?;
    ensure!(output.status.success(), "git ls-files: {}", String::from_utf8_lossy(&output.stderr));
    let mut sources = Vec::new();
    for path in String::from_utf8(output.stdout)?.split('\0').filter(|path| !path.is_empty()) {
        let recorded = path.contains("/vectors/") || path.ends_with(".lock") || path == "LICENSE" || path.contains(".min.");
        // A file that was removed but not committed is still listed; a picture is no text.
        if let (false, Ok(text)) = (recorded, std::fs::read_to_string(root.join(path))) {
            sources.push(Source { path: path.to_owned(), text });
        }
    }
    ensure!(!sources.is_empty(), "{} holds no files", root.display());
    Ok(sources)
}
