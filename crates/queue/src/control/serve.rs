//! The calls of a worker.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tradewind_core::state::{AttemptState, TaskState};
use tradewind_metrics::{Tags, names};
use tradewind_store::step::{
    Claim, ClaimOutcome, EndJob, Owner, RenewWorker, Renewed, ReportOutcome, Reported as Written, StartJob, Started,
};
use tradewind_store::table::attempt::{GetAttempt, KillsOf, RunningOn};
use tradewind_store::table::callback_request::NewCallback;
use tradewind_store::table::dag_run::DagRunByPk;
use tradewind_store::table::task_instance::{GetTaskInstance, TaskKey};
use uuid::Uuid;

use super::outcome::{self, Outcome};
use super::running::Facts;
use super::{Control, Inner, SKIP_KEY, assets, skip_text, start, task_row, told};
use crate::changes::{Change, RunChange, TaskChange};
use crate::service::{
    Answer, AttemptService, Beat, CallError, End, Hint, KillReason, Lease, Report, Reported, Start, WorkerId, WorkerInfo,
};

const JOB: Tags<'_> = &[("job_name", "workerjob")];

/// Attempts of one task instance that may fail to start in a row before it counts as a failure.
const START_FAILURES: u32 = 5;

/// An attempt that its worker does not name so long after its claim is not with it: longer than a report takes from one list to the other.
const UNKNOWN: Duration = Duration::from_secs(15);

impl From<tradewind_store::Error> for CallError {
    fn from(error: tradewind_store::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl AttemptService for Control {
    fn register(&self, info: WorkerInfo) -> Answer<'_, Lease> {
        Box::pin(async move { self.inner.register(info).await })
    }

    fn take(&self, _worker: WorkerId, queues: Vec<String>, max: usize, wait: f64) -> Answer<'_, Vec<Hint>> {
        Box::pin(async move {
            let wait = Duration::try_from_secs_f64(wait).unwrap_or(Duration::ZERO);
            self.inner.queue.take(&queues, max, wait).await.map_err(|error| CallError::Unavailable(error.to_string()))
        })
    }

    fn claim(&self, worker: WorkerId, attempt_id: Uuid) -> Answer<'_, Option<Start>> {
        Box::pin(async move { self.inner.claim(worker, attempt_id).await })
    }

    fn started(&self, worker: WorkerId, attempt_id: Uuid, pid: u32) -> Answer<'_, ()> {
        Box::pin(async move {
            self.inner.running.started(attempt_id);
            self.inner.store.run(Started { attempt_id, worker: worker.0, pid }).await?;
            Ok(())
        })
    }

    fn vouch(&self, worker: WorkerId, attempt_id: Uuid) -> Answer<'_, ()> {
        Box::pin(async move {
            let attempt = self.inner.store.run(GetAttempt(attempt_id)).await?;
            match attempt.filter(|attempt| attempt.state == AttemptState::Running && attempt.worker == Some(worker.0)) {
                Some(_) => Ok(()),
                None => Err(CallError::Stale(format!("attempt {attempt_id} does not run on worker {}", worker.0))),
            }
        })
    }

    fn heartbeat(&self, worker: WorkerId, running: Vec<Uuid>) -> Answer<'_, Beat> {
        Box::pin(async move {
            let beat = self.inner.heartbeat(worker, running.len()).await?;
            self.inner.give_back_what_never_began(worker, &running).await;
            Ok(beat)
        })
    }

    fn report(&self, report: Report) -> Answer<'_, Reported> {
        Box::pin(async move { self.inner.report(report).await })
    }

    fn call(&self, attempt_id: Uuid, method: String, params: Value) -> Answer<'_, Value> {
        Box::pin(async move { self.inner.call(attempt_id, &method, params).await })
    }

    fn is_away(&self) -> bool {
        self.inner.store.is_away()
    }

    fn deregister(&self, worker: WorkerId) -> Answer<'_, ()> {
        Box::pin(async move {
            self.inner.store.run(EndJob { owner: owner(worker), success: true }).await?;
            self.inner.workers.lock().unwrap_or_else(PoisonError::into_inner).remove(&worker);
            names::JOB_END.count(1, JOB);
            Ok(())
        })
    }
}

/// A worker has one term only; a lease that ended is not renewed, the worker registers anew.
fn owner(worker: WorkerId) -> Owner {
    Owner { job: worker.0, term: 1 }
}

impl Inner {
    fn lease_length(&self) -> jiff::SignedDuration {
        jiff::SignedDuration::try_from(self.options.lease).unwrap_or(jiff::SignedDuration::MAX)
    }

    async fn register(&self, info: WorkerInfo) -> Result<Lease, CallError> {
        let about = serde_json::json!({"queues": info.queues, "concurrency": info.concurrency, "running": 0});
        let lease = self.lease_length();
        let job = self
            .store
            .run(StartJob {
                job_type: "WorkerJob".into(),
                hostname: info.hostname,
                unixname: Some(info.unixname),
                pid: Some(info.pid),
                address: info.address,
                version: Some(self.options.version.clone()),
                stats: Some(about.to_string()),
                process: info.process,
                lease,
            })
            .await?;
        self.workers.lock().unwrap_or_else(PoisonError::into_inner).insert(WorkerId(job.owner.job), about);
        names::JOB_START.count(1, JOB);
        Ok(Lease { worker: WorkerId(job.owner.job), seconds: self.options.lease.as_secs_f64() })
    }

    async fn heartbeat(&self, worker: WorkerId, running: usize) -> Result<Beat, CallError> {
        match self
            .store
            .run(RenewWorker { owner: owner(worker), lease: self.lease_length(), stats: self.stats_of(worker, running) })
            .await?
        {
            Renewed::Lost => {
                self.workers.lock().unwrap_or_else(PoisonError::into_inner).remove(&worker);
                names::JOB_HEARTBEAT_FAILURE.count(1, JOB);
                return Err(CallError::Stale(format!("the lease of worker {} has ended", worker.0)));
            }
            Renewed::Until(_) => {}
        }
        let kills = self.store.run(KillsOf { worker: worker.0 }).await?;
        let kill = kills.into_iter().map(|(attempt_id, why)| (attempt_id, kill_reason(&why))).collect();
        Ok(Beat { lease: Lease { worker, seconds: self.options.lease.as_secs_f64() }, kill })
    }

    /// An attempt that a worker won without ever learning of it would run for ever: it is queued again, and no retry is spent.
    async fn give_back_what_never_began(&self, worker: WorkerId, running: &[Uuid]) {
        let longer_than = jiff::SignedDuration::try_from(UNKNOWN).unwrap_or_default();
        let rows = match self.store.run(RunningOn { worker: worker.0, longer_than }).await {
            Ok(rows) => rows,
            Err(error) => return tracing::debug!("what runs on worker {} cannot be compared now: {error}", worker.0),
        };
        for attempt_id in rows.into_iter().filter(|id| !running.contains(id)) {
            tracing::warn!(attempt.id = %attempt_id, "its worker never learned that it has it; it is queued again");
            let end = End::NotStarted { message: "the answer to its claim was lost".to_owned() };
            let report = Report { attempt_id, worker, end, end_date: self.store.now(), proof: None, pid: None };
            if let Err(error) = self.report(report).await {
                tracing::warn!(attempt.id = %attempt_id, "it cannot be queued again now: {error}");
            }
        }
    }

    /// For display in the row of a worker; `None` for one that another control knows.
    fn stats_of(&self, worker: WorkerId, running: usize) -> Option<String> {
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        let about = workers.get_mut(&worker)?;
        about["running"] = running.into();
        Some(about.to_string())
    }

    async fn claim(&self, worker: WorkerId, attempt_id: Uuid) -> Result<Option<Start>, CallError> {
        let claim = Claim { attempt_id, worker: worker.0, prefetch: Vec::new(), prefetch_bytes: 0 };
        let claimed = match self.store.run(claim).await? {
            ClaimOutcome::Won(claimed) => claimed,
            ClaimOutcome::Lost => return Ok(None),
            ClaimOutcome::LeaseEnded => return Err(CallError::Stale(format!("the lease of worker {} has ended", worker.0))),
        };
        let form = self.forms.get(claimed.run.version_id).await?;
        let facts = self.running.insert(Facts { attempt_id, run: claimed.run.clone(), task: claimed.task.clone(), form });
        self.announce(&facts, Some(TaskState::Running));
        told::started(&facts.task);
        Ok(Some(self.start(&facts, &claimed)))
    }

    /// What is known of an attempt, from memory or from rows.
    pub(super) async fn facts(&self, attempt_id: Uuid) -> Result<Option<Arc<Facts>>, CallError> {
        if let Some(facts) = self.running.get(attempt_id) {
            return Ok(Some(facts));
        }
        let Some(attempt) = self.store.run(GetAttempt(attempt_id)).await? else { return Ok(None) };
        let key = TaskKey { run_pk: attempt.run_pk, task_id: attempt.task_id.clone(), map_index: attempt.map_index };
        let Some(mut task) = self.store.run(GetTaskInstance(key)).await? else { return Ok(None) };
        let Some(run) = self.store.run(DagRunByPk(attempt.run_pk)).await? else { return Ok(None) };
        (task.try_number, task.max_tries) = (attempt.try_number, attempt.max_tries.max(task.max_tries));
        let form = self.forms.get(run.version_id).await?;
        if task.attempt_id != Some(attempt_id) || attempt.state != AttemptState::Running {
            return Ok(Some(Arc::new(Facts { attempt_id, run, task, form })));
        }
        Ok(Some(self.running.insert(Facts { attempt_id, run, task, form })))
    }

    async fn report(&self, report: Report) -> Result<Reported, CallError> {
        let Some(facts) = self.facts(report.attempt_id).await? else { return Ok(Reported { accepted: false, state: None }) };
        if report.pid.is_some() {
            self.running.started(report.attempt_id);
        }
        let outcome = self.outcome_of(&facts, &report);
        let step = self.step(&facts, &report, &outcome);
        let alerts = !step.alerts.is_empty();
        let answer = match self.store.run(step).await? {
            ReportOutcome::Accepted(written) => {
                let state = written.task.state;
                if alerts {
                    self.changes.send(Change::Outbox);
                }
                told::ended(&written.task, facts.task.start_date, report.end_date, &report.end);
                self.tell_owner(&written, &outcome);
                self.tell_assets(&facts, outcome.assets.len(), &written.assets);
                if state == Some(TaskState::Deferred) {
                    self.changes.send(Change::Triggers);
                }
                self.announce(&facts, state);
                Reported { accepted: true, state: state.map(|state| state.to_string()) }
            }
            ReportOutcome::Superseded { restarted, state } => {
                if let Some(written) = restarted {
                    self.reload(&written);
                }
                Reported { accepted: false, state: state.map(|state| state.to_string()) }
            }
            ReportOutcome::Stale => Reported { accepted: false, state: None },
        };
        self.running.remove(report.attempt_id);
        Ok(answer)
    }

    fn outcome_of(&self, facts: &Facts, report: &Report) -> Outcome {
        let known = outcome::Facts {
            dag_id: &facts.run.dag_id,
            task: start::task_form(facts),
            task_id: &facts.task.task_id,
            logical_date: facts.run.logical_date,
            try_number: facts.task.try_number,
            max_tries: facts.task.max_tries,
            max_retry_delay: self.options.max_task_retry_delay,
        };
        if let End::NotStarted { message } = &report.end
            && self.running.start_failed(facts) >= START_FAILURES
        {
            let message = format!("it could not be started {START_FAILURES} times in a row: {message}");
            return outcome::outcome(&known, &End::Died { exit_code: None, signal: None, message }, report.end_date);
        }
        outcome::outcome(&known, &report.end, report.end_date)
    }

    fn step(&self, facts: &Facts, report: &Report, outcome: &Outcome) -> tradewind_store::step::Report {
        let mut xcoms = outcome.xcoms.clone();
        if !outcome.skip.is_empty() {
            xcoms.push((SKIP_KEY.to_owned(), skip_text(&outcome.skip)));
        }
        tradewind_store::step::Report {
            attempt_id: report.attempt_id,
            worker: report.worker.0,
            state: outcome.state.unwrap_or(TaskState::Scheduled),
            end_date: report.end_date,
            pid: report.pid,
            retry_at: outcome.retry_at,
            reschedule_at: outcome.reschedule_at,
            deferral: outcome.deferral.clone(),
            xcoms,
            map_length: outcome.map_length,
            reason: outcome.reason.clone(),
            callbacks: self.owed_callbacks(facts, outcome),
            events: Vec::new(),
            alerts: self.alerts(facts, outcome),
            assets: assets::of_task(facts, &outcome.assets),
        }
    }

    /// Callbacks of a process that could not run them: a dag processor does.
    pub(super) fn owed_callbacks(&self, facts: &Facts, outcome: &Outcome) -> Vec<NewCallback> {
        let Some(form) = facts.form.as_ref().filter(|_| outcome.owes_callbacks) else { return Vec::new() };
        let name = match outcome.state {
            Some(TaskState::UpForRetry) => "on_retry_callback",
            Some(TaskState::Success) => "on_success_callback",
            Some(TaskState::Skipped) => "on_skipped_callback",
            _ => "on_failure_callback",
        };
        if start::task_form(facts).is_none_or(|task| !task.callbacks.iter().any(|set| set == name)) {
            return Vec::new();
        }
        let payload = serde_json::json!({
            "kind": "task", "names": [name], "state": outcome.state, "reason": outcome.reason, "path": form.fileloc,
            "context": {"dag_id": facts.run.dag_id, "run_id": facts.run.run_id, "task_id": facts.task.task_id, "map_index": facts.task.map_index,
                "try_number": facts.task.try_number, "max_tries": facts.task.max_tries},
        });
        vec![NewCallback {
            unique_key: format!("attempt/{}/{name}", facts.attempt_id),
            payload: payload.to_string(),
            relative_fileloc: form.relative_fileloc.clone(),
        }]
    }

    pub(super) fn tell_owner(&self, written: &Written, outcome: &Outcome) {
        if outcome.state.is_none() {
            return self.reload(written);
        }
        let change = TaskChange { row: task_row(&written.task), skip: outcome.skip.clone() };
        let (run_pk, seq) = (written.changed.run_pk, written.changed.change_seq);
        self.changes.send(Change::Run { run_pk, seq, what: RunChange::Task(Box::new(change)) });
    }

    fn reload(&self, written: &Written) {
        self.changes.send(Change::Run { run_pk: written.changed.run_pk, seq: written.changed.change_seq, what: RunChange::Reload });
    }

    pub(super) fn announce(&self, facts: &Facts, state: Option<TaskState>) {
        self.changes.send(Change::TaskState {
            dag_id: facts.run.dag_id.to_string(),
            run_id: facts.run.run_id.to_string(),
            task_id: facts.task.task_id.to_string(),
            map_index: facts.task.map_index,
            state: state.map(|state| state.to_string()),
            try_number: i32::try_from(facts.task.try_number).unwrap_or(i32::MAX),
        });
    }
}

fn kill_reason(text: &str) -> KillReason {
    match text {
        "run_ended" => KillReason::RunEnded,
        "fenced" => KillReason::Fenced,
        _ => KillReason::StateChanged,
    }
}
