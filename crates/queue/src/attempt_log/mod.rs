//! Logs of attempts as files: where they lie, how they are written with an index, how they are read from anywhere.
//!
//! *Layout:* whole lines of UTF-8, one JSON object each. Beside a log of more than [`STRIDE`] bytes lies `<log>.idx`: pairs of
//! little-endian `u64`, the byte offset and the number (from 0) of the first line that begins [`STRIDE`] or more bytes after the pair before.
//! *Truth:* the log itself. An index that is missing or ends early costs time, never lines.

mod failure;
mod line;
mod path;
mod read;
mod scan;
mod search;
mod write;

use std::io;
use std::path::{Component, Path, PathBuf};

pub use failure::failure_line;
pub use line::LogLine;
pub use path::{LogName, LogTemplate, TemplateError};
pub use read::{Bytes, LogReader, Page};
pub use search::{Hit, Hits, LONGEST_NEEDLE, Wanted};
pub use write::{LogFile, Modes};

/// Bytes between two pairs of the index.
pub const STRIDE: u64 = 64 << 10;
/// Bytes of a pair.
const PAIR: usize = 16;

/// The file of a log below the base folder.
///
/// # Errors
/// The relative path leaves the folder.
pub fn place(folder: &Path, relative: &str) -> io::Result<PathBuf> {
    let relative = Path::new(relative);
    let inside = relative.components().all(|c| matches!(c, Component::Normal(_)));
    if inside && relative.file_name().is_some() {
        return Ok(folder.join(relative));
    }
    let text = format!("{} is not a path below the log folder", relative.display());
    Err(io::Error::new(io::ErrorKind::InvalidInput, text))
}

fn index_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".idx");
    name.into()
}

fn count_lines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}
