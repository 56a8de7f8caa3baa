//! One of several processes works, the others wait: an active scheduler among standbys, a failover controller among others.
//!
//! The lease that counts is that of the row of the active one. Who waits has a row of its own, of another type, so that it is seen.

use jiff::{SignedDuration, Timestamp};

use super::lease::{JobLease, Owner, StartJob, lease_end};
use crate::table::job::Job;
use crate::{Latch, Mode, Result, Transaction, Tx, params};

/// The types of the rows of those that work and of those that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    pub active: &'static str,
    pub waiting: &'static str,
}

/// The one scheduler of `ha_mode = active_standby`.
pub const SCHEDULER_SEAT: Seat = Seat { active: "SchedulerJob", waiting: "StandbySchedulerJob" };
/// The one failover controller that acts.
pub const CONTROLLER_SEAT: Seat = Seat { active: "FailoverControllerJob", waiting: "StandbyFailoverControllerJob" };

/// Takes the seat when nobody holds it; waits otherwise, and renews the lease of the one that waits.
#[derive(Debug, Clone)]
pub struct TakeOver {
    pub seat: Seat,
    /// The row under which this process waits; `None` or lost: `me` makes one.
    pub waiting: Option<Owner>,
    /// Its type does not count.
    pub me: StartJob,
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum TakenOver {
    /// The seat is this process's now.
    Active(JobLease),
    /// Another has it until its lease ends.
    Waiting { me: Owner, holder: Box<Job> },
}

impl Transaction for TakeOver {
    type Out = TakenOver;
    const NAME: &'static str = "take_over";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<TakenOver> {
        // Nobody else looks at the seat until the commit.
        tx.latch(Latch::Owners).await?;
        let me = self.wait(tx).await?;
        let now = tx.now();
        if let Some(holder) = holder(tx, self.seat, now).await? {
            return Ok(TakenOver::Waiting { me, holder: Box::new(holder) });
        }
        let until = lease_end(now, self.me.lease)?;
        let sql = "UPDATE job SET job_type = ?, term = term + 1, lease_until = ?, latest_heartbeat = ?, start_date = ? WHERE id = ?";
        tx.exec(sql, params![self.seat.active, until, now, now, me.job]).await?;
        Ok(TakenOver::Active(JobLease { owner: Owner { job: me.job, term: me.term + 1 }, until }))
    }
}

impl TakeOver {
    /// The row of this process among those that wait, with a lease that runs.
    async fn wait(&self, tx: &mut Tx<'_>) -> Result<Owner> {
        let now = tx.now();
        let until = lease_end(now, self.me.lease)?;
        if let Some(me) = self.waiting {
            let sql = "UPDATE job SET lease_until = ?, latest_heartbeat = ?
                WHERE id = ? AND term = ? AND job_type = ? AND state = 'running' AND lease_until > ?";
            if tx.exec(sql, params![until, now, me.job, me.term, self.seat.waiting, now]).await? == 1 {
                return Ok(me);
            }
        }
        let start = StartJob { job_type: self.seat.waiting.to_owned(), ..self.me.clone() };
        Ok(start.run(tx).await?.owner)
    }
}

/// Who has a seat.
async fn holder(tx: &mut Tx<'_>, seat: Seat, now: Timestamp) -> Result<Option<Job>> {
    let sql =
        format!("SELECT {} FROM job WHERE job_type = ? AND state = 'running' AND lease_until > ? ORDER BY lease_until DESC", Job::COLUMNS);
    let row = tx.row(sql, params![seat.active, now]).await?;
    row.map(|row| Job::read(&row, 0)).transpose()
}

/// The processes of a seat: those that hold a lease, and of those that lost theirs within `lost_within` too. Newest first.
#[derive(Debug, Clone, Copy)]
pub struct SeatJobs {
    pub seat: Seat,
    pub lost_within: SignedDuration,
}

impl Transaction for SeatJobs {
    /// With the database's time.
    type Out = (Timestamp, Vec<Job>);
    const NAME: &'static str = "seat_jobs";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let now = tx.now();
        let since = now.checked_sub(self.lost_within).unwrap_or(Timestamp::MIN);
        let sql = format!("SELECT {} FROM job WHERE job_type IN (?, ?) AND lease_until > ? ORDER BY id DESC", Job::COLUMNS);
        let rows = tx.rows(sql, params![self.seat.active, self.seat.waiting, since]).await?;
        Ok((now, rows.iter().map(|row| Job::read(row, 0)).collect::<Result<_>>()?))
    }
}

/// Ends every lease of a seat: whoever held it must take it again. Gives how many there were.
#[derive(Debug, Clone, Copy)]
pub struct VacateSeat(pub Seat);

impl Transaction for VacateSeat {
    type Out = u64;
    const NAME: &'static str = "vacate_seat";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64> {
        tx.latch(Latch::Owners).await?;
        let now = tx.now();
        let sql =
            "UPDATE job SET state = 'success', end_date = ?, lease_until = ? WHERE job_type = ? AND state = 'running' AND lease_until > ?";
        tx.exec(sql, params![now, now, self.0.active, now]).await
    }
}
