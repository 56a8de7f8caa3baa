//! Writing: appends of whole lines, and the index along the way.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::{LogReader, STRIDE, count_lines, index_of};

/// Permissions of what is made anew; the process's umask still applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modes {
    /// `[logging] file_task_handler_new_file_permissions`.
    pub file: u32,
    /// `[logging] file_task_handler_new_folder_permissions`.
    pub folder: u32,
}

impl Default for Modes {
    fn default() -> Self {
        Self { file: 0o664, folder: 0o775 }
    }
}

/// A log that is being written; one writer at a time.
pub struct LogFile {
    file: File,
    path: PathBuf,
    modes: Modes,
    index: Option<File>,
    /// Bytes and lines that are there.
    size: u64,
    lines: u64,
    marked: u64,
}

impl LogFile {
    /// Opens a log for appending; folders are made. A line that a crash left without an end gets one.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn append_to(path: &Path, modes: Modes) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true).read(true).mode(modes.file);
        let file = match options.open(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                fs::DirBuilder::new().recursive(true).mode(modes.folder).create(path.parent().unwrap_or(Path::new("/")))?;
                options.open(path)?
            }
            other => other?,
        };
        let size = file.metadata()?.len();
        let mut log = Self { file, path: path.to_path_buf(), modes, index: None, size, lines: 0, marked: 0 };
        if size > 0 {
            let mut last = [0];
            log.file.read_exact_at(&mut last, size - 1)?;
            if last != *b"\n" {
                log.file.write_all(b"\n")?;
                log.size += 1;
            }
            let reader = LogReader::open(path)?;
            let (pairs, (marked, _)) = reader.pair_before(|(byte, _)| byte <= log.size)?;
            (log.marked, log.lines) = (marked, reader.count()?);
            log.keep_pairs(pairs)?;
        }
        Ok(log)
    }

    /// Takes out of the index what is not of this log: half a pair after a crash, or pairs of a log that was longer.
    fn keep_pairs(&mut self, pairs: u64) -> io::Result<()> {
        let index = match OpenOptions::new().append(true).open(index_of(&self.path)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other?,
        };
        if index.metadata()?.len() != pairs * super::PAIR as u64 {
            index.set_len(pairs * super::PAIR as u64)?;
        }
        self.index = Some(index);
        Ok(())
    }

    /// Appends bytes that end with a line.
    ///
    /// # Errors
    /// The disk is full, or worse. What was written half is taken back, so that the log stays whole lines.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        debug_assert!(bytes.is_empty() || bytes.ends_with(b"\n"), "only whole lines are appended");
        if let Err(e) = self.file.write_all(bytes) {
            // If even that fails, the next opening ends the broken line.
            let _ = self.file.set_len(self.size);
            return Err(e);
        }
        let mut rest = bytes;
        while self.size + rest.len() as u64 > self.marked + STRIDE {
            let ahead = usize::try_from((self.marked + STRIDE).saturating_sub(self.size)).unwrap_or(usize::MAX);
            let Some(end) = rest[ahead.saturating_sub(1).min(rest.len())..].iter().position(|b| *b == b'\n') else {
                break;
            };
            let (before, after) = rest.split_at(ahead.saturating_sub(1) + end + 1);
            self.size += before.len() as u64;
            self.lines += count_lines(before);
            rest = after;
            self.mark()?;
        }
        self.size += rest.len() as u64;
        self.lines += count_lines(rest);
        Ok(())
    }

    fn mark(&mut self) -> io::Result<()> {
        self.marked = self.size;
        if self.index.is_none() {
            self.index = Some(OpenOptions::new().append(true).create(true).mode(self.modes.file).open(index_of(&self.path))?);
        }
        let mut pair = [0; super::PAIR];
        pair[..8].copy_from_slice(&self.size.to_le_bytes());
        pair[8..].copy_from_slice(&self.lines.to_le_bytes());
        self.index.as_mut().map_or(Ok(()), |index| index.write_all(&pair))
    }
}
