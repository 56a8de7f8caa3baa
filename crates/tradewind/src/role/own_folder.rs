//! A folder that only one process uses at a time, among processes that may share a home.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// More processes than a machine runs.
const MOST: usize = 1024;

/// Locked as long as this lives; the system lets go of it also after a kill.
#[derive(Debug)]
pub struct OwnFolder {
    path: PathBuf,
    _lock: File,
}

impl OwnFolder {
    /// `base`, or `base-2`, `base-3` ... when others have those. A process that starts after another was killed gets its folder, with what it left.
    ///
    /// # Errors
    /// The folder cannot be made or locked.
    pub fn take(base: &Path) -> anyhow::Result<Self> {
        for number in 1..=MOST {
            let path = match number {
                1 => base.to_path_buf(),
                _ => base.with_file_name(format!("{}-{number}", base.file_name().unwrap_or_default().to_string_lossy())),
            };
            std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
            let file = path.join("lock");
            let lock = File::create(&file).with_context(|| format!("cannot write {}", file.display()))?;
            match lock.try_lock() {
                Ok(()) => return Ok(Self { path, _lock: lock }),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error).with_context(|| format!("cannot lock {}", file.display())),
            }
        }
        anyhow::bail!("{MOST} processes use folders beside {}", base.display())
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_process_has_its_own_and_one_that_was_left_is_taken_over() {
        let home = tempfile::tempdir().unwrap();
        let base = home.path().join("worker");
        let first = OwnFolder::take(&base).unwrap();
        let second = OwnFolder::take(&base).unwrap();
        assert_eq!((first.path(), second.path()), (base.as_path(), home.path().join("worker-2").as_path()));
        drop(first);
        assert_eq!(OwnFolder::take(&base).unwrap().path(), base);
    }
}
