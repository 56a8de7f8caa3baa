//! The event log as the API lists it.

use super::Select;
use super::filter::{Filter, Listed, OrderKey, OrderNames, Page, Patterns, Range};
use crate::{Mode, Result, Row, Transaction, Tx, params};

/// An event. Times in microseconds.
#[derive(Debug, Clone)]
pub struct EventView {
    pub id: i64,
    pub dttm: i64,
    pub event: String,
    pub dag_id: Option<String>,
    pub run_id: Option<String>,
    pub task_id: Option<String>,
    pub map_index: Option<i64>,
    pub try_number: Option<i64>,
    pub logical_date: Option<i64>,
    pub owner: Option<String>,
    pub extra: Option<String>,
    pub dag_display_name: Option<String>,
}

const SELECT: Select = Select {
    columns: "e.id, e.dttm, e.event, e.dag_id, e.run_id, e.task_id, e.map_index, e.try_number, e.logical_date, e.owner, e.extra, d.dag_display_name",
    tables: " FROM event_log e LEFT JOIN dag d ON d.dag_id = e.dag_id",
    ties: &["e.id"],
};

/// What events may be sorted by.
pub const ORDER: OrderNames = &[
    ("id", "e.id"),
    ("event_log_id", "e.id"),
    ("dttm", "e.dttm"),
    ("when", "e.dttm"),
    ("dag_id", "e.dag_id"),
    ("task_id", "e.task_id"),
    ("run_id", "e.run_id"),
    ("event", "e.event"),
    ("logical_date", "e.logical_date"),
    ("owner", "e.owner"),
    ("extra", "e.extra"),
];

fn read(row: &Row) -> Result<EventView> {
    Ok(EventView {
        id: row.get(0_usize)?,
        dttm: row.get(1_usize)?,
        event: row.get(2_usize)?,
        dag_id: row.get(3_usize)?,
        run_id: row.get(4_usize)?,
        task_id: row.get(5_usize)?,
        map_index: row.get(6_usize)?,
        try_number: row.get(7_usize)?,
        logical_date: row.get(8_usize)?,
        owner: row.get(9_usize)?,
        extra: row.get(10_usize)?,
        dag_display_name: row.get(11_usize)?,
    })
}

/// Which events.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    pub id: Option<i64>,
    pub dag_id: Option<String>,
    pub task_id: Option<String>,
    pub run_id: Option<String>,
    pub map_index: Option<i64>,
    pub try_number: Option<i64>,
    pub owner: Option<String>,
    pub event: Option<String>,
    pub excluded: Vec<String>,
    pub included: Vec<String>,
    pub when: Range<i64>,
    pub dag_ids: Patterns,
    pub task_ids: Patterns,
    pub run_ids: Patterns,
    pub owners: Patterns,
    pub events: Patterns,
}

/// A page of events.
#[derive(Debug, Clone)]
pub struct ListEvents {
    pub filter: EventFilter,
    pub order: Vec<OrderKey>,
    pub page: Page,
}

impl Transaction for ListEvents {
    type Out = Listed<EventView>;
    const NAME: &'static str = "list.events";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let wanted = &self.filter;
        let mut filter = Filter::new();
        filter
            .equals("e.id", wanted.id)
            .equals("e.dag_id", wanted.dag_id.clone())
            .equals("e.task_id", wanted.task_id.clone())
            .equals("e.run_id", wanted.run_id.clone())
            .equals("e.map_index", wanted.map_index)
            .equals("e.try_number", wanted.try_number)
            .equals("e.owner", wanted.owner.clone())
            .equals("e.event", wanted.event.clone())
            .not_among("e.event", &wanted.excluded)
            .among("e.event", &wanted.included)
            .range("e.dttm", &wanted.when)
            .patterns("e.dag_id", &wanted.dag_ids)
            .patterns("e.task_id", &wanted.task_ids)
            .patterns("e.run_id", &wanted.run_ids)
            .patterns("e.owner", &wanted.owners)
            .patterns("e.event", &wanted.events);
        SELECT.page(tx, &filter, &self.order, self.page, read).await
    }
}

/// What a user did.
#[derive(Debug, Clone, Default)]
pub struct AddEvent {
    pub event: String,
    pub dag_id: Option<String>,
    pub run_id: Option<String>,
    pub task_id: Option<String>,
    pub map_index: Option<i32>,
    pub owner: Option<String>,
    /// JSON text.
    pub extra: Option<String>,
}

impl Transaction for AddEvent {
    type Out = ();
    const NAME: &'static str = "list.add_event";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        add(tx, self).await
    }
}

/// As [`AddEvent`], inside another transaction.
pub(crate) async fn add(tx: &mut Tx<'_>, event: &AddEvent) -> Result<()> {
    let now = tx.now();
    let values =
        params![now, &event.event, &event.dag_id, &event.run_id, &event.task_id, event.map_index, &event.owner, &event.owner, &event.extra];
    let sql = "INSERT INTO event_log (dttm, event, dag_id, run_id, task_id, map_index, owner, owner_display_name, extra) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    tx.exec(sql, values).await?;
    Ok(())
}
