//! Which processor parses which file, when several work on the same folder.
//!
//! Each file belongs to one of the processors whose lease runs, by a hash of both: nobody hands anything out, and when one comes or goes
//! only its own files move. *May be wrong for a while:* two processors may see different members, or have copies of the folder that are not
//! equally fresh. Then a file is parsed twice, or, when nobody has recorded it for [`OTHERS`], by whoever saw the change.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tradewind_store::table::dag_file::DagFile;

/// How long a change is left to the processor it belongs to.
const OTHERS: Duration = Duration::from_secs(10);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Share {
    /// Jobs of the processors that live; empty while this one is not registered, and then everything is its own.
    members: Vec<i64>,
    own: Option<i64>,
    /// Files that this process has parsed, so that it knows their modules.
    parsed: HashSet<PathBuf>,
    /// Changes left to others: when to look whether they were recorded, and when they were seen by the database's clock.
    left: HashMap<PathBuf, (Instant, Timestamp)>,
}

impl Share {
    /// Takes notice of who lives; answers whether that is news.
    pub fn members(&mut self, own: Option<i64>, mut members: Vec<i64>) -> bool {
        members.sort_unstable();
        let news = self.own != own || self.members != members;
        (self.own, self.members) = (own, members);
        news
    }

    pub fn alone(&self) -> bool {
        self.members.len() < 2
    }

    pub fn is_own(&self, relative: &str) -> bool {
        let Some(own) = self.own.filter(|own| self.members.contains(own)) else { return true };
        self.members.iter().max_by_key(|member| weight(relative, **member)) == Some(&own)
    }

    /// Files to parse now that they belong to this process, which has never parsed them.
    pub fn taken_over(&self, present: impl Iterator<Item = (PathBuf, String)>) -> Vec<PathBuf> {
        present.filter(|(path, relative)| self.is_own(relative) && !self.parsed.contains(path)).map(|(path, _)| path).collect()
    }

    pub fn parsed(&mut self, path: &Path) {
        self.parsed.insert(path.to_path_buf());
        self.left.remove(path);
    }

    /// A change of a file that belongs to another.
    pub fn leave(&mut self, path: PathBuf, seen: Timestamp) {
        self.left.entry(path).or_insert((Instant::now() + OTHERS, seen));
    }

    pub fn forget(&mut self, path: &Path) {
        self.left.remove(path);
        self.parsed.remove(path);
    }

    /// Whether a change that was left to others is old enough to be looked after.
    pub fn is_due(&self) -> bool {
        let now = Instant::now();
        self.left.values().any(|(at, _)| *at <= now)
    }

    /// The changes that nobody recorded in time, by the rows of all files.
    pub fn unrecorded(&mut self, rows: &[DagFile]) -> Vec<PathBuf> {
        let now = Instant::now();
        let by_path: HashMap<&Path, &DagFile> = rows.iter().map(|row| (Path::new(&row.fileloc), row)).collect();
        let due: Vec<(PathBuf, Timestamp)> =
            self.left.iter().filter(|(_, (at, _))| *at <= now).map(|(path, (_, seen))| (path.clone(), *seen)).collect();
        due.into_iter()
            .filter(|(path, seen)| {
                self.left.remove(path);
                !by_path.get(path.as_path()).is_some_and(|row| row.last_parsed.is_some_and(|at| at >= *seen) || is_same(path, row))
            })
            .map(|(path, _)| path)
            .collect()
    }
}

/// Whether the file looks as it did when it was parsed.
fn is_same(path: &Path, row: &DagFile) -> bool {
    let Ok(meta) = std::fs::metadata(path) else { return false };
    let modified = meta.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    let mtime = modified.and_then(|since| i64::try_from(since.as_nanos()).ok());
    row.mtime == mtime && row.size == i64::try_from(meta.len()).ok()
}

fn weight(relative: &str, member: i64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (relative, member).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(members: &[i64]) -> Vec<Share> {
        let share = |own: &i64| {
            let mut share = Share::default();
            share.members(Some(*own), members.to_vec());
            share
        };
        members.iter().map(share).collect()
    }

    #[test]
    fn every_file_belongs_to_one_and_moves_only_with_its_processor() {
        let (three, two) = (shares(&[1, 2, 3]), shares(&[1, 3]));
        let mut counts = [0; 3];
        for number in 0..300 {
            let file = format!("team/dag_{number}.py");
            let owners: Vec<usize> = (0..3).filter(|index| three[*index].is_own(&file)).collect();
            assert_eq!(owners.len(), 1);
            counts[owners[0]] += 1;
            let after: Vec<bool> = two.iter().map(|share| share.is_own(&file)).collect();
            match owners[0] {
                0 => assert_eq!(after, [true, false]),
                2 => assert_eq!(after, [false, true]),
                _ => assert_eq!(after.iter().filter(|own| **own).count(), 1),
            }
        }
        assert!(counts.iter().all(|count| *count > 60), "{counts:?}");
    }

    #[test]
    fn one_that_is_not_registered_works_alone() {
        let mut share = Share::default();
        assert!(share.is_own("a.py") && share.alone());
        share.members(None, vec![1, 2]);
        assert!(share.is_own("a.py"));
    }
}
