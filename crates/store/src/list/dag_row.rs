//! Rows of the list of DAGs: each with its newest runs, how many it has in each state, and whether the viewer likes it.
//!
//! One statement per set, so that a page costs its own length and not that of the history.

use std::collections::{HashMap, HashSet};

use super::dag::{DagFilter, DagView, SELECT, read};
use super::filter::{OrderKey, Page};
use super::keyset::{Keyset, KeysetPage};
use crate::{Mode, Result, Transaction, Tx, Value, params};

/// A row. Times in microseconds.
#[derive(Debug, Clone)]
pub struct DagRow {
    pub dag: DagView,
    /// The newest, oldest first.
    pub last_runs: Vec<RunBar>,
    pub counts: RunCounts,
    pub is_favorite: bool,
    /// Of a DAG that waits for assets: how many have come since its last run, of how many.
    pub assets: Option<(i64, i64)>,
}

/// A run as far as a bar of it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunBar {
    pub run_id: String,
    pub run_type: String,
    pub state: String,
    pub run_after: i64,
    pub logical_date: Option<i64>,
    pub start_date: Option<i64>,
    pub end_date: Option<i64>,
}

/// Runs by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunCounts {
    pub queued: i64,
    pub running: i64,
    pub success: i64,
    pub failed: i64,
}

impl RunCounts {
    pub(super) fn set(&mut self, state: &str, count: i64) {
        match state {
            "queued" => self.queued = count,
            "running" => self.running = count,
            "success" => self.success = count,
            "failed" => self.failed = count,
            _ => {}
        }
    }
}

/// Which part of the list.
#[derive(Debug, Clone)]
pub enum RowPage {
    Cursor(KeysetPage),
    Offset(Page),
}

/// A page of rows.
#[derive(Debug, Clone)]
pub struct ListDagRows {
    pub filter: DagFilter,
    pub order: Vec<OrderKey>,
    pub page: RowPage,
    /// Whose favourites.
    pub username: String,
    /// Runs per DAG.
    pub runs: i64,
}

impl Transaction for ListDagRows {
    /// `None`: the cursor is not one of this order.
    type Out = Option<Keyset<DagRow>>;
    const NAME: &'static str = "list.dag_rows";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let page = match &self.page {
            RowPage::Cursor(page) => match SELECT.keyset(tx, self.filter.filter(), &self.order, page, read).await? {
                Some(page) => page,
                None => return Ok(None),
            },
            RowPage::Offset(page) => {
                let listed = SELECT.page(tx, &self.filter.filter(), &self.order, *page, read).await?;
                Keyset { rows: listed.rows, total: listed.total, next: None, previous: None }
            }
        };
        let ids = Value::json(&page.rows.iter().map(|dag| &dag.dag_id).collect::<Vec<_>>())?;
        let mut last_runs = last_runs(tx, &ids, self.runs).await?;
        let mut counts = counts(tx, &ids).await?;
        let favorites = favorites(tx, &ids, &self.username).await?;
        let assets = assets(tx, &ids).await?;
        let row = |dag: DagView| DagRow {
            last_runs: last_runs.remove(&dag.dag_id).unwrap_or_default(),
            counts: counts.remove(&dag.dag_id).unwrap_or_default(),
            is_favorite: favorites.contains(&dag.dag_id),
            assets: assets.get(&dag.dag_id).copied(),
            dag,
        };
        Ok(Some(Keyset { rows: page.rows.into_iter().map(row).collect(), total: page.total, next: page.next, previous: page.previous }))
    }
}

async fn assets(tx: &mut Tx<'_>, ids: &Value) -> Result<HashMap<String, (i64, i64)>> {
    let sql = "SELECT u.dag_id, CAST(SUM(CASE WHEN EXISTS (SELECT 1 FROM asset_queue q JOIN asset a ON a.id = q.asset_id \
                WHERE q.dag_id = u.dag_id AND (a.id = u.asset_id OR a.name = u.ref_name OR a.uri = u.ref_uri \
                    OR EXISTS (SELECT 1 FROM asset_alias_asset m WHERE m.asset_id = a.id AND m.alias_id = u.alias_id))) \
            THEN 1 ELSE 0 END) AS BIGINT), COUNT(*) \
        FROM json_each(?) AS wanted CROSS JOIN asset_use u ON u.dag_id = wanted.value AND u.kind = 'schedule' GROUP BY u.dag_id";
    tx.rows(sql, [ids.clone()]).await?.iter().map(|row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))).collect()
}

async fn last_runs(tx: &mut Tx<'_>, ids: &Value, limit: i64) -> Result<HashMap<String, Vec<RunBar>>> {
    const EACH: &str = "SELECT r.dag_id, r.run_id, r.run_type, r.state, r.run_after, r.logical_date, r.start_date, r.end_date \
        FROM json_each(?) AS wanted CROSS JOIN dag_run AS r \
        WHERE r.id IN (SELECT n.id FROM dag_run AS n WHERE n.dag_id = wanted.value ORDER BY n.run_after DESC, n.id DESC LIMIT ?) \
        ORDER BY r.dag_id, r.run_after, r.id";
    // A query with a limit cannot look at the row outside it there.
    const NUMBERED: &str = "SELECT dag_id, run_id, run_type, state, run_after, logical_date, start_date, end_date FROM ( \
            SELECT r.dag_id, r.run_id, r.run_type, r.state, r.run_after, r.logical_date, r.start_date, r.end_date, r.id, \
                ROW_NUMBER() OVER (PARTITION BY r.dag_id ORDER BY r.run_after DESC, r.id DESC) AS place \
            FROM json_each(?) AS wanted CROSS JOIN dag_run AS r ON r.dag_id = wanted.value) numbered \
        WHERE place <= ? ORDER BY dag_id, run_after, id";
    let sql = crate::sql!(Sqlite: EACH, Postgres: EACH, Mysql: NUMBERED);
    let mut found: HashMap<String, Vec<RunBar>> = HashMap::new();
    for row in tx.rows(sql, [ids.clone(), limit.into()]).await? {
        let bar = RunBar {
            run_id: row.get(1_usize)?,
            run_type: row.get(2_usize)?,
            state: row.get(3_usize)?,
            run_after: row.get(4_usize)?,
            logical_date: row.get(5_usize)?,
            start_date: row.get(6_usize)?,
            end_date: row.get(7_usize)?,
        };
        found.entry(row.get(0_usize)?).or_default().push(bar);
    }
    Ok(found)
}

async fn counts(tx: &mut Tx<'_>, ids: &Value) -> Result<HashMap<String, RunCounts>> {
    let sql = "SELECT r.dag_id, r.state, count(*) FROM json_each(?) AS wanted CROSS JOIN dag_run AS r ON r.dag_id = wanted.value \
        GROUP BY r.dag_id, r.state";
    let mut found: HashMap<String, RunCounts> = HashMap::new();
    for row in tx.rows(sql, [ids.clone()]).await? {
        let (dag_id, state): (String, String) = (row.get(0_usize)?, row.get(1_usize)?);
        found.entry(dag_id).or_default().set(&state, row.get(2_usize)?);
    }
    Ok(found)
}

async fn favorites(tx: &mut Tx<'_>, ids: &Value, username: &str) -> Result<HashSet<String>> {
    let sql = "SELECT f.dag_id FROM json_each(?) AS wanted CROSS JOIN dag_favorite AS f ON f.username = ? AND f.dag_id = wanted.value";
    tx.rows(sql, params![ids.clone(), username]).await?.iter().map(|row| row.get(0_usize)).collect()
}
