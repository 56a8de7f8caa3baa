//! State changes for watchers: numbered, and the newest kept, so that a watcher can resume.
//!
//! The feed is memory. A watcher that asks for a number it no longer holds gets a `reset` event and reads the lists again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::{Notify, watch};

/// Two runs of a thousand tasks with all their states fit.
const KEPT: usize = 16_384;

/// One numbered change.
#[derive(Debug, Clone)]
pub struct Entry {
    pub number: u64,
    pub kind: &'static str,
    /// JSON object.
    pub data: Arc<str>,
}

/// The newest changes of this process.
pub struct Feed {
    /// Tells the numbers of this process from those of the one before it.
    boot: String,
    ring: Mutex<VecDeque<Entry>>,
    newest: watch::Sender<u64>,
    arrived: Notify,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            boot: format!("{:08x}", rand::random::<u32>()),
            ring: Mutex::default(),
            newest: watch::Sender::new(0),
            arrived: Notify::new(),
        }
    }
}

impl Feed {
    pub fn push(&self, kind: &'static str, data: String) {
        let mut ring = self.lock();
        let number = *self.newest.borrow() + 1;
        if ring.len() == KEPT {
            ring.pop_front();
        }
        ring.push_back(Entry { number, kind, data: data.into() });
        drop(ring);
        self.newest.send_replace(number);
    }

    /// Changes were lost on the way: whoever resumes from before this point must read again.
    pub fn forget(&self) {
        self.lock().clear();
        let number = *self.newest.borrow() + 1;
        self.newest.send_replace(number);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.ring.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The id of a number, for `Last-Event-ID`.
    pub fn id(&self, number: u64) -> String {
        format!("{}-{number}", self.boot)
    }

    /// The number of an id of this process.
    pub fn number(&self, id: &str) -> Option<u64> {
        id.strip_prefix(&self.boot)?.strip_prefix('-')?.parse().ok()
    }

    pub fn newest(&self) -> u64 {
        *self.newest.borrow()
    }

    /// What came after `number`; `None` when some of it is gone.
    pub fn after(&self, number: u64) -> Option<Vec<Entry>> {
        let ring = self.lock();
        let newest = *self.newest.borrow();
        if number >= newest {
            return (number == newest).then(Vec::new);
        }
        let first = ring.front()?.number;
        if number + 1 < first {
            return None;
        }
        let skip = usize::try_from(number + 1 - first).ok()?;
        Some(ring.iter().skip(skip).cloned().collect())
    }

    /// How many watch.
    pub fn watchers(&self) -> usize {
        self.newest.receiver_count()
    }

    /// Wakes when there is something after what was seen.
    pub fn watch(&self) -> watch::Receiver<u64> {
        let newest = self.newest.subscribe();
        self.arrived.notify_one();
        newest
    }

    /// Waits until somebody begins to watch.
    pub async fn arrival(&self) {
        self.arrived.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watcher_resumes_where_it_was_or_learns_that_it_cannot() {
        let feed = Feed::default();
        for index in 0..3 {
            feed.push("dag", format!("{index}"));
        }
        let seen = feed.number(&feed.id(1)).unwrap();
        let rest: Vec<u64> = feed.after(seen).unwrap().iter().map(|entry| entry.number).collect();
        assert_eq!(rest, [2, 3]);
        assert!(feed.after(3).unwrap().is_empty());
        assert!(feed.after(9).is_none());
        assert_eq!(feed.number("00000000-1").is_some(), feed.boot == "00000000");
        for _ in 0..KEPT {
            feed.push("dag", String::new());
        }
        assert!(feed.after(1).is_none());
        assert_eq!(feed.after(3).unwrap().len(), KEPT);
        feed.forget();
        assert!(feed.after(feed.newest() - 1).is_none());
    }
}
