//! Why an attempt failed, in one line, from a bounded look at its log.

use std::io;
use std::path::Path;

use super::{LogReader, Wanted};

/// Bytes read from the end: the exception that ends a task stands close to it.
const LOOK: u64 = 256 << 10;

/// The exception that ended an attempt, or else its last error: the number of its line (from 0) and a text of one line. Reads a few hundred
/// kilobytes at most, however long the log is. `None`: nothing there tells of an error.
///
/// # Errors
/// There is no such file, or it cannot be read.
pub fn failure_line(path: &Path) -> io::Result<Option<(u64, String)>> {
    let reader = LogReader::open_ended(path)?;
    let begin = reader.size()?.saturating_sub(LOOK);
    let page = reader.from_byte(begin, usize::MAX, usize::MAX)?;
    let wanted = Wanted::errors();
    let numbered = page.lines.iter().enumerate().rev().map(|(at, line)| (page.first_line + at as u64, line));
    let errors = numbered.filter_map(|(number, line)| Some((number, wanted.line(line)?)));
    let mut last = None;
    for (number, line) in errors {
        if line.fields.contains_key("error_detail") {
            return Ok(Some((number, line.summary())));
        }
        last.get_or_insert((number, line.summary()));
    }
    Ok(last)
}
