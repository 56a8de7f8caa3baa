//! Queued runs become running.

use std::sync::Arc;

use jiff::Timestamp;

use super::lease::{Owner, prove};
use crate::{Dialect, Latch, Mode, Result, Transaction, Tx, params};

/// Starts the due queued runs of an owner, in the order of `run_after`, under `max_active_runs` of each DAG. Runs of paused or stale
/// DAGs wait. The order is that of all queued runs of the DAG, whoever owns them, so that no run overtakes an earlier one.
///
/// The runs of a backfill have an order and a limit of their own, and come after the DAG's other runs; while it is paused none starts.
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
        tx.latch(Latch::Limits).await?;
        if !prove(tx, self.owner).await? {
            return Ok(None);
        }
        let now = tx.now();
        give_way(tx).await?;
        let sql = "UPDATE dag_run SET state = 'running', start_date = ?, updated_at = ? WHERE id IN (
                SELECT id FROM (
                    SELECT r.id, r.run_after, r.owner_job, r.owner_term, r.backfill_order,
                        COALESCE(b.max_active_runs, d.max_active_runs) - COALESCE(a.running, 0) AS free,
                        ROW_NUMBER() OVER (PARTITION BY r.dag_id, COALESCE(r.backfill_id, 0) ORDER BY r.backfill_order, r.run_after, r.id) AS place
                    FROM dag_run r JOIN dag d ON d.dag_id = r.dag_id
                    LEFT JOIN backfill b ON b.id = r.backfill_id
                    LEFT JOIN (SELECT dag_id, COALESCE(backfill_id, 0) AS part, COUNT(*) AS running FROM dag_run
                        WHERE state IN ('queued', 'running') AND state = 'running' GROUP BY dag_id, COALESCE(backfill_id, 0)) a
                        ON a.dag_id = r.dag_id AND a.part = COALESCE(r.backfill_id, 0)
                    WHERE r.state IN ('queued', 'running') AND r.state = 'queued' AND r.run_after <= ? AND d.is_paused = 0 AND d.is_stale = 0
                        AND (b.id IS NULL OR b.is_paused = 0 OR b.completed_at IS NOT NULL)) due
                WHERE place <= free AND owner_job = ? AND owner_term = ?
                ORDER BY backfill_order, run_after, id LIMIT ?)
                AND state = 'queued' AND owner_job = ? AND owner_term = ?
            RETURNING id, dag_id, run_id, start_date, change_seq";
        let rows =
            tx.rows(sql, params![now, now, now, self.owner.job, self.owner.term, self.limit, self.owner.job, self.owner.term]).await?;
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
    // An option that a task has only when it is set.
    let waits = match tx.dialect() {
        Dialect::Sqlite => {
            "SELECT 1 FROM dag_version v JOIN dag_form f ON f.content_hash = v.content_hash, json_each(f.form, '$.tasks') j
                WHERE v.id = d.version_id AND (j.value ->> 'depends_on_past' OR j.value ->> 'wait_for_downstream')"
        }
        Dialect::Postgres => {
            "SELECT 1 FROM dag_version v JOIN dag_form f ON f.content_hash = v.content_hash,
                jsonb_array_elements(CAST(f.form AS jsonb) -> 'tasks') j
                WHERE v.id = d.version_id AND (j ->> 'depends_on_past' = 'true' OR j ->> 'wait_for_downstream' = 'true')"
        }
        Dialect::Mysql => {
            "SELECT 1 FROM dag_version v JOIN dag_form f ON f.content_hash = v.content_hash
                WHERE v.id = d.version_id AND (JSON_CONTAINS(JSON_EXTRACT(f.form, '$.tasks[*].depends_on_past'), 'true')
                    OR JSON_CONTAINS(JSON_EXTRACT(f.form, '$.tasks[*].wait_for_downstream'), 'true'))"
        }
    };
    let cleared = format!(
        "SELECT q.dag_id, MIN(q.logical_date) FROM dag_run q JOIN dag d ON d.dag_id = q.dag_id
        WHERE q.state IN ('queued', 'running') AND q.state = 'queued' AND q.clear_number > 0 AND q.backfill_id IS NULL AND q.run_after <= ?
            AND d.is_paused = 0 AND d.is_stale = 0 AND EXISTS ({waits}) GROUP BY q.dag_id"
    );
    for row in tx.rows(cleared, params![now]).await? {
        let (dag_id, earliest): (String, Option<i64>) = (row.get(0)?, row.get(1)?);
        if let Some(earliest) = earliest
            && later_runs_hold_all_places(tx, &dag_id, earliest).await?
        {
            let sql = "UPDATE dag_run SET state = 'queued', start_date = NULL, change_seq = change_seq + 1, updated_at = ? WHERE id IN (
                    SELECT e.id FROM dag_run e
                    WHERE e.dag_id = ? AND e.state IN ('queued', 'running') AND e.state = 'running' AND e.logical_date > ?
                        AND e.backfill_id IS NULL
                        AND NOT EXISTS (SELECT 1 FROM task_instance t WHERE t.run_pk = e.id
                            AND t.state IN ('scheduled', 'queued', 'running', 'restarting', 'deferred'))
                    ORDER BY e.logical_date DESC LIMIT 1)
                AND state = 'running'";
            tx.exec(sql, params![now, &dag_id, earliest]).await?;
        }
    }
    Ok(())
}

/// Whether runs after this date, and none before, are all that may run of the DAG.
async fn later_runs_hold_all_places(tx: &mut Tx<'_>, dag_id: &str, date: i64) -> Result<bool> {
    let sql = "SELECT d.max_active_runs, COUNT(r.id), COALESCE(SUM(CASE WHEN r.logical_date <= ? THEN 1 ELSE 0 END), 0)
        FROM dag d LEFT JOIN dag_run r ON r.dag_id = d.dag_id AND r.state IN ('queued', 'running') AND r.state = 'running'
            AND r.backfill_id IS NULL
        WHERE d.dag_id = ? GROUP BY d.max_active_runs";
    let Some(row) = tx.row(sql, params![date, dag_id]).await? else { return Ok(false) };
    let (most, running, earlier): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
    Ok(running >= most && earlier == 0)
}
