//! Reading: any line, any byte, the tail; while the log is being written.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::scan::Scan;
use super::{PAIR, STRIDE, count_lines, index_of};

/// Some lines of a log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Whole lines, without their ends.
    pub lines: Vec<String>,
    /// Number (from 0) of the first of them.
    pub first_line: u64,
    /// Where the next page begins.
    pub next_line: u64,
    pub next_byte: u64,
    /// No further whole line is there now; a running attempt may write more.
    pub at_end: bool,
}

/// Where the bytes of a log, or of its index, come from.
pub trait Bytes: Send + Sync {
    /// How many there are now.
    ///
    /// # Errors
    /// They cannot be reached.
    fn size(&self) -> io::Result<u64>;
    /// Fills the beginning of `buffer` with what is there from byte `at` on; 0 at the end.
    ///
    /// # Errors
    /// They cannot be reached.
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize>;
}

impl Bytes for File {
    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        FileExt::read_at(self, buffer, at)
    }
}

/// An open log.
pub struct LogReader {
    log: Box<dyn Bytes>,
    index: Option<Box<dyn Bytes>>,
    pub(super) has_ended: bool,
}

impl LogReader {
    /// # Errors
    /// There is no such file, or it cannot be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        let log = File::open(path)?;
        let index = File::open(index_of(path)).ok();
        Ok(Self { log: Box::new(log), index: index.map(|file| Box::new(file) as Box<dyn Bytes>), has_ended: false })
    }

    /// A log that lies elsewhere. `has_ended`: as [`LogReader::open_ended`].
    pub fn elsewhere(log: Box<dyn Bytes>, index: Option<Box<dyn Bytes>>, has_ended: bool) -> Self {
        Self { log, index, has_ended }
    }

    /// A log that nobody writes any more: what its writer left without an end is a line too.
    ///
    /// # Errors
    /// As [`LogReader::open`].
    pub fn open_ended(path: &Path) -> io::Result<Self> {
        Ok(Self { has_ended: true, ..Self::open(path)? })
    }

    /// Bytes that are there now.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn size(&self) -> io::Result<u64> {
        self.log.size()
    }

    /// Whole lines that are there now.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn count(&self) -> io::Result<u64> {
        let size = self.size()?;
        let (byte, line) = self.pair_before_byte(size)?;
        Ok(line + self.lines_between(byte, size)? + self.rest_lines(size)?)
    }

    /// 1 when the log has ended in the middle of a line.
    pub(super) fn rest_lines(&self, size: u64) -> io::Result<u64> {
        Ok(u64::from(self.has_ended && !self.begins_line(size)?))
    }

    /// Up to `limit` lines (and about `bytes` bytes, one line at least) from line `line` on.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn from_line(&self, line: u64, limit: usize, bytes: usize) -> io::Result<Page> {
        match self.start_of(line)? {
            Some((byte, line)) => self.page(byte, line, limit, bytes),
            None => {
                let (next_line, next_byte) = (self.count()?, self.size()?);
                Ok(Page { lines: Vec::new(), first_line: next_line, next_line, next_byte, at_end: true })
            }
        }
    }

    /// Lines from a byte on: the place a page named as its next. A byte within a line leads to the line after it.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn from_byte(&self, byte: u64, limit: usize, bytes: usize) -> io::Result<Page> {
        let byte = byte.min(self.size()?);
        let (before, line) = self.pair_before_byte(byte)?;
        let line = line + self.lines_between(before, byte)?;
        if self.begins_line(byte)? {
            return self.page(byte, line, limit, bytes);
        }
        match self.skip(byte, 1)? {
            Some(start) => self.page(start, line + 1, limit, bytes),
            None => Ok(Page { lines: Vec::new(), first_line: line, next_line: line, next_byte: byte, at_end: true }),
        }
    }

    /// As [`LogReader::from_byte`] for a byte at which a line begins, when its number is known: nothing is counted.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn from_place(&self, byte: u64, line: u64, limit: usize, bytes: usize) -> io::Result<Page> {
        self.page(byte, line, limit, bytes)
    }

    /// The last `limit` lines (and about `bytes` bytes, one line at least).
    ///
    /// # Errors
    /// The file system refuses.
    pub fn tail(&self, limit: usize, bytes: usize) -> io::Result<Page> {
        let size = self.size()?;
        let mut start = self.line_start(size)?;
        let mut lines = 0;
        if start == size {
            (start, lines) = (self.line_start(size.saturating_sub(1))?, 1);
        } else if self.has_ended {
            lines = 1;
        }
        // Line by line from the end; bounded by `bytes`.
        while lines < limit && start > 0 {
            let before = self.line_start(start - 1)?;
            if size - before > bytes as u64 && lines > 0 {
                break;
            }
            (start, lines) = (before, lines + 1);
        }
        self.from_byte(start, limit.max(1), usize::MAX)
    }

    /// Where a line begins, when it is there or may come next.
    pub(super) fn start_of(&self, line: u64) -> io::Result<Option<(u64, u64)>> {
        let (_, (byte, at)) = self.pair_before(|(_, l)| l <= line)?;
        Ok(self.skip(byte, line.saturating_sub(at))?.map(|start| (start, line)))
    }

    /// Whether a line begins at this byte.
    fn begins_line(&self, byte: u64) -> io::Result<bool> {
        let Some(before) = byte.checked_sub(1) else { return Ok(true) };
        Ok(self.read(before, 1)?.first() == Some(&b'\n'))
    }

    /// Where the line with this byte begins; a byte at which a line begins is that line's.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn line_start(&self, byte: u64) -> io::Result<u64> {
        let mut end = byte;
        while end > 0 {
            let from = end.saturating_sub(STRIDE);
            let block = self.read(from, end - from)?;
            if let Some(at) = memchr::memrchr(b'\n', &block) {
                return Ok(from + at as u64 + 1);
            }
            end = from;
        }
        Ok(0)
    }

    /// The last pair of the index that is not behind `byte`.
    pub(super) fn pair_before_byte(&self, byte: u64) -> io::Result<(u64, u64)> {
        Ok(self.pair_before(|(b, _)| b <= byte)?.1)
    }

    /// Pairs that fit, and the last of them; the beginning of the log always fits.
    pub(super) fn pair_before(&self, fits: impl Fn((u64, u64)) -> bool) -> io::Result<(u64, (u64, u64))> {
        let Some(index) = &self.index else { return Ok((0, (0, 0))) };
        let size = self.size()?;
        let (mut low, mut high) = (0, index.size()? / PAIR as u64);
        let mut best = (0, 0);
        while low < high {
            let middle = u64::midpoint(low, high);
            let mut pair = [0; PAIR];
            if index.read_at(&mut pair, middle * PAIR as u64)? < PAIR {
                // It was cut off meanwhile.
                break;
            }
            let (byte, line) = pair.split_at(8);
            let number = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_le_bytes);
            let pair = (number(byte), number(line));
            // The index may be ahead of what this reader can see of the log.
            if fits(pair) && pair.0 <= size {
                best = pair;
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        // An index of another log (one that was here before) costs time, never lines.
        if self.begins_line(best.0)? { Ok((low, best)) } else { Ok((0, (0, 0))) }
    }

    pub(super) fn lines_between(&self, mut from: u64, to: u64) -> io::Result<u64> {
        let mut lines = 0;
        while from < to {
            let block = self.read(from, (to - from).min(4 * STRIDE))?;
            if block.is_empty() {
                break;
            }
            lines += count_lines(&block);
            from += block.len() as u64;
        }
        Ok(lines)
    }

    /// The byte after `lines` line ends from `from` on; `None`: there are not that many.
    pub(super) fn skip(&self, mut from: u64, mut lines: u64) -> io::Result<Option<u64>> {
        while lines > 0 {
            let block = self.read(from, STRIDE)?;
            if block.is_empty() {
                return Ok(None);
            }
            let here = count_lines(&block);
            if here < lines {
                lines -= here;
                from += block.len() as u64;
                continue;
            }
            let last = usize::try_from(lines - 1).unwrap_or(usize::MAX);
            return Ok(memchr::memchr_iter(b'\n', &block).nth(last).map(|at| from + at as u64 + 1));
        }
        Ok(Some(from))
    }

    fn page(&self, start: u64, first_line: u64, limit: usize, bytes: usize) -> io::Result<Page> {
        let mut page = Page { first_line, next_line: first_line, next_byte: start, ..Page::default() };
        let mut scan = Scan::new(self, start, first_line);
        while let Some(block) = scan.next()? {
            for (number, next_byte, line) in block.lines() {
                if page.lines.len() >= limit || (!page.lines.is_empty() && page.next_byte - start >= bytes as u64) {
                    return Ok(page);
                }
                page.lines.push(String::from_utf8_lossy(line).into_owned());
                (page.next_line, page.next_byte) = (number + 1, next_byte);
            }
        }
        page.at_end = true;
        Ok(page)
    }

    /// Bytes as they are; fewer at the end.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn read(&self, from: u64, length: u64) -> io::Result<Vec<u8>> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let mut block = vec![0; length];
        let mut filled = 0;
        while filled < length {
            match self.log.read_at(&mut block[filled..], from + filled as u64) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        block.truncate(filled);
        Ok(block)
    }
}
