//! Jobs as the API lists them, and the health of the components.

use super::Select;
use super::filter::{Filter, Listed, OrderKey, OrderNames, Page, Range};
use crate::{Mode, Result, Row, Transaction, Tx, Value};

/// A process of ours. Times in microseconds.
#[derive(Debug, Clone)]
pub struct JobView {
    pub id: i64,
    pub job_type: String,
    pub state: String,
    pub term: i64,
    pub lease_until: i64,
    pub hostname: String,
    pub unixname: Option<String>,
    pub pid: Option<i64>,
    pub address: Option<String>,
    pub version: Option<String>,
    pub start_date: i64,
    pub end_date: Option<i64>,
    pub latest_heartbeat: i64,
}

const SELECT: Select = Select {
    columns: "id, job_type, state, term, lease_until, hostname, unixname, pid, address, version, start_date, end_date, latest_heartbeat",
    tables: " FROM job",
    ties: &["id"],
};

/// `SELECT` of what [`read`] reads, without conditions.
pub(super) fn select() -> String {
    format!("SELECT {}{}", SELECT.columns, SELECT.tables)
}

/// What jobs may be sorted by.
pub const ORDER: OrderNames = &[
    ("id", "id"),
    ("dag_id", "NULL"),
    ("state", "state"),
    ("job_type", "job_type"),
    ("start_date", "start_date"),
    ("end_date", "end_date"),
    ("latest_heartbeat", "latest_heartbeat"),
    ("executor_class", "NULL"),
    ("hostname", "hostname"),
    ("unixname", "unixname"),
];

pub(super) fn read(row: &Row) -> Result<JobView> {
    Ok(JobView {
        id: row.get(0_usize)?,
        job_type: row.get(1_usize)?,
        state: row.get(2_usize)?,
        term: row.get(3_usize)?,
        lease_until: row.get(4_usize)?,
        hostname: row.get(5_usize)?,
        unixname: row.get(6_usize)?,
        pid: row.get(7_usize)?,
        address: row.get(8_usize)?,
        version: row.get(9_usize)?,
        start_date: row.get(10_usize)?,
        end_date: row.get(11_usize)?,
        latest_heartbeat: row.get(12_usize)?,
    })
}

/// A page of jobs.
#[derive(Debug, Clone)]
pub struct ListJobs {
    pub is_alive: Option<bool>,
    pub states: Vec<String>,
    pub job_type: Option<String>,
    pub hostname: Option<String>,
    pub start_date: Range<i64>,
    pub end_date: Range<i64>,
    pub order: Vec<OrderKey>,
    pub page: Page,
}

impl Transaction for ListJobs {
    type Out = Listed<JobView>;
    const NAME: &'static str = "list.jobs";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let now = Value::from(tx.now());
        let mut filter = Filter::new();
        filter
            .among("state", &self.states)
            .equals("job_type", self.job_type.clone())
            .equals("hostname", self.hostname.clone())
            .range("start_date", &self.start_date)
            .range("end_date", &self.end_date);
        match self.is_alive {
            Some(true) => filter.and("(state = 'running' AND lease_until > ?)", [now]),
            Some(false) => filter.and("NOT (state = 'running' AND lease_until > ?)", [now]),
            None => &mut filter,
        };
        SELECT.page(tx, &filter, &self.order, self.page, read).await
    }
}

/// The newest heartbeat of a kind of process.
#[derive(Debug, Clone)]
pub struct Pulse {
    pub job_type: String,
    /// Microseconds.
    pub latest_heartbeat: i64,
    /// One of them runs and holds its lease.
    pub alive: bool,
}

/// The newest heartbeat of each kind of process.
#[derive(Debug, Clone)]
pub struct ReadPulses;

impl Transaction for ReadPulses {
    type Out = Vec<Pulse>;
    const NAME: &'static str = "list.pulses";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let sql = "SELECT job_type, max(latest_heartbeat), max(CASE WHEN state = 'running' AND lease_until > ? THEN 1 ELSE 0 END) \
            FROM job GROUP BY job_type";
        let rows = tx.rows(sql, [Value::from(tx.now())]).await?;
        rows.iter()
            .map(|row| Ok(Pulse { job_type: row.get(0_usize)?, latest_heartbeat: row.get(1_usize)?, alive: row.get(2_usize)? }))
            .collect()
    }
}
