//! One look at the folder.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use ignore::{DirEntry, WalkBuilder};
use regex::bytes::Regex;

use super::FolderOptions;
use super::ignored::{FILE, IgnoreSyntax, Rules};

/// Deepest folder that is looked at. Symlink loops are noticed by themselves; this bounds everything else.
const DEPTH: usize = 64;

static DAG: LazyLock<Regex> = LazyLock::new(|| Regex::new("(?i)dag").expect("a fixed pattern"));
static AIRFLOW: LazyLock<Regex> = LazyLock::new(|| Regex::new("(?i)airflow").expect("a fixed pattern"));

/// What is compared to see whether a file may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    modified: (i64, i64),
    changed: (i64, i64),
    size: u64,
    inode: u64,
}

impl Stamp {
    pub fn of(path: &Path) -> Option<Self> {
        let meta = fs::metadata(path).ok()?;
        Some(Self {
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
            size: meta.size(),
            inode: meta.ino(),
        })
    }
}

/// A file that may hold DAGs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DagFile {
    pub path: PathBuf,
    /// A zip archive with DAG files in it.
    pub zip: bool,
    pub(super) stamp: Stamp,
}

/// What one look found.
#[derive(Debug, Clone, Default)]
pub struct Scan {
    /// In order of their paths.
    pub files: Vec<DagFile>,
    /// What could not be read or understood, in words.
    pub problems: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Dag,
    Zip,
    Other,
}

/// What files of a stamp were found to be, so that a look reads only what is new.
#[derive(Debug, Clone, Default)]
pub struct Verdicts(HashMap<PathBuf, (Stamp, Kind)>);

pub fn scan(options: &FolderOptions, verdicts: &mut Verdicts) -> Scan {
    let mut walk = WalkBuilder::new(&options.root);
    walk.standard_filters(false).follow_links(true).max_depth(Some(DEPTH));
    walk.sort_by_file_path(Path::cmp);
    let rules = Arc::new(Rules::default());
    match options.syntax {
        IgnoreSyntax::Glob => {
            walk.add_custom_ignore_filename(FILE);
            walk.filter_entry(|entry| !is_cache(entry));
        }
        IgnoreSyntax::Regexp => {
            let (rules, root) = (rules.clone(), options.root.clone());
            walk.filter_entry(move |entry| !is_cache(entry) && !rules.ignores(&root, entry.path()));
        }
    }
    let mut found = Scan::default();
    let mut fresh = Verdicts::default();
    for entry in walk.build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(e) => {
                found.problems.push(e.to_string());
                continue;
            }
        };
        if let Some(problem) = entry.error() {
            found.problems.push(problem.to_string());
        }
        let path = entry.path();
        if entry.file_type().is_none_or(|t| !t.is_file()) {
            continue;
        }
        let Some(stamp) = Stamp::of(path) else { continue };
        let kind = match verdicts.0.get(path) {
            Some((known, kind)) if *known == stamp => *kind,
            _ => judge(path, options.safe_mode),
        };
        fresh.0.insert(path.to_path_buf(), (stamp, kind));
        if kind != Kind::Other {
            let (path, zip) = (path.to_path_buf(), kind == Kind::Zip);
            found.files.push(DagFile { path, zip, stamp });
        }
    }
    found.problems.extend(rules.problems());
    *verdicts = fresh;
    found
}

fn is_cache(entry: &DirEntry) -> bool {
    entry.depth() > 0 && (entry.file_name() == "__pycache__" || entry.file_name() == ".git")
}

fn judge(path: &Path, safe_mode: bool) -> Kind {
    if path.extension().is_some_and(|e| e == "py") {
        let names_both = || fs::read(path).is_ok_and(|text| DAG.is_match(&text) && AIRFLOW.is_match(&text));
        return if !safe_mode || names_both() { Kind::Dag } else { Kind::Other };
    }
    let mut head = [0; 4];
    let is_zip = File::open(path).is_ok_and(|mut f| f.read_exact(&mut head).is_ok()) && head == *b"PK\x03\x04";
    if is_zip { Kind::Zip } else { Kind::Other }
}
