//! Whole lines of a log, block by block, in bounded memory.

use std::io;

use super::{LogReader, count_lines};

/// Bytes read at once.
const BLOCK: u64 = 256 << 10;
/// Longest line that is shown; workers cut lines at 1 MiB, other writers may not.
pub(super) const LONGEST: usize = 2 << 20;

/// Some whole lines.
#[derive(Debug)]
pub(super) struct Block {
    /// Number (from 0) of the first line.
    pub first_line: u64,
    /// Where the block begins and ends in the file.
    pub byte: u64,
    pub next_byte: u64,
    /// The lines, each with its end. A line that is too long is cut, and says so; it has a block of its own.
    pub text: Vec<u8>,
    /// Whether `text` is what the file holds.
    pub is_cut: bool,
}

impl Block {
    /// The lines with their numbers and the byte after each.
    pub fn lines(&self) -> impl Iterator<Item = (u64, u64, &[u8])> {
        let (mut at, mut number) = (0, self.first_line);
        std::iter::from_fn(move || {
            let length = memchr::memchr(b'\n', self.text.get(at..)?)?;
            let line = &self.text[at..at + length];
            at += length + 1;
            number += 1;
            let next_byte = if self.is_cut { self.next_byte } else { self.byte + at as u64 };
            Some((number - 1, next_byte, line))
        })
    }
}

/// A walk over a log, forward.
pub(super) struct Scan<'a> {
    reader: &'a LogReader,
    byte: u64,
    line: u64,
    /// What was read from `byte` on and is no whole line yet.
    pending: Vec<u8>,
}

impl<'a> Scan<'a> {
    /// From the beginning of a line on.
    pub fn new(reader: &'a LogReader, byte: u64, line: u64) -> Self {
        Self { reader, byte, line, pending: Vec::new() }
    }

    /// The next lines; `None`: there is no further whole line now.
    pub fn next(&mut self) -> io::Result<Option<Block>> {
        loop {
            let read = self.reader.read(self.byte + self.pending.len() as u64, BLOCK)?;
            if read.is_empty() {
                return Ok(self.rest());
            }
            let known = self.pending.len();
            self.pending.extend_from_slice(&read);
            if let Some(end) = memchr::memrchr(b'\n', &read) {
                let rest = self.pending.split_off(known + end + 1);
                let text = std::mem::replace(&mut self.pending, rest);
                let length = text.len() as u64;
                return Ok(Some(self.block(text, length, false)));
            }
            if self.pending.len() > LONGEST {
                return self.cut();
            }
        }
    }

    fn block(&mut self, text: Vec<u8>, length: u64, is_cut: bool) -> Block {
        let block = Block { first_line: self.line, byte: self.byte, next_byte: self.byte + length, text, is_cut };
        self.line += count_lines(&block.text);
        self.byte = block.next_byte;
        block
    }

    /// The line that its writer left without an end.
    fn rest(&mut self) -> Option<Block> {
        if !self.reader.has_ended || self.pending.is_empty() {
            return None;
        }
        let mut text = std::mem::take(&mut self.pending);
        let length = text.len() as u64;
        text.push(b'\n');
        Some(self.block(text, length, true))
    }

    /// The front of a line that is too long; what follows up to its end is passed over.
    fn cut(&mut self) -> io::Result<Option<Block>> {
        let end = self.reader.skip(self.byte + self.pending.len() as u64, 1)?;
        let end = match end {
            Some(end) => end,
            None if self.reader.has_ended => self.reader.size()?,
            None => return Ok(None),
        };
        let mut text = std::mem::take(&mut self.pending);
        text.truncate(LONGEST);
        text.truncate(text.utf8_chunks().map(|chunk| chunk.valid().len()).next().filter(|valid| *valid + 4 > LONGEST).unwrap_or(LONGEST));
        text.extend_from_slice(format!("... (cut: the line has {} bytes)\n", end - self.byte - 1).as_bytes());
        let length = end - self.byte;
        Ok(Some(self.block(text, length, true)))
    }
}
