//! Output of a process as JSON lines.

use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::Masker;

/// Longest line, bytes; a longer one is stored in pieces marked `"partial": true`.
const LONGEST: usize = 1 << 20;

#[derive(Deserialize)]
struct Structured {
    #[serde(rename = "timestamp")]
    _timestamp: IgnoredAny,
    #[serde(rename = "level")]
    _level: IgnoredAny,
    #[serde(rename = "event")]
    _event: IgnoredAny,
}

/// A line of ours.
#[derive(Serialize)]
pub struct Line<'a> {
    pub timestamp: Timestamp,
    pub level: &'a str,
    pub event: &'a str,
    pub logger: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

impl Line<'_> {
    pub fn write(&self, out: &mut Vec<u8>) {
        // Writing to memory cannot fail.
        let _ = serde_json::to_writer(&mut *out, self);
        out.push(b'\n');
    }
}

/// Cuts what comes in pieces into lines.
#[derive(Default)]
pub struct Lines {
    pending: Vec<u8>,
}

impl Lines {
    /// Takes a piece of output, appends whole lines to `out`.
    pub fn push(&mut self, mut piece: &[u8], masker: &Masker, now: Timestamp, out: &mut Vec<u8>) {
        while let Some(end) = memchr::memchr(b'\n', piece) {
            let (line, rest) = piece.split_at(end);
            if self.pending.is_empty() {
                store(line, masker, now, out);
            } else {
                self.pending.extend_from_slice(line);
                self.cut_long(masker, now, out, 0);
                store(&self.pending, masker, now, out);
                self.pending.clear();
            }
            piece = &rest[1..];
        }
        self.pending.extend_from_slice(piece);
        self.cut_long(masker, now, out, masker.longest());
    }

    /// The output has ended; a line without an end is a line.
    pub fn finish(&mut self, masker: &Masker, now: Timestamp, out: &mut Vec<u8>) {
        self.cut_long(masker, now, out, 0);
        if !self.pending.is_empty() {
            store(&self.pending, masker, now, out);
            self.pending.clear();
        }
    }

    /// Stores the front of a line that is too long. `ahead` bytes after a cut must be there: a secret may begin before it.
    fn cut_long(&mut self, masker: &Masker, now: Timestamp, out: &mut Vec<u8>, ahead: usize) {
        while self.pending.len() > LONGEST + ahead {
            let window = (LONGEST + masker.longest()).min(self.pending.len());
            let mut cut = LONGEST;
            // Back to the beginning of a character, if it is one.
            while cut > LONGEST - 4 && self.pending[cut] & 0xc0 == 0x80 {
                cut -= 1;
            }
            if let Ok(text) = std::str::from_utf8(&self.pending[..floor(&self.pending, window)]) {
                cut = Some(masker.safe_cut(text, cut)).filter(|safe| *safe > 0).unwrap_or(cut);
            }
            raw(&self.pending[..cut], masker, now, true, out);
            self.pending.drain(..cut);
        }
    }
}

fn floor(bytes: &[u8], mut at: usize) -> usize {
    while at > 0 && at < bytes.len() && bytes[at] & 0xc0 == 0x80 {
        at -= 1;
    }
    at
}

fn store(line: &[u8], masker: &Masker, now: Timestamp, out: &mut Vec<u8>) {
    if line.first() == Some(&b'{')
        && line.len() <= LONGEST
        && let Ok(text) = std::str::from_utf8(line)
    {
        let text = text.trim_end_matches('\r');
        let masked = masker.apply(text);
        // After masking: a secret that is part of the structure must not leave half of it.
        if serde_json::from_str::<Structured>(&masked).is_ok() {
            out.extend_from_slice(masked.as_bytes());
            out.push(b'\n');
            return;
        }
    }
    raw(line, masker, now, false, out);
}

fn raw(line: &[u8], masker: &Masker, now: Timestamp, partial: bool, out: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(line);
    let event = masker.apply(text.trim_end_matches('\r'));
    Line { timestamp: now, level: "info", event: &event, logger: "task.stdout", partial }.write(out);
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn events(pieces: &[&[u8]], masker: &Masker) -> Vec<(String, bool)> {
        let (mut lines, mut out) = (Lines::default(), Vec::new());
        for piece in pieces {
            lines.push(piece, masker, Timestamp::UNIX_EPOCH, &mut out);
        }
        lines.finish(masker, Timestamp::UNIX_EPOCH, &mut out);
        let text = String::from_utf8(out).unwrap();
        let values = text.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
        values.map(|v| (v["event"].as_str().unwrap().to_owned(), v["partial"] == true)).collect()
    }

    fn whole(texts: &[&str]) -> Vec<(String, bool)> {
        texts.iter().map(|t| ((*t).to_owned(), false)).collect()
    }

    #[test]
    fn lines_survive_any_cut() {
        let masker = Masker::new(5);
        let text = "one\r\n\ntwo é\nlast".as_bytes();
        for step in 1..text.len() {
            let pieces: Vec<&[u8]> = text.chunks(step).collect();
            assert_eq!(events(&pieces, &masker), whole(&["one", "", "two é", "last"]));
        }
        assert_eq!(events(&[b"\xff\xfe\n"], &masker), whole(&["\u{fffd}\u{fffd}"]));
    }

    #[test]
    fn structured_lines_stay_as_they_are_and_others_are_wrapped() {
        let mut masker = Masker::new(5);
        masker.add(["s3cr3t-text", "level"]);
        masker.prepare();
        let mut out = Vec::new();
        let given = b"{\"timestamp\":\"t\",\"level\":\"error\",\"event\":\"e\",\"more\":[1]}\n{\"no\":\"event\"}\n";
        Lines::default().push(given, &Masker::new(5), Timestamp::UNIX_EPOCH, &mut out);
        let text = String::from_utf8(out).unwrap();
        let (first, second) = text.split_once('\n').unwrap();
        assert_eq!(first, r#"{"timestamp":"t","level":"error","event":"e","more":[1]}"#);
        assert_eq!(
            second.trim_end(),
            r#"{"timestamp":"1970-01-01T00:00:00Z","level":"info","event":"{\"no\":\"event\"}","logger":"task.stdout"}"#
        );
        // A secret that is a key breaks the structure, not the file.
        let broken = events(&[b"{\"timestamp\":\"t\",\"level\":\"x\",\"event\":\"s3cr3t-text\"}\n"], &masker);
        assert_eq!(broken, whole(&[r#"{"timestamp":"t","***":"x","event":"***"}"#]));
    }

    #[test]
    fn a_long_line_is_cut_beside_a_secret() {
        let mut masker = Masker::new(5);
        masker.add(["the-secret-of-this-test"]);
        masker.prepare();
        // The secret lies across the cut, wherever the pieces end.
        let line = format!("{}the-secret-of-this-test{}", "x".repeat(LONGEST - 5), "é".repeat(600_000));
        for step in [1000, 65_536, line.len()] {
            let pieces: Vec<&[u8]> = line.as_bytes().chunks(step).collect();
            let found = events(&pieces, &masker);
            let joined: String = found.iter().map(|(t, _)| t.as_str()).collect();
            assert_eq!(joined, line.replace("the-secret-of-this-test", "***"), "in pieces of {step}");
            assert_eq!(found.iter().map(|(_, p)| *p).collect::<Vec<_>>(), [true, true, false]);
        }
    }
}
