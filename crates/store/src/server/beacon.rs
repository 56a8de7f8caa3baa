//! Whether and how a commit tells other processes of itself: by a row that all can read, and on PostgreSQL by a notification besides.
//!
//! Notifications are not part of the transactions that do the work: the server lets those that notify commit one after another.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::Dialect;

/// Commits of a busy process are told of together, this often.
pub(crate) const EVERY: Duration = Duration::from_millis(10);

#[derive(Debug)]
pub(crate) struct Beacon {
    /// Names this process among the others.
    pub(super) origin: String,
    /// The table is there.
    allowed: AtomicBool,
    /// Somebody looks for what is owed.
    batches: AtomicBool,
    debts: Mutex<Debts>,
    /// There is a new debt.
    pub(crate) owes: Notify,
}

/// What others were not told of yet.
#[derive(Debug, Default)]
struct Debts {
    lit: Option<Instant>,
    /// The row does not count all commits.
    row: bool,
    /// The row counts commits of which no notification was sent.
    notice: bool,
}

impl Beacon {
    pub(super) fn new() -> Self {
        let origin = uuid::Uuid::now_v7().to_string();
        let (allowed, batches) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { origin, allowed, batches, debts: Mutex::default(), owes: Notify::new() }
    }

    pub(crate) fn allow(&self, allowed: bool) {
        self.allowed.store(allowed, Ordering::Relaxed);
    }

    pub(crate) fn batch(&self) {
        self.batches.store(true, Ordering::Relaxed);
    }

    fn debts(&self) -> MutexGuard<'_, Debts> {
        self.debts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn owes_row(&self) -> bool {
        self.debts().row
    }

    /// Whether a notification is to be sent now, by the caller.
    pub(crate) fn take_notice(&self) -> bool {
        std::mem::take(&mut self.debts().notice)
    }

    /// What a write says together with its commit; nothing when others are told soon anyway.
    pub(super) fn statement(&self, dialect: Dialect) -> Option<String> {
        if !self.allowed.load(Ordering::Relaxed) {
            return None;
        }
        let batches = self.batches.load(Ordering::Relaxed);
        let mut debts = self.debts();
        if batches && debts.lit.is_some_and(|lit| lit.elapsed() < EVERY) {
            debts.row = true;
            self.owes.notify_one();
            return None;
        }
        let notice = batches && dialect == Dialect::Postgres;
        *debts = Debts { lit: Some(Instant::now()), row: false, notice };
        drop(debts);
        if notice {
            self.owes.notify_one();
        }
        let origin = &self.origin;
        Some(match dialect {
            Dialect::Mysql => format!(
                "INSERT INTO beacon (origin, seq, seen_at) VALUES ('{origin}', 1, CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)) \
                ON DUPLICATE KEY UPDATE seq = seq + 1, seen_at = VALUES(seen_at)"
            ),
            _ => {
                // A process that does not look after its debts notifies together with its few commits.
                let notice = if batches { String::new() } else { format!("; {}", self.notice()) };
                format!(
                    "INSERT INTO beacon (origin, seq, seen_at) VALUES ('{origin}', 1, (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint) \
                    ON CONFLICT (origin) DO UPDATE SET seq = beacon.seq + 1, seen_at = excluded.seen_at{notice}"
                )
            }
        })
    }

    /// The notification of PostgreSQL.
    pub(crate) fn notice(&self) -> String {
        format!("NOTIFY {}, '{}'", super::ear::CHANNEL, self.origin)
    }
}
