//! The periodic look at everything: what hints lost is found here.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::Instant;
use tradewind_core::lease::reaper_waits;
use tradewind_metrics::names;
use tradewind_queue::control::task_row;
use tradewind_queue::{Change, Published, RunChange, TaskChange};
use tradewind_store::step::{DeadJobs, DeferralsDue, ExpireDeferrals, ReapLost, Republish, SoonestEnd, SweepDeferrals, Unclaimed};
use tradewind_store::table::backfill::{BackfillsDone, CompleteBackfills};
use tradewind_store::table::dag_run::OwnedRuns;

use crate::Error;
use crate::scheduler::Scheduler;
use crate::term::signed;

/// Attempts found lost, or published again, in one tick.
const PER_TICK: u32 = 512;
/// Between two looks for waits that nobody goes on with.
const SWEEP: Duration = Duration::from_secs(30);

impl Scheduler {
    pub(crate) async fn tick(&mut self) -> Result<(), Error> {
        self.todo.due = true;
        self.todo.start_runs = true;
        self.todo.leftovers = true;
        self.room.open_all();
        self.compare_numbers().await?;
        self.reap().await?;
        self.look_at = self.store.run(SoonestEnd { but: self.proof()?.job }).await?;
        self.expire_waits().await?;
        self.complete_backfills().await?;
        self.tell_missed_deadlines().await?;
        self.republish().await
    }

    /// Backfills whose last run has ended.
    async fn complete_backfills(&mut self) -> Result<(), Error> {
        if self.store.run(BackfillsDone).await? {
            for dag_id in self.store.run(CompleteBackfills).await? {
                tracing::info!(dag.id = dag_id, "its backfill is complete");
                self.changes.send(Change::Dag { dag_id });
            }
        }
        Ok(())
    }

    /// Deferred tasks whose trigger did not fire in time go on with that; waits that nobody goes on with are removed now and then.
    async fn expire_waits(&mut self) -> Result<(), Error> {
        if self.store.run(DeferralsDue).await? {
            for woken in self.store.run(ExpireDeferrals { limit: PER_TICK }).await? {
                let (run_pk, seq) = (woken.changed.run_pk, woken.changed.change_seq);
                self.changes.send(Change::TaskState {
                    dag_id: woken.changed.dag_id.to_string(),
                    run_id: woken.changed.run_id.to_string(),
                    task_id: woken.task.task_id.to_string(),
                    map_index: woken.task.map_index,
                    state: woken.task.state.map(|state| state.to_string()),
                    try_number: i32::try_from(woken.task.try_number).unwrap_or(i32::MAX),
                });
                let change = TaskChange { row: task_row(&woken.task), skip: Vec::new() };
                self.changes.send(Change::Run { run_pk, seq, what: RunChange::Task(Box::new(change)) });
            }
        }
        if self.swept.is_none_or(|swept| swept.elapsed() >= SWEEP) {
            self.swept = Some(Instant::now());
            self.store.run(SweepDeferrals { limit: PER_TICK }).await?;
        }
        Ok(())
    }

    /// Runs of ours that are not in memory, or whose rows have a higher change number than memory.
    async fn compare_numbers(&mut self) -> Result<(), Error> {
        let owner = self.proof()?;
        let rows = self.store.run(OwnedRuns { job: owner.job, term: owner.term }).await?;
        let mut seen = std::collections::HashSet::with_capacity(rows.len());
        for (run_pk, seq, state) in rows {
            if state != tradewind_core::state::RunState::Running {
                continue;
            }
            seen.insert(run_pk);
            if self.runs.get(&run_pk).is_none_or(|owned| owned.seq() < seq) {
                self.todo.reload.insert(run_pk);
            }
        }
        // A run blocked by its past looks again, in case its owner is another scheduler.
        let blocked = self.runs.iter().filter(|(_, owned)| owned.previous.is_some() && owned.run.tally().past_blocked > 0);
        self.todo.reload.extend(blocked.map(|(run_pk, _)| *run_pk));
        let gone: Vec<i64> = self.runs.keys().filter(|run_pk| !seen.contains(run_pk)).copied().collect();
        for run_pk in gone {
            self.drop_run(run_pk);
        }
        Ok(())
    }

    /// Processes that are gone, and their attempts. A lease that has ended means that only when its holder had time to renew it.
    async fn reap(&mut self) -> Result<(), Error> {
        let expired = self.contact.elapsed() >= reaper_waits(self.options.worker_lease);
        let dead = if expired { self.store.run(DeadJobs).await? } else { Vec::new() };
        for job in &dead {
            tracing::warn!(job.id = job.id, job.kind = job.job_type, job.host = job.hostname, "its lease has ended without a farewell");
        }
        self.todo.lost_hints |= dead.iter().any(|job| job.job_type == "WorkerJob");
        let owner = self.proof()?;
        let reap = ReapLost { owner, limit: PER_TICK, expired, losses: self.options.worker_losses, policy: self.options.alerts.clone() };
        let reaped = self.store.run(reap).await?.ok_or(Error::Fenced)?;
        if !reaped.is_empty() {
            self.changes.send(Change::Outbox);
        }
        names::ORPHANS_CLEARED.count(reaped.len() as u64, &[]);
        names::LOST_HEARTBEATS.count(reaped.len() as u64, &[]);
        for lost in reaped {
            tracing::warn!(attempt.id = %lost.attempt_id, task.id = &*lost.task.task_id, run.id = &*lost.changed.run_id, "lost with its worker");
            let (run_pk, seq) = (lost.changed.run_pk, lost.changed.change_seq);
            self.changes.send(Change::Run { run_pk, seq, what: RunChange::Reload });
        }
        Ok(())
    }

    /// Queued attempts that nobody claimed in time go to the queue again, under the same id; all of them when a worker is gone, which may have
    /// taken any. A hint that still waits is not doubled, and one too many costs no more than a claim in vain.
    async fn republish(&mut self) -> Result<(), Error> {
        let owner = self.proof()?;
        let all = self.todo.lost_hints && self.queue.is_shared();
        let older_than = if all { SignedDuration::ZERO } else { signed(self.options.hint_timeout) };
        let again = self.store.run(Republish { owner, older_than, limit: PER_TICK }).await?.ok_or(Error::Fenced)?;
        self.todo.lost_hints = false;
        if again.is_empty() {
            return Ok(());
        }
        tracing::debug!(count = again.len(), "publishing hints again that nobody claimed");
        Ok(self.queue.publish(again.into_iter().map(hint).collect()).await?)
    }
}

fn hint(attempt: Unclaimed) -> Published {
    let priority = i32::try_from(attempt.priority_weight).unwrap_or(i32::MAX);
    Published { attempt_id: attempt.attempt_id, queue: attempt.queue, priority }
}
