//! The DAGs folder: which files are DAG files, and which of them changed.

mod ignored;
mod walk;
mod watch;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

pub use ignored::IgnoreSyntax;
pub use walk::{DagFile, Scan};
pub use watch::{FolderChange, FolderWatch};

/// How a folder is read.
#[derive(Debug, Clone)]
pub struct FolderOptions {
    pub root: PathBuf,
    /// `[core] dag_ignore_file_syntax`.
    pub syntax: IgnoreSyntax,
    /// `[core] dag_discovery_safe_mode`: only files that name both `dag` and `airflow` are parsed.
    pub safe_mode: bool,
    /// Events are gathered until none came for this long.
    pub debounce: Duration,
    /// `[dag_processor] refresh_interval`: the look behind the watcher, for file systems that tell nothing.
    pub rescan: Duration,
}

impl FolderOptions {
    /// The defaults for a folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            syntax: IgnoreSyntax::Glob,
            safe_mode: true,
            debounce: Duration::from_millis(50),
            rescan: Duration::from_secs(300),
        }
    }
}

/// A DAGs folder.
pub struct DagFolder {
    options: FolderOptions,
}

impl DagFolder {
    pub fn new(options: FolderOptions) -> Self {
        Self { options }
    }

    /// Looks once.
    pub fn scan(&self) -> Scan {
        walk::scan(&self.options, &mut walk::Verdicts::default())
    }

    /// Looks now and from now on; the first answer of the watch names every file.
    pub fn watch(self) -> FolderWatch {
        FolderWatch::new(self.options)
    }
}

/// SHA-256 over the content of a DAG file and of the local modules it imported, in hexadecimal digits.
///
/// Without modules it is the hash of the file alone. What cannot be read counts as absent.
pub fn source_hash(path: &Path, modules: &[PathBuf]) -> String {
    let mut hash = Sha256::new();
    hash.update(fs::read(path).unwrap_or_default());
    let mut modules: Vec<&PathBuf> = modules.iter().filter(|m| *m != path).collect();
    modules.sort();
    modules.dedup();
    for module in modules {
        hash.update([0]);
        hash.update(module.as_os_str().as_encoded_bytes());
        hash.update([0]);
        match fs::read(module) {
            Ok(bytes) => {
                hash.update((bytes.len() as u64).to_be_bytes());
                hash.update(bytes);
            }
            Err(_) => hash.update(u64::MAX.to_be_bytes()),
        }
    }
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}
