//! One attempt, from its claim to its end.
//!
//! One task looks after everything of an attempt (connection, output, deadlines, orders), so that the order of events is the
//! order in which they happened: a text to be hidden is known before the line that holds it is stored.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until};
use tradewind_python::{AttemptHandle, Exit, ReadBuffer, RunRequest, Target, kill_and_wait};
use tradewind_queue::attempt_log::place;
use tradewind_queue::service::{End, KillReason, Report, Start, WorkerId};
use uuid::Uuid;

use crate::clock;
use crate::log::{LogSink, Masker};
use crate::requests::{Done, answer, finish, result_of};
use crate::stop::Stop;
use crate::worker::Shared;

/// Output is taken in pieces of this many bytes at most.
const PIECE: usize = 256 << 10;
/// Reads of output at the most between a result and its report; a pipe holds less.
const PIECES_BEFORE_RESULT: usize = 64;
/// How long output and calls may follow the end of the process: a grandchild may hold the pipe open.
const AFTER_EXIT: Duration = Duration::from_secs(1);
/// Frames an attempt may send ahead of their answers.
const MOST_FRAMES: usize = 1024;
/// Output is gathered for so long before it is written: a short task costs one write, and who follows the log does not notice.
const GATHER: Duration = Duration::from_millis(10);
/// An attempt that has run for so long is shown with its process number while it runs.
const SHOW_PID: Duration = Duration::from_millis(200);
/// A limit above this is none; the sum with the present must exist.
pub const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);
const MARK: &str = "TRADEWIND_ATTEMPT_ID";

type Work<'a> = Pin<Box<dyn Future<Output = Done> + Send + 'a>>;

/// Why the process is being ended.
#[derive(Debug, Clone, PartialEq)]
enum Cause {
    Stopped(Stop),
    TimedOut(String),
    /// What it says cannot be understood, so nothing can be told to it either.
    Broken(String),
    /// The result is known; the process does not end by itself.
    Lingering,
}

/// Runs an attempt and reports its end.
pub async fn run(shared: &Shared, worker: WorkerId, start: Start, stopped: watch::Receiver<Option<Stop>>) {
    let id = start.attempt_id;
    let mut frame = start.frame.clone();
    if let Some(frame) = frame.as_object_mut() {
        let env = frame.entry("env").or_insert_with(|| json!({}));
        env[MARK] = json!(id.to_string());
    }
    let request = RunRequest {
        attempt_id: &id.to_string(),
        start: frame,
        path: Path::new(&start.path),
        dags_folder: Path::new(&start.dags_folder),
        source_hash: &start.source_hash,
        env: &json!({}),
    };
    let mut pid = None;
    let end = match shared.host.run(request).await {
        Ok(handle) => {
            pid = Some(handle.pid().unsigned_abs());
            Attempt::new(shared, worker, &start, &handle).run(handle, stopped).await
        }
        Err(e) => {
            tracing::warn!(attempt.id = %id, "an attempt could not be started: {e}");
            Some(End::NotStarted { message: e.to_string() })
        }
    };
    // The guard may have ended it while this process stood still: that is no fault of the task, and nobody believes us now.
    if let Some(end) = end
        && shared.holds_lease()
    {
        shared.outbox.deliver(Report { attempt_id: id, worker, end, end_date: clock::now(), proof: start.proof, pid }).await;
    }
}

/// A running attempt, as reports name it.
#[derive(Debug, Clone, Copy)]
struct Running {
    worker: WorkerId,
    id: Uuid,
    pid: u32,
}

struct Attempt<'a> {
    shared: &'a Shared,
    running: Running,
    proof: Option<String>,
    should_retry: bool,
    execution_timeout: Option<f64>,
    target: Target,
    masker: Arc<Mutex<Masker>>,
    /// Absent while a piece is being written.
    sink: Option<LogSink>,
    writing: Option<JoinHandle<LogSink>>,
    /// Output that is not written yet, and since when.
    gathered: Vec<u8>,
    write_at: Option<Instant>,
    notes: Vec<String>,
    frames: std::collections::VecDeque<Value>,
    work: Option<Work<'a>>,
    /// The result is on its way or safe.
    result: bool,
    /// A result that is told when the log holds all that the task wrote before it.
    reporting: Option<Work<'a>>,
    deadline: Option<Instant>,
    cause: Option<Cause>,
    killing: Option<Pin<Box<dyn Future<Output = bool> + Send>>>,
}

impl<'a> Attempt<'a> {
    fn new(shared: &'a Shared, worker: WorkerId, start: &Start, handle: &AttemptHandle) -> Self {
        let id = start.attempt_id;
        let masker = Arc::new(Mutex::new(Masker::new(shared.options.shortest_secret)));
        masker.lock().unwrap_or_else(PoisonError::into_inner).add(start.secrets.iter().chain(&shared.options.secrets));
        let sink = match place(&shared.options.log_folder, &start.log_path) {
            Ok(path) => Some(LogSink::new(path, shared.options.log_modes, masker.clone())),
            Err(e) => {
                tracing::error!(attempt.id = %id, "an attempt has no log: {e}");
                None
            }
        };
        let seconds = start.execution_timeout.and_then(|s| Duration::try_from_secs_f64(s).ok()).map(|s| s.min(LONGEST));
        Self {
            shared,
            running: Running { worker, id, pid: handle.pid().unsigned_abs() },
            proof: start.proof.clone(),
            should_retry: start.frame["should_retry"] == true,
            execution_timeout: start.execution_timeout,
            target: Target { mark: Some(format!("{MARK}={id}")), ..handle.target.clone() },
            masker,
            sink,
            writing: None,
            gathered: Vec::new(),
            write_at: None,
            notes: Vec::new(),
            frames: std::collections::VecDeque::new(),
            work: None,
            result: false,
            reporting: None,
            deadline: seconds.map(|s| Instant::now() + (s + shared.options.timeout_grace).min(LONGEST)),
            cause: None,
            killing: None,
        }
    }

    /// Until the process and everything about it has ended; `None`: there is nothing (more) to report.
    async fn run(mut self, mut handle: AttemptHandle, mut stopped: watch::Receiver<Option<Stop>>) -> Option<End> {
        let mut piece = ReadBuffer::new(PIECE);
        let mut exit: Option<(Exit, Instant)> = None;
        let mut open = true;
        let mut told = Some(Box::pin(tell_pid(self.shared, self.running)));
        loop {
            self.next_work(&handle, &mut piece);
            if let Some((_, since)) = exit {
                let late = Instant::now() >= since + AFTER_EXIT;
                if late && self.work.is_some() && !self.result {
                    // Nobody waits for this answer any more; a result may be behind it.
                    self.work = None;
                    continue;
                }
                let quiet = !open && handle.pipe.is_none();
                if (quiet || late) && self.writing.is_none() && self.work.is_none() && self.reporting.is_none() {
                    break;
                }
            }
            let idle = self.writing.is_none();
            let look_again = exit.map(|(_, since)| since + AFTER_EXIT);
            tokio::select! {
                biased;
                changed = stopped.changed() => {
                    let stop = *stopped.borrow_and_update();
                    if changed.is_ok() && let Some(stop) = stop { self.end(Cause::Stopped(stop)); }
                }
                frame = handle.conn.recv(), if open && self.frames.len() < MOST_FRAMES => match frame {
                    Ok(Some(frame)) => self.take(frame),
                    Ok(None) => open = false,
                    Err(e) => { open = false; self.broken(&e); }
                },
                done = poll(&mut self.work) => self.done(done),
                sink = poll(&mut self.writing) => self.sink = sink.ok(),
                read = read(&mut handle.pipe, piece.space()), if idle => {
                    // Frames that were sent before this output was printed come first.
                    while let Ok(Some(frame)) = handle.conn.recv_now() { self.take(frame); }
                    match read {
                        Some(n) => {
                            self.gathered.extend_from_slice(piece.filled(n));
                            piece.grow_after(n);
                            self.write_at.get_or_insert_with(|| Instant::now() + GATHER);
                            if self.gathered.len() >= PIECE { self.store(); }
                        }
                        None => handle.pipe = None,
                    }
                }
                () = sleep_until(self.write_at.unwrap_or_else(Instant::now)), if idle && self.write_at.is_some() => self.store(),
                () = sleep_until(self.deadline.unwrap_or_else(Instant::now)), if self.deadline.is_some() => self.too_long(),
                gone = poll(&mut self.killing) => self.killed(gone),
                ended = handle.exit.wait(), if exit.is_none() => {
                    exit = Some((ended, Instant::now()));
                    self.deadline = None;
                    self.end_group();
                }
                _ = poll(&mut told) => {}
                () = sleep_until(look_again.unwrap_or_else(Instant::now)), if look_again.is_some_and(|at| at > Instant::now()) => {}
            }
        }
        if let Some(pipe) = &handle.pipe {
            // What a pipe that somebody else keeps open still holds.
            let mut rest = vec![0; PIECE];
            let n = pipe.try_read(&mut rest).unwrap_or(0);
            self.gathered.extend_from_slice(&rest[..n]);
        }
        self.close(exit.map(|(exit, _)| exit).unwrap_or_default()).await
    }

    /// Takes a frame in: what concerns the log at once, the rest in turn.
    fn take(&mut self, frame: Value) {
        if frame["type"] == "request" && frame["method"] == "mask" {
            let texts = frame["params"]["values"].as_array().cloned().unwrap_or_default();
            let texts = texts.iter().filter_map(Value::as_str);
            self.masker.lock().unwrap_or_else(PoisonError::into_inner).add(texts);
        } else {
            self.frames.push_back(frame);
        }
    }

    fn next_work(&mut self, handle: &AttemptHandle, piece: &mut ReadBuffer) {
        while self.work.is_none() {
            if self.reporting.is_some() {
                if self.writing.is_none() && !self.gathered.is_empty() {
                    self.store();
                }
                // Without a log there is nothing to wait for.
                if self.writing.is_some() {
                    return;
                }
                self.work = self.reporting.take();
                return;
            }
            let Some(frame) = self.frames.pop_front() else { return };
            let sender = handle.conn.sender();
            match frame["type"].as_str() {
                Some("request") => self.work = Some(Box::pin(answer(self.shared, self.running.id, frame, sender, self.masker.clone()))),
                // A result that is the answer to our signal is not the task's.
                Some("result") if self.cause.is_none() && !self.result => {
                    self.result = true;
                    let frame = self.hide(frame);
                    self.deadline = Some(Instant::now() + self.shared.options.after_result);
                    let (end_date, otherwise) = result_of(&frame, self.should_retry);
                    let end = End::Result { frame };
                    let report = self.report(end, end_date);
                    self.gather_now(handle, piece);
                    self.reporting = Some(Box::pin(finish(self.shared, report, otherwise, sender)));
                }
                Some("result") => self.work = Some(Box::pin(refuse(sender))),
                other => tracing::warn!(attempt.id = %self.running.id, "an attempt sent a frame of the unknown type {other:?}"),
            }
        }
    }

    /// Takes the output that the process wrote before a frame that has come. Asks the pipe itself: the runtime may not have been told yet.
    fn gather_now(&mut self, handle: &AttemptHandle, piece: &mut ReadBuffer) {
        let Some(pipe) = &handle.pipe else { return };
        // Bounded, since a child of the task may go on writing.
        for _ in 0..PIECES_BEFORE_RESULT {
            match rustix::io::read(pipe, piece.space()) {
                Ok(n) if n > 0 => {
                    self.gathered.extend_from_slice(piece.filled(n));
                    piece.grow_after(n);
                }
                _ => return,
            }
        }
    }

    fn report(&self, end: End, end_date: Timestamp) -> Report {
        let Running { worker, id, pid } = self.running;
        Report { attempt_id: id, worker, end, end_date, proof: self.proof.clone(), pid: Some(pid) }
    }

    /// The error of a result is told to people: no secret of the log may stand in it.
    fn hide(&self, mut frame: Value) -> Value {
        if let Some(Value::Object(error)) = frame.get_mut("error") {
            let mut masker = self.masker.lock().unwrap_or_else(PoisonError::into_inner);
            masker.prepare();
            for text in error.values_mut() {
                if let Value::String(text) = text {
                    *text = masker.apply(text).into_owned();
                }
            }
        }
        frame
    }

    fn done(&mut self, done: Done) {
        if done == Done::Fenced {
            self.end(Cause::Stopped(Stop::Kill(KillReason::Fenced)));
        }
    }

    fn store(&mut self) {
        self.write_at = None;
        let piece = std::mem::take(&mut self.gathered);
        let notes = std::mem::take(&mut self.notes);
        if let Some(mut sink) = self.sink.take() {
            self.writing = Some(tokio::task::spawn_blocking(move || {
                sink.write(&piece);
                notes.iter().for_each(|note| sink.note("error", note));
                sink
            }));
        }
    }

    fn broken(&mut self, error: &std::io::Error) {
        let message = format!("was ended, since its connection cannot be used any more: {error}");
        self.notes.push(format!("The task process {message}"));
        self.end(Cause::Broken(message));
    }

    fn too_long(&mut self) {
        self.deadline = None;
        if self.result {
            self.notes.push(format!(
                "The task process did not end within {} s after its result and is ended",
                self.shared.options.after_result.as_secs()
            ));
            return self.end(Cause::Lingering);
        }
        let message = format!(
            "execution_timeout of {} s is over, and the task did not stop by itself within {} s more",
            self.execution_timeout.unwrap_or_default(),
            self.shared.options.timeout_grace.as_secs_f32()
        );
        self.notes.push(message.clone());
        self.end(Cause::TimedOut(message));
    }

    /// Begins to end the process tree. Only the end of the lease may hurry an end that has begun.
    fn end(&mut self, cause: Cause) {
        let hurry = matches!(cause, Cause::Stopped(Stop::LeaseLost(_)));
        if self.cause.is_some() && !hurry {
            return;
        }
        let grace = match cause {
            Cause::Stopped(Stop::LeaseLost(grace)) => grace.min(self.shared.options.kill_grace),
            _ => self.shared.options.kill_grace,
        };
        if let Cause::Stopped(stop) = &cause {
            self.notes.push(format!("The task is ended: {}", words(*stop)));
        }
        self.killing = Some(Box::pin(kill_and_wait(self.target.clone(), grace)));
        self.cause.get_or_insert(cause);
    }

    fn killed(&mut self, gone: bool) {
        if !gone {
            tracing::error!(attempt.id = %self.running.id, attempt.pid = self.target.pid, "processes of an attempt cannot be ended");
        }
    }

    /// What the process left behind in its own group ends with it.
    fn end_group(&self) {
        if let Some(group) = Pid::from_raw(self.target.pid) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    async fn close(mut self, exit: Exit) -> Option<End> {
        if let Some(killing) = self.killing.take() {
            killing.await;
        }
        let end = self.verdict(exit);
        if let Some(End::Died { message, .. }) = &end
            && self.cause.is_none()
        {
            self.notes.push(format!("The task process {message}"));
        }
        let (notes, rest) = (std::mem::take(&mut self.notes), std::mem::take(&mut self.gathered));
        if let Some(mut sink) = self.sink.take() {
            let finished = tokio::task::spawn_blocking(move || {
                sink.write(&rest);
                sink.finish();
                notes.iter().for_each(|note| sink.note("error", note));
            });
            let _ = finished.await;
        }
        end
    }

    fn verdict(&self, exit: Exit) -> Option<End> {
        if self.result {
            return None;
        }
        match &self.cause {
            Some(Cause::Stopped(Stop::Kill(reason))) => Some(End::Killed { reason: *reason }),
            Some(Cause::Broken(message)) => Some(End::Died { exit_code: exit.code, signal: exit.signal, message: message.clone() }),
            Some(Cause::TimedOut(message)) => Some(End::TimedOut { message: message.clone() }),
            // It is queued again, and no retry is spent: its worker left.
            Some(Cause::Stopped(Stop::Drain)) => Some(End::NotStarted { message: words(Stop::Drain).to_owned() }),
            // Nobody believes a worker without a lease.
            Some(Cause::Stopped(Stop::LeaseLost(_)) | Cause::Lingering) => None,
            None => {
                let hint = if exit.signal == Some(9) { "; the machine may have run out of memory" } else { "" };
                let message = match exit.signal {
                    Some(_) => format!("was {exit}{hint}"),
                    None => format!("{exit} without a result"),
                };
                Some(End::Died { exit_code: exit.code, signal: exit.signal, message })
            }
        }
    }
}

fn words(stop: Stop) -> &'static str {
    match stop {
        Stop::Kill(KillReason::StateChanged) => "its state was changed, cleared or deleted",
        Stop::Kill(KillReason::RunEnded) => "its dag run has ended",
        Stop::Kill(KillReason::Fenced) => "it is not the current attempt of its task any more",
        Stop::LeaseLost(_) => "its worker lost contact with the control plane",
        Stop::Drain => "its worker is stopping",
    }
}

async fn tell_pid(shared: &Shared, running: Running) {
    sleep(SHOW_PID).await;
    // Only for display, and the report tells it too.
    let _ = shared.service.started(running.worker, running.id, running.pid).await;
}

async fn refuse(sender: tradewind_python::FrameSender) -> Done {
    let _ = sender.send(&json!({"type": "ack", "accepted": false, "state": null})).await;
    Done::Answered
}

/// Waits for a future that may not be there, and forgets it when it is done.
async fn poll<F: Future + Unpin>(future: &mut Option<F>) -> F::Output {
    match future {
        Some(waiting) => {
            let output = waiting.await;
            *future = None;
            output
        }
        None => std::future::pending().await,
    }
}

/// `None`: the pipe has ended.
async fn read(pipe: &mut Option<Receiver>, piece: &mut [u8]) -> Option<usize> {
    match pipe {
        Some(pipe) => pipe.read(piece).await.ok().filter(|n| *n > 0),
        None => std::future::pending().await,
    }
}
