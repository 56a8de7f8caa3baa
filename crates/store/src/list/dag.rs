//! DAGs as the API lists them.

use std::sync::LazyLock;

use super::filter::{Filter, Listed, OrderKey, OrderNames, Page, Patterns, Range};
use super::{Select, VersionView};
use crate::{Mode, Result, Row, Transaction, Tx, Value, params};

/// A DAG with what its answer needs from other tables. Times in microseconds.
#[derive(Debug, Clone)]
pub struct DagView {
    pub dag_id: String,
    pub dag_display_name: String,
    pub is_paused: bool,
    pub is_stale: bool,
    pub bundle_name: String,
    pub fileloc: String,
    pub relative_fileloc: String,
    /// Separated by comma and blank.
    pub owners: String,
    pub description: Option<String>,
    pub timetable_summary: Option<String>,
    pub timetable_description: Option<String>,
    pub timetable_type: String,
    pub timezone: String,
    pub version_id: Option<i64>,
    pub max_active_tasks: i64,
    pub max_active_runs: i64,
    pub max_consecutive_failed_dag_runs: i64,
    pub has_import_errors: bool,
    pub last_parsed: Option<i64>,
    /// Microseconds.
    pub parse_duration: Option<i64>,
    pub last_expired: Option<i64>,
    pub next_logical_date: Option<i64>,
    pub next_interval_start: Option<i64>,
    pub next_interval_end: Option<i64>,
    pub next_run_after: Option<i64>,
    /// JSON array of names.
    pub tags: String,
    pub version: Option<VersionView>,
    /// Content hash of the newest form.
    pub content_hash: Option<String>,
}

const COLUMNS: &str = "d.dag_id, d.dag_display_name, d.is_paused, d.is_stale, d.bundle_name, d.fileloc, d.relative_fileloc, d.owners, \
    d.description, d.timetable_summary, d.timetable_description, d.timetable_type, d.timezone, d.version_id, d.max_active_tasks, \
    d.max_active_runs, d.max_consecutive_failed_dag_runs, d.has_import_errors, d.last_parsed, d.parse_duration, d.last_expired, \
    d.next_logical_date, d.next_interval_start, d.next_interval_end, d.next_run_after, \
    (SELECT json_group_array(g.name ORDER BY g.name) FROM dag_tag g WHERE g.dag_id = d.dag_id), \
    v.uuid, v.version_number, v.dag_id, d.bundle_name, v.created_at, v.content_hash";

const TABLES: &str = " FROM dag d LEFT JOIN dag_version v ON v.id = d.version_id";

/// What DAGs may be sorted by.
pub const ORDER: OrderNames = &[
    ("dag_id", "d.dag_id"),
    ("dag_display_name", "d.dag_display_name"),
    ("next_dagrun", "d.next_logical_date"),
    ("state", "(SELECT r.state FROM dag_run r WHERE r.dag_id = d.dag_id ORDER BY r.run_after DESC, r.id DESC LIMIT 1)"),
    ("last_run_state", "(SELECT r.state FROM dag_run r WHERE r.dag_id = d.dag_id ORDER BY r.run_after DESC, r.id DESC LIMIT 1)"),
    ("start_date", "(SELECT r.start_date FROM dag_run r WHERE r.dag_id = d.dag_id ORDER BY r.run_after DESC, r.id DESC LIMIT 1)"),
    ("last_run_start_date", "(SELECT r.start_date FROM dag_run r WHERE r.dag_id = d.dag_id ORDER BY r.run_after DESC, r.id DESC LIMIT 1)"),
    ("last_run", "(SELECT r.run_after FROM dag_run r WHERE r.dag_id = d.dag_id ORDER BY r.run_after DESC, r.id DESC LIMIT 1)"),
    ("next_run_after", "d.next_run_after"),
];

pub(super) fn read(row: &Row) -> Result<DagView> {
    Ok(DagView {
        dag_id: row.get(0_usize)?,
        dag_display_name: row.get(1_usize)?,
        is_paused: row.get(2_usize)?,
        is_stale: row.get(3_usize)?,
        bundle_name: row.get(4_usize)?,
        fileloc: row.get(5_usize)?,
        relative_fileloc: row.get(6_usize)?,
        owners: row.get(7_usize)?,
        description: row.get(8_usize)?,
        timetable_summary: row.get(9_usize)?,
        timetable_description: row.get(10_usize)?,
        timetable_type: row.get(11_usize)?,
        timezone: row.get(12_usize)?,
        version_id: row.get(13_usize)?,
        max_active_tasks: row.get(14_usize)?,
        max_active_runs: row.get(15_usize)?,
        max_consecutive_failed_dag_runs: row.get(16_usize)?,
        has_import_errors: row.get(17_usize)?,
        last_parsed: row.get(18_usize)?,
        parse_duration: row.get(19_usize)?,
        last_expired: row.get(20_usize)?,
        next_logical_date: row.get(21_usize)?,
        next_interval_start: row.get(22_usize)?,
        next_interval_end: row.get(23_usize)?,
        next_run_after: row.get(24_usize)?,
        tags: row.get(25_usize)?,
        version: VersionView::read(row, 26)?,
        content_hash: row.get(31_usize)?,
    })
}

pub(super) const SELECT: Select = Select { columns: COLUMNS, tables: TABLES, ties: &["d.dag_id"] };

/// One DAG by its id.
#[derive(Debug, Clone)]
pub struct GetDag {
    pub dag_id: String,
}

impl Transaction for GetDag {
    type Out = Option<DagView>;
    const NAME: &'static str = "list.get_dag";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        static SQL: LazyLock<String> = LazyLock::new(|| format!("SELECT {COLUMNS}{TABLES} WHERE d.dag_id = ?"));
        tx.row(SQL.as_str(), params![&self.dag_id]).await?.as_ref().map(read).transpose()
    }
}

/// A page of DAGs.
#[derive(Debug, Clone)]
pub struct ListDags {
    pub filter: DagFilter,
    pub order: Vec<OrderKey>,
    pub page: Page,
}

impl Transaction for ListDags {
    type Out = Listed<DagView>;
    const NAME: &'static str = "list.dags";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        SELECT.page(tx, &self.filter.filter(), &self.order, self.page, read).await
    }
}

/// Whether a user likes the DAG, and how many of its runs are open.
#[derive(Debug, Clone)]
pub struct GetDagExtras {
    pub dag_id: String,
    pub username: String,
}

impl Transaction for GetDagExtras {
    type Out = (bool, i64);
    const NAME: &'static str = "list.dag_extras";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let sql = "SELECT EXISTS (SELECT 1 FROM dag_favorite WHERE dag_id = ? AND username = ?), \
            (SELECT count(*) FROM dag_run WHERE dag_id = ? AND state IN ('queued', 'running'))";
        match tx.row(sql, params![&self.dag_id, &self.username, &self.dag_id]).await? {
            Some(row) => Ok((row.get(0_usize)?, row.get(1_usize)?)),
            None => Ok((false, 0)),
        }
    }
}

/// The forms of these content hashes.
#[derive(Debug, Clone)]
pub struct GetForms {
    pub content_hashes: Vec<String>,
}

impl Transaction for GetForms {
    /// Content hash and form.
    type Out = Vec<(String, String)>;
    const NAME: &'static str = "list.forms";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        if self.content_hashes.is_empty() {
            return Ok(Vec::new());
        }
        let mut filter = Filter::new();
        filter.among("content_hash", &self.content_hashes);
        let sql = format!("SELECT content_hash, form FROM dag_form{}", filter.clause());
        tx.rows(sql, filter.values()).await?.iter().map(|row| Ok((row.get(0_usize)?, row.get(1_usize)?))).collect()
    }
}

/// The content hashes of these versions (`dag_version.id`).
#[derive(Debug, Clone)]
pub struct GetVersionHashes {
    pub versions: Vec<i64>,
}

impl Transaction for GetVersionHashes {
    type Out = Vec<(i64, String)>;
    const NAME: &'static str = "list.version_hashes";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        if self.versions.is_empty() {
            return Ok(Vec::new());
        }
        let mut filter = Filter::new();
        filter.among("id", &self.versions);
        let sql = format!("SELECT id, content_hash FROM dag_version{}", filter.clause());
        tx.rows(sql, filter.values()).await?.iter().map(|row| Ok((row.get(0_usize)?, row.get(1_usize)?))).collect()
    }
}

/// Which DAGs.
#[derive(Debug, Clone, Default)]
pub struct DagFilter {
    pub tags: Vec<String>,
    /// All of the tags, not just one.
    pub all_tags: bool,
    pub owners: Vec<String>,
    pub dag_id: Patterns,
    pub dag_display_name: Patterns,
    /// Part of the id or of the display name, without case; no wildcards.
    pub search: Option<String>,
    pub exclude_stale: bool,
    pub paused: Option<bool>,
    pub has_import_errors: Option<bool>,
    pub last_run_state: Option<String>,
    pub bundle_name: Option<String>,
    pub timetable_types: Vec<String>,
    pub run_states: Vec<String>,
    pub run_start: Range<i64>,
    pub run_end: Range<i64>,
    /// Whose favourites, and whether to list these or the others.
    pub favorite: Option<(String, bool)>,
    /// `true`: DAGs that assets trigger; `false`: the others.
    pub asset_schedule: Option<bool>,
    /// Part of the name or URI of an asset that the DAG names.
    pub asset_dependency: Option<String>,
}

impl DagFilter {
    pub(super) fn filter(&self) -> Filter {
        let mut filter = Filter::new();
        filter
            .patterns("d.dag_id", &self.dag_id)
            .patterns("d.dag_display_name", &self.dag_display_name)
            .equals("d.is_paused", self.paused)
            .equals("d.has_import_errors", self.has_import_errors)
            .equals("d.bundle_name", self.bundle_name.clone())
            .among("d.timetable_type", &self.timetable_types);
        if let Some(text) = self.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            let part = format!("%{}%", literal(text));
            let clause = "(d.dag_id LIKE ? ESCAPE '\\' OR d.dag_display_name LIKE ? ESCAPE '\\')";
            filter.and(clause, [Value::from(part.clone()), Value::from(part)]);
        }
        if self.exclude_stale {
            filter.and("d.is_stale = 0", []);
        }
        if let Some(by_assets) = self.asset_schedule {
            let not = if by_assets { "" } else { "NOT " };
            filter.and(format!("{not}EXISTS (SELECT 1 FROM asset_use u WHERE u.dag_id = d.dag_id AND u.kind = 'schedule')"), []);
        }
        if let Some(text) = &self.asset_dependency {
            let part = format!("%{}%", literal(text));
            let clause = "EXISTS (SELECT 1 FROM asset_use u LEFT JOIN asset a ON a.id = u.asset_id WHERE u.dag_id = d.dag_id
                AND (a.name LIKE ? ESCAPE '\\' OR a.uri LIKE ? ESCAPE '\\' OR u.ref_name LIKE ? ESCAPE '\\' OR u.ref_uri LIKE ? ESCAPE '\\'))";
            filter.and(clause, std::iter::repeat_n(Value::from(part), 4));
        }
        self.tag_filter(&mut filter);
        if !self.owners.is_empty() {
            let clause = vec!["(', ' || d.owners || ',') LIKE ?"; self.owners.len()].join(" OR ");
            let values: Vec<Value> = self.owners.iter().map(|owner| Value::from(format!("%, {owner},%"))).collect();
            filter.and(format!("({clause})"), values);
        }
        if let Some((user, wanted)) = &self.favorite {
            let not = if *wanted { "" } else { "NOT " };
            filter.and(
                format!("{not}EXISTS (SELECT 1 FROM dag_favorite f WHERE f.dag_id = d.dag_id AND f.username = ?)"),
                [Value::from(user.clone())],
            );
        }
        self.run_filter(&mut filter);
        filter
    }

    fn tag_filter(&self, filter: &mut Filter) {
        if self.tags.is_empty() {
            return;
        }
        if self.all_tags {
            for tag in &self.tags {
                filter.and("EXISTS (SELECT 1 FROM dag_tag g WHERE g.dag_id = d.dag_id AND g.name = ?)", [Value::from(tag.clone())]);
            }
        } else {
            let mut any = Filter::new();
            any.and("g.dag_id = d.dag_id", []).among("g.name", &self.tags);
            filter.and(format!("EXISTS (SELECT 1 FROM dag_tag g{})", any.clause()), any.values().to_vec());
        }
    }

    /// Conditions on the runs: the state of the newest, and whether there is one with these dates and states.
    fn run_filter(&self, filter: &mut Filter) {
        if let Some(state) = &self.last_run_state {
            filter.and(
                "(SELECT r.state FROM dag_run r WHERE r.dag_id = d.dag_id ORDER BY r.run_after DESC, r.id DESC LIMIT 1) = ?",
                [Value::from(state.clone())],
            );
        }
        let mut runs = Filter::new();
        runs.among("r.state", &self.run_states).range("r.start_date", &self.run_start).range("r.end_date", &self.run_end);
        if !runs.values().is_empty() {
            let values = runs.values().to_vec();
            runs.and("r.dag_id = d.dag_id", []);
            filter.and(format!("EXISTS (SELECT 1 FROM dag_run r{})", runs.clause()), values);
        }
    }
}

/// A text in which the wildcards of `LIKE` stand for themselves.
fn literal(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
