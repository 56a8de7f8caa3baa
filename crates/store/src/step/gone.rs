//! Processes that somebody on their machine has seen end: nobody has to wait for their leases.
//!
//! *Authority:* the kernel, which tells a neighbour that a process is gone. A scheduler that is gone writes nothing more, so its runs are free at once. A
//! worker that is gone may have left attempts running for a moment; its row ends only when they are gone as well.

use std::collections::BTreeMap;

use super::lease::Owner;
use crate::{Mode, Result, Row, Transaction, Tx, params};

/// The type of workers' rows.
const WORKER: &str = "WorkerJob";

/// The processes that are thought alive and can be looked for by name, with the workers among their rows.
#[derive(Debug, Clone, Copy)]
pub struct NamedProcesses;

impl Transaction for NamedProcesses {
    type Out = BTreeMap<String, Vec<i64>>;
    const NAME: &'static str = "named_processes";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let sql = "SELECT process, id, job_type FROM job WHERE state = 'running' AND process IS NOT NULL";
        let mut named = BTreeMap::<String, Vec<i64>>::new();
        for row in tx.rows(sql, params![]).await? {
            let workers = named.entry(row.get(0)?).or_default();
            if row.get::<String>(2)? == WORKER {
                workers.push(row.get(1)?);
            }
        }
        Ok(named)
    }
}

/// Ends the rows of a process that is gone, and gives its runs back.
#[derive(Debug, Clone)]
pub struct EndGone {
    pub process: String,
    /// Nothing of it runs on: the rows of its workers end too.
    pub with_workers: bool,
}

/// A row that was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoneJob {
    pub id: i64,
    pub job_type: String,
}

impl Transaction for EndGone {
    type Out = Vec<GoneJob>;
    const NAME: &'static str = "end_gone";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<GoneJob>> {
        let now = tx.now();
        let sql = "UPDATE job SET state = 'failed', end_date = ?, lease_until = CASE WHEN lease_until < ? THEN lease_until ELSE ? END
            WHERE process = ? AND state = 'running' AND (? = 1 OR job_type <> ?) RETURNING id, job_type, term";
        let rows = tx.rows(sql, params![now, now, now, &self.process, self.with_workers, WORKER]).await?;
        let ended = |row: &Row| Ok((GoneJob { id: row.get(0)?, job_type: row.get(1)? }, row.get(2)?));
        let ended: Vec<(GoneJob, i64)> = rows.iter().map(ended).collect::<Result<_>>()?;
        for (job, term) in ended.iter().filter(|(job, _)| job.job_type == "SchedulerJob") {
            super::own::release(tx, Owner { job: job.id, term: *term }).await?;
        }
        Ok(ended.into_iter().map(|(job, _)| job).collect())
    }
}
