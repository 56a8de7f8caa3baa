//! Task instances and their tries as the API lists them.

use std::sync::LazyLock;

use super::filter::{Filter, Listed, OrderKey, OrderNames, Page, Patterns, Range};
use super::keyset::{Keyset, KeysetPage};
use super::{Select, VersionView};
use crate::{Mode, Result, Row, Transaction, Tx, params};

/// A task instance, or one of its tries, with what its answer needs from other tables. Times in microseconds.
#[derive(Debug, Clone)]
pub struct TaskView {
    pub run_pk: i64,
    pub dag_id: String,
    pub run_id: String,
    pub task_id: String,
    pub map_index: i32,
    pub state: Option<String>,
    pub attempt_id: Option<String>,
    pub try_number: i64,
    pub max_tries: i64,
    pub operator: String,
    pub pool: String,
    pub pool_slots: i64,
    pub queue: String,
    pub executor: Option<String>,
    pub priority_weight: i64,
    pub start_date: Option<i64>,
    pub end_date: Option<i64>,
    pub scheduled_at: Option<i64>,
    pub queued_at: Option<i64>,
    pub rendered_map_index: Option<String>,
    pub hostname: Option<String>,
    pub unixname: Option<String>,
    pub pid: Option<i64>,
    pub note: Option<String>,
    pub updated_at: i64,
    pub logical_date: Option<i64>,
    pub run_after: i64,
    pub rendered_fields: Option<String>,
    pub dag_display_name: String,
    pub version_id: Option<i64>,
    pub version: Option<VersionView>,
}

const COLUMNS: &str = "t.run_pk, t.dag_id, r.run_id, t.task_id, t.map_index, t.state, t.attempt_id, t.try_number, t.max_tries, \
    t.operator, t.pool, t.pool_slots, t.queue, t.executor, t.priority_weight, t.start_date, t.end_date, t.scheduled_at, t.queued_at, \
    t.rendered_map_index, t.hostname, t.unixname, t.pid, t.note, t.updated_at, r.logical_date, r.run_after, f.fields, \
    coalesce(d.dag_display_name, t.dag_id), coalesce(t.version_id, r.version_id), \
    v.uuid, v.version_number, v.dag_id, d.bundle_name, v.created_at";

const TABLES: &str = " FROM task_instance t JOIN dag_run r ON r.id = t.run_pk LEFT JOIN dag d ON d.dag_id = t.dag_id \
    LEFT JOIN dag_version v ON v.id = coalesce(t.version_id, r.version_id) \
    LEFT JOIN rendered_fields f ON f.run_pk = t.run_pk AND f.task_id = t.task_id AND f.map_index = t.map_index";

/// What task instances may be sorted by.
pub const ORDER: OrderNames = &[
    ("id", "t.attempt_id"),
    ("state", "t.state"),
    ("duration", "(t.end_date - t.start_date)"),
    ("start_date", "t.start_date"),
    ("end_date", "t.end_date"),
    ("map_index", "t.map_index"),
    ("try_number", "t.try_number"),
    ("logical_date", "r.logical_date"),
    ("run_after", "r.run_after"),
    ("data_interval_start", "r.data_interval_start"),
    ("data_interval_end", "r.data_interval_end"),
    ("rendered_map_index", "t.rendered_map_index"),
    ("operator", "t.operator"),
];

fn read(row: &Row) -> Result<TaskView> {
    Ok(TaskView {
        run_pk: row.get(0_usize)?,
        dag_id: row.get(1_usize)?,
        run_id: row.get(2_usize)?,
        task_id: row.get(3_usize)?,
        map_index: row.get(4_usize)?,
        state: row.get(5_usize)?,
        attempt_id: row.get(6_usize)?,
        try_number: row.get(7_usize)?,
        max_tries: row.get(8_usize)?,
        operator: row.get(9_usize)?,
        pool: row.get(10_usize)?,
        pool_slots: row.get(11_usize)?,
        queue: row.get(12_usize)?,
        executor: row.get(13_usize)?,
        priority_weight: row.get(14_usize)?,
        start_date: row.get(15_usize)?,
        end_date: row.get(16_usize)?,
        scheduled_at: row.get(17_usize)?,
        queued_at: row.get(18_usize)?,
        rendered_map_index: row.get(19_usize)?,
        hostname: row.get(20_usize)?,
        unixname: row.get(21_usize)?,
        pid: row.get(22_usize)?,
        note: row.get(23_usize)?,
        updated_at: row.get(24_usize)?,
        logical_date: row.get(25_usize)?,
        run_after: row.get(26_usize)?,
        rendered_fields: row.get(27_usize)?,
        dag_display_name: row.get(28_usize)?,
        version_id: row.get(29_usize)?,
        version: VersionView::read(row, 30)?,
    })
}

const SELECT: Select = Select { columns: COLUMNS, tables: TABLES, ties: &["t.run_pk", "t.task_id", "t.map_index"] };

/// One task instance by its key.
#[derive(Debug, Clone)]
pub struct GetTask {
    pub dag_id: String,
    pub run_id: String,
    pub task_id: String,
    pub map_index: i32,
}

impl Transaction for GetTask {
    type Out = Option<TaskView>;
    const NAME: &'static str = "list.get_task";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        static SQL: LazyLock<String> =
            LazyLock::new(|| format!("SELECT {COLUMNS}{TABLES} WHERE r.dag_id = ? AND r.run_id = ? AND t.task_id = ? AND t.map_index = ?"));
        let key = params![&self.dag_id, &self.run_id, &self.task_id, self.map_index];
        tx.row(SQL.as_str(), key).await?.as_ref().map(read).transpose()
    }
}

/// A page of task instances.
#[derive(Debug, Clone)]
pub struct ListTasks {
    pub filter: TaskFilter,
    pub order: Vec<OrderKey>,
    pub page: Page,
}

impl Transaction for ListTasks {
    type Out = Listed<TaskView>;
    const NAME: &'static str = "list.tasks";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        SELECT.page(tx, &self.filter.filter(), &self.order, self.page, read).await
    }
}

const TRY_COLUMNS: &str = "a.run_pk, r.dag_id, r.run_id, a.task_id, a.map_index, a.state, a.id, a.try_number, a.max_tries, \
    a.operator, a.pool, a.pool_slots, a.queue, a.executor, a.priority_weight, a.start_date, a.end_date, NULL, a.queued_at, \
    a.rendered_map_index, a.hostname, a.unixname, a.pid, NULL, a.queued_at, r.logical_date, r.run_after, NULL, \
    coalesce(d.dag_display_name, r.dag_id), coalesce(a.version_id, r.version_id), \
    v.uuid, v.version_number, v.dag_id, d.bundle_name, v.created_at";

const TRY_TABLES: &str = " FROM attempt a JOIN dag_run r ON r.id = a.run_pk LEFT JOIN dag d ON d.dag_id = r.dag_id \
    LEFT JOIN dag_version v ON v.id = coalesce(a.version_id, r.version_id)";

/// The attempts of a task instance, oldest first.
#[derive(Debug, Clone)]
pub struct ListAttempts {
    pub run_pk: i64,
    pub task_id: String,
    pub map_index: i32,
}

impl Transaction for ListAttempts {
    type Out = Vec<TaskView>;
    const NAME: &'static str = "list.attempts";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        static SQL: LazyLock<String> = LazyLock::new(|| {
            format!("SELECT {TRY_COLUMNS}{TRY_TABLES} WHERE a.run_pk = ? AND a.task_id = ? AND a.map_index = ? ORDER BY a.try_number, a.id")
        });
        let key = params![self.run_pk, &self.task_id, self.map_index];
        tx.rows(SQL.as_str(), key).await?.iter().map(read).collect()
    }
}

/// A page of task instances by cursor.
#[derive(Debug, Clone)]
pub struct ScrollTasks {
    pub filter: TaskFilter,
    pub order: Vec<OrderKey>,
    pub page: KeysetPage,
}

impl Transaction for ScrollTasks {
    /// `None`: the cursor is not one of this order.
    type Out = Option<Keyset<TaskView>>;
    const NAME: &'static str = "list.scroll_tasks";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        SELECT.keyset(tx, self.filter.filter(), &self.order, &self.page, read).await
    }
}

/// Which task instances.
#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    pub dag_ids: Vec<String>,
    pub run_ids: Vec<String>,
    pub task_ids: Vec<String>,
    pub dag_id: Patterns,
    pub run_id: Patterns,
    pub task_id: Patterns,
    /// `None` stands for no state.
    pub states: Vec<Option<String>>,
    pub pools: Vec<String>,
    pub pool: Patterns,
    pub queues: Vec<String>,
    pub queue: Patterns,
    pub executors: Vec<String>,
    pub versions: Vec<i64>,
    pub try_numbers: Vec<i64>,
    pub operators: Vec<String>,
    pub operator: Patterns,
    pub map_indexes: Vec<i64>,
    /// Only instances of an expanded task.
    pub mapped_only: bool,
    pub rendered_map_index: Patterns,
    pub run_after: Range<i64>,
    pub logical_date: Range<i64>,
    pub start_date: Range<i64>,
    pub end_date: Range<i64>,
    pub updated_at: Range<i64>,
    /// Seconds.
    pub duration: Range<f64>,
}

impl TaskFilter {
    fn filter(&self) -> Filter {
        let mut filter = Filter::new();
        filter
            .among("r.dag_id", &self.dag_ids)
            .among("r.run_id", &self.run_ids)
            .among("t.task_id", &self.task_ids)
            .patterns("t.dag_id", &self.dag_id)
            .patterns("r.run_id", &self.run_id)
            .patterns("t.task_id", &self.task_id)
            .states("t.state", &self.states)
            .among("t.pool", &self.pools)
            .patterns("t.pool", &self.pool)
            .among("t.queue", &self.queues)
            .patterns("t.queue", &self.queue)
            .among("t.executor", &self.executors)
            .among("v.version_number", &self.versions)
            .among("t.try_number", &self.try_numbers)
            .among("t.operator", &self.operators)
            .patterns("t.operator", &self.operator)
            .among("t.map_index", &self.map_indexes)
            .patterns("t.rendered_map_index", &self.rendered_map_index)
            .range("r.run_after", &self.run_after)
            .range("r.logical_date", &self.logical_date)
            .range("t.start_date", &self.start_date)
            .range("t.end_date", &self.end_date)
            .range("t.updated_at", &self.updated_at)
            .range("((t.end_date - t.start_date) / 1000000.0)", &self.duration);
        if self.mapped_only {
            filter.and("t.map_index >= 0", []);
        }
        filter
    }
}
