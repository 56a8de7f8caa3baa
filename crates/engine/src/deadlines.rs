//! Deadlines of open runs: which are missed now, and what is called then. Any number of schedulers look; the row of the miss says who tells.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tradewind_core::deadline::{DeadlineForm, Interval, Reference, RunTimes, seconds, sla_due};
use tradewind_core::form::DagForm;
use tradewind_metrics::names;
use tradewind_queue::Change;
use tradewind_store::step::{AverageDuration, DeadlineRun, Missed, RunsWithDeadlines, TellMissed};
use tradewind_store::table::callback_request::NewCallback;
use tradewind_store::table::variable::GetVariable;

use crate::Error;
use crate::scheduler::Scheduler;

/// Runs looked at in one tick, oldest first.
const PER_TICK: u32 = 1_000;

impl Scheduler {
    pub(crate) async fn tell_missed_deadlines(&mut self) -> Result<(), Error> {
        let now = self.store.now();
        for run in self.store.run(RunsWithDeadlines { limit: PER_TICK }).await? {
            let Some(version_id) = run.version_id else { continue };
            let Ok(version) = self.graphs.get(version_id).await else { continue };
            let form = version.graph.form();
            let times = RunTimes { logical_date: run.logical_date, queued_at: run.queued_at, data_interval_end: run.data_interval_end };
            let mut missed = Vec::new();
            for deadline in &form.deadlines {
                let place = deadline.place;
                let name = format!("deadline/{place}");
                if run.missed.contains(&name) {
                    continue;
                }
                if let Some(due) = self.due(&run.dag_id, deadline, times).await?.filter(|due| *due <= now) {
                    let request =
                        json!({"kind": "deadline", "names": [], "deadline": {"place": place, "name": deadline.name, "due_at": due}});
                    missed.push(Missed { callback: Some(callback(&run, form, &name, request)), name, due_at: due, task_id: None });
                }
            }
            missed.extend(missed_slas(&run, form, times, now));
            if missed.is_empty() {
                continue;
            }
            let told = self.store.run(TellMissed { run_pk: run.run_pk, clear_number: run.clear_number, missed }).await?;
            if !told.is_empty() {
                tracing::warn!(dag.id = &*run.dag_id, run.id = &*run.run_id, "missed: {}", told.join(", "));
                names::DEADLINE_MISSED.count(told.len() as u64, &[]);
                self.changes.send(Change::Processor);
            }
        }
        Ok(())
    }

    async fn due(&self, dag_id: &str, deadline: &DeadlineForm, times: RunTimes) -> Result<Option<Timestamp>, Error> {
        let interval = match &deadline.interval {
            Interval::Seconds(length) => seconds(*length),
            Interval::Variable { variable } => {
                let found = self.store.run(GetVariable { key: variable.clone() }).await?;
                found.and_then(|found| found.val.0.trim().parse().ok()).map(SignedDuration::from_secs)
            }
        };
        let average = match deadline.reference {
            Reference::AverageRuntime { max_runs, min_runs } => {
                self.store.run(AverageDuration { dag_id: dag_id.to_owned(), max_runs, min_runs }).await?
            }
            _ => None,
        };
        Ok(interval.and_then(|interval| deadline.reference.due(times, interval, average)))
    }
}

/// Tasks of a scheduled run whose `sla` is over.
fn missed_slas(run: &DeadlineRun, form: &DagForm, times: RunTimes, now: Timestamp) -> Vec<Missed> {
    if run.run_type != "scheduled" {
        return Vec::new();
    }
    let late = form.tasks.iter().filter_map(|task| {
        let name = format!("sla/{}", task.task_id);
        let due_at = sla_due(times, task.sla?).filter(|due| *due <= now && !run.missed.contains(&name))?;
        let request = json!({"kind": "sla", "names": [], "tasks": [task.task_id], "deadline": {"due_at": due_at}});
        let callback = form.has_sla_miss_callback.then(|| callback(run, form, &name, request));
        Some(Missed { name, due_at, task_id: Some(task.task_id.clone()), callback })
    });
    late.collect()
}

fn callback(run: &DeadlineRun, form: &DagForm, name: &str, mut request: Value) -> NewCallback {
    request["path"] = json!(form.fileloc);
    request["reason"] = json!(name);
    request["context"] = json!({"dag_id": run.dag_id, "run_id": run.run_id});
    NewCallback {
        unique_key: format!("missed/{}/{}/{name}", run.run_pk, run.clear_number),
        payload: request.to_string(),
        relative_fileloc: form.relative_fileloc.clone(),
    }
}
