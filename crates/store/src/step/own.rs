//! Who keeps which open runs in memory.

use std::sync::Arc;

use tradewind_core::state::RunState;

use super::lease::{Owner, prove};
use crate::{Latch, Mode, Result, Transaction, Tx, params};

/// Takes open runs that nobody owns, or whose owner is dead or in a later term; the earliest first.
#[derive(Debug, Clone, Copy)]
pub struct OwnRuns {
    pub owner: Owner,
    pub limit: u32,
}

/// A run that is owned now.
#[derive(Debug, Clone, PartialEq)]
pub struct Owned {
    pub run_pk: i64,
    pub dag_id: Arc<str>,
    pub state: RunState,
    pub change_seq: i64,
}

impl Transaction for OwnRuns {
    /// `None`: the term is over.
    type Out = Option<Vec<Owned>>;
    const NAME: &'static str = "own_runs";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        tx.latch(Latch::Owners).await?;
        if !prove(tx, self.owner).await? {
            return Ok(None);
        }
        let now = tx.now();
        let sql = "UPDATE dag_run SET owner_job = ?, owner_term = ? WHERE id IN (
                SELECT r.id FROM dag_run r
                LEFT JOIN job j ON j.id = r.owner_job AND j.term = r.owner_term AND j.state = 'running' AND j.lease_until > ?
                WHERE r.state IN ('queued', 'running') AND j.id IS NULL
                ORDER BY r.run_after, r.id LIMIT ?)
                AND state IN ('queued', 'running')
            RETURNING id, dag_id, state, change_seq";
        let rows = tx.rows(sql, params![self.owner.job, self.owner.term, now, self.limit]).await?;
        let owned =
            rows.iter().map(|row| Ok(Owned { run_pk: row.get(0)?, dag_id: row.get(1)?, state: row.get(2)?, change_seq: row.get(3)? }));
        owned.collect::<Result<Vec<_>>>().map(Some)
    }
}

/// Gives all runs of a term back (a scheduler that stops).
#[derive(Debug, Clone, Copy)]
pub struct ReleaseRuns {
    pub owner: Owner,
}

impl Transaction for ReleaseRuns {
    /// How many.
    type Out = u64;
    const NAME: &'static str = "release_runs";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64> {
        let sql = "UPDATE dag_run SET owner_job = NULL, owner_term = NULL
            WHERE owner_job = ? AND owner_term = ? AND state IN ('queued', 'running')";
        tx.exec(sql, params![self.owner.job, self.owner.term]).await
    }
}
