//! Variables, connections and pools: pages of them, and sets of changes that are kept whole or not at all.

use std::collections::BTreeSet;
use std::future::Future;

use super::Select;
use super::filter::{Filter, Listed, OrderKey, OrderNames, Page, Patterns};
use crate::table::connection::{Connection, SetConnection};
use crate::table::event_log::{self, NewEvent};
use crate::table::pool::SetPool;
use crate::table::variable::{SetVariable, Variable};
use crate::{Mode, Result, Secret, Transaction, Tx, params};

/// What variables may be sorted by.
pub const VARIABLE_ORDER: OrderNames = &[
    ("id", "id"),
    ("key", "key"),
    ("_val", "val"),
    ("description", "description"),
    ("is_encrypted", "is_encrypted"),
    ("team_name", "NULL"),
];

/// A page of variables.
#[derive(Debug, Clone)]
pub struct ListVariables {
    pub keys: Patterns,
    pub order: Vec<OrderKey>,
    pub page: Page,
}

impl Transaction for ListVariables {
    type Out = Listed<Variable>;
    const NAME: &'static str = "list.variables";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        const VARIABLES: Select = Select { columns: Variable::COLUMNS, tables: " FROM variable", ties: &["id"] };
        let mut filter = Filter::new();
        filter.patterns("key", &self.keys);
        let listed = VARIABLES.page(tx, &filter, &self.order, self.page, |row| Ok(row.clone())).await?;
        let rows = listed.rows.iter().map(|row| Variable::read(tx, row, 0)).collect::<Result<_>>()?;
        Ok(Listed { rows, total: listed.total })
    }
}

/// What connections may be sorted by.
pub const CONNECTION_ORDER: OrderNames = &[
    ("id", "id"),
    ("conn_id", "conn_id"),
    ("connection_id", "conn_id"),
    ("conn_type", "conn_type"),
    ("description", "description"),
    ("host", "host"),
    ("port", "port"),
    ("team_name", "NULL"),
];

/// A page of connections.
#[derive(Debug, Clone)]
pub struct ListConnections {
    pub ids: Patterns,
    pub order: Vec<OrderKey>,
    pub page: Page,
}

impl Transaction for ListConnections {
    type Out = Listed<Connection>;
    const NAME: &'static str = "list.connections";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        const CONNECTIONS: Select = Select { columns: Connection::COLUMNS, tables: " FROM connection", ties: &["id"] };
        let mut filter = Filter::new();
        filter.patterns("conn_id", &self.ids);
        let listed = CONNECTIONS.page(tx, &filter, &self.order, self.page, |row| Ok(row.clone())).await?;
        let rows = listed.rows.iter().map(|row| Connection::read(tx, row, 0)).collect::<Result<_>>()?;
        Ok(Listed { rows, total: listed.total })
    }
}

/// What pools may be sorted by.
pub const POOL_ORDER: OrderNames = &[("id", "id"), ("pool", "pool"), ("name", "pool")];

/// A page of the names of pools.
#[derive(Debug, Clone)]
pub struct ListPoolNames {
    pub names: Patterns,
    pub order: Vec<OrderKey>,
    pub page: Page,
}

impl Transaction for ListPoolNames {
    type Out = Listed<String>;
    const NAME: &'static str = "list.pool_names";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        const POOLS: Select = Select { columns: "pool", tables: " FROM pool", ties: &["id"] };
        let mut filter = Filter::new();
        filter.patterns("pool", &self.names);
        POOLS.page(tx, &filter, &self.order, self.page, |row| row.get(0_usize)).await
    }
}

/// Something with a unique key that users keep.
pub trait Keyed: Clone + Send + Sync + 'static {
    const TABLE: &'static str;
    const COLUMN: &'static str;

    fn key(&self) -> &str;

    /// Writes it whole, in the place of one with the same key.
    fn put(&self, tx: &mut Tx<'_>) -> impl Future<Output = Result<()>> + Send;
}

/// A variable to write. Unlike [`SetVariable`], no description removes the one that is there.
#[derive(Debug, Clone)]
pub struct PutVariable {
    pub key: String,
    pub val: Secret,
    pub description: Option<String>,
}

impl Keyed for PutVariable {
    const TABLE: &'static str = "variable";
    const COLUMN: &'static str = "key";

    fn key(&self) -> &str {
        &self.key
    }

    async fn put(&self, tx: &mut Tx<'_>) -> Result<()> {
        let description = self.description.clone();
        SetVariable { key: self.key.clone(), val: self.val.clone(), description, only_new: false }.run(tx).await?;
        tx.exec("UPDATE variable SET description = ? WHERE key = ?", params![&self.description, &self.key]).await?;
        Ok(())
    }
}

impl Keyed for Connection {
    const TABLE: &'static str = "connection";
    const COLUMN: &'static str = "conn_id";

    fn key(&self) -> &str {
        &self.conn_id
    }

    async fn put(&self, tx: &mut Tx<'_>) -> Result<()> {
        SetConnection { connection: self.clone(), only_new: false }.run(tx).await.map(drop)
    }
}

/// A pool to write.
#[derive(Debug, Clone)]
pub struct PutPool {
    pub name: String,
    pub slots: i64,
    pub description: Option<String>,
    pub include_deferred: bool,
}

impl Keyed for PutPool {
    const TABLE: &'static str = "pool";
    const COLUMN: &'static str = "pool";

    fn key(&self) -> &str {
        &self.name
    }

    async fn put(&self, tx: &mut Tx<'_>) -> Result<()> {
        let Self { name, slots, description, include_deferred } = self.clone();
        SetPool { name, slots, description, include_deferred, only_new: false }.run(tx).await.map(drop)
    }
}

/// What to do about keys that are there already (create) or are not (change, delete).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    /// One of them, and nothing is done at all.
    Fail,
    /// They are left out.
    Skip,
    /// They are written over.
    Overwrite,
}

/// What a set of changes did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetDone {
    /// These keys were written or deleted.
    Done(Vec<String>),
    /// Nothing: these keys are there already, or are not.
    Refused(Vec<String>),
}

/// Writes some things: new ones, or changes of old ones.
#[derive(Debug, Clone)]
pub struct PutAll<T> {
    pub items: Vec<T>,
    /// They are new; else they change what is there.
    pub create: bool,
    pub odd: Odd,
    /// What the event log says of each.
    pub event: NewEvent,
}

impl<T: Keyed> Transaction for PutAll<T> {
    type Out = SetDone;
    const NAME: &'static str = "list.put_all";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<SetDone> {
        let keys: Vec<String> = self.items.iter().map(|item| item.key().to_owned()).collect();
        let there = existing::<T>(tx, &keys).await?;
        let is_odd = |key: &str| there.contains(key) == self.create;
        let odd: Vec<String> = keys.iter().filter(|key| is_odd(key)).cloned().collect();
        if self.odd == Odd::Fail && !odd.is_empty() {
            return Ok(SetDone::Refused(odd));
        }
        let mut done = Vec::new();
        for item in &self.items {
            if is_odd(item.key()) && self.odd == Odd::Skip {
                continue;
            }
            item.put(tx).await?;
            done.push(item.key().to_owned());
        }
        log(tx, &self.event, &done).await?;
        Ok(SetDone::Done(done))
    }
}

/// Deletes the things with these keys.
#[derive(Debug, Clone)]
pub struct DeleteAll<T> {
    pub keys: Vec<String>,
    pub odd: Odd,
    pub event: NewEvent,
    pub kind: std::marker::PhantomData<fn() -> T>,
}

impl<T: Keyed> Transaction for DeleteAll<T> {
    type Out = SetDone;
    const NAME: &'static str = "list.delete_all";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<SetDone> {
        let there = existing::<T>(tx, &self.keys).await?;
        let missing: Vec<String> = self.keys.iter().filter(|key| !there.contains(*key)).cloned().collect();
        if self.odd == Odd::Fail && !missing.is_empty() {
            return Ok(SetDone::Refused(missing));
        }
        let done: Vec<String> = self.keys.iter().filter(|key| there.contains(*key)).cloned().collect();
        for key in &done {
            tx.exec(format!("DELETE FROM {} WHERE {} = ?", T::TABLE, T::COLUMN), params![key]).await?;
        }
        log(tx, &self.event, &done).await?;
        Ok(SetDone::Done(done))
    }
}

/// Gives a pool another name.
#[derive(Debug, Clone)]
pub struct RenamePool {
    pub from: String,
    pub to: String,
}

impl Transaction for RenamePool {
    type Out = ();
    const NAME: &'static str = "list.rename_pool";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.exec("UPDATE pool SET pool = ? WHERE pool = ?", params![&self.to, &self.from]).await.map(drop)
    }
}

async fn existing<T: Keyed>(tx: &mut Tx<'_>, keys: &[String]) -> Result<BTreeSet<String>> {
    if keys.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut filter = Filter::new();
    filter.among(T::COLUMN, keys);
    let sql = format!("SELECT {} FROM {}{}", T::COLUMN, T::TABLE, filter.clause());
    tx.rows(sql, filter.values()).await?.iter().map(|row| row.get(0_usize)).collect()
}

/// One event per key; the key is the extra.
async fn log(tx: &mut Tx<'_>, event: &NewEvent, keys: &[String]) -> Result<()> {
    let events: Vec<NewEvent> =
        keys.iter().map(|key| NewEvent { extra: Some(format!("{{\"key\": {}}}", quoted(key))), ..event.clone() }).collect();
    event_log::insert(tx, &events).await
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
