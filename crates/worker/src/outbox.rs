//! Reports that wait for an answer: sent to the service and written to disk at once, and sent again and again until it answers.
//!
//! *Safe* is what the service has answered or the disk has taken, whichever comes first; only then the process is told.
//! *Failure of each step:* the disk cannot take it: the report is kept in memory; the service is away: the background delivery tries for
//! ever; this process dies: the next start finds what was written.

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{sleep, timeout};
use tradewind_queue::service::{AttemptService, CallError, Report, Reported};
use uuid::Uuid;

use crate::journal::Journal;

/// How long an answer to a report may take.
const ANSWER: Duration = Duration::from_secs(10);
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

pub struct Outbox {
    journal: Arc<Journal>,
    service: Arc<dyn AttemptService>,
    waiting: Mutex<VecDeque<Report>>,
    count: watch::Sender<usize>,
    more: Notify,
}

impl Outbox {
    /// Opens the folder and takes in what a former process left there.
    pub fn open(folder: &Path, service: Arc<dyn AttemptService>) -> io::Result<Self> {
        let (journal, left) = Journal::open(folder)?;
        let count = watch::channel(left.len()).0;
        Ok(Self { journal: Arc::new(journal), service, waiting: Mutex::new(left.into()), count, more: Notify::new() })
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Report>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a report of this attempt waits for its answer.
    pub fn holds(&self, attempt: Uuid) -> bool {
        self.lock().iter().any(|report| report.attempt_id == attempt)
    }

    /// The attempts whose reports wait.
    pub fn attempts(&self) -> Vec<Uuid> {
        self.lock().iter().map(|report| report.attempt_id).collect()
    }

    /// Delivers a report or makes it safe; `None`: not answered yet, the delivery goes on behind.
    pub async fn deliver(&self, report: Report) -> Option<Reported> {
        let id = report.attempt_id;
        let writing = self.write(&report);
        if let Some(answer) = self.try_once(&report).await {
            self.answered(id);
            return answer;
        }
        if let Err(e) = writing.await.map_err(io::Error::other).flatten() {
            tracing::warn!(attempt.id = %id, "a result cannot be kept on disk: {e}");
        }
        self.lock().push_back(report);
        self.count.send_modify(|n| *n += 1);
        self.more.notify_one();
        None
    }

    fn write(&self, report: &Report) -> JoinHandle<io::Result<()>> {
        let id = report.attempt_id;
        let mut line = serde_json::to_vec(report).unwrap_or_default();
        line.push(b'\n');
        self.journal.expect(id);
        let journal = self.journal.clone();
        spawn_blocking(move || journal.write(id, &line))
    }

    /// It need not lie on disk any more.
    fn answered(&self, id: Uuid) {
        if self.journal.forget(id) {
            self.tidy();
        }
    }

    fn tidy(&self) {
        let journal = self.journal.clone();
        drop(spawn_blocking(move || {
            if let Err(e) = journal.tidy() {
                tracing::warn!("results that were delivered cannot be removed from disk: {e}");
            }
        }));
    }

    /// Waits until nothing is left to deliver.
    pub async fn settled(&self) {
        let _ = self.count.subscribe().wait_for(|n| *n == 0).await;
    }

    /// Delivers what waits, for as long as it is polled.
    pub async fn run(&self) {
        let mut backoff = BACKOFF.0;
        loop {
            let Some(report) = self.lock().front().cloned() else {
                self.more.notified().await;
                continue;
            };
            if self.try_once(&report).await.is_some() {
                self.lock().pop_front();
                self.answered(report.attempt_id);
                if self.lock().is_empty() {
                    // An outage may have left much.
                    self.tidy();
                }
                self.count.send_modify(|n| *n -= 1);
                backoff = BACKOFF.0;
            } else {
                sleep(backoff).await;
                backoff = (backoff * 2).min(BACKOFF.1);
            }
        }
    }

    /// `None`: no answer. A refusal is an answer, and of no use to anybody when repeated.
    async fn try_once(&self, report: &Report) -> Option<Option<Reported>> {
        match timeout(ANSWER, self.service.report(report.clone())).await {
            Ok(Ok(reported)) => Some(Some(reported)),
            Ok(Err(CallError::Unavailable(_))) | Err(_) => None,
            Ok(Err(e @ CallError::Stale(_))) => {
                tracing::info!(attempt.id = %report.attempt_id, "a report came too late: {e}");
                Some(Some(Reported { accepted: false, state: None }))
            }
            Ok(Err(e)) => {
                tracing::error!(attempt.id = %report.attempt_id, "a report was refused: {e}");
                Some(None)
            }
        }
    }
}
