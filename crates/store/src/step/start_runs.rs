//! Queued runs become running.

use std::sync::Arc;

use jiff::Timestamp;

use super::lease::{Owner, prove};
use crate::{Mode, Result, Transaction, Tx, params};

/// Starts the due queued runs of an owner, in the order of `run_after`, under `max_active_runs` of each DAG. Runs of paused or stale
/// DAGs wait. The order is that of all queued runs of the DAG, whoever owns them, so that no run overtakes an earlier one.
///
/// A later run gives way to a cleared one: see [`give_way`].
#[derive(Debug, Clone, Copy)]
pub struct StartRuns {
    pub owner: Owner,
    pub limit: u32,
}

/// A run that started.
#[derive(Debug, Clone, PartialEq)]
pub struct StartedRun {
    pub run_pk: i64,
    pub dag_id: Arc<str>,
    pub run_id: Arc<str>,
    pub start_date: Timestamp,
    pub change_seq: i64,
}

impl Transaction for StartRuns {
    /// `None`: the term is over.
    type Out = Option<Vec<StartedRun>>;
    const NAME: &'static str = "start_runs";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        if !prove(tx, self.owner).await? {
            return Ok(None);
        }
        let now = tx.now();
        give_way(tx).await?;
        let sql = "UPDATE dag_run SET state = 'running', start_date = ?, updated_at = ? WHERE id IN (
                SELECT id FROM (
                    SELECT r.id, r.run_after, r.owner_job, r.owner_term, d.max_active_runs - COALESCE(a.running, 0) AS free,
                        ROW_NUMBER() OVER (PARTITION BY r.dag_id ORDER BY r.run_after, r.id) AS place
                    FROM dag_run r JOIN dag d ON d.dag_id = r.dag_id
                    LEFT JOIN (SELECT dag_id, COUNT(*) AS running FROM dag_run WHERE state IN ('queued', 'running') AND state = 'running' GROUP BY dag_id) a ON a.dag_id = r.dag_id
                    WHERE r.state IN ('queued', 'running') AND r.state = 'queued' AND r.run_after <= ? AND d.is_paused = 0 AND d.is_stale = 0) due
                WHERE place <= free AND owner_job = ? AND owner_term = ?
                ORDER BY run_after, id LIMIT ?)
            RETURNING id, dag_id, run_id, start_date, change_seq";
        let rows = tx.rows(sql, params![now, now, now, self.owner.job, self.owner.term, self.limit]).await?;
        let started = rows.iter().map(|row| {
            let (run_pk, dag_id, run_id, start_date, change_seq) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
            Ok(StartedRun { run_pk, dag_id, run_id, start_date, change_seq })
        });
        started.collect::<Result<Vec<_>>>().map(Some)
    }
}

/// In DAGs whose tasks depend on their past, a cleared run may be waited for by later ones that hold all places of `max_active_runs`: both
/// would wait for ever. So the latest of them that has nothing under way is queued again, one for each DAG at a time; the limit is never passed.
async fn give_way(tx: &mut Tx<'_>) -> Result<()> {
    let now = tx.now();
    let sql = "UPDATE dag_run SET state = 'queued', start_date = NULL, change_seq = change_seq + 1, updated_at = ? WHERE id IN (
            SELECT (SELECT e.id FROM dag_run e
                WHERE e.dag_id = c.dag_id AND e.state IN ('queued', 'running') AND e.state = 'running' AND e.logical_date > c.earliest
                    AND NOT EXISTS (SELECT 1 FROM task_instance t WHERE t.run_pk = e.id
                        AND t.state IN ('scheduled', 'queued', 'running', 'restarting', 'deferred'))
                ORDER BY e.logical_date DESC LIMIT 1)
            FROM (SELECT dag_id, MIN(logical_date) AS earliest FROM dag_run
                WHERE state IN ('queued', 'running') AND state = 'queued' AND clear_number > 0 AND run_after <= ? GROUP BY dag_id) c
            JOIN dag d ON d.dag_id = c.dag_id
            WHERE d.is_paused = 0 AND d.is_stale = 0
                AND (SELECT COUNT(*) FROM dag_run o WHERE o.dag_id = c.dag_id AND o.state = 'running') >= d.max_active_runs
                AND NOT EXISTS (SELECT 1 FROM dag_run o WHERE o.dag_id = c.dag_id AND o.state = 'running' AND o.logical_date <= c.earliest)
                AND EXISTS (SELECT 1 FROM dag_version v JOIN dag_form f ON f.content_hash = v.content_hash, json_each(f.form, '$.tasks') j
                    WHERE v.id = d.version_id AND (j.value ->> 'depends_on_past' OR j.value ->> 'wait_for_downstream')))";
    tx.exec(sql, params![now, now]).await?;
    Ok(())
}
