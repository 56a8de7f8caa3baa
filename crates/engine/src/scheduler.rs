//! The loop of a scheduler.
//!
//! *Authority:* decides for the runs whose rows name its job and term. *States:* with a term (it acts) or without one (it has dropped its memory
//! and asks for a new term). *Clock:* rows by the database's clock, waits by the monotonic one. *May be lost:* any change, any published hint,
//! all memory. *Failure of a step:* an error of the database leaves the rows as they were; memory of the runs concerned is dropped and read again.
//!
//! One turn: take the changes that wait (bounded), let the planner decide, write all decisions in one transaction, admit what became ready in a second
//! one, publish the hints. Everything that has no change to wake it is found by the tick.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;
use tradewind_metrics::names;
use tradewind_queue::{Change, Changes, HintQueue};
use tradewind_store::Store;
use tradewind_store::step::Owner;

use crate::decide::PATIENCE;
use crate::glance::Seen;
use crate::graphs::Graphs;
use crate::options::EngineOptions;
use crate::owned::Owned;
use crate::status::Status;
use crate::term::Term;
use crate::timers::Timers;
use crate::waiting_room::WaitingRoom;

/// Most changes taken in one turn, so that a flood of them cannot hold up leases and ticks.
const CHANGES_PER_TURN: usize = 512;

/// What the next turn should look at besides changes.
#[derive(Debug, Default)]
pub struct Todo {
    /// Runs whose memory is to be made anew from rows.
    pub reload: HashSet<i64>,
    /// Runs that miss changes, which are on their way or lost; decisions may wait for them.
    pub behind: HashSet<i64>,
    /// Queued runs may start, or unowned ones be taken over.
    pub start_runs: bool,
    /// Runs that were taken over while they ran: their active tasks are counted when they are read.
    pub adopted: HashSet<i64>,
    /// Scheduled runs may be due.
    pub due: bool,
    /// Gates of admission may have opened.
    pub admit: bool,
    /// The periodic look at everything.
    pub tick: bool,
    /// Another process has committed something.
    pub glance: bool,
    /// Runs without an owner are taken beyond this scheduler's share, since the others have left them.
    pub leftovers: bool,
    /// A worker is gone: hints that it took and did not claim are lost with it.
    pub lost_hints: bool,
}

impl Todo {
    /// Whether the last turn left something for the next one.
    fn pending(&self) -> bool {
        !self.reload.is_empty() || self.start_runs || self.due || self.admit || self.tick || self.glance
    }
}

/// See the module.
pub struct Scheduler {
    pub(crate) store: Store,
    pub(crate) queue: Arc<dyn HintQueue>,
    pub(crate) changes: Changes,
    pub(crate) options: EngineOptions,
    pub(crate) graphs: Graphs,
    pub(crate) term: Option<Term>,
    /// The last term, when it is over.
    pub(crate) former: Option<Owner>,
    /// Since when the database has been there without a break, as far as anybody here can know.
    pub(crate) contact: Instant,
    /// When the next lease of another process ends, unless it is renewed.
    pub(crate) look_at: Option<Timestamp>,
    /// When runs that were left to others are taken, if they did not.
    pub(crate) leftovers_at: Option<Timestamp>,
    pub(crate) seen: Seen,
    pub(crate) runs: HashMap<i64, Owned>,
    /// By run: the runs in memory whose tasks look at it.
    pub(crate) followers: HashMap<i64, HashSet<i64>>,
    pub(crate) room: WaitingRoom,
    pub(crate) timers: Timers,
    pub(crate) todo: Todo,
    /// Pools that were told to starve tasks.
    pub(crate) starving: HashSet<String>,
    /// When waits of deferred tasks were swept.
    pub(crate) swept: Option<Instant>,
    pub(crate) status: watch::Sender<Status>,
}

impl Scheduler {
    pub fn new(store: Store, queue: Arc<dyn HintQueue>, changes: Changes, options: EngineOptions) -> Self {
        Self {
            graphs: Graphs::new(store.clone()),
            store,
            queue,
            changes,
            options,
            term: None,
            former: None,
            contact: Instant::now(),
            look_at: None,
            leftovers_at: None,
            seen: Seen::default(),
            runs: HashMap::new(),
            followers: HashMap::new(),
            room: WaitingRoom::default(),
            timers: Timers::default(),
            todo: Todo::default(),
            starving: HashSet::new(),
            swept: None,
            status: watch::channel(Status::default()).0,
        }
    }

    /// Follows the loop from outside.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// Runs until `stop` is true, then gives its runs back.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut changes = self.changes.subscribe();
        let mut tick = tokio::time::interval(self.options.tick);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            if self.options.active_standby && self.term.is_none() && !self.stand_by(&mut stop, &mut changes).await {
                break;
            }
            let deadline = self.next_look();
            let mut taken = Vec::new();
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => break,
                change = changes.recv() => self.take(change, &mut changes, &mut taken),
                _ = tick.tick() => self.todo.tick = true,
                () = tokio::time::sleep(deadline) => {}
            }
            if let Err(error) = self.turn(taken).await {
                self.recover(&error).await;
            }
        }
        self.resign().await;
    }

    /// How long nothing needs a look, unless a change comes.
    fn next_look(&self) -> Duration {
        if self.todo.pending() {
            Duration::ZERO
        } else if self.todo.behind.is_empty() {
            let now = self.store.now();
            let looks = self.look_at.into_iter().chain(self.leftovers_at);
            let look = looks.map(|at| Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO)).min();
            self.timers.next(now).min(look.unwrap_or(Duration::MAX))
        } else {
            PATIENCE
        }
    }

    /// Collects the change that woke us and those that wait behind it.
    fn take(&mut self, first: Result<Change, broadcast::error::RecvError>, more: &mut broadcast::Receiver<Change>, into: &mut Vec<Change>) {
        match first {
            Ok(change) => into.push(change),
            Err(error) => self.missed(&error),
        }
        while into.len() < CHANGES_PER_TURN {
            match more.try_recv() {
                Ok(change) => into.push(change),
                Err(broadcast::error::TryRecvError::Lagged(n)) => self.missed(&broadcast::error::RecvError::Lagged(n)),
                Err(_) => return,
            }
        }
    }

    /// The bus dropped changes: the numbers in the rows tell which runs are concerned.
    fn missed(&mut self, error: &broadcast::error::RecvError) {
        tracing::debug!("changes were missed ({error}); comparing numbers with the rows");
        self.todo.tick = true;
    }

    async fn turn(&mut self, taken: Vec<Change>) -> Result<(), crate::Error> {
        let began = Instant::now();
        self.keep_term().await?;
        let mut plans = self.decide(taken);
        self.timers_due(&mut plans);
        if self.look_at.take_if(|at| *at <= self.store.now()).is_some() {
            self.todo.tick = true;
            self.look_for_leftovers();
        }
        if self.leftovers_at.take_if(|at| *at <= self.store.now()).is_some() {
            (self.todo.start_runs, self.todo.leftovers) = (true, true);
        }
        let glance = std::mem::take(&mut self.todo.glance);
        if std::mem::take(&mut self.todo.tick) {
            self.tick().await?;
        } else if glance {
            self.glance().await?;
        }
        if std::mem::take(&mut self.todo.due) {
            self.create_due_runs().await?;
            self.create_asset_runs().await?;
        }
        if std::mem::take(&mut self.todo.start_runs) {
            self.start_runs().await?;
        }
        self.load_wanted(&mut plans).await?;
        self.write(plans).await?;
        self.todo.admit = false;
        self.admit().await?;
        self.status.send_modify(|status| status.turn(began, self.runs.len(), self.room.len()));
        Ok(())
    }

    /// After an error nothing in memory can be trusted to stand for the rows.
    async fn recover(&mut self, error: &crate::Error) {
        tracing::warn!("a turn of the scheduler failed: {error}; reading its runs again");
        self.forget();
        if matches!(error, crate::Error::Store(tradewind_store::Error::Unavailable { .. })) {
            self.contact = Instant::now();
        }
        self.status.send_modify(|status| status.errors += 1);
        names::TURNS_FAILED.count(1, &[]);
        tokio::time::sleep(Duration::from_millis(200)).await;
        self.todo.tick = true;
    }

    /// Drops all memory. The rows still name this job and term as owner, so the next tick loads them again.
    pub(crate) fn forget(&mut self) {
        self.runs.clear();
        self.followers.clear();
        self.room = WaitingRoom::default();
        self.timers = Timers::default();
        self.todo = Todo { tick: true, start_runs: true, due: true, lost_hints: self.todo.lost_hints, ..Todo::default() };
    }
}
