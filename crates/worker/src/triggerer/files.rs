//! Files that fit a pattern, as Python's `glob` finds them.

use std::fs;
use std::path::Path;

use glob::MatchOptions;
use serde::Deserialize;
use tokio::time::sleep;
use tradewind_queue::control::Fire;

use super::native::pause;

/// Fires when a file, or a folder that holds one, fits.
#[derive(Debug, Clone, Deserialize)]
pub struct FileTrigger {
    filepath: String,
    #[serde(default)]
    recursive: bool,
    #[serde(default = "five")]
    poke_interval: f64,
}

fn five() -> f64 {
    5.0
}

impl FileTrigger {
    pub async fn run(self) -> Fire {
        let between = pause(self.poke_interval);
        loop {
            let look = self.clone();
            if tokio::task::spawn_blocking(move || look.found()).await.unwrap_or(false) {
                return Fire::Event { payload: "true".to_owned() };
            }
            sleep(between).await;
        }
    }

    fn found(&self) -> bool {
        // Asked to heed leading dots, the library passes over hidden files even where the pattern names them.
        let options = MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };
        let pattern = pattern(&self.filepath, self.recursive);
        match glob::glob_with(&pattern, options) {
            Ok(paths) => paths.flatten().any(|path| !is_hidden(&path, &pattern) && is_there(&path)),
            // A bracket that is not closed stands for itself.
            Err(_) => is_there(Path::new(&self.filepath)),
        }
    }
}

/// `**` means any folders only when asked for, and only as a whole part of the path; otherwise it is a `*`.
fn pattern(path: &str, recursive: bool) -> String {
    let part = |part: &str| match part {
        "**" if recursive => part.to_owned(),
        _ if !part.contains("**") => part.to_owned(),
        _ => {
            let mut out = part.to_owned();
            while out.contains("**") {
                out = out.replace("**", "*");
            }
            out
        }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Whether a part of the path begins with a dot that the pattern does not name. Parts before the first `**` and after the last stand in order.
fn is_hidden(path: &Path, pattern: &str) -> bool {
    let wanted: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let parts: Vec<_> = path.iter().filter(|part| *part != "/").map(|part| part.to_string_lossy()).collect();
    let before = wanted.iter().position(|part| *part == "**").unwrap_or(wanted.len());
    let after = wanted.iter().rev().position(|part| *part == "**").unwrap_or(0);
    parts.iter().enumerate().filter(|(_, part)| part.starts_with('.')).any(|(at, _)| {
        let of_end = (at + after).checked_sub(parts.len()).and_then(|beyond| wanted.get(wanted.len() - after + beyond));
        let named = if at < before { wanted.get(at) } else { of_end };
        !named.is_some_and(|part| part.starts_with('.'))
    })
}

/// A file, or a folder with a file somewhere in it.
fn is_there(path: &Path) -> bool {
    if path.is_file() {
        return true;
    }
    let mut folders = vec![path.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                // A link to a folder is not followed, and is no file either.
                Ok(kind) if kind.is_symlink() && entry.path().is_dir() => {}
                _ => return true,
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(folder: &Path, pattern: &str, recursive: bool) -> bool {
        FileTrigger { filepath: folder.join(pattern).to_string_lossy().into_owned(), recursive, poke_interval: 1.0 }.found()
    }

    #[test]
    fn patterns_mean_what_they_mean_in_python() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join("a/b/empty")).unwrap();
        fs::create_dir_all(root.join("none/none")).unwrap();
        for file in ["a/b/data.csv", ".hidden.csv", "odd[1.txt"] {
            fs::write(root.join(file), "x").unwrap();
        }
        assert!(found(root, "a/b/data.csv", false) && found(root, "a/*/data.*", false));
        assert!(!found(root, "*.csv", false), "a leading dot is matched only by a dot");
        assert!(found(root, ".*.csv", false));
        assert!(found(root, "a/**/data.csv", true) && found(root, "**/data.csv", true));
        assert!(!found(root, "**/data.csv", false), "without recursive it is one folder");
        assert!(found(root, "a", false), "a folder that holds a file");
        assert!(!found(root, "none", false) && !found(root, "a/b/empty", false));
        assert!(found(root, "odd[1.txt", false));
        assert!(!found(root, "missing", true));
    }
}
