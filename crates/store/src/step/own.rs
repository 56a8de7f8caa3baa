//! Who keeps which open runs in memory.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tradewind_core::state::RunState;

use super::lease::{Owner, prove};
use crate::{Error, Latch, Mode, Result, Row, Transaction, Tx, params};

/// Takes open runs that nobody owns, or whose owner is dead or in a later term; the earliest first.
#[derive(Debug, Clone, Copy)]
pub struct OwnRuns {
    pub owner: Owner,
    pub limit: u32,
    /// What is beyond this scheduler's share of all open runs is left to the others for so long; `None`: it takes all.
    pub leave_to_others: Option<SignedDuration>,
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
        let Some(patience) = self.leave_to_others else { return self.take(tx, self.limit, tx.now()).await.map(Some) };
        let since = tx.now().checked_sub(patience).map_err(|error| Error::invalid("how long runs are left to others", error))?;
        let share = self.share(tx).await?;
        let mut owned = self.take(tx, self.limit.min(share), tx.now()).await?;
        let left = self.limit.saturating_sub(u32::try_from(owned.len()).unwrap_or(u32::MAX));
        if left > 0 {
            owned.extend(self.take(tx, left, since).await?);
        }
        Ok(Some(owned))
    }
}

impl OwnRuns {
    /// Takes runs that have been without an owner at that time.
    async fn take(&self, tx: &mut Tx<'_>, limit: u32, since: Timestamp) -> Result<Vec<Owned>> {
        let now = tx.now();
        let sql = "UPDATE dag_run SET owner_job = ?, owner_term = ? WHERE id IN (
                SELECT r.id FROM dag_run r
                LEFT JOIN job j ON j.id = r.owner_job AND j.term = r.owner_term
                WHERE r.state IN ('queued', 'running') AND (j.id IS NULL OR j.state <> 'running' OR j.lease_until <= ?)
                    AND COALESCE(j.lease_until, r.updated_at) <= ?
                ORDER BY r.run_after, r.id LIMIT ?)
                AND state IN ('queued', 'running')
            RETURNING id, dag_id, state, change_seq";
        let rows = tx.rows(sql, params![self.owner.job, self.owner.term, now, since, limit]).await?;
        let owned = |row: &Row| Ok(Owned { run_pk: row.get(0)?, dag_id: row.get(1)?, state: row.get(2)?, change_seq: row.get(3)? });
        rows.iter().map(owned).collect()
    }

    /// How many runs are missing from this scheduler's part, were all open runs dealt out evenly.
    async fn share(&self, tx: &mut Tx<'_>) -> Result<u32> {
        let sql = "SELECT COUNT(*), COALESCE(SUM(CASE WHEN owner_job = ? AND owner_term = ? THEN 1 ELSE 0 END), 0) FROM dag_run
            WHERE state IN ('queued', 'running')";
        let (open, own): (i64, i64) = match tx.row(sql, params![self.owner.job, self.owner.term]).await? {
            Some(row) => (row.get(0)?, row.get(1)?),
            None => (0, 0),
        };
        let now = tx.now();
        let sql = "SELECT COUNT(*) FROM job WHERE job_type = 'SchedulerJob' AND state = 'running' AND lease_until > ?";
        let alive: i64 = tx.row(sql, params![now]).await?.map_or(Ok(1), |row| row.get(0))?;
        Ok(share(open, own, alive))
    }
}

fn share(open: i64, own: i64, alive: i64) -> u32 {
    let alive = alive.max(1);
    let part = open / alive + i64::from(open % alive > 0);
    u32::try_from(part - own).unwrap_or(0)
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
        release(tx, self.owner).await
    }
}

pub(super) async fn release(tx: &mut Tx<'_>, owner: Owner) -> Result<u64> {
    let now = tx.now();
    let sql = "UPDATE dag_run SET owner_job = NULL, owner_term = NULL, updated_at = ?
        WHERE owner_job = ? AND owner_term = ? AND state IN ('queued', 'running')";
    tx.exec(sql, params![now, owner.job, owner.term]).await
}

/// What a scheduler asks when another process has committed something: cheap, and nothing is locked.
#[derive(Debug, Clone, Copy)]
pub struct Glance {
    pub owner: Owner,
    /// Runs of its own that changed since then.
    pub since: Timestamp,
}

/// See [`Glance`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Glanced {
    /// Run, its `change_seq`, its state.
    pub changed: Vec<(i64, i64, RunState)>,
    /// There are runs that were given to nobody.
    pub unowned: bool,
    /// When the last run ended, microseconds: another number means that a queued one may start.
    pub last_end: Option<i64>,
    /// Task instances that take part of a limit: another number means that a limit may have room.
    pub active: i64,
}

impl Transaction for Glance {
    type Out = Glanced;
    const NAME: &'static str = "glance";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Glanced> {
        let sql = "SELECT id, change_seq, state FROM dag_run
            WHERE owner_job = ? AND owner_term = ? AND state IN ('queued', 'running') AND updated_at >= ?";
        let rows = tx.rows(sql, params![self.owner.job, self.owner.term, self.since]).await?;
        let changed = rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect::<Result<_>>()?;
        let sql = "SELECT EXISTS (SELECT 1 FROM dag_run WHERE owner_job IS NULL AND state IN ('queued', 'running')),
            (SELECT MAX(end_date) FROM dag_run WHERE state IN ('success', 'failed')),
            (SELECT COUNT(*) FROM task_instance
                WHERE state IN ('scheduled', 'queued', 'running', 'restarting', 'deferred', 'awaiting_input') AND state <> 'scheduled')";
        let Some(row) = tx.row(sql, params![]).await? else { return Ok(Glanced::default()) };
        Ok(Glanced { changed, unowned: row.get(0)?, last_end: row.get(1)?, active: row.get(2)? })
    }
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn runs_are_dealt_out_evenly_and_none_is_left_over() {
        assert_eq!([share(9, 0, 3), share(9, 3, 3), share(9, 5, 3)], [3, 0, 0]);
        assert_eq!([share(10, 0, 3), share(10, 3, 3), share(1, 0, 3)], [4, 1, 1]);
        assert_eq!(share(5, 0, 0), 5);
    }
}
