//! Reading: any line, any byte, the tail; while the log is being written.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

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

/// An open log.
pub struct LogReader {
    file: File,
    index: Option<File>,
}

impl LogReader {
    /// # Errors
    /// There is no such file, or it cannot be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let index = File::open(index_of(path)).ok();
        Ok(Self { file, index })
    }

    /// Bytes that are there now.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn size(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Whole lines that are there now.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn count(&self) -> io::Result<u64> {
        let size = self.size()?;
        let (byte, line) = self.pair_before_byte(size)?;
        Ok(line + self.lines_between(byte, size)?)
    }

    /// Up to `limit` lines (and about `bytes` bytes, one line at least) from line `line` on.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn from_line(&self, line: u64, limit: usize, bytes: usize) -> io::Result<Page> {
        let (byte, at) = self.pair_before(|(_, l)| l <= line)?;
        let start = self.skip(byte, line.saturating_sub(at))?;
        match start {
            Some(start) => self.page(start, line, limit, bytes),
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
        let mut last = [b'\n'];
        if byte > 0 {
            self.file.read_exact_at(&mut last, byte - 1)?;
        }
        if last == *b"\n" {
            return self.page(byte, line, limit, bytes);
        }
        match self.skip(byte, 1)? {
            Some(start) => self.page(start, line + 1, limit, bytes),
            None => Ok(Page { lines: Vec::new(), first_line: line, next_line: line, next_byte: byte, at_end: true }),
        }
    }

    /// The last `limit` lines (and about `bytes` bytes).
    ///
    /// # Errors
    /// The file system refuses.
    pub fn tail(&self, limit: usize, bytes: usize) -> io::Result<Page> {
        let size = self.size()?;
        let (mut start, mut found, mut ends) = (size, 0, Vec::new());
        // Block by block from the end; bounded by `bytes`.
        while start > 0 && found <= limit && size - start < bytes as u64 {
            let from = start.saturating_sub(STRIDE);
            let block = self.read(from, usize::try_from(start - from).unwrap_or(usize::MAX))?;
            for (at, _) in block.iter().enumerate().rev().filter(|(_, b)| **b == b'\n') {
                found += 1;
                ends.push(from + at as u64);
            }
            start = from;
        }
        // The end of the last line is the first one found; `limit` lines begin after the end number `limit`.
        let begin = match ends.get(limit) {
            Some(end) => end + 1,
            None if start == 0 => 0,
            None => ends.last().map_or(start, |end| end + 1),
        };
        self.from_byte(begin, limit.max(1), usize::MAX)
    }

    /// The last pair of the index that is not behind `byte`.
    pub(super) fn pair_before_byte(&self, byte: u64) -> io::Result<(u64, u64)> {
        self.pair_before(|(b, _)| b <= byte)
    }

    /// Binary search for the last pair that fits; the beginning of the log always does.
    fn pair_before(&self, fits: impl Fn((u64, u64)) -> bool) -> io::Result<(u64, u64)> {
        let Some(index) = &self.index else { return Ok((0, 0)) };
        let size = self.size()?;
        let (mut low, mut high) = (0, index.metadata()?.len() / PAIR as u64);
        let mut best = (0, 0);
        while low < high {
            let middle = u64::midpoint(low, high);
            let mut pair = [0; PAIR];
            index.read_exact_at(&mut pair, middle * PAIR as u64)?;
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
        Ok(best)
    }

    fn lines_between(&self, mut from: u64, to: u64) -> io::Result<u64> {
        let mut lines = 0;
        while from < to {
            let block = self.read(from, usize::try_from((to - from).min(STRIDE)).unwrap_or(usize::MAX))?;
            if block.is_empty() {
                break;
            }
            lines += count_lines(&block);
            from += block.len() as u64;
        }
        Ok(lines)
    }

    /// The byte after `lines` line ends from `from` on; `None`: there are not that many.
    fn skip(&self, mut from: u64, mut lines: u64) -> io::Result<Option<u64>> {
        while lines > 0 {
            let block = self.read(from, usize::try_from(STRIDE).unwrap_or(usize::MAX))?;
            if block.is_empty() {
                return Ok(None);
            }
            for (at, _) in block.iter().enumerate().filter(|(_, b)| **b == b'\n') {
                lines -= 1;
                if lines == 0 {
                    return Ok(Some(from + at as u64 + 1));
                }
            }
            from += block.len() as u64;
        }
        Ok(Some(from))
    }

    fn page(&self, start: u64, first_line: u64, limit: usize, bytes: usize) -> io::Result<Page> {
        let mut page = Page { first_line, next_line: first_line, next_byte: start, ..Page::default() };
        let (mut from, mut pending) = (start, Vec::new());
        loop {
            let block = self.read(from, usize::try_from(STRIDE).unwrap_or(usize::MAX))?;
            if block.is_empty() {
                page.at_end = true;
                return Ok(page);
            }
            from += block.len() as u64;
            pending.extend_from_slice(&block);
            let mut taken = 0;
            while let Some(length) = pending[taken..].iter().position(|b| *b == b'\n') {
                if page.lines.len() >= limit || (!page.lines.is_empty() && page.next_byte - start >= bytes as u64) {
                    return Ok(page);
                }
                page.lines.push(String::from_utf8_lossy(&pending[taken..taken + length]).into_owned());
                taken += length + 1;
                page.next_byte += length as u64 + 1;
                page.next_line += 1;
            }
            pending.drain(..taken);
        }
    }

    fn read(&self, from: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut block = vec![0; length];
        let mut filled = 0;
        while filled < length {
            match self.file.read_at(&mut block[filled..], from + filled as u64) {
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
