//! Assets were updated: their events, and the DAGs that wait for them. Always part of the transaction of what updated them.

use std::collections::HashMap;

use serde::Serialize;
use tradewind_core::asset::{AliasKey, AssetForm, AssetRef};

use crate::list::event_log::{self, AddEvent};
use crate::table::asset::{self, Knows, key_hash};
use crate::{Mode, Result, Transaction, Tx, Value, params};

/// What was updated.
#[derive(Debug, Clone, PartialEq)]
pub enum Updated {
    Asset(AssetForm),
    /// An asset that is defined elsewhere; nothing when there is none.
    Ref(AssetRef),
    /// By its number.
    Known(i64),
}

/// An event to write.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAssetEvent {
    pub what: Updated,
    /// JSON object.
    pub extra: String,
    /// The aliases under which a task reports it.
    pub aliases: Vec<String>,
}

/// The task that updated something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSource {
    pub dag_id: String,
    pub run_id: String,
    pub task_id: String,
    pub map_index: i32,
}

/// Events with who wrote them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewAssetEvents {
    /// An event is written once under this key and its position.
    pub key: String,
    pub source: Option<EventSource>,
    pub events: Vec<NewAssetEvent>,
}

/// What became of events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Emitted {
    /// Numbers of the new events, in order; those of references that lead to no asset are left out.
    pub events: Vec<i64>,
    /// DAGs that may have a run to make.
    pub dags: Vec<String>,
}

/// Columns of a new event: key, asset, extra.
#[derive(Serialize)]
struct EventRow<'a>(String, i64, &'a str);

pub(crate) async fn emit(tx: &mut Tx<'_>, new: &NewAssetEvents) -> Result<Emitted> {
    if new.events.is_empty() {
        return Ok(Emitted::default());
    }
    let assets = resolve(tx, &new.events).await?;
    let key = |position: usize| format!("{}/{position}", new.key);
    let numbered: Vec<(usize, i64)> = assets.iter().enumerate().filter_map(|(position, id)| Some((position, (*id)?))).collect();
    let rows: Vec<_> = numbered.iter().map(|(position, id)| EventRow(key(*position), *id, &new.events[*position].extra)).collect();
    let now = tx.now();
    let source = new.source.as_ref();
    let sql =
        "INSERT INTO asset_event (unique_key, asset_id, extra, timestamp, source_dag_id, source_run_id, source_task_id, source_map_index)
        SELECT value ->> 0, CAST(value ->> 1 AS BIGINT), value ->> 2, ?, ?, ?, ?, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING";
    let values = params![
        now,
        source.map(|source| source.dag_id.as_str()),
        source.map(|source| source.run_id.as_str()),
        source.map(|source| source.task_id.as_str()),
        source.map_or(-1, |source| source.map_index),
        Value::json(&rows)?
    ];
    let written = tx.exec(sql, values).await?;
    if written == 0 {
        return Ok(Emitted::default());
    }
    let ids = event_numbers(tx, &rows).await?;
    let by_position: HashMap<usize, i64> =
        numbered.iter().filter_map(|(position, _)| Some((*position, *ids.get(&key(*position))?))).collect();
    associate(tx, new, &assets, &by_position).await?;
    let mut events: Vec<i64> = by_position.values().copied().collect();
    events.sort_unstable();
    let dags = queue(tx, &events).await?;
    Ok(Emitted { events, dags })
}

/// The asset of each event.
async fn resolve(tx: &mut Tx<'_>, events: &[NewAssetEvent]) -> Result<Vec<Option<i64>>> {
    let forms: Vec<AssetForm> = events
        .iter()
        .filter_map(|event| match &event.what {
            Updated::Asset(form) => Some(form.clone()),
            _ => None,
        })
        .collect();
    let known = asset::define(tx, &forms, Knows::Task).await?;
    let names = referred(tx, "name", events).await?;
    let uris = referred(tx, "uri", events).await?;
    let one = |event: &NewAssetEvent| match &event.what {
        Updated::Asset(form) => known.get(&key_hash(&form.name, &form.uri)).copied(),
        Updated::Ref(AssetRef::Name(name)) => names.get(name).copied(),
        Updated::Ref(AssetRef::Uri(uri)) => uris.get(uri).copied(),
        Updated::Known(id) => Some(*id),
    };
    Ok(events.iter().map(one).collect())
}

/// The assets that references by name (or URI) mean: the one that was named first, when several have it.
async fn referred(tx: &mut Tx<'_>, column: &'static str, events: &[NewAssetEvent]) -> Result<HashMap<String, i64>> {
    let wanted: Vec<&str> = events
        .iter()
        .filter_map(|event| match (&event.what, column) {
            (Updated::Ref(AssetRef::Name(name)), "name") => Some(name.as_str()),
            (Updated::Ref(AssetRef::Uri(uri)), "uri") => Some(uri.as_str()),
            _ => None,
        })
        .collect();
    if wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT a.{column}, MIN(a.id) FROM (SELECT value FROM json_each(?)) j CROSS JOIN asset a ON a.{column} = j.value GROUP BY a.{column}"
    );
    tx.rows(sql, [Value::json(&wanted)?]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

async fn event_numbers(tx: &mut Tx<'_>, rows: &[EventRow<'_>]) -> Result<HashMap<String, i64>> {
    let keys: Vec<&str> = rows.iter().map(|row| row.0.as_str()).collect();
    let sql = "SELECT e.unique_key, e.id FROM (SELECT value FROM json_each(?)) j CROSS JOIN asset_event e ON e.unique_key = j.value";
    tx.rows(sql, [Value::json(&keys)?]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Writes which events, and so which assets, belong to aliases.
async fn associate(tx: &mut Tx<'_>, new: &NewAssetEvents, assets: &[Option<i64>], events: &HashMap<usize, i64>) -> Result<()> {
    let aliases: Vec<AliasKey> = new
        .events
        .iter()
        .flat_map(|event| event.aliases.iter().map(|name| AliasKey { name: name.clone(), group: "asset".to_owned() }))
        .collect();
    let ids = asset::define_aliases(tx, &aliases).await?;
    let (mut of_events, mut of_assets) = (Vec::new(), Vec::new());
    for (position, event) in new.events.iter().enumerate() {
        let (Some(event_id), Some(asset_id)) = (events.get(&position), assets[position]) else { continue };
        for alias in event.aliases.iter().filter_map(|name| ids.get(name)) {
            of_events.push((*event_id, *alias));
            of_assets.push((*alias, asset_id));
        }
    }
    if of_events.is_empty() {
        return Ok(());
    }
    of_assets.sort_unstable();
    let pairs = "SELECT CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS BIGINT) FROM json_each(?) WHERE true ON CONFLICT DO NOTHING";
    tx.exec(format!("INSERT INTO asset_event_alias (event_id, alias_id) {pairs}"), [Value::json(&of_events)?]).await?;
    tx.exec(format!("INSERT INTO asset_alias_asset (alias_id, asset_id) {pairs}"), [Value::json(&of_assets)?]).await?;
    Ok(())
}

/// The DAGs whose schedule names the assets of events: by themselves, by name or URI, or by an alias that they were ever reported under.
const CONSUMERS: &str = "SELECT u.dag_id, e.id, e.asset_id
        FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id FROM json_each(?)) j CROSS JOIN asset_event e ON e.id = j.id
        JOIN asset_use u ON u.asset_id = e.asset_id AND u.kind = 'schedule'
    UNION SELECT u.dag_id, e.id, e.asset_id
        FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id FROM json_each(?)) j CROSS JOIN asset_event e ON e.id = j.id
        JOIN asset a ON a.id = e.asset_id JOIN asset_use u ON u.ref_name = a.name AND u.kind = 'schedule'
    UNION SELECT u.dag_id, e.id, e.asset_id
        FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id FROM json_each(?)) j CROSS JOIN asset_event e ON e.id = j.id
        JOIN asset a ON a.id = e.asset_id JOIN asset_use u ON u.ref_uri = a.uri AND u.kind = 'schedule'
    UNION SELECT u.dag_id, e.id, e.asset_id
        FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id FROM json_each(?)) j CROSS JOIN asset_event e ON e.id = j.id
        JOIN asset_alias_asset m ON m.asset_id = e.asset_id JOIN asset_use u ON u.alias_id = m.alias_id AND u.kind = 'schedule'";

/// Queues events for the DAGs that wait for them and are not paused; gives these DAGs.
async fn queue(tx: &mut Tx<'_>, events: &[i64]) -> Result<Vec<String>> {
    let set = Value::json(&events.iter().map(|id| [*id]).collect::<Vec<_>>())?;
    let sql = format!(
        "SELECT c.dag_id, c.id, c.asset_id FROM ({CONSUMERS}) c JOIN dag d ON d.dag_id = c.dag_id AND d.is_paused = 0 AND d.is_stale = 0
        ORDER BY c.dag_id, c.asset_id, c.id"
    );
    let rows = tx.rows(sql, [set.clone(), set.clone(), set.clone(), set]).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let due: Vec<(String, i64, i64)> = rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect::<Result<_>>()?;
    let mut assets: Vec<(&str, i64)> = due.iter().map(|(dag_id, _, asset_id)| (dag_id.as_str(), *asset_id)).collect();
    assets.dedup();
    let now = tx.now();
    // An update that changes nothing, for its lock: whoever takes the asset from the queue meanwhile either waits for the event or has gone before it.
    let sql = "INSERT INTO asset_queue (dag_id, asset_id, created_at)
        SELECT value ->> 0, CAST(value ->> 1 AS BIGINT), ? FROM json_each(?) WHERE true
        ON CONFLICT (dag_id, asset_id) DO UPDATE SET created_at = asset_queue.created_at";
    tx.exec(sql, params![now, Value::json(&assets)?]).await?;
    let sql = "INSERT INTO asset_due (dag_id, event_id, asset_id)
        SELECT value ->> 0, CAST(value ->> 1 AS BIGINT), CAST(value ->> 2 AS BIGINT) FROM json_each(?) WHERE true ON CONFLICT DO NOTHING";
    tx.exec(sql, [Value::json(&due)?]).await?;
    let mut dags: Vec<String> = due.into_iter().map(|(dag_id, _, _)| dag_id).collect();
    dags.dedup();
    Ok(dags)
}

/// Somebody says that an asset was updated.
#[derive(Debug, Clone)]
pub struct CreateAssetEvent {
    pub asset_id: i64,
    /// JSON object.
    pub extra: String,
    /// The event is written once under this key.
    pub key: String,
    /// Stands in the event log.
    pub user: String,
}

impl Transaction for CreateAssetEvent {
    /// `None`: there is no such asset, or the key was used before.
    type Out = Option<Emitted>;
    const NAME: &'static str = "create_asset_event";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Emitted>> {
        if tx.row("SELECT id FROM asset WHERE id = ?", params![self.asset_id]).await?.is_none() {
            return Ok(None);
        }
        let event = NewAssetEvent { what: Updated::Known(self.asset_id), extra: self.extra.clone(), aliases: Vec::new() };
        let emitted = emit(tx, &NewAssetEvents { key: self.key.clone(), source: None, events: vec![event] }).await?;
        if emitted.events.is_empty() {
            return Ok(None);
        }
        let extra = serde_json::json!({"asset_id": self.asset_id}).to_string();
        let log =
            AddEvent { event: "create_asset_event".into(), owner: Some(self.user.clone()), extra: Some(extra), ..AddEvent::default() };
        event_log::add(tx, &log).await?;
        Ok(Some(emitted))
    }
}
