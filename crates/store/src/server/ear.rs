//! Notifications of PostgreSQL: other processes say that they have committed.
//!
//! *Authority:* none; the rows of `beacon` count. *May be lost:* any of them, and all of them where a pooler takes connections away between
//! transactions, of which nothing tells. So they are relied on only as long as they come: each one that arrives proves that they do (a process hears
//! itself too), and a commit that was found by looking makes them doubtful. *Failure:* the connection is made anew, and what happened meanwhile counts as told.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::{Inner, Server};
use crate::Result;

pub(super) const CHANNEL: &str = "tradewind";
/// Between two tries to listen.
const AGAIN: Duration = Duration::from_secs(2);

/// Hears what others say, on a connection of its own.
#[derive(Debug)]
pub(crate) struct Ear {
    inner: Arc<Inner>,
    heard: Arc<Notify>,
    task: AbortHandle,
}

impl Server {
    /// Begins to listen; `None` where nothing can be heard.
    pub(crate) fn listen(&self) -> Option<Ear> {
        if !self.0.target.may_listen() {
            return None;
        }
        let (inner, heard) = (self.0.clone(), Arc::new(Notify::new()));
        let task = tokio::spawn(keep_listening(inner.clone(), heard.clone())).abort_handle();
        Some(Ear { inner, heard, task })
    }

    /// Whether notifications of other processes arrive.
    pub(crate) fn hears(&self) -> bool {
        self.0.hears.load(Ordering::Relaxed)
    }
}

impl Ear {
    /// Another process has said something, or may have.
    pub(crate) async fn heard(&self) {
        self.heard.notified().await;
    }

    /// Somebody has committed without a word.
    pub(crate) fn doubt(&self) {
        self.inner.hears.store(false, Ordering::Relaxed);
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.task.abort();
        self.doubt();
    }
}

async fn keep_listening(inner: Arc<Inner>, heard: Arc<Notify>) {
    loop {
        if let Err(error) = listen(&inner, &heard).await {
            tracing::debug!("notifications of the database cannot be heard now: {error}");
        }
        inner.hears.store(false, Ordering::Relaxed);
        tokio::time::sleep(AGAIN).await;
    }
}

/// Listens until the connection breaks.
async fn listen(inner: &Inner, heard: &Notify) -> Result<()> {
    let Some(options) = inner.target.postgres() else { return Ok(()) };
    let pool = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None).connect_with(options.clone()).await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    // Whatever was said before.
    heard.notify_one();
    while let Some(notification) = listener.try_recv().await? {
        inner.hears.store(true, Ordering::Relaxed);
        if notification.payload() != inner.beacon.origin {
            heard.notify_one();
        }
    }
    Ok(())
}
