//! Lines that are looked for: by text, pattern, level or source; forward from a line, or the last ones.
//!
//! A search is given up when its caller says so, and goes on where it stopped: no log is too long for it.

use std::io;

use memchr::memmem;
use regex::RegexBuilder;

use super::line::{Head, tells_of_error};
use super::scan::{Block, Scan};
use super::{LogLine, LogReader};

/// Bytes looked at before the caller is asked whether to go on, and those of a step backward.
const STEP: u64 = 1 << 20;
/// Longest text or pattern.
pub const LONGEST_NEEDLE: usize = 1_000;
/// Memory of a compiled pattern.
const PATTERN_SIZE: usize = 1 << 20;
/// Characters of a found text before and in all.
const BEFORE: usize = 80;
const SHOWN: usize = 400;

/// What is looked for. Everything that is given must hold.
#[derive(Default)]
pub struct Wanted {
    text: Option<Needle>,
    /// In lower case; a line without a level counts as `info`.
    levels: Vec<String>,
    sources: Vec<String>,
    errors_only: bool,
    /// Finds every line that may match, and others, in raw bytes.
    quick: Option<Quick>,
}

enum Needle {
    Literal(String),
    Pattern(regex::Regex),
}

enum Quick {
    Literal(Box<memmem::Finder<'static>>),
    Pattern(regex::bytes::Regex),
}

/// A line that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// From 0.
    pub number: u64,
    pub line: String,
    /// The part that matched, with some of what is around it.
    pub text: String,
}

/// What a search has found.
#[derive(Debug, Default)]
pub struct Hits {
    pub hits: Vec<Hit>,
    /// Where to go on: a line number, from 0; backward the line after the next one to look at.
    pub next_line: u64,
    pub next_byte: u64,
    /// Lines that were looked at.
    pub searched: u64,
    /// Nothing is left to be looked at.
    pub done: bool,
}

impl Wanted {
    /// A text, or a pattern in the syntax of Rust's `regex`. It is compared with what a reader sees: the event and the other fields' values.
    ///
    /// # Errors
    /// A text that is too long, or a pattern that cannot be read, in words.
    pub fn text(mut self, text: &str, is_pattern: bool, ignore_case: bool) -> Result<Wanted, String> {
        if text.len() > LONGEST_NEEDLE {
            return Err(format!("it has {} bytes; {LONGEST_NEEDLE} at most are searched for", text.len()));
        }
        let pattern = |text: &str| RegexBuilder::new(text).case_insensitive(ignore_case).size_limit(PATTERN_SIZE).build();
        let written = serde_json::to_string(text).unwrap_or_default();
        let written = written.get(1..written.len() - 1).unwrap_or_default();
        self.text = Some(match (is_pattern, ignore_case) {
            (true, _) => Needle::Pattern(pattern(text).map_err(|error| error.to_string())?),
            (false, true) => Needle::Pattern(pattern(&regex::escape(text)).map_err(|error| error.to_string())?),
            (false, false) => Needle::Literal(text.to_owned()),
        });
        self.quick = match (is_pattern, ignore_case) {
            (true, _) => None,
            (false, true) => quick_pattern(&format!("(?i){}", regex::escape(written))),
            (false, false) => Some(Quick::Literal(Box::new(memmem::Finder::new(written).into_owned()))),
        };
        Ok(self)
    }

    /// Only lines with one of these levels; all when there is none.
    #[must_use]
    pub fn levels(mut self, levels: &[String]) -> Wanted {
        self.levels = levels.iter().map(|level| level.to_ascii_lowercase()).collect();
        // A line without a level counts as info: then there is nothing to look for in the bytes.
        if self.quick.is_none() && !self.levels.is_empty() && !self.levels.iter().any(|level| level == "info") {
            let names: Vec<String> = self.levels.iter().map(|level| regex::escape(level)).collect();
            self.quick = quick_pattern(&format!("(?i)\"(?:{})\"", names.join("|")));
        }
        self
    }

    /// Only lines of these loggers; all when there is none.
    #[must_use]
    pub fn sources(mut self, sources: &[String]) -> Wanted {
        self.sources = sources.to_vec();
        self
    }

    /// Lines that tell of an error.
    #[must_use]
    pub fn errors() -> Wanted {
        Wanted { errors_only: true, quick: quick_pattern("(?i)\"(?:error|critical|fatal)\"|Traceback"), ..Wanted::default() }
    }

    /// Whether every line will do.
    pub fn is_anything(&self) -> bool {
        self.text.is_none() && self.levels.is_empty() && self.sources.is_empty() && !self.errors_only
    }

    /// The line taken apart, when it is one of those looked for.
    pub(super) fn line(&self, line: &str) -> Option<LogLine> {
        if self.quick.as_ref().is_some_and(|quick| quick.find(line.as_bytes()).is_none()) {
            return None;
        }
        self.accepts(line).map(|_| LogLine::read(line))
    }

    /// The part that matches, when the line is one of those looked for.
    fn accepts(&self, line: &str) -> Option<String> {
        if self.is_anything() {
            return Some(String::new());
        }
        let Some(head) = Head::read(line) else {
            let line = LogLine::read(line);
            return self.is_of(line.level.as_deref(), line.logger.as_deref(), &line.event).then(|| self.part(&line.event, Some(&line)))?;
        };
        if !self.is_of(head.level.as_deref(), head.logger.as_deref(), &head.event) {
            return None;
        }
        self.part(&head.event, None).or_else(|| head.has_details.then(|| self.part("", Some(&LogLine::read(line))))?)
    }

    fn is_of(&self, level: Option<&str>, logger: Option<&str>, event: &str) -> bool {
        let level = level.unwrap_or("info");
        let of_level = self.levels.is_empty() || self.levels.iter().any(|wanted| wanted.eq_ignore_ascii_case(level));
        let of_source = self.sources.is_empty() || self.sources.iter().any(|wanted| Some(&**wanted) == logger);
        of_level && of_source && (!self.errors_only || tells_of_error(level, event))
    }

    /// What matches of an event, or of the other fields of its line.
    fn part(&self, event: &str, line: Option<&LogLine>) -> Option<String> {
        let Some(needle) = &self.text else { return Some(around(event, 0)) };
        let found = |text: &str| needle.find(text).map(|at| around(text, at));
        found(event).or_else(|| line?.details().iter().find_map(|detail| found(detail)))
    }
}

fn quick_pattern(pattern: &str) -> Option<Quick> {
    regex::bytes::RegexBuilder::new(pattern).size_limit(PATTERN_SIZE).build().ok().map(Quick::Pattern)
}

impl Needle {
    fn find(&self, text: &str) -> Option<usize> {
        match self {
            Needle::Literal(literal) => text.find(literal),
            Needle::Pattern(pattern) => pattern.find(text).map(|found| found.start()),
        }
    }
}

impl Quick {
    fn find(&self, bytes: &[u8]) -> Option<usize> {
        match self {
            Quick::Literal(finder) => finder.find(bytes),
            Quick::Pattern(pattern) => pattern.find(bytes).map(|found| found.start()),
        }
    }
}

/// A text from a little before a place on.
fn around(text: &str, at: usize) -> String {
    let start = text[..at].char_indices().rev().take(BEFORE).last().map_or(at, |(start, _)| start);
    let mut rest = text[start..].chars();
    let shown: String = rest.by_ref().take(SHOWN).collect();
    let (front, back) = (if start > 0 { "..." } else { "" }, if rest.next().is_some() { "..." } else { "" });
    format!("{front}{shown}{back}")
}

/// The lines of a block that may match.
fn candidates<'b>(wanted: &'b Wanted, block: &'b Block) -> Box<dyn Iterator<Item = (u64, u64, &'b [u8])> + 'b> {
    // Text that is written with escapes cannot be found in the bytes.
    let quick = wanted.quick.as_ref().filter(|_| memmem::find(&block.text, b"\\u").is_none() && !block.is_cut);
    let Some(quick) = quick else { return Box::new(block.lines()) };
    let text = &block.text;
    let (mut at, mut counted, mut number) = (0, 0, block.first_line);
    Box::new(std::iter::from_fn(move || {
        let found = at + quick.find(text.get(at..)?)?;
        let start = memchr::memrchr(b'\n', &text[..found]).map_or(0, |end| end + 1);
        let end = found + memchr::memchr(b'\n', &text[found..])?;
        number += super::count_lines(&text[counted..start]);
        (at, counted) = (end + 1, start);
        Some((number, block.byte + end as u64 + 1, &text[start..end]))
    }))
}

impl LogReader {
    /// Lines that are wanted, from line `line` on: up to `limit`, of about `bytes` bytes; until `go_on` says no (one block at least).
    ///
    /// # Errors
    /// The file system refuses.
    pub fn find(&self, wanted: &Wanted, line: u64, limit: usize, bytes: usize, mut go_on: impl FnMut() -> bool) -> io::Result<Hits> {
        let Some((byte, line)) = self.start_of(line)? else {
            let (next_line, next_byte) = (self.count()?, self.size()?);
            return Ok(Hits { next_line, next_byte, done: true, ..Hits::default() });
        };
        let mut scan = Scan::new(self, byte, line);
        let mut found = Hits { next_line: line, next_byte: byte, ..Hits::default() };
        let (mut taken, mut asked) = (0, byte);
        while let Some(block) = scan.next()? {
            for (number, next_byte, text) in candidates(wanted, &block) {
                let text = String::from_utf8_lossy(text);
                let Some(shown) = wanted.accepts(&text) else { continue };
                taken += text.len();
                found.hits.push(Hit { number, line: text.into_owned(), text: shown });
                if found.hits.len() >= limit || taken >= bytes {
                    (found.next_line, found.next_byte, found.searched) = (number + 1, next_byte, number + 1 - line);
                    return Ok(found);
                }
            }
            let lines = super::count_lines(&block.text);
            (found.next_line, found.next_byte) = (block.first_line + lines, block.next_byte);
            found.searched = found.next_line - line;
            if block.next_byte - asked >= STEP {
                asked = block.next_byte;
                if !go_on() {
                    return Ok(found);
                }
            }
        }
        found.done = true;
        Ok(found)
    }

    /// The last lines that are wanted and lie before line `before`, in order.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn find_last(&self, wanted: &Wanted, before: u64, limit: usize, bytes: usize, mut go_on: impl FnMut() -> bool) -> io::Result<Hits> {
        let (mut end, mut end_line) = match self.start_of(before)? {
            Some(start) => start,
            None => (self.size()?, self.count()?),
        };
        let last = end_line;
        let mut rest = if end == self.size()? { self.rest_lines(end)? } else { 0 };
        let mut found = Hits { next_line: end_line, next_byte: end, ..Hits::default() };
        let mut taken = 0;
        while end > 0 {
            let start = self.line_start(end.saturating_sub(STEP))?;
            let lines = self.lines_between(start, end)? + std::mem::take(&mut rest);
            let start_line = end_line.saturating_sub(lines);
            let mut here = Vec::new();
            let mut scan = Scan::new(self, start, start_line);
            while let Some(block) = scan.next()? {
                let before_end = |(_, next_byte, _): &(u64, u64, &[u8])| *next_byte <= end;
                for (number, _, text) in candidates(wanted, &block).take_while(before_end) {
                    let text = String::from_utf8_lossy(text);
                    if let Some(shown) = wanted.accepts(&text) {
                        here.push(Hit { number, line: text.into_owned(), text: shown });
                    }
                }
                if block.next_byte >= end {
                    break;
                }
            }
            for hit in here.into_iter().rev() {
                if found.hits.len() >= limit || (taken >= bytes && !found.hits.is_empty()) {
                    found.hits.reverse();
                    found.searched = last - found.next_line;
                    return Ok(found);
                }
                taken += hit.line.len();
                found.next_line = hit.number;
                found.hits.push(hit);
            }
            (end, end_line) = (start, start_line);
            found.next_line = start_line;
            if !go_on() {
                break;
            }
        }
        found.done = end == 0;
        found.searched = last - found.next_line;
        found.hits.reverse();
        Ok(found)
    }
}
