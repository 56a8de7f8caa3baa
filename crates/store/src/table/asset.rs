//! `asset`, `asset_alias`: data by name and URI.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;
use tradewind_core::asset::{AliasKey, AssetForm};
use tradewind_core::form::content_hash;

use crate::{Mode, Result, Transaction, Tx, Value, params};

row_type! {
    /// An asset.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Asset as "a" {
        id: i64,
        name: String,
        uri: String,
        group_name: String,
        /// JSON object.
        extra: String,
        created_at: Timestamp,
        updated_at: Timestamp,
    }
}

/// By what an asset is found: names and URIs are too long for a key.
pub(crate) fn key_hash(name: &str, uri: &str) -> String {
    content_hash(&serde_json::json!([name, uri]))
}

fn alias_hash(name: &str) -> String {
    content_hash(&serde_json::json!(name))
}

/// A row of a set: hash, name, uri, group, extra.
#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct AssetRow<'a>(String, &'a str, &'a str, &'a str, String);

/// Who knows better what an asset is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Knows {
    /// A DAG that was parsed: its group and extra count from now on.
    Author,
    /// A task that ran: it only adds assets that nobody has named before.
    Task,
}

/// Makes assets that are not there; gives the numbers of all, by their hash.
pub(crate) async fn define(tx: &mut Tx<'_>, assets: &[AssetForm], knows: Knows) -> Result<HashMap<String, i64>> {
    if assets.is_empty() {
        return Ok(HashMap::new());
    }
    let mut rows: Vec<AssetRow<'_>> = Vec::with_capacity(assets.len());
    for asset in assets {
        let extra = serde_json::Value::Object(asset.extra.clone()).to_string();
        rows.push(AssetRow(key_hash(&asset.name, &asset.uri), &asset.name, &asset.uri, &asset.group, extra));
    }
    // One order for everybody, so that two who define the same assets do not wait for each other.
    rows.sort();
    rows.dedup_by(|one, other| one.0 == other.0);
    let now = tx.now();
    let end = match knows {
        Knows::Author => {
            "ON CONFLICT (key_hash) DO UPDATE SET group_name = excluded.group_name, extra = excluded.extra, updated_at = excluded.updated_at"
        }
        Knows::Task => "ON CONFLICT DO NOTHING",
    };
    let sql = format!(
        "INSERT INTO asset (key_hash, name, uri, group_name, extra, created_at, updated_at)
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, ?, ? FROM json_each(?) WHERE true {end}"
    );
    tx.exec(sql, params![now, now, Value::json(&rows)?]).await?;
    let hashes: Vec<&str> = rows.iter().map(|row| row.0.as_str()).collect();
    let sql = "SELECT a.key_hash, a.id FROM (SELECT value FROM json_each(?)) j CROSS JOIN asset a ON a.key_hash = j.value";
    tx.rows(sql, [Value::json(&hashes)?]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Makes aliases that are not there; gives the numbers of all, by name.
pub(crate) async fn define_aliases(tx: &mut Tx<'_>, aliases: &[AliasKey]) -> Result<HashMap<String, i64>> {
    if aliases.is_empty() {
        return Ok(HashMap::new());
    }
    let mut rows: Vec<(String, &str, &str)> =
        aliases.iter().map(|alias| (alias_hash(&alias.name), alias.name.as_str(), alias.group.as_str())).collect();
    rows.sort();
    rows.dedup_by(|one, other| one.0 == other.0);
    let sql = "INSERT INTO asset_alias (key_hash, name, group_name)
        SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE true ON CONFLICT DO NOTHING";
    tx.exec(sql, [Value::json(&rows)?]).await?;
    let hashes: Vec<&str> = rows.iter().map(|row| row.0.as_str()).collect();
    let sql = "SELECT l.name, l.id FROM (SELECT value FROM json_each(?)) j CROSS JOIN asset_alias l ON l.key_hash = j.value";
    tx.rows(sql, [Value::json(&hashes)?]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// The names of the aliases that assets were ever reported under, by asset.
pub(crate) async fn aliases_of(tx: &mut Tx<'_>, assets: &[i64]) -> Result<HashMap<i64, Vec<String>>> {
    let mut found: HashMap<i64, Vec<String>> = HashMap::new();
    if assets.is_empty() {
        return Ok(found);
    }
    let sql = "SELECT m.asset_id, l.name FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id FROM json_each(?)) j
        CROSS JOIN asset_alias_asset m ON m.asset_id = j.id JOIN asset_alias l ON l.id = m.alias_id ORDER BY m.asset_id, l.id";
    let ids: Vec<[i64; 1]> = assets.iter().map(|id| [*id]).collect();
    for row in tx.rows(sql, [Value::json(&ids)?]).await? {
        found.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    Ok(found)
}

/// One asset, by its number.
#[derive(Debug, Clone, Copy)]
pub struct GetAsset(pub i64);

impl Transaction for GetAsset {
    type Out = Option<Asset>;
    const NAME: &'static str = "get_asset";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Asset>> {
        let row = tx.row(format!("SELECT {} FROM asset WHERE id = ?", Asset::COLUMNS), params![self.0]).await?;
        row.map(|row| Asset::read(&row, 0)).transpose()
    }
}

/// The number of an alias.
pub(crate) async fn alias_number(tx: &mut Tx<'_>, name: &str) -> Result<Option<i64>> {
    tx.row("SELECT id FROM asset_alias WHERE key_hash = ?", params![alias_hash(name)]).await?.map(|row| row.get(0)).transpose()
}

/// The asset with this name, as it was named last.
#[derive(Debug, Clone)]
pub struct AssetNamed {
    pub name: String,
}

impl Transaction for AssetNamed {
    type Out = Option<Asset>;
    const NAME: &'static str = "asset_named";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Asset>> {
        let sql = format!("SELECT {} FROM asset WHERE name = ? ORDER BY updated_at DESC, id DESC LIMIT 1", Asset::COLUMNS);
        tx.row(sql, params![&self.name]).await?.map(|row| Asset::read(&row, 0)).transpose()
    }
}
