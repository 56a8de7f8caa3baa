//! XComs as the API lists and changes them.

use super::Select;
use super::filter::{Filter, Listed, OrderKey, OrderNames, Page, Patterns, Range};
use crate::table::event_log::{self, NewEvent};
use crate::{Mode, Result, Row, Transaction, Tx, params};

/// An XCom. Times in microseconds; `value` is JSON text.
#[derive(Debug, Clone)]
pub struct XComView {
    pub key: String,
    pub timestamp: i64,
    pub logical_date: Option<i64>,
    pub map_index: i32,
    pub task_id: String,
    pub dag_id: String,
    pub run_id: String,
    pub dag_display_name: String,
    pub run_after: i64,
    pub value: String,
    pub version_id: Option<i64>,
}

const SELECT: Select = Select {
    columns: "x.key, x.timestamp, r.logical_date, x.map_index, x.task_id, r.dag_id, r.run_id, coalesce(d.dag_display_name, r.dag_id), \
        r.run_after, x.value, r.version_id",
    tables: " FROM xcom x JOIN dag_run r ON r.id = x.run_pk LEFT JOIN dag d ON d.dag_id = r.dag_id",
    ties: &["x.run_pk", "x.task_id", "x.map_index", "x.key"],
};

/// What XComs may be sorted by.
pub const ORDER: OrderNames = &[
    ("key", "x.key"),
    ("dag_id", "r.dag_id"),
    ("run_id", "r.run_id"),
    ("task_id", "x.task_id"),
    ("map_index", "x.map_index"),
    ("timestamp", "x.timestamp"),
    ("run_after", "r.run_after"),
];

fn read(row: &Row) -> Result<XComView> {
    Ok(XComView {
        key: row.get(0_usize)?,
        timestamp: row.get(1_usize)?,
        logical_date: row.get(2_usize)?,
        map_index: row.get(3_usize)?,
        task_id: row.get(4_usize)?,
        dag_id: row.get(5_usize)?,
        run_id: row.get(6_usize)?,
        dag_display_name: row.get(7_usize)?,
        run_after: row.get(8_usize)?,
        value: row.get(9_usize)?,
        version_id: row.get(10_usize)?,
    })
}

/// Which XComs.
#[derive(Debug, Clone, Default)]
pub struct XComFilter {
    pub dag_id: Option<String>,
    pub run_id: Option<String>,
    pub task_id: Option<String>,
    pub key: Option<String>,
    pub map_index: Option<i64>,
    pub keys: Patterns,
    pub dag_display_name: Patterns,
    pub run_ids: Patterns,
    pub task_ids: Patterns,
    pub logical_date: Range<i64>,
    pub run_after: Range<i64>,
}

/// A page of XComs.
#[derive(Debug, Clone)]
pub struct ListXComs {
    pub filter: XComFilter,
    pub order: Vec<OrderKey>,
    pub page: Page,
}

impl Transaction for ListXComs {
    type Out = Listed<XComView>;
    const NAME: &'static str = "list.xcoms";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let wanted = &self.filter;
        let mut filter = Filter::new();
        filter
            .equals("r.dag_id", wanted.dag_id.clone())
            .equals("r.run_id", wanted.run_id.clone())
            .equals("x.task_id", wanted.task_id.clone())
            .equals("x.key", wanted.key.clone())
            .equals("x.map_index", wanted.map_index)
            .patterns("x.key", &wanted.keys)
            .patterns("coalesce(d.dag_display_name, r.dag_id)", &wanted.dag_display_name)
            .patterns("r.run_id", &wanted.run_ids)
            .patterns("x.task_id", &wanted.task_ids)
            .range("r.logical_date", &wanted.logical_date)
            .range("r.run_after", &wanted.run_after);
        SELECT.page(tx, &filter, &self.order, self.page, read).await
    }
}

/// The key of an XCom.
#[derive(Debug, Clone)]
pub struct XComKey {
    pub dag_id: String,
    pub run_id: String,
    pub task_id: String,
    pub map_index: i32,
    pub key: String,
}

/// What became of a change.
#[derive(Debug, Clone)]
pub enum XComChanged {
    Done(Box<XComView>),
    /// The task instance is not there.
    NoTask,
    /// There is one with this key already.
    Exists,
    /// There is none with this key.
    Missing,
}

/// Adds an XCom (`create`) or changes the value of one.
#[derive(Debug, Clone)]
pub struct WriteXCom {
    pub at: XComKey,
    /// JSON text.
    pub value: String,
    pub create: bool,
    pub event: NewEvent,
}

impl Transaction for WriteXCom {
    type Out = XComChanged;
    const NAME: &'static str = "list.write_xcom";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let Some(run_pk) = task_run(tx, &self.at).await? else { return Ok(XComChanged::NoTask) };
        let now = tx.now();
        let at = &self.at;
        let changed = if self.create {
            let sql = "INSERT INTO xcom (run_pk, task_id, map_index, key, value, timestamp) VALUES (?, ?, ?, ?, ?, ?) \
                ON CONFLICT (run_pk, task_id, map_index, key) DO NOTHING";
            tx.exec(sql, params![run_pk, &at.task_id, at.map_index, &at.key, &self.value, now]).await?
        } else {
            let sql = "UPDATE xcom SET value = ?, timestamp = ? WHERE run_pk = ? AND task_id = ? AND map_index = ? AND key = ?";
            tx.exec(sql, params![&self.value, now, run_pk, &at.task_id, at.map_index, &at.key]).await?
        };
        if changed == 0 {
            return Ok(if self.create { XComChanged::Exists } else { XComChanged::Missing });
        }
        event_log::insert(tx, std::slice::from_ref(&self.event)).await?;
        let mut filter = Filter::new();
        filter
            .equals("x.run_pk", Some(run_pk))
            .equals("x.task_id", Some(at.task_id.clone()))
            .equals("x.map_index", Some(at.map_index))
            .equals("x.key", Some(at.key.clone()));
        let found = SELECT.all(tx, &filter, &[], read).await?.pop();
        Ok(found.map_or(XComChanged::Missing, |view| XComChanged::Done(Box::new(view))))
    }
}

/// Deletes an XCom; tells whether there was one.
#[derive(Debug, Clone)]
pub struct DeleteXCom {
    pub at: XComKey,
    pub event: NewEvent,
}

impl Transaction for DeleteXCom {
    type Out = bool;
    const NAME: &'static str = "list.delete_xcom";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let at = &self.at;
        let Some(run_pk) = task_run(tx, at).await? else { return Ok(false) };
        let sql = "DELETE FROM xcom WHERE run_pk = ? AND task_id = ? AND map_index = ? AND key = ?";
        let deleted = tx.exec(sql, params![run_pk, &at.task_id, at.map_index, &at.key]).await? > 0;
        if deleted {
            event_log::insert(tx, std::slice::from_ref(&self.event)).await?;
        }
        Ok(deleted)
    }
}

/// The run of a task instance, when it has this task instance.
async fn task_run(tx: &mut Tx<'_>, at: &XComKey) -> Result<Option<i64>> {
    let sql = "SELECT t.run_pk FROM task_instance t JOIN dag_run r ON r.id = t.run_pk \
        WHERE r.dag_id = ? AND r.run_id = ? AND t.task_id = ? AND t.map_index = ?";
    let row = tx.row(sql, params![&at.dag_id, &at.run_id, &at.task_id, at.map_index]).await?;
    row.map(|row| row.get(0_usize)).transpose()
}
