//! Reports on disk: one file of a worker's life, a line for each, instead of a file for each.
//!
//! *Layout:* `<name>.results`, JSON lines, locked by its writer; a file without a lock is what a former life left.
//! *Growth:* lines of delivered reports stay until they are [`SPARE`] bytes; then the file is written anew without them. Reading one of them
//! again after a crash costs a report that changes nothing.
//! *Failure of each step:* a line cannot be written whole: the file is cut back to what it was; this process dies in the middle of a line: the
//! line has no end and is dropped, since nobody was told that it is safe.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tradewind_queue::service::Report;
use uuid::Uuid;

use crate::clock;

/// Bytes of delivered reports that may lie in the file.
const SPARE: u64 = 256 << 10;
const ENDING: &str = "results";

enum Line {
    /// Is about to be written.
    Coming,
    At(Range<u64>),
}

/// See the module. Blocks, but for [`Journal::expect`] and [`Journal::forget`].
pub struct Journal {
    disk: Mutex<Disk>,
    /// Never held while the disk is waited for. Locked after `disk` where both are.
    lines: Mutex<Lines>,
}

struct Disk {
    path: PathBuf,
    file: File,
    end: u64,
}

/// What the file holds.
#[derive(Default)]
struct Lines {
    wanted: HashMap<Uuid, Line>,
    wanted_bytes: u64,
    spare_bytes: u64,
}

impl Journal {
    /// Opens a file of its own in the folder, and takes in what former lives left there, oldest first.
    pub fn open(folder: &Path) -> io::Result<(Self, Vec<Report>)> {
        fs::create_dir_all(folder)?;
        let own = folder.join(format!("{}-{}.{ENDING}", std::process::id(), clock::now().as_microsecond()));
        let disk = Disk { file: create(&own)?, path: own.clone(), end: 0 };
        let journal = Self { disk: Mutex::new(disk), lines: Mutex::default() };
        let mut left = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == ENDING) && path != own {
                journal.inherit(&path, &mut left)?;
            }
        }
        left.sort_by_key(|report: &Report| report.end_date);
        Ok((journal, left))
    }

    /// Copies the lines of a dead process' file into this one, then removes it.
    fn inherit(&self, path: &Path, left: &mut Vec<Report>) -> io::Result<()> {
        let theirs = File::open(path)?;
        match theirs.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(()),
            Err(TryLockError::Error(e)) => return Err(e),
            Ok(()) => {}
        }
        let text = fs::read(path)?;
        let mut readable = true;
        for line in text.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")) {
            match serde_json::from_slice::<Report>(line) {
                Ok(report) => {
                    self.expect(report.attempt_id);
                    self.write(report.attempt_id, line)?;
                    left.push(report);
                }
                Err(e) => {
                    readable = false;
                    tracing::error!("{} has a line that is no report and is kept as *.unreadable: {e}", path.display());
                }
            }
        }
        if readable { fs::remove_file(path) } else { fs::rename(path, path.with_extension("unreadable")) }
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Announces a line, so that it can be forgotten before it is written.
    pub fn expect(&self, id: Uuid) {
        self.lines().wanted.insert(id, Line::Coming);
    }

    /// Writes an announced line, which ends in a line feed, unless it has been forgotten meanwhile.
    pub fn write(&self, id: Uuid, line: &[u8]) -> io::Result<()> {
        let mut disk = self.disk();
        if !self.lines().wanted.contains_key(&id) {
            return Ok(());
        }
        if let Err(e) = disk.file.write_all(line) {
            self.lines().wanted.remove(&id);
            disk.file.set_len(disk.end)?;
            return Err(e);
        }
        let size = line.len() as u64;
        let begin = disk.end;
        disk.end += size;
        let mut lines = self.lines();
        match lines.wanted.get_mut(&id) {
            Some(known) => {
                *known = Line::At(begin..begin + size);
                lines.wanted_bytes += size;
            }
            None => lines.spare_bytes += size,
        }
        Ok(())
    }

    /// The report has been answered. True: it is time to [`Journal::tidy`].
    pub fn forget(&self, id: Uuid) -> bool {
        let mut lines = self.lines();
        if let Some(Line::At(range)) = lines.wanted.remove(&id) {
            lines.wanted_bytes -= range.end - range.start;
            lines.spare_bytes += range.end - range.start;
        }
        lines.spare_bytes >= SPARE
    }

    /// Writes the file anew with what is wanted only.
    pub fn tidy(&self) -> io::Result<()> {
        let mut disk = self.disk();
        let kept: Vec<(Uuid, Range<u64>)> = {
            let lines = self.lines();
            if lines.spare_bytes == 0 {
                return Ok(());
            }
            let at = |(id, line): (&Uuid, &Line)| if let Line::At(range) = line { Some((*id, range.clone())) } else { None };
            lines.wanted.iter().filter_map(at).collect()
        };
        if kept.is_empty() {
            disk.file.set_len(0)?;
            (disk.end, self.lines().spare_bytes) = (0, 0);
            return Ok(());
        }
        let fresh = disk.path.with_extension("new");
        let mut file = create(&fresh)?;
        let (mut end, mut moved) = (0, Vec::with_capacity(kept.len()));
        for (id, range) in kept {
            let mut text = vec![0; usize::try_from(range.end - range.start).map_err(io::Error::other)?];
            disk.file.read_exact_at(&mut text, range.start)?;
            file.write_all(&text)?;
            moved.push((id, end..end + text.len() as u64));
            end += text.len() as u64;
        }
        fs::rename(&fresh, &disk.path)?;
        (disk.file, disk.end) = (file, end);
        let mut lines = self.lines();
        for (id, range) in moved {
            if let Some(line) = lines.wanted.get_mut(&id) {
                *line = Line::At(range);
            }
        }
        // Whatever was forgotten meanwhile has been copied and is spare there.
        lines.spare_bytes = end - lines.wanted_bytes;
        Ok(())
    }
}

impl Drop for Journal {
    /// Leaves nothing behind when nothing is wanted.
    fn drop(&mut self) {
        if self.lines().wanted_bytes == 0 {
            let _ = fs::remove_file(&self.disk().path);
        }
    }
}

/// What lies in the folder's files, whoever wrote them: delivered or not. For those who look after a worker that is gone; nothing is changed.
///
/// # Errors
/// The folder cannot be read.
pub fn reports_in(folder: &Path) -> io::Result<Vec<Report>> {
    let mut reports = Vec::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(reports),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_none_or(|ending| ending != ENDING) {
            continue;
        }
        let text = match fs::read(&path) {
            // Its successor has just copied it into a file of its own, which may not have been in this list.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return reports_in(folder),
            read => read?,
        };
        reports.extend(text.split_inclusive(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()));
    }
    Ok(reports)
}

fn create(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).append(true).create_new(true).open(path)?;
    file.lock()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;
    use tradewind_queue::service::{End, WorkerId};

    use super::*;

    fn report(size: usize) -> Report {
        let end = End::Result { frame: json!({"state": "success", "return_value": "x".repeat(size)}) };
        Report { attempt_id: Uuid::now_v7(), worker: WorkerId(1), end, end_date: Timestamp::UNIX_EPOCH, proof: None, pid: None }
    }

    fn line(report: &Report) -> Vec<u8> {
        let mut line = serde_json::to_vec(report).unwrap();
        line.push(b'\n');
        line
    }

    fn keep(journal: &Journal, report: &Report) {
        journal.expect(report.attempt_id);
        journal.write(report.attempt_id, &line(report)).unwrap();
    }

    #[test]
    fn what_is_not_answered_is_found_by_the_next_life() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, left) = Journal::open(folder.path()).unwrap();
        assert!(left.is_empty());
        let reports: Vec<_> = (0..3).map(|_| report(10)).collect();
        reports.iter().for_each(|report| keep(&journal, report));
        assert!(!journal.forget(reports[1].attempt_id));
        journal.tidy().unwrap();
        // A second life beside the first leaves its file alone.
        let (other, left) = Journal::open(folder.path()).unwrap();
        assert!(left.is_empty());
        drop(other);
        journal.disk().file.write_all(b"{\"attempt_id\": torn").unwrap();
        drop(journal);
        let seen: Vec<_> = reports_in(folder.path()).unwrap().iter().map(|report| report.attempt_id).collect();
        let (journal, left) = Journal::open(folder.path()).unwrap();
        let ids: Vec<_> = left.iter().map(|report| report.attempt_id).collect();
        assert!(ids.iter().all(|id| seen.contains(id)), "a neighbour sees them too");
        assert_eq!(ids.len(), 2);
        assert!(ids.contains(&reports[0].attempt_id) && ids.contains(&reports[2].attempt_id), "{ids:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the file of the former life is gone");
        assert_eq!(journal.lines().wanted.len(), 2);
    }

    #[test]
    fn the_file_does_not_grow_with_what_was_delivered() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, _) = Journal::open(folder.path()).unwrap();
        let kept = report(20);
        keep(&journal, &kept);
        let mut tidied = 0;
        for _ in 0..1000 {
            let one = report(1000);
            keep(&journal, &one);
            if journal.forget(one.attempt_id) {
                journal.tidy().unwrap();
                tidied += 1;
            }
            assert!(journal.disk().end < 2 * SPARE);
        }
        assert!(tidied > 2, "{tidied}");
        let path = journal.disk().path.clone();
        assert_eq!(journal.disk().end, fs::metadata(&path).unwrap().len());
        journal.forget(kept.attempt_id);
        drop(journal);
        assert!(!path.exists(), "nothing is left behind when nothing is wanted");
    }

    #[test]
    fn an_answer_may_be_faster_than_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, _) = Journal::open(folder.path()).unwrap();
        let one = report(5);
        journal.expect(one.attempt_id);
        journal.forget(one.attempt_id);
        journal.write(one.attempt_id, &line(&one)).unwrap();
        assert_eq!((journal.disk().end, journal.lines().wanted.len()), (0, 0));
    }

    #[test]
    fn a_line_that_is_no_report_is_left_for_people_to_look_at() {
        let folder = tempfile::tempdir().unwrap();
        let good = report(1);
        let text = [b"{}\n".as_slice(), &line(&good)].concat();
        fs::write(folder.path().join("1-1.results"), text).unwrap();
        let (_journal, left) = Journal::open(folder.path()).unwrap();
        assert_eq!(left.iter().map(|report| report.attempt_id).collect::<Vec<_>>(), [good.attempt_id]);
        assert!(folder.path().join("1-1.unreadable").exists() && !folder.path().join("1-1.results").exists());
    }

    #[test]
    fn a_full_disk_leaves_whole_lines() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, _) = Journal::open(folder.path()).unwrap();
        let first = report(10);
        keep(&journal, &first);
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let real = std::mem::replace(&mut journal.disk().file, full);
        let second = report(10);
        journal.expect(second.attempt_id);
        // /dev/full cannot be cut back either; that error is told as well as any.
        journal.write(second.attempt_id, &line(&second)).unwrap_err();
        journal.disk().file = real;
        let third = report(10);
        keep(&journal, &third);
        drop(journal);
        let (_journal, left) = Journal::open(folder.path()).unwrap();
        assert_eq!(left.len(), 2);
    }
}
