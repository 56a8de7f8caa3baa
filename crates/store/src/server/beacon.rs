//! Whether and how a commit tells other processes of itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::Dialect;

/// Commits of a busy process are told of together, this often.
const EVERY: Duration = Duration::from_millis(10);

#[derive(Debug)]
pub(crate) struct Beacon {
    /// Names this process among the others.
    pub(super) origin: String,
    /// The table is there.
    allowed: AtomicBool,
    /// Somebody looks for what is owed.
    batches: AtomicBool,
    owed: AtomicBool,
    lit: Mutex<Option<Instant>>,
}

impl Beacon {
    pub(super) fn new() -> Self {
        let origin = uuid::Uuid::now_v7().to_string();
        Self {
            origin,
            allowed: AtomicBool::new(false),
            batches: AtomicBool::new(false),
            owed: AtomicBool::new(false),
            lit: Mutex::default(),
        }
    }

    pub(crate) fn allow(&self, allowed: bool) {
        self.allowed.store(allowed, Ordering::Relaxed);
    }

    pub(crate) fn batch(&self) {
        self.batches.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_owed(&self) -> bool {
        self.owed.load(Ordering::Relaxed)
    }

    /// What a write says together with its commit; nothing when others are told soon anyway.
    pub(super) fn statement(&self, dialect: Dialect) -> Option<String> {
        if !self.allowed.load(Ordering::Relaxed) {
            return None;
        }
        let mut lit = self.lit.lock().unwrap_or_else(PoisonError::into_inner);
        if self.batches.load(Ordering::Relaxed) && lit.is_some_and(|lit| lit.elapsed() < EVERY) {
            self.owed.store(true, Ordering::Relaxed);
            return None;
        }
        *lit = Some(Instant::now());
        self.owed.store(false, Ordering::Relaxed);
        let origin = &self.origin;
        Some(match dialect {
            Dialect::Mysql => format!(
                "INSERT INTO beacon (origin, seq, seen_at) VALUES ('{origin}', 1, CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)) \
                ON DUPLICATE KEY UPDATE seq = seq + 1, seen_at = VALUES(seen_at)"
            ),
            _ => format!(
                "INSERT INTO beacon (origin, seq, seen_at) VALUES ('{origin}', 1, (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint) \
                ON CONFLICT (origin) DO UPDATE SET seq = beacon.seq + 1, seen_at = excluded.seen_at"
            ),
        })
    }
}
