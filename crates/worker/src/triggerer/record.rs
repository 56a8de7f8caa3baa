//! What triggers say goes to the logs of their tasks.
//!
//! One task writes them all, in the order in which it was told: whatever follows a line (the event that lets the task go on) comes after it in the file.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};
use tradewind_queue::attempt_log::{LogFile, Modes};

use super::News;
use crate::clock;
use crate::crew::Crew;
use crate::log::{Line, Lines, Masker};

/// Lines and news that wait to be written. Beyond that a runner is heard no further for a while.
const WAITING: usize = 4096;
/// Taken at once.
const BATCH: usize = 512;

enum Item {
    Open { wait: i64, path: PathBuf, modes: Modes },
    Bytes { wait: i64, bytes: Vec<u8> },
    Forget { wait: i64 },
    News(News),
    Flushed(oneshot::Sender<()>),
}

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    items: mpsc::Sender<Item>,
}

impl Recorder {
    pub fn start(crew: &Crew, news: mpsc::Sender<News>) -> Self {
        let (items, inbox) = mpsc::channel(WAITING);
        crew.spawn(write(inbox, news));
        Self { items }
    }

    /// Where the lines of a wait go.
    pub fn open(&self, wait: i64, path: PathBuf, modes: Modes) {
        self.put(Item::Open { wait, path, modes });
    }

    pub fn forget(&self, wait: i64) {
        self.put(Item::Forget { wait });
    }

    /// A line of ours.
    pub fn note(&self, wait: i64, level: &str, text: &str, secrets: &[String]) {
        let mut masker = Masker::new(1);
        masker.add(secrets);
        masker.prepare();
        let mut bytes = Vec::new();
        Line { timestamp: clock::now(), level, event: &masker.apply(text), logger: "triggerer", partial: false }.write(&mut bytes);
        self.put(Item::Bytes { wait, bytes });
    }

    /// A line of a trigger, a JSON object as text.
    pub async fn line(&self, wait: i64, line: &str, masker: &Mutex<Masker>) {
        let mut bytes = Vec::new();
        {
            let mut masker = masker.lock().unwrap_or_else(PoisonError::into_inner);
            masker.prepare();
            let mut lines = Lines::default();
            lines.push(line.as_bytes(), &masker, clock::now(), &mut bytes);
            lines.finish(&masker, clock::now(), &mut bytes);
        }
        // The writer lives as long as the triggerer.
        drop(self.items.send(Item::Bytes { wait, bytes }).await);
    }

    /// News that comes after all lines that were given before it.
    pub async fn then(&self, news: News) {
        drop(self.items.send(Item::News(news)).await);
    }

    /// Returns when all lines that were given before are in their files.
    pub async fn flushed(&self) {
        let (done, told) = oneshot::channel();
        if self.items.send(Item::Flushed(done)).await.is_ok() {
            drop(told.await);
        }
    }

    /// Without waiting: a line of ours is not worth a halt of the loop.
    fn put(&self, item: Item) {
        if self.items.try_send(item).is_err() {
            tracing::warn!("the logs of triggers cannot be written as fast as they come; a line is missing");
        }
    }
}

async fn write(mut inbox: mpsc::Receiver<Item>, news: mpsc::Sender<News>) {
    let mut files: HashMap<i64, (PathBuf, Modes)> = HashMap::new();
    let mut batch = Vec::with_capacity(BATCH);
    while inbox.recv_many(&mut batch, BATCH).await > 0 {
        let mut pending: HashMap<PathBuf, (Modes, Vec<u8>)> = HashMap::new();
        for item in batch.drain(..) {
            match item {
                Item::Open { wait, path, modes } => drop(files.insert(wait, (path, modes))),
                Item::Bytes { wait, bytes } => {
                    if let Some((path, modes)) = files.get(&wait) {
                        pending.entry(path.clone()).or_insert_with(|| (*modes, Vec::new())).1.extend(bytes);
                    }
                }
                Item::Forget { wait } => drop(files.remove(&wait)),
                Item::News(told) => {
                    append(std::mem::take(&mut pending)).await;
                    drop(news.send(told).await);
                }
                Item::Flushed(done) => {
                    append(std::mem::take(&mut pending)).await;
                    // Whoever asked may have gone.
                    let _ = done.send(());
                }
            }
        }
        append(pending).await;
    }
}

async fn append(pending: HashMap<PathBuf, (Modes, Vec<u8>)>) {
    if pending.is_empty() {
        return;
    }
    let written = tokio::task::spawn_blocking(move || {
        for (path, (modes, bytes)) in pending {
            if let Err(error) = LogFile::append_to(&path, modes).and_then(|mut file| file.append(&bytes)) {
                tracing::warn!("the log {} cannot be written: {error}", path.display());
            }
        }
    });
    if written.await.is_err() {
        tracing::error!("writing logs of triggers panicked");
    }
}
