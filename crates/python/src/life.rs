//! That a process of ours lives, and the proof for others on this machine that it does not.
//!
//! *Authority:* a lock on a file of its own, which the kernel lets go when the last thread of the process is gone, however it ended; and a
//! mark in the environment of every Python process below it. A free lock proves the death of the process; no process with the mark proves that nothing
//! of it runs on. *What it cannot tell:* anything about a process on another machine, in another container, or of another user. Their names begin
//! differently, or their file is not here, and then nobody says a word. Two machines may have woken from one and the same picture of a machine and
//! call themselves alike: the file that a process made after that is still only on its own.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::process::getuid;

use crate::process::{marked, snapshot};

/// The variable that carries the name of the program to everything it starts.
pub const MARK: &str = "TRADEWIND_PROCESS";
/// Where files live in memory, on this machine alone.
const SHARED_MEMORY: &str = "/dev/shm";
/// Files of the dead are kept this long, for those who look late.
const KEPT: Duration = Duration::from_secs(3600);

/// This process, as long as it lives.
#[derive(Debug)]
pub struct Life {
    name: String,
    path: PathBuf,
    /// Its lines are folders.
    lock: File,
}

/// Another process of ours on this machine.
#[derive(Debug)]
pub struct Neighbour {
    name: String,
    lock: File,
}

impl Life {
    /// Takes a name and its lock.
    ///
    /// # Errors
    /// This machine does not show its processes, or has no private place for the file.
    pub fn begin() -> io::Result<Self> {
        let base = if Path::new(SHARED_MEMORY).is_dir() { PathBuf::from(SHARED_MEMORY) } else { std::env::temp_dir() };
        Self::begin_in(&base)
    }

    fn begin_in(base: &Path) -> io::Result<Self> {
        let folder = private(base)?;
        let id = format!("{}-{}", std::process::id(), word("/proc/sys/kernel/random/uuid")?);
        let path = folder.join(&id);
        let lock = File::create_new(&path)?;
        lock.lock()?;
        sweep(&folder, lock.metadata()?.modified()?);
        Ok(Self { name: format!("{}{id}", realm()?), path, lock })
    }

    /// How others call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The beginning of the names of all processes that can be seen from here.
    pub fn realm(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(realm, _)| realm)
    }

    /// Names a folder in which this process keeps what others may need when it is gone.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn keeps(&self, folder: &Path) -> io::Result<()> {
        let mut line = folder.as_os_str().as_encoded_bytes().to_vec();
        line.push(b'\n');
        (&self.lock).write_all(&line)
    }

    /// A process by its name; `None`: it is this one, or nothing can be known about it here.
    pub fn neighbour(&self, name: &str) -> Option<Neighbour> {
        let id = name.strip_prefix(self.realm())?.strip_prefix('/')?;
        let is_plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if id.is_empty() || !is_plain || name == self.name {
            return None;
        }
        let lock = File::open(self.path.with_file_name(id)).ok()?;
        Some(Neighbour { name: name.to_owned(), lock })
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        // With the file the proof goes: an end in order is told by other means.
        let _ = fs::remove_file(&self.path);
    }
}

impl Neighbour {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The folders that it named ([`Life::keeps`]).
    ///
    /// # Errors
    /// They cannot be read.
    pub fn folders(&self) -> io::Result<Vec<PathBuf>> {
        let mut text = Vec::new();
        (&self.lock).seek(SeekFrom::Start(0))?;
        (&self.lock).read_to_end(&mut text)?;
        Ok(text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| OsStr::from_bytes(line).into()).collect())
    }

    /// Whether the process is gone for certain.
    pub fn is_gone(&self) -> bool {
        let free = self.lock.try_lock_shared().is_ok();
        if free {
            let _ = self.lock.unlock();
        }
        free
    }

    /// Whether something that it started still runs. Once it is gone and two looks in a row found nothing, nothing ever will: one look may miss a process
    /// that is just being made by one that is just ending.
    pub fn left_something(&self) -> bool {
        let mark = format!("{MARK}={}", self.name);
        snapshot().iter().any(|process| process.alive() && marked(process.pid, &mark))
    }
}

/// Machine since its start, pid namespace, user: what two processes must share to see each other.
fn realm() -> io::Result<String> {
    let boot = word("/proc/sys/kernel/random/boot_id")?;
    let namespace = fs::metadata("/proc/self/ns/pid")?.ino();
    Ok(format!("{boot}/{namespace}/{}/", getuid().as_raw()))
}

fn word(path: &str) -> io::Result<String> {
    Ok(fs::read_to_string(path)?.trim().to_owned())
}

/// A folder of this user that nobody else can write to.
fn private(base: &Path) -> io::Result<PathBuf> {
    let folder = base.join(format!("tradewind-{}", getuid().as_raw()));
    match DirBuilder::new().mode(0o700).create(&folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = fs::symlink_metadata(&folder)?;
    if !found.is_dir() || found.uid() != getuid().as_raw() || found.mode() & 0o022 != 0 {
        return Err(io::Error::other(format!("{} is not a folder of this user alone", folder.display())));
    }
    Ok(folder)
}

/// Removes what processes that were killed long ago left behind.
fn sweep(folder: &Path, now: SystemTime) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let old = entry.metadata().and_then(|data| data.modified()).is_ok_and(|at| now.duration_since(at).is_ok_and(|age| age > KEPT));
        if old
            && let Ok(file) = File::open(entry.path())
            && !matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_neighbour_is_gone_when_its_lock_is_free() {
        let base = tempfile::tempdir().unwrap();
        let (one, other) = (Life::begin_in(base.path()).unwrap(), Life::begin_in(base.path()).unwrap());
        let seen = one.neighbour(other.name()).unwrap();
        assert!(!seen.is_gone() && !seen.is_gone(), "looking takes nothing away");
        let path = other.path.clone();
        assert!(seen.folders().unwrap().is_empty());
        other.keeps(Path::new("/home/one/worker")).unwrap();
        other.keeps(Path::new("/home/two words")).unwrap();
        other.lock.unlock().unwrap();
        assert!(seen.is_gone());
        let kept = seen.folders().unwrap();
        assert_eq!((&kept, &seen.folders().unwrap()), (&vec![PathBuf::from("/home/one/worker"), "/home/two words".into()], &kept));
        assert!(one.neighbour(other.name()).is_some_and(|late| late.is_gone()), "the proof stays for those who look late");
        drop(other);
        assert!(!path.exists());
    }

    #[test]
    fn nothing_is_said_about_processes_elsewhere() {
        let base = tempfile::tempdir().unwrap();
        let own = Life::begin_in(base.path()).unwrap();
        let unknown = format!("{}/1-never", own.realm());
        let up = format!("{}/../x", own.realm());
        let elsewhere = own.name().replacen(own.realm(), "another-machine/1/0", 1);
        for name in [own.name(), &unknown, &up, &elsewhere, "", own.realm()] {
            assert!(own.neighbour(name).is_none(), "{name}");
        }
    }

    #[test]
    fn what_a_process_started_is_found_by_its_mark() {
        let base = tempfile::tempdir().unwrap();
        let (one, other) = (Life::begin_in(base.path()).unwrap(), Life::begin_in(base.path()).unwrap());
        let seen = one.neighbour(other.name()).unwrap();
        assert!(!seen.left_something());
        let mut child = Command::new("sleep").arg("60").env(MARK, other.name()).stdin(Stdio::null()).spawn().unwrap();
        assert!(seen.left_something());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!seen.left_something());
    }

    #[test]
    fn a_folder_that_others_may_write_to_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let base = tempfile::tempdir().unwrap();
        let folder = private(base.path()).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(Life::begin_in(base.path()).is_err());
    }
}
