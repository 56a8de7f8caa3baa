//! Which Python process runs which trigger.
//!
//! One process is shared by all triggers. It is left to a trigger that blocks its loop, and a new one is shared from then on. Classes that have blocked begin
//! in a process of their own.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tradewind_queue::control::TriggerPlace;
use tradewind_store::table::deferral::Waiting;

use super::runner::{self, Order, Start};
use super::{News, Shared};
use crate::crew::Crew;

/// Processes for triggers that block; more of them share these.
const MOST_ALONE: usize = 16;
/// A shared process without a trigger ends after this.
const IDLE: Duration = Duration::from_secs(60);
/// How long processes may take to end with the triggerer.
const GRACE: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Takes new triggers.
    Shared,
    /// Has one that blocks.
    Alone,
    /// Takes none, and ends with the last it has.
    Closed,
}

struct Runner {
    orders: mpsc::Sender<Order>,
    kind: Kind,
    waits: HashSet<i64>,
    idle_since: Instant,
}

/// See the module.
pub struct Runners {
    shared: Arc<Shared>,
    news: mpsc::Sender<News>,
    crew: Crew,
    next: u64,
    all: HashMap<u64, Runner>,
    /// Classes of triggers that have blocked.
    blockers: HashSet<String>,
}

impl Runners {
    pub fn new(shared: Arc<Shared>, news: mpsc::Sender<News>) -> Self {
        Self { shared, news, crew: Crew::new(), next: 0, all: HashMap::new(), blockers: HashSet::new() }
    }

    /// Starts a trigger; gives its runner.
    pub fn assign(&mut self, id: i64, waiting: &Waiting, place: &TriggerPlace) -> u64 {
        let kind = if self.blockers.contains(&waiting.classpath) { Kind::Alone } else { Kind::Shared };
        let of_kind = || self.all.iter().filter(|(_, runner)| runner.kind == kind);
        let room = kind == Kind::Alone && of_kind().count() < MOST_ALONE;
        let known = if room { None } else { of_kind().min_by_key(|(_, runner)| runner.waits.len()).map(|(number, _)| *number) };
        let number = known.unwrap_or_else(|| self.start(kind));
        self.assign_to(number, id, waiting, place);
        number
    }

    /// Starts a trigger in a certain runner.
    pub fn assign_to(&mut self, number: u64, id: i64, waiting: &Waiting, place: &TriggerPlace) {
        let Some(runner) = self.all.get_mut(&number) else { return };
        runner.waits.insert(id);
        let kwargs = waiting.kwargs.as_ref().map(|kwargs| kwargs.0.clone()).unwrap_or_default();
        let start = Start { id, classpath: waiting.classpath.clone(), kwargs, task: place.task.clone(), secrets: place.secrets.clone() };
        give(runner, Order::Start(Box::new(start)));
    }

    /// A runner for triggers of one that has ended.
    pub fn apart(&mut self) -> u64 {
        self.start(Kind::Closed)
    }

    fn start(&mut self, kind: Kind) -> u64 {
        self.next += 1;
        // A start and an end for each trigger, and some more.
        let (orders, inbox) = mpsc::channel(self.shared.options.capacity.saturating_mul(4).saturating_add(64));
        self.crew.spawn(runner::run(self.next, self.shared.clone(), inbox, self.news.clone()));
        self.all.insert(self.next, Runner { orders, kind, waits: HashSet::new(), idle_since: Instant::now() });
        self.next
    }

    /// A trigger has ended by itself.
    pub fn release(&mut self, number: u64, id: i64) {
        if let Some(runner) = self.all.get_mut(&number) {
            runner.waits.remove(&id);
            runner.idle_since = Instant::now();
        }
    }

    /// Ends a trigger that nobody wants.
    pub fn cancel(&mut self, number: u64, id: i64) {
        if let Some(runner) = self.all.get_mut(&number) {
            give(runner, Order::Cancel { id });
        }
        self.release(number, id);
    }

    /// The runner takes no further triggers.
    pub fn retire(&mut self, number: u64) {
        if let Some(runner) = self.all.get_mut(&number)
            && runner.kind == Kind::Shared
        {
            runner.kind = Kind::Closed;
        }
    }

    /// Leaves a process to one trigger; gives the others, which it has ended. `None`: the process was its own already.
    pub fn leave_to(&mut self, number: u64, id: i64, class: Option<&str>) -> Option<Vec<i64>> {
        let runner = self.all.get_mut(&number)?;
        let others: Vec<i64> = runner.waits.iter().copied().filter(|other| *other != id).collect();
        if others.is_empty() && runner.kind == Kind::Alone {
            return None;
        }
        runner.kind = Kind::Alone;
        runner.waits.retain(|other| *other == id);
        self.blockers.extend(class.map(str::to_owned));
        Some(others)
    }

    /// The runner is no more; gives its triggers, in the order in which they came.
    pub fn remove(&mut self, number: u64) -> Option<Vec<i64>> {
        let runner = self.all.remove(&number)?;
        let mut left: Vec<i64> = runner.waits.into_iter().collect();
        left.sort_unstable();
        Some(left)
    }

    /// Ends processes that have nothing to do.
    pub fn tidy(&mut self) {
        self.all.retain(|_, runner| {
            let idle = runner.waits.is_empty() && (runner.kind != Kind::Shared || runner.idle_since.elapsed() >= IDLE);
            if idle {
                give(runner, Order::Stop);
            }
            !idle
        });
    }

    /// Ends all processes at once.
    pub fn end_all(&mut self) {
        self.all.clear();
    }

    /// Ends all processes and waits for it, not for long.
    pub async fn stop(&mut self) {
        self.all.clear();
        drop(timeout(GRACE, self.crew.all_ended()).await);
    }
}

fn give(runner: &Runner, order: Order) {
    if runner.orders.try_send(order).is_err() {
        // It has ended, or is of no use: the news of that is on its way.
        tracing::debug!("a process of triggers takes no orders");
    }
}
