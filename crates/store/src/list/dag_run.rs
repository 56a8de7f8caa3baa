//! Dag runs as the API lists them.

use std::sync::LazyLock;

use super::filter::{Filter, Listed, OrderKey, OrderNames, Page, Patterns, Range};
use super::keyset::{Keyset, KeysetPage};
use super::{Select, VersionView};
use crate::{Mode, Result, Row, Transaction, Tx, Value, params};

/// A dag run with what its answer needs from other tables. Times in microseconds.
#[derive(Debug, Clone)]
pub struct RunView {
    pub id: i64,
    pub dag_id: String,
    pub run_id: String,
    pub run_type: String,
    pub state: String,
    pub logical_date: Option<i64>,
    pub data_interval_start: Option<i64>,
    pub data_interval_end: Option<i64>,
    pub run_after: i64,
    pub queued_at: Option<i64>,
    pub start_date: Option<i64>,
    pub end_date: Option<i64>,
    pub triggered_by: Option<String>,
    pub triggering_user_name: Option<String>,
    pub conf: String,
    pub note: Option<String>,
    pub last_scheduling_decision: Option<i64>,
    pub updated_at: i64,
    pub dag_display_name: String,
    pub version_id: Option<i64>,
    pub version: Option<VersionView>,
}

const COLUMNS: &str = "r.id, r.dag_id, r.run_id, r.run_type, r.state, r.logical_date, r.data_interval_start, r.data_interval_end, \
    r.run_after, r.queued_at, r.start_date, r.end_date, r.triggered_by, r.triggering_user_name, r.conf, r.note, \
    r.last_scheduling_decision, r.updated_at, coalesce(d.dag_display_name, r.dag_id), r.version_id, \
    v.uuid, v.version_number, v.dag_id, d.bundle_name, v.created_at";

const TABLES: &str = " FROM dag_run r LEFT JOIN dag d ON d.dag_id = r.dag_id LEFT JOIN dag_version v ON v.id = r.version_id";

/// What runs may be sorted by.
pub const ORDER: OrderNames = &[
    ("id", "r.id"),
    ("state", "r.state"),
    ("dag_id", "r.dag_id"),
    ("run_id", "r.run_id"),
    ("dag_run_id", "r.run_id"),
    ("logical_date", "r.logical_date"),
    ("run_after", "r.run_after"),
    ("start_date", "r.start_date"),
    ("end_date", "r.end_date"),
    ("updated_at", "r.updated_at"),
    ("conf", "r.conf"),
    ("duration", "(r.end_date - r.start_date)"),
];

/// `SELECT` of what [`read`] reads, without conditions; the run is `r`.
pub(super) fn select() -> String {
    format!("SELECT {COLUMNS}{TABLES}")
}

pub(super) fn read(row: &Row) -> Result<RunView> {
    Ok(RunView {
        id: row.get(0_usize)?,
        dag_id: row.get(1_usize)?,
        run_id: row.get(2_usize)?,
        run_type: row.get(3_usize)?,
        state: row.get(4_usize)?,
        logical_date: row.get(5_usize)?,
        data_interval_start: row.get(6_usize)?,
        data_interval_end: row.get(7_usize)?,
        run_after: row.get(8_usize)?,
        queued_at: row.get(9_usize)?,
        start_date: row.get(10_usize)?,
        end_date: row.get(11_usize)?,
        triggered_by: row.get(12_usize)?,
        triggering_user_name: row.get(13_usize)?,
        conf: row.get(14_usize)?,
        note: row.get(15_usize)?,
        last_scheduling_decision: row.get(16_usize)?,
        updated_at: row.get(17_usize)?,
        dag_display_name: row.get(18_usize)?,
        version_id: row.get(19_usize)?,
        version: VersionView::read(row, 20)?,
    })
}

const SELECT: Select = Select { columns: COLUMNS, tables: TABLES, ties: &["r.id"] };

/// One run by its id.
#[derive(Debug, Clone)]
pub struct GetRun {
    pub dag_id: String,
    pub run_id: String,
}

impl Transaction for GetRun {
    type Out = Option<RunView>;
    const NAME: &'static str = "list.get_run";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        get(tx, &self.dag_id, &self.run_id).await
    }
}

/// As [`GetRun`], inside another transaction.
///
/// # Errors
/// What the database says.
pub async fn get(tx: &mut Tx<'_>, dag_id: &str, run_id: &str) -> Result<Option<RunView>> {
    static SQL: LazyLock<String> = LazyLock::new(|| format!("SELECT {COLUMNS}{TABLES} WHERE r.dag_id = ? AND r.run_id = ?"));
    let row = tx.row(SQL.as_str(), params![dag_id, run_id]).await?;
    row.as_ref().map(read).transpose()
}

/// A page of runs.
#[derive(Debug, Clone)]
pub struct ListRuns {
    pub filter: RunFilter,
    pub order: Vec<OrderKey>,
    pub page: Page,
}

impl Transaction for ListRuns {
    type Out = Listed<RunView>;
    const NAME: &'static str = "list.runs";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        SELECT.page(tx, &self.filter.filter(), &self.order, self.page, read).await
    }
}

/// A page of runs by cursor.
#[derive(Debug, Clone)]
pub struct ScrollRuns {
    pub filter: RunFilter,
    pub order: Vec<OrderKey>,
    pub page: KeysetPage,
}

impl Transaction for ScrollRuns {
    /// `None`: the cursor is not one of this order.
    type Out = Option<Keyset<RunView>>;
    const NAME: &'static str = "list.scroll_runs";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        SELECT.keyset(tx, self.filter.filter(), &self.order, &self.page, read).await
    }
}

/// Which runs.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    pub dag_ids: Vec<String>,
    pub dag_id: Patterns,
    pub run_id: Patterns,
    pub triggering_user_name: Patterns,
    pub run_types: Vec<String>,
    pub states: Vec<String>,
    pub versions: Vec<i64>,
    pub conf_contains: Option<String>,
    pub run_after: Range<i64>,
    pub logical_date: Range<i64>,
    pub start_date: Range<i64>,
    pub end_date: Range<i64>,
    pub updated_at: Range<i64>,
    /// Seconds.
    pub duration: Range<f64>,
}

impl RunFilter {
    fn filter(&self) -> Filter {
        let mut filter = Filter::new();
        filter
            .among("r.dag_id", &self.dag_ids)
            .patterns("r.dag_id", &self.dag_id)
            .patterns("r.run_id", &self.run_id)
            .patterns("r.triggering_user_name", &self.triggering_user_name)
            .among("r.run_type", &self.run_types)
            .among("r.state", &self.states)
            .among("v.version_number", &self.versions)
            .range("r.run_after", &self.run_after)
            .range("r.logical_date", &self.logical_date)
            .range("r.start_date", &self.start_date)
            .range("r.end_date", &self.end_date)
            .range("r.updated_at", &self.updated_at)
            .range("((r.end_date - r.start_date) / 1000000.0)", &self.duration);
        if let Some(text) = &self.conf_contains {
            filter.and("instr(r.conf, ?) > 0", [Value::from(text.clone())]);
        }
        filter
    }
}
