//! `.airflowignore` in the syntax `regexp`. The syntax `glob` is that of `.gitignore` and left to the `ignore` crate.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use regex::Regex;

pub const FILE: &str = ".airflowignore";

/// `[core] dag_ignore_file_syntax`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IgnoreSyntax {
    Glob,
    Regexp,
}

/// Patterns of the folders that were passed, each for the paths below its folder.
#[derive(Default)]
pub struct Rules {
    folders: Mutex<HashMap<PathBuf, Arc<Vec<Regex>>>>,
    problems: Mutex<Vec<String>>,
}

impl Rules {
    /// Whether a pattern of `root` or of a folder on the way to `path` is found in the path as seen from that folder.
    pub fn ignores(&self, root: &Path, path: &Path) -> bool {
        path.ancestors().skip(1).take_while(|folder| folder.starts_with(root)).any(|folder| {
            let below = path.strip_prefix(folder).unwrap_or(path).to_string_lossy();
            self.of(folder).iter().any(|pattern| pattern.is_match(&below))
        })
    }

    pub fn problems(&self) -> Vec<String> {
        std::mem::take(&mut *self.problems.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn of(&self, folder: &Path) -> Arc<Vec<Regex>> {
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = folders.get(folder) {
            return known.clone();
        }
        let rules = Arc::new(self.read(&folder.join(FILE)));
        folders.insert(folder.to_path_buf(), rules.clone());
        rules
    }

    fn read(&self, file: &Path) -> Vec<Regex> {
        let Ok(text) = fs::read_to_string(file) else {
            return Vec::new();
        };
        let lines = text.lines().enumerate();
        lines
            .map(|(number, line)| (number, line.split('#').next().unwrap_or_default().trim()))
            .filter(|(_, pattern)| !pattern.is_empty())
            .filter_map(|(number, pattern)| match Regex::new(pattern) {
                Ok(regex) => Some(regex),
                Err(e) => {
                    let words = e.to_string().lines().last().unwrap_or_default().to_owned();
                    let problem = format!("{}, line {}: the pattern {pattern:?} is not used: {words}", file.display(), number + 1);
                    self.problems.lock().unwrap_or_else(PoisonError::into_inner).push(problem);
                    None
                }
            })
            .collect()
    }
}
