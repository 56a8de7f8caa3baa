//! The private folder of a host: its socket lies in it.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, fs};

use crate::error::PythonError;
use crate::process::read;

/// Longest path of a Unix socket, with a little room.
const SOCKET_PATH: usize = 100;

static SERIAL: AtomicU64 = AtomicU64::new(1);

/// A folder only this user can enter; below the system's temporary folder when the path would be too long for a socket.
pub fn private_folder(base: &Path) -> Result<PathBuf, PythonError> {
    let name = format!("python-{}-{}", std::process::id(), SERIAL.fetch_add(1, Ordering::Relaxed));
    let mut folder = base.join(&name);
    if folder.as_os_str().len() + "/host.sock".len() > SOCKET_PATH {
        folder = env::temp_dir().join(format!("tradewind-{name}"));
    }
    sweep(base);
    // What a former process of the same number left behind.
    let _ = fs::remove_dir_all(&folder);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(|e| PythonError::folder("make folder", &folder, e))?;
    Ok(folder)
}

/// Removes the folders of programs that were killed.
fn sweep(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let pid = name.strip_prefix("python-").and_then(|rest| rest.split('-').next()?.parse().ok());
        // A zombie is as dead as one that is gone.
        if pid.is_some_and(|pid| !read(pid).is_some_and(|process| process.alive())) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_the_dead_are_swept() {
        let base = tempfile::tempdir().unwrap();
        // No process has a number above the kernel's limit.
        for name in ["python-4999999-1", "python-abc", "other"] {
            fs::create_dir(base.path().join(name)).unwrap();
        }
        let folder = private_folder(base.path()).unwrap();
        let mut left: Vec<_> = fs::read_dir(base.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["other".as_ref(), folder.file_name().unwrap(), "python-abc".as_ref()]);
    }
}
