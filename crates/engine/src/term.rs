//! The term of this scheduler and its lease.
//!
//! *Clock:* the lease is counted by the database; here it is trusted by the monotonic clock for a part of its length (`core::lease`), from the
//! moment before the renewal was asked for, so that this scheduler stops before anyone could take over.

use std::time::Duration;

use tokio::time::Instant;
use tradewind_core::lease::{self, reaper_waits};
use tradewind_metrics::{Tags, names};
use tradewind_store::step::{EndJob, NewTerm, Owner, ReleaseRuns, RenewLease, Renewed, StartJob, UpTime};

use crate::Error;
use crate::scheduler::Scheduler;

const JOB: Tags<'_> = &[("job_name", "schedulerjob")];

/// See the module.
#[derive(Debug, Clone, Copy)]
pub struct Term {
    pub owner: Owner,
    renewed: Instant,
    lease: Duration,
}

impl Term {
    fn renew_due(&self) -> bool {
        self.renewed.elapsed() >= lease::scheduler_renews_after(self.lease)
    }

    fn trusted(&self) -> bool {
        self.renewed.elapsed() < lease::scheduler_trusts_for(self.lease)
    }
}

impl Scheduler {
    /// The job and term to be proved in every transaction.
    pub(crate) fn proof(&self) -> Result<Owner, Error> {
        self.term.filter(Term::trusted).map(|term| term.owner).ok_or(Error::Fenced)
    }

    /// Renews the lease when it is time, and takes a new term when the old one is lost.
    pub(crate) async fn keep_term(&mut self) -> Result<(), Error> {
        if let Some(term) = self.term {
            if !term.renew_due() {
                return Ok(());
            }
            let asked = Instant::now();
            let (owner, lease) = (term.owner, signed(self.options.lease));
            let stats = Some(self.stats().await);
            match self.store.run(RenewLease { owner, lease, stats }).await {
                Ok(Renewed::Until(_)) => {
                    names::SCHEDULER_HEARTBEAT.count(1, &[]);
                    self.term = Some(Term { renewed: asked, ..term });
                    return Ok(());
                }
                Ok(Renewed::Lost) => tracing::warn!(job.id = owner.job, "the lease of this scheduler has ended; starting a new term"),
                Err(error) if term.trusted() => {
                    names::JOB_HEARTBEAT_FAILURE.count(1, JOB);
                    return Err(error.into());
                }
                Err(error) => {
                    names::JOB_HEARTBEAT_FAILURE.count(1, JOB);
                    self.lose_term();
                    return Err(error.into());
                }
            }
            self.lose_term();
        }
        if self.options.active_standby {
            // The seat may be another's by now: back in line.
            return Err(Error::Fenced);
        }
        self.begin_term().await
    }

    fn lose_term(&mut self) {
        self.term = None;
        self.forget();
        self.status.send_modify(|status| status.job = None);
    }

    async fn begin_term(&mut self) -> Result<(), Error> {
        let asked = Instant::now();
        let owner = match self.next_term().await? {
            Some(owner) => owner,
            None => {
                // Before this process was there, the server tells how long everybody could reach it.
                let up = self.store.run(UpTime).await?.unwrap_or(Duration::MAX);
                self.contact = asked.checked_sub(up.min(reaper_waits(self.options.worker_lease))).unwrap_or(asked);
                self.store.run(self.registration()).await?.owner
            }
        };
        self.take_term(owner, asked);
        Ok(())
    }

    /// After a lost term: the same job goes on in the next one, and what it had belongs to nobody at once.
    async fn next_term(&self) -> Result<Option<Owner>, Error> {
        let Some(owner) = self.former else { return Ok(None) };
        let next = self.store.run(NewTerm { owner, lease: signed(self.options.lease) }).await?;
        Ok(next.map(|job| job.owner))
    }

    /// The row of this scheduler.
    pub(crate) fn registration(&self) -> StartJob {
        let options = &self.options;
        StartJob {
            job_type: "SchedulerJob".into(),
            hostname: options.hostname.clone(),
            unixname: Some(options.unixname.clone()),
            pid: Some(options.pid),
            address: None,
            version: Some(options.version.clone()),
            stats: None,
            process: options.process.clone(),
            lease: signed(options.lease),
        }
    }

    /// The term has begun; `asked`: the moment before it was asked for.
    pub(crate) fn take_term(&mut self, owner: Owner, asked: Instant) {
        self.former = Some(owner);
        self.term = Some(Term { owner, renewed: asked, lease: self.options.lease });
        self.status.send_modify(|status| {
            status.job = Some(owner.job);
            status.turned.get_or_insert(asked);
        });
        names::JOB_START.count(1, JOB);
        self.todo.tick = true;
        self.todo.due = true;
        self.todo.start_runs = true;
        tracing::info!(job.id = owner.job, job.term = owner.term, "scheduler has its term");
    }

    /// Gives the runs back, so that another takes over at once and not when the lease ends.
    pub(crate) async fn resign(&mut self) {
        let Some(Term { owner, .. }) = self.term.take() else { return };
        let given_back = async {
            self.store.run(ReleaseRuns { owner }).await?;
            self.store.run(EndJob { owner, success: true }).await
        };
        names::JOB_END.count(1, JOB);
        if let Err(error) = given_back.await {
            tracing::warn!(job.id = owner.job, "the lease could not be given back, others wait until it ends: {error}");
        }
    }

    /// For display in the row of the job.
    async fn stats(&self) -> String {
        let queue = self.queue.depth().await.ok();
        if let Some(depth) = queue {
            names::QUEUE_DEPTH.set(depth as f64, &[]);
        }
        let status = self.status.borrow();
        serde_json::json!({"runs": status.runs, "waiting": status.waiting, "turns": status.turns, "errors": status.errors,
            "usual_turn_us": status.usual_turn.round(), "longest_turn_us": status.longest_turn, "queue": queue,
            "stalled_s": status.stalled().map(|stalled| stalled.as_secs())})
        .to_string()
    }
}

/// Leases are far below the bound of the signed type.
pub(crate) fn signed(duration: Duration) -> jiff::SignedDuration {
    jiff::SignedDuration::try_from(duration).unwrap_or(jiff::SignedDuration::MAX)
}
