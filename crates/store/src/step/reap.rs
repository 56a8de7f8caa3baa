//! What the death of a worker, or the loss of a hint, left behind.
//!
//! A lost worker is no fault of the task (invariant 5): its task instance is `scheduled` again with one more try allowed, so that the
//! retries of the task stay whole. A few times; then it fails, so that one that kills its workers ends.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tradewind_core::alert::{AlertKind, Policy, task_draft};
use tradewind_core::form::DagForm;
use tradewind_core::state::TaskState;
use uuid::Uuid;

use super::lease::{Owner, prove};
use super::report::restart;
use crate::table::alert;
use crate::table::attempt::Attempt;
use crate::table::dag_run::{self, Changed};
use crate::table::task_instance::{TaskInstance, TaskKey};
use crate::{Error, Mode, Result, Row, Transaction, Tx, params};

/// Ends attempts whose worker is gone.
#[derive(Debug, Clone)]
pub struct ReapLost {
    pub owner: Owner,
    pub limit: u32,
    /// Workers whose lease has ended are gone; otherwise only those whose row somebody has ended.
    pub expired: bool,
    /// Workers that a task instance may lose without failing.
    pub losses: u32,
    /// Whom to tell of a task that fails by it.
    pub policy: Arc<Policy>,
}

/// An attempt that was lost, and what became of its task instance.
#[derive(Debug, Clone)]
pub struct Lost {
    pub attempt_id: Uuid,
    pub task: TaskInstance,
    pub changed: Changed,
}

impl Transaction for ReapLost {
    /// `None`: the term is over.
    type Out = Option<Vec<Lost>>;
    const NAME: &'static str = "reap_lost";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        if !prove(tx, self.owner).await? {
            return Ok(None);
        }
        let now = tx.now();
        // A renewal that is on its way is waited for here, or finds its lease ended: never both a lease and a loss.
        if self.expired {
            let dead = "UPDATE job SET state = 'failed', end_date = ? WHERE state = 'running' AND lease_until <= ?
                AND id IN (SELECT worker FROM attempt WHERE state = 'running')";
            tx.exec(dead, params![now, now]).await?;
        }
        let mut lost = Vec::new();
        // One at a time, in the order of the locks: deaths are rare, and each task instance goes its own way.
        for (attempt_id, key) in self.orphans(tx).await? {
            dag_run::lock(tx, key.run_pk).await?;
            // Its report may have come first; from here on none can.
            let Some(attempt) = self.still_running(tx, attempt_id).await? else { continue };
            let task = match restart(tx, &key, attempt_id).await? {
                Some(task) => Some(task),
                None => self.again(tx, &attempt, now).await?,
            };
            self.end(tx, &attempt, task.as_ref()).await?;
            if let Some(task) = task
                && let Some(changed) = dag_run::raise_change(tx, key.run_pk).await?
            {
                lost.push(Lost { attempt_id, task, changed });
            }
        }
        Ok(Some(lost))
    }
}

impl ReapLost {
    /// Attempts whose worker has no lease any more.
    async fn orphans(&self, tx: &mut Tx<'_>) -> Result<Vec<(Uuid, TaskKey)>> {
        let sql = "SELECT a.id, a.run_pk, a.task_id, a.map_index FROM attempt a LEFT JOIN job j ON j.id = a.worker AND j.state = 'running'
            WHERE a.state = 'running' AND j.id IS NULL ORDER BY a.run_pk, a.task_id, a.map_index, a.id LIMIT ?";
        let rows = tx.rows(sql, params![self.limit]).await?;
        let orphan = |row: &Row| Ok((row.get(0)?, TaskKey { run_pk: row.get(1)?, task_id: row.get(2)?, map_index: row.get(3)? }));
        rows.iter().map(orphan).collect()
    }

    async fn still_running(&self, tx: &mut Tx<'_>, attempt_id: Uuid) -> Result<Option<Attempt>> {
        let sql = format!("SELECT {} FROM attempt WHERE id = ? AND state = 'running'", Attempt::COLUMNS);
        tx.row(sql, params![attempt_id]).await?.map(|row| Attempt::read(&row, 0)).transpose()
    }

    /// Ends the attempt, and tells of a task that fails by it.
    async fn end(&self, tx: &mut Tx<'_>, attempt: &Attempt, task: Option<&TaskInstance>) -> Result<()> {
        let failed = task.filter(|task| task.state == Some(TaskState::Failed));
        let reason =
            failed.map_or_else(|| "its worker was lost".to_owned(), |task| format!("its worker was lost {} times", task.worker_losses));
        let sql = "UPDATE attempt SET state = 'lost', end_date = ?, reason = ? WHERE id = ? AND state = 'running'";
        let now = tx.now();
        tx.exec(sql, params![now, &reason, attempt.id]).await?;
        match failed {
            Some(task) => self.alert(tx, task, attempt, reason).await,
            None => Ok(()),
        }
    }

    /// `None`: the task instance had moved on.
    async fn again(&self, tx: &mut Tx<'_>, attempt: &Attempt, now: Timestamp) -> Result<Option<TaskInstance>> {
        let sql = format!(
            "UPDATE task_instance SET updated_at = ?,
                state = CASE WHEN worker_losses >= ? THEN 'failed' ELSE 'scheduled' END,
                end_date = CASE WHEN worker_losses >= ? THEN ? END,
                max_tries = CASE WHEN worker_losses >= ? THEN max_tries ELSE max_tries + 1 END,
                worker_losses = worker_losses + 1
            WHERE run_pk = ? AND task_id = ? AND map_index = ? AND attempt_id = ? AND state = 'running' RETURNING {}",
            TaskInstance::COLUMNS
        );
        let budget = self.losses;
        let values = params![now, budget, budget, now, budget, attempt.run_pk, &attempt.task_id, attempt.map_index, attempt.id];
        tx.row(sql, values).await?.map(|row| TaskInstance::read(&row, 0)).transpose()
    }

    /// A form that cannot be read costs the alert, not the reaper.
    async fn alert(&self, tx: &mut Tx<'_>, task: &TaskInstance, attempt: &Attempt, reason: String) -> Result<()> {
        let sql =
            "SELECT f.form FROM dag_run r JOIN dag_version v ON v.id = r.version_id JOIN dag_form f ON f.content_hash = v.content_hash
            WHERE r.id = ?";
        let Some(row) = tx.row(sql, params![task.run_pk]).await? else { return Ok(()) };
        let Ok(form) = DagForm::from_json(&row.get::<String>(0)?) else { return Ok(()) };
        let Some(of_task) = form.task(&task.task_id) else { return Ok(()) };
        let key = format!("attempt/{}", attempt.id);
        let draft = task_draft(&self.policy, AlertKind::TaskFailure, &form, of_task, task.map_index, key).map(|mut draft| {
            draft.facts.reason = Some(reason);
            draft
        });
        alert::insert(tx, Some(task.run_pk), draft.as_slice()).await
    }
}

/// Queued attempts whose hint nobody took for a while, oldest first: publish them again under the same id.
#[derive(Debug, Clone, Copy)]
pub struct Republish {
    pub owner: Owner,
    /// Since they were last published.
    pub older_than: SignedDuration,
    pub limit: u32,
}

/// An attempt to publish again.
#[derive(Debug, Clone, PartialEq)]
pub struct Unclaimed {
    pub attempt_id: Uuid,
    pub queue: String,
    pub priority_weight: i64,
}

impl Transaction for Republish {
    /// `None`: the term is over.
    type Out = Option<Vec<Unclaimed>>;
    const NAME: &'static str = "republish";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        if !prove(tx, self.owner).await? {
            return Ok(None);
        }
        let now = tx.now();
        let before = now.checked_sub(self.older_than).map_err(|error| Error::invalid("the age of a lost hint", error))?;
        let sql = "UPDATE attempt SET published_at = ? WHERE id IN (
                SELECT id FROM attempt WHERE state = 'queued' AND published_at <= ? ORDER BY published_at, id LIMIT ?)
                AND state = 'queued' AND published_at <= ?
            RETURNING id, queue, priority_weight";
        let rows = tx.rows(sql, params![now, before, self.limit, before]).await?;
        let unclaimed = rows.iter().map(|row| Ok(Unclaimed { attempt_id: row.get(0)?, queue: row.get(1)?, priority_weight: row.get(2)? }));
        unclaimed.collect::<Result<Vec<_>>>().map(Some)
    }
}
