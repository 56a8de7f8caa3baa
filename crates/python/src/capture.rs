//! Output of a process, kept within bounds: its head and its tail.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;

use crate::read_buffer::ReadBuffer;

/// Keeps the first and the last bytes of what is pushed.
#[derive(Debug)]
pub struct Capture {
    half: usize,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    dropped: u64,
}

impl Capture {
    /// `limit` bytes at most are kept, half of them from the end.
    pub fn new(limit: usize) -> Self {
        Self { half: limit / 2, head: Vec::new(), tail: VecDeque::new(), dropped: 0 }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        let (first, rest) = bytes.split_at(bytes.len().min(self.half - self.head.len()));
        self.head.extend_from_slice(first);
        // Of a chunk longer than the tail only the end can stay.
        let (lost, rest) = rest.split_at(rest.len().saturating_sub(self.half));
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(self.half);
        self.tail.drain(..over);
        self.dropped += (lost.len() + over) as u64;
    }

    /// What was kept, with a line in between that says how much was not.
    pub fn text(&self) -> String {
        let tail: Vec<u8> = self.tail.iter().copied().collect();
        if self.dropped == 0 {
            let all = [&self.head[..], &tail].concat();
            return String::from_utf8_lossy(&all).into_owned();
        }
        let (head, tail) = (String::from_utf8_lossy(&self.head), String::from_utf8_lossy(&tail));
        format!("{head}\n[... {} bytes left out ...]\n{tail}", self.dropped)
    }
}

/// Reads the pipe of a process until its end. Safe to drop while waiting: what was read is in `into`.
pub async fn drain(pipe: &mut Option<Receiver>, into: &mut Capture) {
    let mut chunk = ReadBuffer::new(64 << 10);
    while let Some(open) = pipe {
        match open.read(chunk.space()).await {
            Ok(0) | Err(_) => *pipe = None,
            Ok(n) => {
                into.push(chunk.filled(n));
                chunk.grow_after(n);
            }
        }
    }
}

pub fn receiver(fd: Option<OwnedFd>) -> Option<Receiver> {
    fd.and_then(|fd| Receiver::from_owned_fd(fd).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_and_tail_stay() {
        for step in [1, 7, 100, 100_000] {
            let text: Vec<u8> = (0..100_000u32).map(|i| b'a' + (i % 26) as u8).collect();
            let mut capture = Capture::new(200);
            text.chunks(step).for_each(|piece| capture.push(piece));
            let kept = capture.text();
            let (head, tail) = (&text[..100], &text[text.len() - 100..]);
            assert!(kept.as_bytes().starts_with(head) && kept.as_bytes().ends_with(tail));
            assert!(kept.contains("[... 99800 bytes left out ...]"), "{kept}");
        }
        let mut short = Capture::new(200);
        short.push(b"hello");
        assert_eq!(short.text(), "hello");
    }
}
