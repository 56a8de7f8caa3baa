//! The file side of an attempt's log. Blocks: to be used on a thread that may.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tradewind_queue::attempt_log::{LogFile, Modes};

use super::Masker;
use super::lines::{Line, Lines};
use crate::clock;

/// Takes output, keeps lines. The file appears with the first of them.
pub struct LogSink {
    path: PathBuf,
    modes: Modes,
    file: Option<LogFile>,
    lines: Lines,
    masker: Arc<Mutex<Masker>>,
    out: Vec<u8>,
    /// Bytes that could not be written.
    lost: u64,
    warned: bool,
}

impl LogSink {
    pub fn new(path: PathBuf, modes: Modes, masker: Arc<Mutex<Masker>>) -> Self {
        Self { path, modes, file: None, lines: Lines::default(), masker, out: Vec::new(), lost: 0, warned: false }
    }

    /// Stores the lines that end in this piece of output.
    pub fn write(&mut self, piece: &[u8]) {
        let mut masker = self.masker.lock().unwrap_or_else(PoisonError::into_inner);
        masker.prepare();
        self.lines.push(piece, &masker, clock::now(), &mut self.out);
        drop(masker);
        self.store();
    }

    /// Stores a line of the worker's own.
    pub fn note(&mut self, level: &str, text: &str) {
        let mut masker = self.masker.lock().unwrap_or_else(PoisonError::into_inner);
        masker.prepare();
        let event = masker.apply(text);
        Line { timestamp: clock::now(), level, event: &event, logger: "worker", partial: false }.write(&mut self.out);
        drop(masker);
        self.store();
    }

    /// The output has ended.
    pub fn finish(&mut self) {
        let mut masker = self.masker.lock().unwrap_or_else(PoisonError::into_inner);
        masker.prepare();
        self.lines.finish(&masker, clock::now(), &mut self.out);
        drop(masker);
        self.store();
    }

    /// A disk that is full costs lines, never the task; when it has room again, the log says how many bytes are missing.
    fn store(&mut self) {
        if self.out.is_empty() {
            return;
        }
        if self.lost > 0 {
            let text = format!("{} bytes of output are missing here: they could not be written", self.lost);
            let mut notice = Vec::new();
            Line { timestamp: clock::now(), level: "warning", event: &text, logger: "worker", partial: false }.write(&mut notice);
            notice.append(&mut self.out);
            self.out = notice;
        }
        match self.append() {
            Ok(()) => self.lost = 0,
            Err(e) => {
                self.lost += self.out.len() as u64;
                // Opened anew next time: it may have been moved away.
                self.file = None;
                if !self.warned {
                    self.warned = true;
                    tracing::warn!("the log {} cannot be written, the task goes on without it: {e}", self.path.display());
                }
            }
        }
        self.out.clear();
        self.out.shrink_to(1 << 20);
    }

    fn append(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(LogFile::append_to(&self.path, self.modes)?),
        };
        file.append(&self.out)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_full_disk_costs_lines_and_the_log_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.log");
        symlink("/dev/full", &path).unwrap();
        let mut sink = LogSink::new(path.clone(), Modes::default(), Arc::new(Mutex::new(Masker::new(5))));
        sink.write(b"lost\nlost too\n");
        assert!(sink.warned && sink.lost > 0);
        sink.write(b"also lost\n");
        let lost = sink.lost;
        fs::remove_file(&path).unwrap();
        sink.write(b"room again\n");
        let text = fs::read_to_string(&path).unwrap();
        let mut lines = text.lines();
        assert!(lines.next().unwrap().contains(&format!("{lost} bytes of output are missing here")), "{text}");
        assert!(lines.next().unwrap().contains("room again") && lines.next().is_none(), "{text}");
    }
}
