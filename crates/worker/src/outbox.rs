//! Reports that wait for an answer: on disk first, then to the service, again and again until it answers.
//!
//! *Failure of each step:* the file cannot be written: the report is kept in memory; the service is away: the background
//! delivery tries for ever; this process dies: the next start finds the file.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};
use tradewind_queue::service::{AttemptService, CallError, Report, Reported};
use uuid::Uuid;

/// How long an answer to a report may take.
const ANSWER: Duration = Duration::from_secs(10);
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

pub struct Outbox {
    folder: PathBuf,
    service: Arc<dyn AttemptService>,
    waiting: Mutex<VecDeque<Report>>,
    count: watch::Sender<usize>,
    more: Notify,
}

impl Outbox {
    /// Opens the folder and takes in what a former process left there.
    pub fn open(folder: PathBuf, service: Arc<dyn AttemptService>) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        let mut waiting = VecDeque::new();
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_none_or(|e| e != "json") {
                continue;
            }
            let read = fs::read(&path).and_then(|bytes| Ok(serde_json::from_slice::<Report>(&bytes)?));
            match read {
                Ok(report) => waiting.push_back(report),
                Err(e) => tracing::error!("{} is not a report and is left alone: {e}", path.display()),
            }
        }
        waiting.make_contiguous().sort_by_key(|r| r.end_date);
        let count = watch::channel(waiting.len()).0;
        Ok(Self { folder, service, waiting: Mutex::new(waiting), count, more: Notify::new() })
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

    fn path(&self, attempt: Uuid) -> PathBuf {
        self.folder.join(format!("{attempt}.json"))
    }

    /// Keeps a report safe and tries to deliver it; `None`: not answered yet, the delivery goes on behind.
    pub async fn deliver(&self, report: Report) -> Option<Reported> {
        let path = self.path(report.attempt_id);
        let (bytes, to) = (serde_json::to_vec(&report).unwrap_or_default(), path.clone());
        let written = tokio::task::spawn_blocking(move || write(&to, &bytes)).await.map_err(io::Error::other).flatten();
        if let Err(e) = written {
            tracing::warn!(attempt.id = %report.attempt_id, "a result cannot be kept on disk: {e}");
        }
        match self.try_once(&report).await {
            Some(answer) => {
                remove(path);
                answer
            }
            None => {
                self.lock().push_back(report);
                self.count.send_modify(|n| *n += 1);
                self.more.notify_one();
                None
            }
        }
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
                remove(self.path(report.attempt_id));
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

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    fs::write(&fresh, bytes)?;
    fs::rename(&fresh, path)
}

fn remove(path: PathBuf) {
    if let Err(e) = fs::remove_file(&path)
        && e.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!("{} cannot be removed: {e}", path.display());
    }
}
