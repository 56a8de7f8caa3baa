//! Runs that updates of assets make.
//!
//! *Authority:* the rows of `asset_queue`. *Lock:* a queued row is the lock of the events behind it, for who adds one and for who takes them, so that
//! an event is in exactly one run of each DAG that waits for it, however many schedulers look (invariant 8).

use jiff::Timestamp;
use tradewind_core::asset::{Arrived, Condition};
use tradewind_core::run_id::{RunType, run_id};

use super::create_run::{NewRun, insert, open_runs};
use super::lease::{Owner, prove};
use crate::table::asset;
use crate::{Mode, Result, Transaction, Tx, Value, params};

/// An asset that was updated since the last run of a DAG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    pub asset_id: i64,
    pub name: String,
    pub uri: String,
    /// When it was queued first.
    pub created_at: Timestamp,
    /// The aliases that it was ever reported under.
    pub aliases: Vec<String>,
}

impl Queued {
    /// As conditions see it.
    pub fn arrived(&self) -> Arrived<'_> {
        Arrived { name: &self.name, uri: &self.uri, aliases: &self.aliases }
    }
}

/// A DAG with updated assets, whose condition may be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetDue {
    pub dag_id: String,
    pub version_id: i64,
    pub queued: Vec<Queued>,
}

/// DAGs that are not paused, have updated assets, and may have one more open run.
#[derive(Debug, Clone, Copy)]
pub struct AssetDues;

impl Transaction for AssetDues {
    type Out = Vec<AssetDue>;
    const NAME: &'static str = "asset_dues";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<AssetDue>> {
        let sql = "SELECT d.dag_id, d.version_id, q.asset_id, a.name, a.uri, q.created_at
            FROM (SELECT DISTINCT dag_id FROM asset_queue) w
            JOIN dag d ON d.dag_id = w.dag_id AND d.is_paused = 0 AND d.is_stale = 0 AND d.version_id IS NOT NULL
                AND (SELECT COUNT(*) FROM dag_run o WHERE o.dag_id = d.dag_id AND o.state IN ('queued', 'running')
                    AND o.run_type <> 'backfill') < d.max_active_runs
            JOIN asset_queue q ON q.dag_id = d.dag_id JOIN asset a ON a.id = q.asset_id ORDER BY d.dag_id, q.asset_id";
        let rows = tx.rows(sql, params![]).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let mut dues: Vec<AssetDue> = Vec::new();
        for row in &rows {
            let dag_id: String = row.get(0)?;
            if dues.last().is_none_or(|due| due.dag_id != dag_id) {
                dues.push(AssetDue { dag_id, version_id: row.get(1)?, queued: Vec::new() });
            }
            let queued =
                Queued { asset_id: row.get(2)?, name: row.get(3)?, uri: row.get(4)?, created_at: row.get(5)?, aliases: Vec::new() };
            if let Some(due) = dues.last_mut() {
                due.queued.push(queued);
            }
        }
        name_aliases(tx, dues.iter_mut().flat_map(|due| &mut due.queued).collect()).await?;
        Ok(dues)
    }
}

async fn name_aliases(tx: &mut Tx<'_>, queued: Vec<&mut Queued>) -> Result<()> {
    let mut ids: Vec<i64> = queued.iter().map(|one| one.asset_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let aliases = asset::aliases_of(tx, &ids).await?;
    for one in queued {
        one.aliases = aliases.get(&one.asset_id).cloned().unwrap_or_default();
    }
    Ok(())
}

/// What is queued for a DAG, locked.
pub(super) async fn queued(tx: &mut Tx<'_>, dag_id: &str) -> Result<Vec<Queued>> {
    let sql = "SELECT q.asset_id, a.name, a.uri, q.created_at FROM asset_queue q JOIN asset a ON a.id = q.asset_id
        WHERE q.dag_id = ? ORDER BY q.asset_id /*! FOR UPDATE OF q */";
    let mut queued = Vec::new();
    for row in tx.rows(sql, params![dag_id]).await? {
        queued.push(Queued { asset_id: row.get(0)?, name: row.get(1)?, uri: row.get(2)?, created_at: row.get(3)?, aliases: Vec::new() });
    }
    name_aliases(tx, queued.iter_mut().collect()).await?;
    Ok(queued)
}

/// Forgets assets and their events that are queued for a DAG.
pub(crate) async fn unqueue(tx: &mut Tx<'_>, dag_id: &str, assets: &[i64]) -> Result<()> {
    if assets.is_empty() {
        return Ok(());
    }
    let set = Value::json(assets)?;
    for table in ["asset_queue", "asset_due"] {
        let sql = format!("DELETE FROM {table} WHERE dag_id = ? AND asset_id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))");
        tx.exec(sql, [dag_id.into(), set.clone()]).await?;
    }
    Ok(())
}

/// Makes the run of a DAG whose condition is met, which takes everything that is queued for it.
#[derive(Debug, Clone)]
pub struct CreateAssetRun {
    pub owner: Owner,
    pub dag_id: String,
    /// The version that `condition` is of.
    pub version_id: i64,
    pub condition: Condition,
    /// Tells runs of one instant apart.
    pub suffix: String,
    /// Not while this many runs of the DAG are queued or running.
    pub max_open: u32,
}

/// Outcome of [`CreateAssetRun`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssetRunOutcome {
    /// The run is owned by the caller.
    Created { run_pk: i64, run_id: String, events: u64 },
    /// Another has taken what was queued, or it does not suffice; nothing changed.
    NotMet,
    /// The DAG has its open runs; nothing changed.
    Full,
    /// The DAG has another version, or its run id is taken; nothing changed, to be tried again.
    Stale,
    /// The DAG is deleted, stale or paused; nothing changed.
    Gone,
    /// The term is over.
    Fenced,
}

impl Transaction for CreateAssetRun {
    type Out = AssetRunOutcome;
    const NAME: &'static str = "create_asset_run";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<AssetRunOutcome> {
        if !prove(tx, self.owner).await? {
            return Ok(AssetRunOutcome::Fenced);
        }
        let sql = "SELECT version_id FROM dag WHERE dag_id = ? AND is_stale = 0 AND is_paused = 0 /*! FOR UPDATE */";
        let Some(dag) = tx.row(sql, params![&self.dag_id]).await? else { return Ok(AssetRunOutcome::Gone) };
        if dag.get::<Option<i64>>(0)? != Some(self.version_id) {
            return Ok(AssetRunOutcome::Stale);
        }
        if open_runs(tx, &self.dag_id).await? >= self.max_open {
            return Ok(AssetRunOutcome::Full);
        }
        let queued = queued(tx, &self.dag_id).await?;
        let arrived: Vec<Arrived<'_>> = queued.iter().map(Queued::arrived).collect();
        let Some(run_after) = queued.iter().map(|one| one.created_at).max().filter(|_| self.condition.is_met(&arrived)) else {
            return Ok(AssetRunOutcome::NotMet);
        };
        let run = self.run_at(run_after);
        let Some(run_pk) = insert(tx, &self.dag_id, &run, Some(self.version_id), Some(self.owner)).await? else {
            return Ok(AssetRunOutcome::Stale);
        };
        let assets: Vec<i64> = queued.iter().map(|one| one.asset_id).collect();
        let sql = "INSERT INTO dag_run_asset_event (dag_id, event_id, run_pk)
            SELECT dag_id, event_id, ? FROM asset_due WHERE dag_id = ? AND asset_id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))
            ON CONFLICT DO NOTHING";
        let events = tx.exec(sql, params![run_pk, &self.dag_id, Value::json(&assets)?]).await?;
        unqueue(tx, &self.dag_id, &assets).await?;
        Ok(AssetRunOutcome::Created { run_pk, run_id: run.run_id, events })
    }
}

impl CreateAssetRun {
    /// It is about no time: it has neither a logical date nor a data interval, as in Airflow 3.
    fn run_at(&self, run_after: Timestamp) -> NewRun {
        NewRun {
            run_id: run_id(RunType::AssetTriggered, run_after, Some(&self.suffix)),
            run_type: RunType::AssetTriggered.as_str().to_owned(),
            logical_date: None,
            data_interval_start: None,
            data_interval_end: None,
            run_after,
            conf: "{}".to_owned(),
            triggered_by: "asset".to_owned(),
            triggering_user_name: None,
            note: None,
        }
    }
}

/// What is queued for DAGs: for people.
#[derive(Debug, Clone)]
pub struct QueuedFor {
    pub dag_ids: Vec<String>,
}

impl Transaction for QueuedFor {
    type Out = Vec<(String, Queued)>;
    const NAME: &'static str = "assets_queued_for";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let sql = "SELECT q.dag_id, q.asset_id, a.name, a.uri, q.created_at FROM (SELECT value FROM json_each(?)) j
            CROSS JOIN asset_queue q ON q.dag_id = j.value JOIN asset a ON a.id = q.asset_id ORDER BY q.dag_id, q.asset_id";
        let mut found: Vec<(String, Queued)> = Vec::new();
        for row in tx.rows(sql, [Value::json(&self.dag_ids)?]).await? {
            let one = Queued { asset_id: row.get(1)?, name: row.get(2)?, uri: row.get(3)?, created_at: row.get(4)?, aliases: Vec::new() };
            found.push((row.get(0)?, one));
        }
        name_aliases(tx, found.iter_mut().map(|(_, queued)| queued).collect()).await?;
        Ok(found)
    }
}
