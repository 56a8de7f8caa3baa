//! What a DAG says of assets: its schedule, and what its tasks read and write. Part of recording a parse.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use serde::Serialize;
use tradewind_core::asset::{AliasKey, Arrived, AssetForm, AssetRef, Condition};

use super::record_parse::ParsedDag;
use crate::table::asset::{self, Knows, key_hash};
use crate::{Result, Tx, Value, params};

/// Which part of a DAG names something; a row of `asset_use` in the order of its columns.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
struct Use {
    kind: &'static str,
    task_id: Option<String>,
    asset_id: Option<i64>,
    alias_id: Option<i64>,
    ref_name: Option<String>,
    ref_uri: Option<String>,
}

/// Writes the assets that a DAG names, and forgets what was queued for it that its schedule does not name any more.
pub(super) async fn record(tx: &mut Tx<'_>, parsed: &ParsedDag) -> Result<()> {
    let uses = uses(tx, parsed).await?;
    replace(tx, &parsed.form.dag_id, uses).await?;
    forget_queued(tx, &parsed.form.dag_id, parsed.condition.as_ref()).await
}

/// What each part of a DAG names: kind, task, leaf.
fn named(parsed: &ParsedDag) -> Vec<(&'static str, Option<&str>, &Condition)> {
    let schedule = parsed.condition.iter().flat_map(Condition::leaves).map(|leaf| ("schedule", None, leaf));
    let tasks = parsed.form.tasks.iter().flat_map(|task| {
        let inlets = task.inlets.iter().map(|leaf| ("inlet", leaf));
        let outlets = task.outlets.iter().map(|leaf| ("outlet", leaf));
        inlets.chain(outlets).map(move |(kind, leaf)| (kind, Some(task.task_id.as_str()), leaf))
    });
    schedule.chain(tasks).collect()
}

async fn uses(tx: &mut Tx<'_>, parsed: &ParsedDag) -> Result<BTreeSet<Use>> {
    let named = named(parsed);
    let mut assets = parsed.form.assets.clone();
    let mut aliases: Vec<AliasKey> = Vec::new();
    for (_, _, leaf) in &named {
        match leaf {
            Condition::Asset(key) if !assets.iter().any(|asset| asset.name == key.name && asset.uri == key.uri) => {
                assets.push(AssetForm::of(key));
            }
            Condition::Alias(alias) => aliases.push(alias.clone()),
            _ => {}
        }
    }
    let asset_ids = asset::define(tx, &assets, Knows::Author).await?;
    let alias_ids = asset::define_aliases(tx, &aliases).await?;
    let of = |(kind, task_id, leaf): (&'static str, Option<&str>, &Condition)| {
        let mut one = Use { kind, task_id: task_id.map(str::to_owned), asset_id: None, alias_id: None, ref_name: None, ref_uri: None };
        match leaf {
            Condition::Asset(key) => one.asset_id = asset_ids.get(&key_hash(&key.name, &key.uri)).copied(),
            Condition::Alias(alias) => one.alias_id = alias_ids.get(&alias.name).copied(),
            Condition::AssetRef(AssetRef::Name(name)) => one.ref_name = Some(name.clone()),
            Condition::AssetRef(AssetRef::Uri(uri)) => one.ref_uri = Some(uri.clone()),
            Condition::All(_) | Condition::Any(_) => {}
        }
        one
    };
    Ok(named.into_iter().map(of).collect())
}

/// One that stays keeps the time of its making.
async fn replace(tx: &mut Tx<'_>, dag_id: &str, uses: BTreeSet<Use>) -> Result<()> {
    let sql = "SELECT kind, task_id, asset_id, alias_id, ref_name, ref_uri, created_at FROM asset_use WHERE dag_id = ?";
    let mut made: HashMap<Use, Timestamp> = HashMap::new();
    for row in tx.rows(sql, params![dag_id]).await? {
        let kind = match row.get::<String>(0)?.as_str() {
            "schedule" => "schedule",
            "inlet" => "inlet",
            _ => "outlet",
        };
        let (task_id, asset_id, alias_id) = (row.get(1)?, row.get(2)?, row.get(3)?);
        made.insert(Use { kind, task_id, asset_id, alias_id, ref_name: row.get(4)?, ref_uri: row.get(5)? }, row.get(6)?);
    }
    if !made.is_empty() {
        tx.exec("DELETE FROM asset_use WHERE dag_id = ?", params![dag_id]).await?;
    }
    if uses.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    let rows: Vec<_> = uses
        .iter()
        .map(|one| {
            let created = made.get(one).copied().unwrap_or(now).as_microsecond();
            (one.kind, &one.task_id, one.asset_id, one.alias_id, &one.ref_name, &one.ref_uri, created)
        })
        .collect();
    let sql = "INSERT INTO asset_use (dag_id, kind, task_id, asset_id, alias_id, ref_name, ref_uri, created_at, updated_at)
        SELECT ?, value ->> 0, value ->> 1, CAST(value ->> 2 AS BIGINT), CAST(value ->> 3 AS BIGINT), value ->> 4, value ->> 5,
            CAST(value ->> 6 AS BIGINT), ? FROM json_each(?) WHERE true";
    tx.exec(sql, params![dag_id, now, Value::json(&rows)?]).await?;
    Ok(())
}

async fn forget_queued(tx: &mut Tx<'_>, dag_id: &str, condition: Option<&Condition>) -> Result<()> {
    let queued = super::asset_run::queued(tx, dag_id).await?;
    let unwanted = |one: &&super::asset_run::Queued| {
        let arrived = Arrived { name: &one.name, uri: &one.uri, aliases: &one.aliases };
        condition.is_none_or(|condition| !condition.concerns(&arrived))
    };
    let assets: Vec<i64> = queued.iter().filter(unwanted).map(|one| one.asset_id).collect();
    super::asset_run::unqueue(tx, dag_id, &assets).await
}
