//! Leases of our processes, counted by the database's clock.
//!
//! A lease that has ended cannot be renewed: others may act on its end at any moment. Who lost it takes a new term ([`NewTerm`]) and
//! starts from nothing.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::table::job::Job;
use crate::{Dialect, Error, Mode, Result, Transaction, Tx, params};

/// A scheduler in one of its terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner {
    pub job: i64,
    pub term: i64,
}

/// A lease that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobLease {
    pub owner: Owner,
    pub until: Timestamp,
}

/// Registers a process.
#[derive(Debug, Clone)]
pub struct StartJob {
    /// `SchedulerJob`, `WorkerJob`, `DagProcessorJob` ...
    pub job_type: String,
    pub hostname: String,
    pub unixname: Option<String>,
    pub pid: Option<u32>,
    pub address: Option<String>,
    pub version: Option<String>,
    /// JSON text for display.
    pub stats: Option<String>,
    /// How others on its machine tell whether it lives, if they can.
    pub process: Option<String>,
    pub lease: SignedDuration,
}

impl Transaction for StartJob {
    type Out = JobLease;
    const NAME: &'static str = "start_job";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<JobLease> {
        let now = tx.now();
        let until = lease_end(now, self.lease)?;
        let sql = "INSERT INTO job (job_type, state, term, lease_until, hostname, unixname, pid, address, version, stats, process, start_date, latest_heartbeat)
            VALUES (?, 'running', 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";
        let row = tx
            .row(
                sql,
                params![
                    &self.job_type,
                    until,
                    &self.hostname,
                    &self.unixname,
                    self.pid,
                    &self.address,
                    &self.version,
                    &self.stats,
                    &self.process,
                    now,
                    now
                ],
            )
            .await?;
        let job = row.ok_or_else(|| Error::invalid("start_job", "the insert gave no id"))?.get(0)?;
        Ok(JobLease { owner: Owner { job, term: 1 }, until })
    }
}

/// Renews a lease that runs.
#[derive(Debug, Clone)]
pub struct RenewLease {
    pub owner: Owner,
    pub lease: SignedDuration,
    /// `None` leaves what is there.
    pub stats: Option<String>,
}

/// Answer to a renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewed {
    Until(Timestamp),
    /// The lease has ended, or the term is over: act no more.
    Lost,
}

impl Transaction for RenewLease {
    type Out = Renewed;
    const NAME: &'static str = "renew_lease";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Renewed> {
        let now = tx.now();
        let until = lease_end(now, self.lease)?;
        let sql = "UPDATE job SET lease_until = ?, latest_heartbeat = ?, stats = COALESCE(?, stats)
            WHERE id = ? AND term = ? AND state = 'running' AND lease_until > ?";
        let renewed = tx.exec(sql, params![until, now, &self.stats, self.owner.job, self.owner.term, now]).await?;
        Ok(if renewed == 1 { Renewed::Until(until) } else { Renewed::Lost })
    }
}

/// Renews a worker's lease, also one that has ended, as long as nobody has acted on its end: who does so writes the worker's row first
/// ([`DeadJobs`], [`super::ReapLost`]).
#[derive(Debug, Clone)]
pub struct RenewWorker {
    pub owner: Owner,
    pub lease: SignedDuration,
    /// `None` leaves what is there.
    pub stats: Option<String>,
}

impl Transaction for RenewWorker {
    type Out = Renewed;
    const NAME: &'static str = "renew_worker";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Renewed> {
        let now = tx.now();
        let until = lease_end(now, self.lease)?;
        let sql = "UPDATE job SET lease_until = ?, latest_heartbeat = ?, stats = COALESCE(?, stats) WHERE id = ? AND term = ? AND state = 'running'";
        let renewed = tx.exec(sql, params![until, now, &self.stats, self.owner.job, self.owner.term]).await?;
        Ok(if renewed == 1 { Renewed::Until(until) } else { Renewed::Lost })
    }
}

/// A scheduler that lost its lease comes back under a new term. What it owned under the old one it owns no more.
#[derive(Debug, Clone)]
pub struct NewTerm {
    pub owner: Owner,
    pub lease: SignedDuration,
}

impl Transaction for NewTerm {
    /// `None`: the row is gone, or another process took the term.
    type Out = Option<JobLease>;
    const NAME: &'static str = "new_term";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<JobLease>> {
        let now = tx.now();
        let until = lease_end(now, self.lease)?;
        let sql = "UPDATE job SET term = term + 1, state = 'running', lease_until = ?, latest_heartbeat = ?, end_date = NULL
            WHERE id = ? AND term = ?";
        let moved = tx.exec(sql, params![until, now, self.owner.job, self.owner.term]).await?;
        let owner = Owner { job: self.owner.job, term: self.owner.term + 1 };
        Ok((moved == 1).then_some(JobLease { owner, until }))
    }
}

/// A process ends and gives its lease back.
#[derive(Debug, Clone, Copy)]
pub struct EndJob {
    pub owner: Owner,
    /// `false`: it ends because of an error.
    pub success: bool,
}

impl Transaction for EndJob {
    /// Whether it was still running under this term.
    type Out = bool;
    const NAME: &'static str = "end_job";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let now = tx.now();
        let state = if self.success { "success" } else { "failed" };
        let sql = "UPDATE job SET state = ?, end_date = ?, lease_until = CASE WHEN lease_until < ? THEN lease_until ELSE ? END WHERE id = ? AND term = ? AND state = 'running'";
        Ok(tx.exec(sql, params![state, now, now, now, self.owner.job, self.owner.term]).await? == 1)
    }
}

/// Ends the jobs whose lease ran out, so that they cannot renew it, and lists them.
#[derive(Debug, Clone, Copy)]
pub struct DeadJobs;

impl Transaction for DeadJobs {
    type Out = Vec<Job>;
    const NAME: &'static str = "dead_jobs";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Job>> {
        let now = tx.now();
        let sql = format!(
            "UPDATE job SET state = 'failed', end_date = ? WHERE state = 'running' AND lease_until <= ? RETURNING {}",
            Job::COLUMNS
        );
        let rows = tx.rows(sql, params![now, now]).await?;
        rows.iter().map(|row| Job::read(row, 0)).collect()
    }
}

/// For how long the database has been there for everybody: since its server started. `None` where it has no server and is always there.
#[derive(Debug, Clone, Copy)]
pub struct UpTime;

impl Transaction for UpTime {
    type Out = Option<Duration>;
    const NAME: &'static str = "up_time";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Duration>> {
        let seconds: i64 = match tx.dialect() {
            Dialect::Sqlite => return Ok(None),
            Dialect::Postgres => {
                let sql = "SELECT CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp() - pg_postmaster_start_time())) AS BIGINT)";
                tx.row(sql, params![]).await?.map_or(Ok(0), |row| row.get(0))?
            }
            Dialect::Mysql => {
                let row = tx.row("SHOW GLOBAL STATUS LIKE 'Uptime'", params![]).await?;
                let text: Option<String> = row.map(|row| row.get(1)).transpose()?;
                text.and_then(|text| text.parse().ok()).unwrap_or(0)
            }
        };
        Ok(Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0))))
    }
}

/// The processes of a kind whose lease runs.
#[derive(Debug, Clone, Copy)]
pub struct LiveJobs {
    pub job_type: &'static str,
}

impl Transaction for LiveJobs {
    type Out = Vec<i64>;
    const NAME: &'static str = "live_jobs";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>> {
        let now = tx.now();
        let sql = "SELECT id FROM job WHERE job_type = ? AND state = 'running' AND lease_until > ? ORDER BY id";
        let rows = tx.rows(sql, params![self.job_type, now]).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }
}

/// When the next lease of another scheduler or of a worker ends, unless it is renewed: the moment to look for what it leaves behind.
#[derive(Debug, Clone, Copy)]
pub struct SoonestEnd {
    pub but: i64,
}

impl Transaction for SoonestEnd {
    type Out = Option<Timestamp>;
    const NAME: &'static str = "soonest_end";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Timestamp>> {
        let now = tx.now();
        let sql = "SELECT MIN(lease_until) FROM job WHERE job_type IN ('SchedulerJob', 'WorkerJob') AND state = 'running' AND lease_until > ? AND id <> ?";
        tx.row(sql, params![now, self.but]).await?.map_or(Ok(None), |row| row.get(0))
    }
}

/// Proves that the term is the current one and its lease runs. Every transaction of an owner begins with it.
pub(crate) async fn prove(tx: &mut Tx<'_>, owner: Owner) -> Result<bool> {
    let now = tx.now();
    let sql = "SELECT 1 FROM job WHERE id = ? AND term = ? AND state = 'running' AND lease_until > ?";
    Ok(tx.row(sql, params![owner.job, owner.term, now]).await?.is_some())
}

pub(crate) fn lease_end(now: Timestamp, lease: SignedDuration) -> Result<Timestamp> {
    now.checked_add(lease).map_err(|error| Error::invalid("the length of a lease", error))
}
