//! Logs that lie with the worker that wrote them: read in pieces from its log server.
//!
//! Blocks are kept as long as the reader, so that small reads cost no trip of their own. The size is asked for once: what a log gains afterwards is seen by the
//! next reader.

use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_RANGE, RANGE};
use tokio::runtime::Handle;
use tradewind_queue::attempt_log::{Bytes, LogReader};
use tradewind_queue::remote::Tokens;

use crate::clock;

/// Bytes asked for at once.
const BLOCK: u64 = 256 << 10;
/// Blocks kept: a search goes forward, and looks at the index beside.
const KEPT: usize = 8;
const TIMEOUT: Duration = Duration::from_secs(5);
const CONNECT: Duration = Duration::from_secs(2);
/// Life of a token: one reader.
const TOKEN: Duration = Duration::from_secs(60);
/// What a path may not hold as it is.
const UNSAFE: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'`').add(b'{').add(b'}').add(b'^');

/// Asks workers for logs.
pub struct RemoteLogs {
    client: reqwest::Client,
    tokens: Tokens,
}

impl RemoteLogs {
    /// `None`: TLS cannot be set up; the log says so.
    pub fn new(secret: &str) -> Option<Self> {
        let client =
            reqwest::Client::builder().connect_timeout(CONNECT).timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none()).build();
        let client = client.inspect_err(|error| tracing::error!("logs of workers elsewhere cannot be read: {error}")).ok()?;
        Some(Self { client, tokens: Tokens::new(secret.as_bytes(), TOKEN, Duration::ZERO) })
    }

    /// Opens the log at this path below the log folder of the worker at `address`. Blocks: for threads that may.
    ///
    /// # Errors
    /// The worker does not answer, or has no such log.
    pub fn open(&self, address: &str, path: &str, has_ended: bool) -> io::Result<LogReader> {
        let piece = |path: &str| Piece {
            client: self.client.clone(),
            url: format!("{}/log/{}", address.trim_end_matches('/'), utf8_percent_encode(path, UNSAFE)),
            token: String::new(),
            runtime: Handle::current(),
            size: OnceLock::new(),
            blocks: Mutex::default(),
        };
        let token = self.tokens.log(path, clock::now());
        let log = Piece { token: token.clone(), ..piece(path) };
        // Whether it is there is known now.
        log.size()?;
        let index = Index(Piece { token, ..piece(&format!("{path}.idx")) });
        Ok(LogReader::elsewhere(Box::new(log), Some(Box::new(index)), has_ended))
    }
}

struct Piece {
    client: reqwest::Client,
    url: String,
    token: String,
    runtime: Handle,
    size: OnceLock<u64>,
    /// Where each begins; the one that was used last at the end.
    blocks: Mutex<Vec<(u64, Vec<u8>)>>,
}

impl Piece {
    fn fetch(&self, from: u64) -> io::Result<(Vec<u8>, u64)> {
        let to = from + BLOCK - 1;
        let request = self.client.get(&self.url).bearer_auth(&self.token).header(RANGE, format!("bytes={from}-{to}"));
        self.runtime.block_on(async {
            let away = |error: reqwest::Error| io::Error::other(format!("the worker that has this log does not answer: {}", words(error)));
            let answer = request.send().await.map_err(away)?;
            let status = answer.status();
            let place = answer.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok()).and_then(|text| text.rsplit('/').next()?.parse().ok());
            match (status, place) {
                (StatusCode::PARTIAL_CONTENT, Some(size)) => Ok((answer.bytes().await.map_err(away)?.to_vec(), size)),
                (StatusCode::RANGE_NOT_SATISFIABLE, Some(size)) => Ok((Vec::new(), size)),
                (StatusCode::NOT_FOUND, _) => Err(io::ErrorKind::NotFound.into()),
                (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => Err(io::Error::other(
                    "the worker that has this log refuses our secret: [core] internal_api_secret_key must be the same there and here, and the clocks must agree",
                )),
                _ => Err(io::Error::other(format!("the worker that has this log answered {status}"))),
            }
        })
    }

    /// Copies from the block of `at`, which is fetched when it is not there.
    fn copy(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let begin = at / BLOCK * BLOCK;
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let block = match blocks.iter().position(|(from, _)| *from == begin) {
            Some(place) => blocks.remove(place),
            None => {
                let (bytes, size) = self.fetch(begin)?;
                let _ = self.size.set(size);
                if blocks.len() >= KEPT {
                    blocks.remove(0);
                }
                (begin, bytes)
            }
        };
        let inside = usize::try_from(at - begin).unwrap_or(usize::MAX);
        let there = block.1.get(inside..).unwrap_or_default();
        let length = there.len().min(buffer.len());
        buffer[..length].copy_from_slice(&there[..length]);
        blocks.push(block);
        Ok(length)
    }
}

impl Bytes for Piece {
    fn size(&self) -> io::Result<u64> {
        if let Some(size) = self.size.get() {
            return Ok(*size);
        }
        self.copy(&mut [], 0)?;
        Ok(self.size.get().copied().unwrap_or(0))
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        if at >= self.size()? { Ok(0) } else { self.copy(buffer, at) }
    }
}

/// A short log has none.
struct Index(Piece);

impl Bytes for Index {
    fn size(&self) -> io::Result<u64> {
        match self.0.size() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            size => size,
        }
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        self.0.read_at(buffer, at)
    }
}

fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut last: &dyn std::error::Error = &error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    if error.is_timeout() { "no answer in time".to_owned() } else { last.to_string() }
}
