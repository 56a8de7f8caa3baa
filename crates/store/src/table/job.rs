//! `job`: running processes of ours and their leases.

use jiff::Timestamp;

use crate::{Mode, Result, Transaction, Tx, params};

row_type! {
    /// A process. It is alive while `state` is `running` and `lease_until` is in the future.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Job as "j" {
        id: i64,
        job_type: String,
        state: String,
        term: i64,
        lease_until: Timestamp,
        hostname: String,
        unixname: Option<String>,
        pid: Option<i64>,
        address: Option<String>,
        version: Option<String>,
        start_date: Timestamp,
        end_date: Option<Timestamp>,
        latest_heartbeat: Timestamp,
        stats: Option<String>,
    }
}

impl Job {
    /// Whether its lease runs at `now`.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.state == "running" && self.lease_until > now
    }
}

/// Jobs whose lease runs, newest first.
#[derive(Debug, Clone)]
pub struct AliveJobs {
    /// `None`: of every type.
    pub job_type: Option<String>,
}

impl Transaction for AliveJobs {
    type Out = Vec<Job>;
    const NAME: &'static str = "alive_jobs";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Job>> {
        let sql = format!(
            "SELECT {} FROM job WHERE state = 'running' AND lease_until > ? AND (CAST(? AS TEXT) IS NULL OR job_type = ?) ORDER BY id DESC",
            Job::COLUMNS
        );
        let now = tx.now();
        let rows = tx.rows(sql, params![now, &self.job_type, &self.job_type]).await?;
        rows.iter().map(|row| Job::read(row, 0)).collect()
    }
}
