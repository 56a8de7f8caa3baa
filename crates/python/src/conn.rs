//! One connection of a Python process.

use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::io::Errno;
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags};
use serde::Deserialize;
use serde_json::Value;
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::sync::Mutex;

use crate::frame::{FrameBuffer, encode};
use crate::read_buffer::ReadBuffer;

/// Bytes asked for in one read, at most.
const READ: usize = 64 << 10;
/// A `hello` is short.
const HELLO: usize = 1 << 10;

#[derive(Debug, Deserialize)]
pub(crate) struct Hello {
    pub role: String,
    pub id: String,
    pub pid: i32,
}

/// The sending half; cheap to clone. A frame is never torn by another.
#[derive(Clone)]
pub struct FrameSender {
    stream: Arc<UnixStream>,
    turn: Arc<Mutex<()>>,
}

impl FrameSender {
    /// Sends one frame. Not to be dropped half way: the connection is unusable then.
    ///
    /// # Errors
    /// The peer has gone, or the frame is too long.
    pub async fn send(&self, frame: &Value) -> io::Result<()> {
        let bytes = encode(frame)?;
        let _turn = self.turn.lock().await;
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            match self.stream.try_write(rest) {
                Ok(n) => rest = &rest[n..],
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => self.stream.writable().await?,
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}

/// A connection: frames in, frames out.
pub struct Conn {
    stream: Arc<UnixStream>,
    sender: FrameSender,
    buffer: FrameBuffer,
    chunk: ReadBuffer,
}

impl Conn {
    pub(crate) fn new(stream: UnixStream) -> Self {
        let stream = Arc::new(stream);
        let sender = FrameSender { stream: stream.clone(), turn: Arc::default() };
        let buffer = FrameBuffer::default();
        Self { stream, sender, buffer, chunk: ReadBuffer::new(READ) }
    }

    pub fn sender(&self) -> FrameSender {
        self.sender.clone()
    }

    /// Reads the first frame, and the descriptor that came with it.
    pub(crate) async fn hello(&mut self) -> io::Result<(Hello, Option<OwnedFd>)> {
        let mut pipe = None;
        loop {
            if let Some(frame) = self.buffer.take()? {
                if frame["type"] != "hello" {
                    return Err(invalid("the first frame is not `hello`"));
                }
                return Ok((serde_json::from_value(frame)?, pipe));
            }
            let (n, fd) = self.stream.async_io(Interest::READABLE, || receive_with_fd(&self.stream, &mut vec![0; HELLO])).await.map(
                |(bytes, fd)| {
                    self.buffer.push(&bytes);
                    (bytes.len(), fd)
                },
            )?;
            pipe = pipe.or(fd);
            if n == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// The next frame; `None` when the process has closed its end. Safe to drop while waiting.
    ///
    /// # Errors
    /// The connection broke, or a frame is malformed.
    pub async fn recv(&mut self) -> io::Result<Option<Value>> {
        loop {
            if let Some(frame) = self.buffer.take()? {
                return Ok(Some(frame));
            }
            self.stream.readable().await?;
            match self.stream.try_read(self.chunk.space()) {
                Ok(0) => return Ok(None),
                Ok(n) => self.take_in(n),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                // It died before it had read all that was sent to it.
                Err(e) if e.kind() == io::ErrorKind::ConnectionReset => return Ok(None),
                Err(e) => return Err(e),
            }
        }
    }

    /// The next frame among those that lie in the socket at this very moment.
    ///
    /// Asks the kernel instead of the runtime's idea of readiness: whoever has just read a line from the log pipe must see the
    /// `mask` frame that was sent before that line was printed.
    ///
    /// # Errors
    /// The connection broke, or a frame is malformed.
    pub fn recv_now(&mut self) -> io::Result<Option<Value>> {
        loop {
            if let Some(frame) = self.buffer.take()? {
                return Ok(Some(frame));
            }
            match rustix::net::recv(&*self.stream, self.chunk.space(), RecvFlags::DONTWAIT) {
                Ok((0, _)) | Err(Errno::AGAIN | Errno::CONNRESET) => return Ok(None),
                Ok((n, _)) => self.take_in(n),
                Err(Errno::INTR) => {}
                Err(e) => return Err(e.into()),
            }
        }
    }

    fn take_in(&mut self, n: usize) {
        self.buffer.push(self.chunk.filled(n));
        self.chunk.grow_after(n);
    }
}

fn receive_with_fd(stream: &UnixStream, bytes: &mut Vec<u8>) -> io::Result<(Vec<u8>, Option<OwnedFd>)> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
    let got = rustix::net::recvmsg(stream, &mut [IoSliceMut::new(bytes)], &mut control, flags)?;
    let mut pipe = None;
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(fds) = message {
            for fd in fds {
                pipe = pipe.or(Some(fd));
            }
        }
    }
    bytes.truncate(got.bytes);
    Ok((std::mem::take(bytes), pipe))
}

fn invalid(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}
