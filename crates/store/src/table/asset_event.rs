//! `asset_event`: an asset was updated.

use std::collections::HashMap;

use jiff::Timestamp;
use tradewind_core::asset::AssetRef;

use super::asset::{alias_number, key_hash};
use crate::{Mode, Result, Row, Transaction, Tx, Value, params};

/// An event with its asset.
#[derive(Debug, Clone, PartialEq)]
pub struct AssetEvent {
    pub id: i64,
    pub asset_id: i64,
    pub name: String,
    pub uri: String,
    pub group: String,
    /// JSON object, of the asset.
    pub asset_extra: String,
    pub timestamp: Timestamp,
    /// JSON object.
    pub extra: String,
    pub source_dag_id: Option<String>,
    pub source_run_id: Option<String>,
    pub source_task_id: Option<String>,
    pub source_map_index: i32,
    /// The aliases under which it was reported.
    pub aliases: Vec<String>,
}

/// The columns of an event; `e` and `a` are the event and its asset.
pub(crate) const COLUMNS: &str = "e.id, e.asset_id, a.name, a.uri, a.group_name, a.extra, e.timestamp, e.extra, e.source_dag_id, e.source_run_id, \
    e.source_task_id, e.source_map_index";

/// Reads [`COLUMNS`]; aliases come with [`with_aliases`].
pub(crate) fn read(row: &Row) -> Result<AssetEvent> {
    Ok(AssetEvent {
        id: row.get(0)?,
        asset_id: row.get(1)?,
        name: row.get(2)?,
        uri: row.get(3)?,
        group: row.get(4)?,
        asset_extra: row.get(5)?,
        timestamp: row.get(6)?,
        extra: row.get(7)?,
        source_dag_id: row.get(8)?,
        source_run_id: row.get(9)?,
        source_task_id: row.get(10)?,
        source_map_index: row.get(11)?,
        aliases: Vec::new(),
    })
}

pub(crate) async fn with_aliases(tx: &mut Tx<'_>, mut events: Vec<AssetEvent>) -> Result<Vec<AssetEvent>> {
    if events.is_empty() {
        return Ok(events);
    }
    let ids: Vec<[i64; 1]> = events.iter().map(|event| [event.id]).collect();
    let sql = "SELECT m.event_id, l.name FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id FROM json_each(?)) j
        CROSS JOIN asset_event_alias m ON m.event_id = j.id JOIN asset_alias l ON l.id = m.alias_id ORDER BY m.event_id, l.id";
    let mut found: HashMap<i64, Vec<String>> = HashMap::new();
    for row in tx.rows(sql, [Value::json(&ids)?]).await? {
        found.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    for event in &mut events {
        event.aliases = found.remove(&event.id).unwrap_or_default();
    }
    Ok(events)
}

/// Whose events are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    Asset { name: String, uri: String },
    Ref(AssetRef),
    Alias(String),
}

/// Events of an asset or an alias, by time.
#[derive(Debug, Clone)]
pub struct EventsOf {
    pub whose: Whose,
    /// Bounds, inclusive.
    pub after: Option<Timestamp>,
    pub before: Option<Timestamp>,
    pub ascending: bool,
    pub limit: u32,
}

impl Transaction for EventsOf {
    type Out = Vec<AssetEvent>;
    const NAME: &'static str = "asset_events_of";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<AssetEvent>> {
        let (from, whose) = match &self.whose {
            Whose::Asset { name, uri } => {
                ("asset a JOIN asset_event e ON e.asset_id = a.id WHERE a.key_hash = ?", Value::from(key_hash(name, uri)))
            }
            Whose::Ref(AssetRef::Name(name)) => ("asset a JOIN asset_event e ON e.asset_id = a.id WHERE a.name = ?", Value::from(name)),
            Whose::Ref(AssetRef::Uri(uri)) => ("asset a JOIN asset_event e ON e.asset_id = a.id WHERE a.uri = ?", Value::from(uri)),
            Whose::Alias(name) => {
                let Some(alias) = alias_number(tx, name).await? else { return Ok(Vec::new()) };
                let from =
                    "asset_event_alias m JOIN asset_event e ON e.id = m.event_id JOIN asset a ON a.id = e.asset_id WHERE m.alias_id = ?";
                (from, Value::from(alias))
            }
        };
        let mut sql = format!("SELECT {COLUMNS} FROM {from}");
        let mut values = vec![whose];
        for (bound, sign) in [(self.after, ">="), (self.before, "<=")] {
            if let Some(bound) = bound {
                sql.push_str(&format!(" AND e.timestamp {sign} ?"));
                values.push(bound.into());
            }
        }
        let direction = if self.ascending { "" } else { " DESC" };
        sql.push_str(&format!(" ORDER BY e.timestamp{direction}, e.id{direction} LIMIT ?"));
        values.push(self.limit.into());
        let events = tx.rows(sql, values).await?.iter().map(read).collect::<Result<Vec<_>>>()?;
        with_aliases(tx, events).await
    }
}

/// The events that a run took, in the order of their time.
#[derive(Debug, Clone, Copy)]
pub struct ConsumedEvents {
    pub run_pk: i64,
}

impl Transaction for ConsumedEvents {
    type Out = Vec<AssetEvent>;
    const NAME: &'static str = "consumed_asset_events";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<AssetEvent>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM dag_run_asset_event c JOIN asset_event e ON e.id = c.event_id JOIN asset a ON a.id = e.asset_id
            WHERE c.run_pk = ? ORDER BY e.timestamp, e.id"
        );
        let events = tx.rows(sql, params![self.run_pk]).await?.iter().map(read).collect::<Result<Vec<_>>>()?;
        with_aliases(tx, events).await
    }
}
