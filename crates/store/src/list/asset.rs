//! Assets, aliases, events and what is queued, as the API lists them.

use std::collections::HashMap;

use jiff::Timestamp;

use super::Select;
use super::filter::{Filter, Listed, OrderKey, OrderNames, Page, Patterns, Range};
use crate::table::asset::Asset;
use crate::table::asset_event::{self, AssetEvent};
use crate::{Mode, Result, Row, Transaction, Tx, Value, params};

/// What assets may be sorted by.
pub const ORDER: OrderNames =
    &[("id", "a.id"), ("name", "a.name"), ("uri", "a.uri"), ("created_at", "a.created_at"), ("updated_at", "a.updated_at")];

/// What aliases may be sorted by.
pub const ALIAS_ORDER: OrderNames = &[("id", "l.id"), ("name", "l.name")];

/// What events may be sorted by.
pub const EVENT_ORDER: OrderNames = &[
    ("timestamp", "e.timestamp"),
    ("source_task_id", "e.source_task_id"),
    ("source_dag_id", "e.source_dag_id"),
    ("source_run_id", "e.source_run_id"),
    ("source_map_index", "e.source_map_index"),
];

/// An alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasView {
    pub id: i64,
    pub name: String,
    pub group: String,
}

/// What a DAG says of an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseView {
    /// `schedule`, `inlet` or `outlet`.
    pub kind: String,
    pub dag_id: String,
    pub task_id: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// An asset with everything that its answer shows.
#[derive(Debug, Clone, PartialEq)]
pub struct AssetView {
    pub asset: Asset,
    pub uses: Vec<UseView>,
    pub aliases: Vec<AliasView>,
    /// Number and time of its newest event.
    pub last_event: Option<(i64, Timestamp)>,
}

/// Which assets.
#[derive(Debug, Clone, Default)]
pub struct AssetFilter {
    pub ids: Vec<i64>,
    pub name: Patterns,
    pub uri: Patterns,
    /// Named by any of these DAGs.
    pub dag_ids: Vec<String>,
    /// Only those that a DAG names which is in a file.
    pub only_active: bool,
}

/// Whether a DAG that is in a file names the asset `a`, or an alias that it was reported under.
const NAMED: &str = "(EXISTS (SELECT 1 FROM asset_use u JOIN dag d ON d.dag_id = u.dag_id AND d.is_stale = 0 WHERE u.asset_id = a.id)
    OR EXISTS (SELECT 1 FROM asset_alias_asset m JOIN asset_use u ON u.alias_id = m.alias_id
        JOIN dag d ON d.dag_id = u.dag_id AND d.is_stale = 0 WHERE m.asset_id = a.id))";

impl AssetFilter {
    fn filter(&self) -> Filter {
        let mut filter = Filter::new();
        filter.among("a.id", &self.ids).patterns("a.name", &self.name).patterns("a.uri", &self.uri);
        if !self.dag_ids.is_empty() {
            let mut of = Filter::new();
            of.and("u.asset_id = a.id", []).among("u.dag_id", &self.dag_ids);
            filter.and(format!("EXISTS (SELECT 1 FROM asset_use u{})", of.clause()), of.values().to_vec());
        }
        if self.only_active {
            filter.and(NAMED, []);
        }
        filter
    }
}

/// A page of assets.
#[derive(Debug, Clone)]
pub struct ListAssets {
    pub filter: AssetFilter,
    pub order: Vec<OrderKey>,
    pub page: Page,
}

impl Transaction for ListAssets {
    type Out = Listed<AssetView>;
    const NAME: &'static str = "list.assets";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        const ASSETS: Select = Select { columns: Asset::QUALIFIED, tables: " FROM asset a", ties: &["a.id"] };
        let read = |row: &Row| -> Result<AssetView> {
            Ok(AssetView { asset: Asset::read(row, 0)?, uses: Vec::new(), aliases: Vec::new(), last_event: None })
        };
        let mut listed = ASSETS.page(tx, &self.filter.filter(), &self.order, self.page, read).await?;
        fill(tx, &mut listed.rows).await?;
        Ok(listed)
    }
}

/// Adds what other tables say of assets.
async fn fill(tx: &mut Tx<'_>, assets: &mut [AssetView]) -> Result<()> {
    if assets.is_empty() {
        return Ok(());
    }
    let set = Value::json(&assets.iter().map(|view| [view.asset.id]).collect::<Vec<_>>())?;
    let places: HashMap<i64, usize> = assets.iter().enumerate().map(|(place, view)| (view.asset.id, place)).collect();
    let ids = "(SELECT CAST(value ->> 0 AS BIGINT) AS id FROM json_each(?)) j";
    let columns = "u.kind, u.dag_id, u.task_id, u.created_at, u.updated_at";
    let uses = format!(
        "SELECT a.id, {columns} FROM {ids} CROSS JOIN asset a ON a.id = j.id JOIN asset_use u ON u.asset_id = a.id
        UNION SELECT a.id, {columns} FROM {ids} CROSS JOIN asset a ON a.id = j.id JOIN asset_use u ON u.ref_name = a.name
        UNION SELECT a.id, {columns} FROM {ids} CROSS JOIN asset a ON a.id = j.id JOIN asset_use u ON u.ref_uri = a.uri
        ORDER BY 1, 2, 3, 4"
    );
    for row in tx.rows(uses, [set.clone(), set.clone(), set.clone()]).await? {
        let one =
            UseView { kind: row.get(1)?, dag_id: row.get(2)?, task_id: row.get(3)?, created_at: row.get(4)?, updated_at: row.get(5)? };
        let id: i64 = row.get(0)?;
        assets[places[&id]].uses.push(one);
    }
    let aliases = format!(
        "SELECT m.asset_id, l.id, l.name, l.group_name FROM {ids} CROSS JOIN asset_alias_asset m ON m.asset_id = j.id
        JOIN asset_alias l ON l.id = m.alias_id ORDER BY l.id"
    );
    for row in tx.rows(aliases, [set.clone()]).await? {
        let id: i64 = row.get(0)?;
        assets[places[&id]].aliases.push(AliasView { id: row.get(1)?, name: row.get(2)?, group: row.get(3)? });
    }
    let last = format!(
        "SELECT e.asset_id, e.id, e.timestamp FROM {ids} CROSS JOIN asset_event e
            ON e.id = (SELECT n.id FROM asset_event n WHERE n.asset_id = j.id ORDER BY n.timestamp DESC, n.id DESC LIMIT 1)"
    );
    for row in tx.rows(last, [set]).await? {
        let id: i64 = row.get(0)?;
        assets[places[&id]].last_event = Some((row.get(1)?, row.get(2)?));
    }
    Ok(())
}

/// A page of aliases.
#[derive(Debug, Clone)]
pub struct ListAliases {
    pub ids: Vec<i64>,
    pub name: Patterns,
    pub order: Vec<OrderKey>,
    pub page: Page,
}

impl Transaction for ListAliases {
    type Out = Listed<AliasView>;
    const NAME: &'static str = "list.asset_aliases";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        const ALIASES: Select = Select { columns: "l.id, l.name, l.group_name", tables: " FROM asset_alias l", ties: &["l.id"] };
        let mut filter = Filter::new();
        filter.among("l.id", &self.ids).patterns("l.name", &self.name);
        let read = |row: &Row| -> Result<AliasView> { Ok(AliasView { id: row.get(0)?, name: row.get(1)?, group: row.get(2)? }) };
        ALIASES.page(tx, &filter, &self.order, self.page, read).await
    }
}

/// A run that took an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenBy {
    pub dag_id: String,
    pub run_id: String,
    pub state: String,
    pub logical_date: Option<Timestamp>,
    pub start_date: Option<Timestamp>,
    pub end_date: Option<Timestamp>,
    pub data_interval_start: Option<Timestamp>,
    pub data_interval_end: Option<Timestamp>,
}

/// An event with the runs that took it.
#[derive(Debug, Clone, PartialEq)]
pub struct EventView {
    pub event: AssetEvent,
    pub runs: Vec<TakenBy>,
}

/// Which events.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    pub ids: Vec<i64>,
    pub asset_id: Option<i64>,
    pub name: Patterns,
    pub source_dag_id: Option<String>,
    pub source_task_id: Option<String>,
    pub source_run_id: Option<String>,
    pub source_map_index: Option<i64>,
    pub timestamp: Range<i64>,
    /// Those that this run took.
    pub run_pk: Option<i64>,
}

/// A page of events.
#[derive(Debug, Clone)]
pub struct ListAssetEvents {
    pub filter: EventFilter,
    pub order: Vec<OrderKey>,
    pub page: Page,
}

impl Transaction for ListAssetEvents {
    type Out = Listed<EventView>;
    const NAME: &'static str = "list.asset_events";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        const EVENTS: Select =
            Select { columns: asset_event::COLUMNS, tables: " FROM asset_event e JOIN asset a ON a.id = e.asset_id", ties: &["e.id"] };
        let wanted = &self.filter;
        let mut filter = Filter::new();
        filter.among("e.id", &wanted.ids).equals("e.asset_id", wanted.asset_id).patterns("a.name", &wanted.name);
        filter.equals("e.source_dag_id", wanted.source_dag_id.clone()).equals("e.source_task_id", wanted.source_task_id.clone());
        filter.equals("e.source_run_id", wanted.source_run_id.clone()).equals("e.source_map_index", wanted.source_map_index);
        filter.range("e.timestamp", &wanted.timestamp);
        if let Some(run_pk) = wanted.run_pk {
            filter.and("e.id IN (SELECT c.event_id FROM dag_run_asset_event c WHERE c.run_pk = ?)", [run_pk.into()]);
        }
        let listed = EVENTS.page(tx, &filter, &self.order, self.page, asset_event::read).await?;
        let mut taken = taken_by(tx, &listed.rows).await?;
        let events = asset_event::with_aliases(tx, listed.rows).await?;
        let rows = events.into_iter().map(|event| EventView { runs: taken.remove(&event.id).unwrap_or_default(), event }).collect();
        Ok(Listed { rows, total: listed.total })
    }
}

async fn taken_by(tx: &mut Tx<'_>, events: &[AssetEvent]) -> Result<HashMap<i64, Vec<TakenBy>>> {
    let mut found: HashMap<i64, Vec<TakenBy>> = HashMap::new();
    if events.is_empty() {
        return Ok(found);
    }
    let set = Value::json(&events.iter().map(|event| [event.id]).collect::<Vec<_>>())?;
    let sql = "SELECT c.event_id, r.dag_id, r.run_id, r.state, r.logical_date, r.start_date, r.end_date, r.data_interval_start, r.data_interval_end
        FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id FROM json_each(?)) j
        CROSS JOIN dag_run_asset_event c ON c.event_id = j.id JOIN dag_run r ON r.id = c.run_pk ORDER BY r.id";
    for row in tx.rows(sql, [set]).await? {
        let run = TakenBy {
            dag_id: row.get(1)?,
            run_id: row.get(2)?,
            state: row.get(3)?,
            logical_date: row.get(4)?,
            start_date: row.get(5)?,
            end_date: row.get(6)?,
            data_interval_start: row.get(7)?,
            data_interval_end: row.get(8)?,
        };
        found.entry(row.get(0)?).or_default().push(run);
    }
    Ok(found)
}

/// An asset that waits in the queue of a DAG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedView {
    pub dag_id: String,
    pub dag_display_name: String,
    pub asset_id: i64,
    pub created_at: Timestamp,
}

/// Which of the queue.
#[derive(Debug, Clone, Default)]
pub struct QueueFilter {
    pub dag_id: Option<String>,
    pub asset_id: Option<i64>,
    /// Queued before this time.
    pub before: Option<Timestamp>,
}

impl QueueFilter {
    fn filter(&self) -> Filter {
        let mut filter = Filter::new();
        filter.equals("q.dag_id", self.dag_id.clone()).equals("q.asset_id", self.asset_id);
        if let Some(before) = self.before {
            filter.and("q.created_at < ?", [before.into()]);
        }
        filter
    }
}

/// What is queued.
#[derive(Debug, Clone)]
pub struct ListQueued(pub QueueFilter);

impl Transaction for ListQueued {
    type Out = Vec<QueuedView>;
    const NAME: &'static str = "list.asset_queue";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let filter = self.0.filter();
        let sql = format!(
            "SELECT q.dag_id, COALESCE(d.dag_display_name, q.dag_id), q.asset_id, q.created_at
            FROM asset_queue q LEFT JOIN dag d ON d.dag_id = q.dag_id{} ORDER BY q.created_at, q.dag_id, q.asset_id",
            filter.clause()
        );
        let read = |row: &Row| -> Result<QueuedView> {
            Ok(QueuedView { dag_id: row.get(0)?, dag_display_name: row.get(1)?, asset_id: row.get(2)?, created_at: row.get(3)? })
        };
        tx.rows(sql, filter.values()).await?.iter().map(read).collect()
    }
}

/// Forgets what is queued: it makes no run, and no run takes its events.
#[derive(Debug, Clone)]
pub struct DeleteQueued {
    pub filter: QueueFilter,
    pub event: crate::table::event_log::NewEvent,
}

impl Transaction for DeleteQueued {
    /// How many pairs of DAG and asset were queued.
    type Out = usize;
    const NAME: &'static str = "change.delete_asset_queue";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<usize> {
        let filter = self.filter.filter();
        let sql =
            format!("SELECT q.dag_id, q.asset_id FROM asset_queue q{} ORDER BY q.dag_id, q.asset_id /*! FOR UPDATE */", filter.clause());
        let rows = tx.rows(sql, filter.values()).await?;
        let pairs: Vec<(String, i64)> = rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect::<Result<_>>()?;
        let mut at = 0;
        while at < pairs.len() {
            let of_dag = pairs[at..].iter().take_while(|pair| pair.0 == pairs[at].0).count();
            let assets: Vec<i64> = pairs[at..at + of_dag].iter().map(|pair| pair.1).collect();
            crate::step::unqueue_assets(tx, &pairs[at].0, &assets).await?;
            at += of_dag;
        }
        if !pairs.is_empty() {
            crate::table::event_log::insert(tx, std::slice::from_ref(&self.event)).await?;
        }
        Ok(pairs.len())
    }
}

/// How many assets no DAG names any more.
#[derive(Debug, Clone, Copy)]
pub struct CountOrphans;

impl Transaction for CountOrphans {
    type Out = i64;
    const NAME: &'static str = "list.asset_orphans";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64> {
        let row = tx.row(format!("SELECT COUNT(*) FROM asset a WHERE NOT {NAMED}"), params![]).await?;
        row.map_or(Ok(0), |row| row.get(0))
    }
}
