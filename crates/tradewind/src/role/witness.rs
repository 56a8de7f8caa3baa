//! Sees when other processes of ours on this machine end, so that nobody waits for their leases.
//!
//! *Authority:* the kernel (`tradewind_python::Life`); what cannot be proved is left to the leases. *States* of a neighbour: it lives; it is gone, and
//! its rows are ended but for those of its workers; nothing that it started runs any more, and they are ended too. *May be lost:*
//! all of it; whoever looks next sees the same.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tradewind_python::{Life, Neighbour};
use tradewind_queue::control::Control;
use tradewind_queue::service::{AttemptService as _, Report};
use tradewind_queue::{Change, Changes};
use tradewind_store::Store;
use tradewind_store::step::{EndGone, NamedProcesses};
use tradewind_store::table::attempt::RunningOn;
use tradewind_worker::reports_in;

use super::{Parts, Stop};

/// Between two looks at the neighbours: a system call for each.
const LOOK: Duration = Duration::from_millis(100);
/// Looks between two questions to the database who they are.
const ASK: u32 = 10;
/// The same time, for who is alone.
const ALONE: Duration = Duration::from_secs(1);
/// Looks in a row that find nothing left of a process.
const EMPTY: u32 = 2;

/// A witness that looks.
pub struct Running(JoinHandle<()>);

struct Known {
    neighbour: Arc<Neighbour>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Lives,
    /// With the looks in a row that found nothing of what it started.
    Gone(u32),
    Over,
}

struct Witness {
    store: Store,
    changes: Changes,
    control: Control,
    life: Arc<Life>,
    known: Vec<Known>,
    /// Looks since the database was asked.
    since: u32,
}

/// Starts it.
pub fn start(parts: &Parts, life: Arc<Life>, stop: &Stop) -> Running {
    let mut stop = stop.receiver();
    let (store, changes, control) = (parts.store.clone(), parts.changes.clone(), parts.control.clone());
    let mut witness = Witness { store, changes, control, life, known: Vec::new(), since: ASK };
    Running(tokio::spawn(async move {
        loop {
            // What fails is found by the next look.
            if let Err(error) = witness.look().await {
                tracing::debug!("what became of the processes of this machine cannot be told now: {error}");
            }
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(witness.pause()) => {}
            }
        }
    }))
}

impl Running {
    /// Waits for its end.
    pub async fn ended(self) {
        if self.0.await.is_err() {
            tracing::error!("the task that looks after the processes of this machine panicked");
        }
    }
}

impl Witness {
    fn pause(&self) -> Duration {
        if self.known.is_empty() { ALONE } else { LOOK }
    }

    async fn look(&mut self) -> anyhow::Result<()> {
        self.since += 1;
        if self.known.is_empty() || self.since >= ASK {
            self.since = 0;
            self.ask().await?;
        }
        let mut all = std::mem::take(&mut self.known);
        let looked = self.look_at(&mut all).await;
        self.known = all;
        looked
    }

    async fn look_at(&self, all: &mut [Known]) -> anyhow::Result<()> {
        for known in all {
            let was = known.state;
            known.state = known.look().await;
            let told = match (was, known.state) {
                (State::Lives, State::Gone(_)) => end(&self.store, known.neighbour.name(), false).await,
                (State::Gone(_), State::Over) => self.bury(known).await,
                _ => continue,
            };
            match told {
                Ok(false) => {}
                Ok(true) => self.changes.send(Change::Gone),
                Err(error) => {
                    known.state = was;
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Nothing of the process runs any more: what its workers had on disk is delivered, then their rows are ended.
    async fn bury(&self, known: &Known) -> anyhow::Result<bool> {
        let workers = self.store.run(NamedProcesses).await?.remove(known.neighbour.name()).unwrap_or_default();
        for report in left_behind(known.neighbour.clone()).await? {
            if workers.contains(&report.worker.0) && self.awaited(&report).await? {
                self.control.report(report).await?;
            }
        }
        end(&self.store, known.neighbour.name(), true).await
    }

    async fn awaited(&self, report: &Report) -> anyhow::Result<bool> {
        let running = RunningOn { worker: report.worker.0, longer_than: jiff::SignedDuration::ZERO };
        Ok(self.store.run(running).await?.contains(&report.attempt_id))
    }

    /// Who is here besides this process.
    async fn ask(&mut self) -> tradewind_store::Result<()> {
        let names = self.store.run(NamedProcesses).await?;
        self.known.retain(|known| names.contains_key(known.neighbour.name()));
        for name in names.into_keys() {
            if !self.known.iter().any(|known| known.neighbour.name() == name)
                && let Some(neighbour) = self.life.neighbour(&name)
            {
                self.known.push(Known { neighbour: Arc::new(neighbour), state: State::Lives });
            }
        }
        Ok(())
    }
}

impl Known {
    async fn look(&self) -> State {
        match self.state {
            State::Lives if self.neighbour.is_gone() => State::Gone(0),
            State::Gone(empty) => {
                let neighbour = self.neighbour.clone();
                // All of /proc is read: not on a thread that others wait for.
                let left = tokio::task::spawn_blocking(move || neighbour.left_something()).await.unwrap_or(true);
                match (left, empty + 1) {
                    (true, _) => State::Gone(0),
                    (false, EMPTY) => State::Over,
                    (false, empty) => State::Gone(empty),
                }
            }
            same => same,
        }
    }
}

/// Reports in the folders of a process that is gone. Its successor delivers them as well, if there is one: the second of two changes nothing.
async fn left_behind(neighbour: Arc<Neighbour>) -> anyhow::Result<Vec<Report>> {
    let read = move || -> std::io::Result<Vec<Report>> {
        let mut reports = Vec::new();
        for folder in neighbour.folders()? {
            reports.extend(reports_in(&folder)?);
        }
        Ok(reports)
    };
    Ok(tokio::task::spawn_blocking(read).await??)
}

/// Ends rows of a process; whether there were any.
async fn end(store: &Store, process: &str, with_workers: bool) -> anyhow::Result<bool> {
    let ended = store.run(EndGone { process: process.to_owned(), with_workers }).await?;
    for job in &ended {
        tracing::warn!(job.id = job.id, job.kind = job.job_type, "a process of this machine has ended without a farewell");
    }
    Ok(!ended.is_empty())
}
