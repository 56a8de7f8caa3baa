//! The threads.
//!
//! Authority: only the writer thread changes the file in this process. It takes all transactions that wait into one
//! `BEGIN IMMEDIATE ... COMMIT`; with more than one, each runs in a savepoint, so that one that fails leaves nothing and the others stay.
//! Callers are answered after the commit. A failed commit answers every caller of the batch with its error. Readers run each transaction
//! on a snapshot of its own. Dropping the last handle ends the threads after the work that waits.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use super::{Job, Message, Session};
use crate::tx::Surroundings;
use crate::{Error, Result};

/// Transactions in one commit: bounds the time the lock is held (about 10 ms of small ones).
const BATCH: usize = 256;
/// Transactions that may wait; senders wait beyond it.
const WAITING: usize = 4096;
/// A transaction or commit that takes longer is worth a line in the log.
const SLOW: Duration = Duration::from_millis(250);

/// Where to send work.
#[derive(Debug, Clone)]
pub(crate) struct Threads {
    pub(crate) writer: mpsc::Sender<Message>,
    pub(crate) readers: mpsc::Sender<Box<dyn Job>>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Run(job) => job.name(),
            Self::DataVersion(_) => "data_version",
            Self::Close(_) => "close",
        })
    }
}

impl std::fmt::Debug for dyn Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Opens the connections and starts the threads.
pub(crate) fn start(path: &Path, readers: usize, busy: Duration, surroundings: &Arc<Surroundings>) -> Result<Threads> {
    let writer = Session::writer(path, busy)?;
    let sessions = (0..readers).map(|_| Session::reader(path, busy)).collect::<Result<Vec<_>>>()?;
    let (writer_sender, writer_receiver) = mpsc::channel(WAITING);
    let (reader_sender, reader_receiver) = mpsc::channel(WAITING);
    let shared = surroundings.clone();
    spawn("store-writer", move || write_loop(writer, writer_receiver, &shared))?;
    let inbox = Arc::new(Mutex::new(reader_receiver));
    for session in sessions {
        let (work, shared) = (inbox.clone(), surroundings.clone());
        spawn("store-reader", move || read_loop(session, &work, &shared))?;
    }
    Ok(Threads { writer: writer_sender, readers: reader_sender })
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<()> {
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(body);
    thread.map(drop).map_err(|error| Error::Unavailable {
        detail: format!("no thread for it: {error}"),
        hint: "check the limits of this user (ulimit -u)",
    })
}

fn write_loop(mut session: Session, mut work: mpsc::Receiver<Message>, surroundings: &Surroundings) {
    let mut jobs = Vec::with_capacity(BATCH);
    let mut probes: Vec<oneshot::Sender<Result<i64>>> = Vec::new();
    let mut closing = None;
    while closing.is_none() {
        let Some(first) = work.blocking_recv() else { break };
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Run(job) => jobs.push(job),
                Message::DataVersion(reply) => probes.push(reply),
                Message::Close(reply) => closing = Some(reply),
            }
            next = if jobs.len() < BATCH && closing.is_none() { work.try_recv().ok() } else { None };
        }
        if !jobs.is_empty() {
            write_batch(&mut session, &mut jobs, surroundings);
        }
        for reply in probes.drain(..) {
            drop(reply.send(session.data_version()));
        }
    }
    drop(work);
    drop(session);
    if let Some(reply) = closing {
        let _ = reply.send(());
    }
}

fn write_batch(session: &mut Session, jobs: &mut Vec<Box<dyn Job>>, surroundings: &Surroundings) {
    let began = Instant::now();
    let committed = match session.control("BEGIN IMMEDIATE") {
        Err(error) => Err(error),
        Ok(()) if jobs.len() == 1 => write_one(session, &mut jobs[0], surroundings),
        Ok(()) => write_many(session, jobs, surroundings),
    };
    if !session.is_idle() && session.control("ROLLBACK").is_err() {
        tracing::error!("a transaction could be neither committed nor rolled back");
    }
    let took = began.elapsed();
    if took > SLOW {
        let names: Vec<_> = jobs.iter().map(|job| job.name()).take(5).collect();
        tracing::warn!(batch = jobs.len(), duration_ms = took.as_millis(), first = ?names, "slow transactions");
    }
    for job in jobs.drain(..) {
        job.answer(committed.clone());
    }
}

fn write_one(session: &mut Session, job: &mut Box<dyn Job>, surroundings: &Surroundings) -> Result<()> {
    if job.run(session, surroundings) { session.control("COMMIT") } else { session.control("ROLLBACK") }
}

fn write_many(session: &mut Session, jobs: &mut [Box<dyn Job>], surroundings: &Surroundings) -> Result<()> {
    for job in jobs {
        session.control("SAVEPOINT one")?;
        if !job.run(session, surroundings) {
            session.control("ROLLBACK TO one")?;
        }
        session.control("RELEASE one")?;
    }
    session.control("COMMIT")
}

fn read_loop(mut session: Session, work: &Mutex<mpsc::Receiver<Box<dyn Job>>>, surroundings: &Surroundings) {
    loop {
        // Whoever holds the lock waits for work; the other readers wait for the lock.
        let Some(mut job) = work.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv() else { return };
        let began = Instant::now();
        let read = session.control("BEGIN").map(|()| job.run(&mut session, surroundings));
        let ended = if session.is_idle() { Ok(()) } else { session.control("COMMIT") };
        let took = began.elapsed();
        if took > SLOW {
            tracing::warn!(transaction = job.name(), duration_ms = took.as_millis(), "slow read");
        }
        job.answer(read.and(ended));
    }
}
