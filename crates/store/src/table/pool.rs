//! `pool`: limits that tasks share, and how much of them is taken.

use tradewind_core::state::TaskState;

use crate::{Mode, Result, Row, Transaction, Tx, params};

/// The pool of tasks that name none; it cannot be removed.
pub const DEFAULT_POOL: &str = "default_pool";

/// A pool and its slots by the state of the task instances that hold or want them.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    pub name: String,
    /// -1: without limit.
    pub slots: i64,
    pub description: Option<String>,
    pub include_deferred: bool,
    pub running_slots: i64,
    pub queued_slots: i64,
    pub scheduled_slots: i64,
    pub deferred_slots: i64,
}

impl Pool {
    /// Slots that are taken.
    pub fn occupied_slots(&self) -> i64 {
        self.running_slots + self.queued_slots + if self.include_deferred { self.deferred_slots } else { 0 }
    }

    /// Slots that are free; `None`: without limit.
    pub fn open_slots(&self) -> Option<i64> {
        (self.slots >= 0).then(|| self.slots - self.occupied_slots())
    }

    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            name: row.get(0)?,
            slots: row.get(1)?,
            description: row.get(2)?,
            include_deferred: row.get(3)?,
            running_slots: 0,
            queued_slots: 0,
            scheduled_slots: 0,
            deferred_slots: 0,
        })
    }

    fn count(&mut self, state: TaskState, slots: i64) {
        match state {
            TaskState::Running | TaskState::Restarting => self.running_slots += slots,
            TaskState::Queued => self.queued_slots += slots,
            TaskState::Scheduled => self.scheduled_slots += slots,
            TaskState::Deferred => self.deferred_slots += slots,
            _ => {}
        }
    }
}

/// Pools by name.
#[derive(Debug, Clone)]
pub struct GetPools {
    /// `None`: all.
    pub name: Option<String>,
}

impl Transaction for GetPools {
    type Out = Vec<Pool>;
    const NAME: &'static str = "get_pools";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Pool>> {
        let sql = "SELECT pool, slots, description, include_deferred FROM pool WHERE CAST(? AS TEXT) IS NULL OR pool = ? ORDER BY pool";
        let rows = tx.rows(sql, params![&self.name, &self.name]).await?;
        let mut pools = rows.iter().map(Pool::read).collect::<Result<Vec<_>>>()?;
        let sql = "SELECT pool, state, SUM(pool_slots) FROM task_instance
            WHERE state IN ('scheduled', 'queued', 'running', 'restarting', 'deferred', 'awaiting_input') GROUP BY pool, state";
        for row in tx.rows(sql, params![]).await? {
            let name: String = row.get(0)?;
            if let Some(pool) = pools.iter_mut().find(|pool| pool.name == name) {
                pool.count(row.get(1)?, row.get(2)?);
            }
        }
        Ok(pools)
    }
}

/// Makes or changes a pool.
#[derive(Debug, Clone)]
pub struct SetPool {
    pub name: String,
    pub slots: i64,
    pub description: Option<String>,
    pub include_deferred: bool,
    /// Changes nothing when there is one already.
    pub only_new: bool,
}

impl Transaction for SetPool {
    /// Whether it is kept.
    type Out = bool;
    const NAME: &'static str = "set_pool";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let conflict = if self.only_new {
            "NOTHING"
        } else {
            "UPDATE SET slots = excluded.slots, description = excluded.description, include_deferred = excluded.include_deferred"
        };
        let sql =
            format!("INSERT INTO pool (pool, slots, description, include_deferred) VALUES (?, ?, ?, ?) ON CONFLICT (pool) DO {conflict}");
        Ok(tx.exec(sql, params![&self.name, self.slots, &self.description, self.include_deferred]).await? == 1)
    }
}

/// Removes a pool.
#[derive(Debug, Clone)]
pub struct DeletePool {
    pub name: String,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolDeleted {
    Done,
    NoPool,
    /// The default pool stays.
    Default,
}

impl Transaction for DeletePool {
    type Out = PoolDeleted;
    const NAME: &'static str = "delete_pool";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<PoolDeleted> {
        if self.name == DEFAULT_POOL {
            return Ok(PoolDeleted::Default);
        }
        let gone = tx.exec("DELETE FROM pool WHERE pool = ?", params![&self.name]).await?;
        Ok(if gone == 1 { PoolDeleted::Done } else { PoolDeleted::NoPool })
    }
}
