//! Jobs as the API lists them, and the health of the components.

use jiff::Timestamp;

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
    /// What it says of itself: JSON.
    pub stats: Option<String>,
}

impl JobView {
    /// Whether it holds a lease, was heard of within the threshold, and its loop did its work within it. Microseconds.
    pub fn is_well(&self, now: i64, threshold: i64) -> bool {
        let alive = self.state == "running" && self.lease_until > now;
        alive && now - self.latest_heartbeat < threshold && stalled(self.stats.as_deref()) < threshold / 1_000_000
    }
}

impl Pulse {
    /// Whether one of them does its work. `threshold` in microseconds.
    pub fn is_well(&self, threshold: i64) -> bool {
        self.alive && self.age < threshold && self.stalled < threshold / 1_000_000
    }
}

/// Whether a process says itself that its loop has not done its work for so long.
pub fn is_stalled(stats: Option<&str>, threshold: std::time::Duration) -> bool {
    u64::try_from(stalled(stats)).is_ok_and(|seconds| seconds >= threshold.as_secs())
}

/// Seconds for which a loop has not done its work, as it says itself: a heartbeat alone does not tell.
fn stalled(stats: Option<&str>) -> i64 {
    let said = stats.and_then(|stats| serde_json::from_str::<serde_json::Value>(stats).ok());
    said.and_then(|said| said["stalled_s"].as_i64()).unwrap_or(0)
}

const SELECT: Select = Select {
    columns: "id, job_type, state, term, lease_until, hostname, unixname, pid, address, version, start_date, end_date, latest_heartbeat, stats",
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
        stats: row.get(13_usize)?,
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

/// Every process that holds a lease, and those that lost theirs without a farewell after an instant.
#[derive(Debug, Clone, Copy)]
pub struct ReadCluster {
    /// Microseconds.
    pub lost_since: i64,
}

impl Transaction for ReadCluster {
    /// With the database's time.
    type Out = (Timestamp, Vec<JobView>);
    const NAME: &'static str = "list.cluster";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let sql = format!("{} WHERE state IN ('running', 'failed') AND lease_until > ? ORDER BY job_type, id LIMIT 2000", select());
        let rows = tx.rows(sql, [Value::from(self.lost_since)]).await?;
        Ok((tx.now(), rows.iter().map(read).collect::<Result<_>>()?))
    }
}

/// The newest heartbeat of a kind of process.
#[derive(Debug, Clone)]
pub struct Pulse {
    pub job_type: String,
    /// Microseconds.
    pub latest_heartbeat: i64,
    /// Since then, by the database's clock; microseconds.
    pub age: i64,
    /// One of them runs and holds its lease.
    pub alive: bool,
    /// Seconds since the loop of one that holds a lease did its work: of the one that did so last.
    pub stalled: i64,
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
        let now = tx.now();
        let mut pulses = Vec::new();
        for row in tx.rows(sql, [Value::from(now)]).await? {
            let latest_heartbeat: i64 = row.get(1_usize)?;
            let age = now.as_microsecond() - latest_heartbeat;
            pulses.push(Pulse { job_type: row.get(0_usize)?, latest_heartbeat, age, alive: row.get(2_usize)?, stalled: i64::MAX });
        }
        let sql = "SELECT job_type, stats FROM job WHERE state = 'running' AND lease_until > ?";
        for row in tx.rows(sql, [Value::from(now)]).await? {
            let (job_type, stats): (String, Option<String>) = (row.get(0_usize)?, row.get(1_usize)?);
            if let Some(pulse) = pulses.iter_mut().find(|pulse| pulse.job_type == job_type) {
                pulse.stalled = pulse.stalled.min(stalled(stats.as_deref()));
            }
        }
        Ok(pulses)
    }
}
