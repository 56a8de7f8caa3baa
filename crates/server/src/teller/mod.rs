//! Tells watchers what changes: what the bus of this process says, and what other processes have committed.
//!
//! Hints are collected for a moment, then the rows are read once for all of them, so that an event carries what a page needs to change a cell,
//! a bar or a row. *Cost:* nothing is read while nobody watches; otherwise a look at what other processes did may take a tenth of the time at most.

mod hints;
mod told;

use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until, timeout_at};
use tradewind_queue::Change;
use tradewind_store::list::live::{ReadNews, ReadVitals};

use crate::state::App;
use hints::Hints;
use told::Told;

/// How long hints are collected.
const MOMENT: Duration = Duration::from_millis(50);
/// Between two looks at what other processes did, at least.
const LOOK: Duration = Duration::from_millis(250);
/// Between two looks at what changes without a hint.
const VITALS: Duration = Duration::from_secs(1);
/// A transaction may commit this long after the instant its rows carry, in microseconds.
const OVERLAP: i64 = 2_000_000;

/// Works until the bus closes.
pub async fn run(app: &App) {
    let mut changes = app.changes().subscribe();
    let mut teller = Teller::new(app.clone());
    loop {
        match teller.collect(&mut changes).await {
            Ok(hints) => teller.tell(hints).await,
            Err(RecvError::Lagged(_)) => app.feed().forget(),
            Err(RecvError::Closed) => return,
        }
    }
}

struct Teller {
    app: App,
    told: Told,
    /// Another process has committed since the last look.
    elsewhere: bool,
    /// No look before this.
    next_look: Instant,
    next_vitals: Instant,
    /// What other processes did before this instant is told; `None` while nobody watches. Microseconds by the database's clock.
    since: Option<i64>,
    /// The same of alerts, whoever changed them.
    alerts_since: Option<i64>,
}

impl Teller {
    fn new(app: App) -> Self {
        let now = Instant::now();
        Self { app, told: Told::default(), elsewhere: false, next_look: now, next_vitals: now, since: None, alerts_since: None }
    }

    /// The hints of a moment; none when only time has passed.
    async fn collect(&mut self, changes: &mut Receiver<Change>) -> Result<Hints, RecvError> {
        let mut hints = Hints::default();
        let wake = if self.elsewhere { self.next_look.min(self.next_vitals) } else { self.next_vitals };
        tokio::select! {
            change = changes.recv() => self.note(change?, &mut hints),
            () = sleep_until(wake) => return Ok(hints),
            () = self.app.feed().arrival() => return Ok(hints),
        }
        let end = Instant::now() + MOMENT;
        while let Ok(change) = timeout_at(end, changes.recv()).await {
            self.note(change?, &mut hints);
        }
        Ok(hints)
    }

    fn note(&mut self, change: Change, hints: &mut Hints) {
        match change {
            Change::Elsewhere => self.elsewhere = true,
            other => hints.add(other),
        }
    }

    async fn tell(&mut self, hints: Hints) {
        if self.app.feed().watchers() == 0 {
            self.sleep(hints);
            return;
        }
        let look = self.look();
        self.vitals().await;
        let since = self.since.map(|since| since - OVERLAP).filter(|_| look);
        if !hints.is_empty() || look {
            let began = Instant::now();
            let alerts_since = self.alerts_since.map(|since| since - OVERLAP).filter(|_| look || hints.of_alerts());
            let wanted = ReadNews { since, alerts_since, all_dags: look, ..hints.wanted() };
            match self.app.store().run(wanted).await {
                Ok(news) => {
                    if look || self.since.is_none() {
                        self.since = Some(news.at);
                    }
                    if alerts_since.is_some() || self.alerts_since.is_none() {
                        self.alerts_since = Some(news.at);
                    }
                    for (kind, data) in self.told.events(news, &hints) {
                        self.app.feed().push(kind, data);
                    }
                }
                // Whoever watches reads again, when the database answers again.
                Err(error) => {
                    tracing::warn!("changes cannot be read for the pages that watch: {error}");
                    self.app.feed().forget();
                    self.elsewhere = true;
                }
            }
            self.next_look = Instant::now() + LOOK.max(began.elapsed() * 10);
        }
    }

    /// Whether it is time to look at what other processes did; the first look is only to know where to begin.
    fn look(&mut self) -> bool {
        if self.since.is_none() {
            self.elsewhere = false;
            self.told.begin();
            self.next_vitals = Instant::now();
            return true;
        }
        self.elsewhere && self.next_look <= Instant::now() && std::mem::take(&mut self.elsewhere)
    }

    /// Nobody watches: hints of this process are kept, and who comes back after other processes did something must read again.
    fn sleep(&mut self, hints: Hints) {
        for (kind, data) in hints.plain() {
            self.app.feed().push(kind, data);
        }
        if std::mem::take(&mut self.elsewhere) || hints.outbox {
            self.app.feed().forget();
        }
        (self.since, self.alerts_since) = (None, None);
        self.next_vitals = Instant::now() + VITALS;
    }

    async fn vitals(&mut self) {
        if self.next_vitals > Instant::now() {
            return;
        }
        self.next_vitals = Instant::now() + VITALS;
        if let Ok(vitals) = self.app.store().run(ReadVitals).await {
            for (kind, data) in self.told.vitals(vitals) {
                self.app.feed().push(kind, data);
            }
        }
    }
}
