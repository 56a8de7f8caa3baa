//! When to stop: SIGTERM or SIGINT once, twice for hurry.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long running attempts may go on after the first signal.
const GRACE: Duration = Duration::from_secs(600);

/// Handle on the wish to stop; cheap to clone.
#[derive(Clone)]
pub struct Stop {
    signals: watch::Receiver<u8>,
    stop: watch::Receiver<bool>,
}

impl Stop {
    /// Listens from now on.
    ///
    /// # Errors
    /// The signals cannot be handled.
    pub fn listen() -> std::io::Result<Self> {
        let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let (count, signals) = watch::channel(0_u8);
        let (asked, stop) = watch::channel(false);
        // Ends with the process; nobody waits for it.
        let _listener: JoinHandle<()> = tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = term.recv() => {}
                    _ = int.recv() => {}
                }
                count.send_modify(|n| *n = n.saturating_add(1));
                asked.send_replace(true);
            }
        });
        Ok(Self { signals, stop })
    }

    /// For loops that take a receiver.
    pub fn receiver(&self) -> watch::Receiver<bool> {
        self.stop.clone()
    }

    /// Returns when the process is asked to stop.
    pub async fn asked(&self) {
        let mut stop = self.stop.clone();
        // The sender lives as long as the process.
        drop(stop.wait_for(|asked| *asked).await);
    }

    /// Time for running attempts.
    pub fn grace(&self) -> Duration {
        GRACE
    }

    /// Returns when somebody asks a second time.
    pub async fn hurry(&self) {
        let mut signals = self.signals.clone();
        drop(signals.wait_for(|count| *count >= 2).await);
    }
}
