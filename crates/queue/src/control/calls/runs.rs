//! Dag runs: read, counted, triggered.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use tradewind_core::form::DagForm;
use tradewind_core::run_id::{RunType, run_id};
use tradewind_core::timetable::{DataInterval, Restriction};
use tradewind_store::call::{CountRunsLike, ListRunsLike, PreviousRun, RunsLike};
use tradewind_store::list::dag::GetDag;
use tradewind_store::step::{ClearTask, ClearTasks, Existing, LoadRun, NewRun, TriggerOutcome, TriggerRun};
use tradewind_store::table::dag_run::{DagRun, GetDagRun};
use tradewind_store::table::task_instance::TaskInstance;

use super::Params;
use crate::changes::{Change, RunChange};
use crate::control::running::Facts;
use crate::control::{Inner, frames};
use crate::service::CallError;
use crate::timetables::{AskError, infer_manual, with_runs};

/// Runs that one call lists at most, the newest ones.
const LISTED: u32 = 1000;

impl Inner {
    pub(super) async fn dag_run_get(&self, params: &Params) -> Result<Value, CallError> {
        let run = self.store.run(GetDagRun { dag_id: params.need("dag_id")?, run_id: params.need("run_id")? }).await?;
        Ok(found(run.as_ref()))
    }

    pub(super) async fn dag_run_previous(&self, facts: &Facts, params: &Params) -> Result<Value, CallError> {
        let dag_id = params.may("dag_id")?.unwrap_or_else(|| facts.run.dag_id.to_string());
        let Some(before) = params.time("logical_date")?.or(facts.run.logical_date) else { return Ok(found(None)) };
        let run = self.store.run(PreviousRun { dag_id, before, state: params.may("state")? }).await?;
        Ok(found(run.as_ref()))
    }

    pub(super) async fn dag_run_count(&self, params: &Params) -> Result<Value, CallError> {
        let runs =
            RunsLike { dag_id: params.need("dag_id")?, logical_dates: params.may("logical_dates")?, run_ids: params.may("run_ids")? };
        Ok(json!({"count": self.store.run(CountRunsLike { runs, states: params.may("states")? }).await?}))
    }

    pub(super) async fn dag_run_list(&self, params: &Params) -> Result<Value, CallError> {
        let runs =
            RunsLike { dag_id: params.need("dag_id")?, logical_dates: params.may("logical_dates")?, run_ids: params.may("run_ids")? };
        let found = self.store.run(ListRunsLike { runs, states: params.may("states")?, limit: LISTED }).await?;
        Ok(json!({"dag_runs": found.iter().map(|run| frames::dag_run(run, None)).collect::<Vec<_>>()}))
    }

    pub(super) async fn dag_run_trigger(&self, facts: &Facts, params: &Params) -> Result<Value, CallError> {
        let dag_id: String = params.need("dag_id")?;
        let now = self.store.now();
        let given = params.time("logical_date")?;
        let run_after = params.time("run_after")?.or(given).unwrap_or(now);
        let form = self.newest_form(&dag_id).await?.ok_or_else(|| CallError::NotFound(format!("there is no DAG {dag_id}")))?;
        let logical_date = form.manual_date(given, run_after);
        let interval = match logical_date {
            None => None,
            Some(date) => Some(self.infer(&form, date).await?),
        };
        let id = params.may("run_id")?.unwrap_or_else(|| run_id(RunType::OperatorTriggered, run_after, None));
        let conf: Value = params.may("conf")?.unwrap_or_else(|| json!({}));
        let run = NewRun {
            run_id: id.clone(),
            run_type: RunType::OperatorTriggered.as_str().to_owned(),
            logical_date,
            data_interval_start: interval.map(|interval| interval.start),
            data_interval_end: interval.map(|interval| interval.end),
            run_after,
            conf: conf.to_string(),
            triggered_by: "operator".to_owned(),
            triggering_user_name: facts.run.triggering_user_name.clone(),
            note: params.may("note")?,
        };
        match self.store.run(TriggerRun { dag_id: dag_id.clone(), run }).await? {
            TriggerOutcome::Created(run) => {
                self.changes.send(Change::RunQueued { dag_id, run_pk: run.id });
                Ok(json!({"run_id": run.run_id}))
            }
            TriggerOutcome::Exists(Existing::RunId) if params.may("reset")?.unwrap_or(false) => self.reset_run(dag_id, id, &form).await,
            TriggerOutcome::Exists(Existing::RunId) => Err(CallError::Conflict(format!("DAG {dag_id} has a run {id} already"))),
            TriggerOutcome::Exists(Existing::LogicalDate) => {
                Err(CallError::Conflict(format!("DAG {dag_id} has a run for logical date {} already", logical_date.unwrap_or(run_after))))
            }
            TriggerOutcome::NoDag => Err(CallError::NotFound(format!("there is no DAG {dag_id}"))),
            TriggerOutcome::StaleDag => Err(CallError::NotFound(format!("no file has the DAG {dag_id} now"))),
        }
    }

    /// Clears a run that exists, so that it runs again.
    async fn reset_run(&self, dag_id: String, run_id: String, form: &DagForm) -> Result<Value, CallError> {
        let missing = || CallError::NotFound(format!("DAG {dag_id} has no run {run_id}"));
        let run = self.store.run(GetDagRun { dag_id: dag_id.clone(), run_id: run_id.clone() }).await?.ok_or_else(missing)?;
        let loaded = self.store.run(LoadRun { run_pk: run.id, past_tasks: Vec::new() }).await?.ok_or_else(missing)?;
        let retries = |task_id: &str| form.tasks.iter().find(|task| task.task_id == task_id).map_or(0, |task| task.retries);
        let clear = |ti: TaskInstance| ClearTask {
            run_pk: ti.run_pk,
            retries: retries(&ti.task_id),
            task_id: ti.task_id.to_string(),
            map_index: ti.map_index,
        };
        let cleared = ClearTasks {
            tasks: loaded.tasks.into_iter().map(clear).collect(),
            runs: vec![run.id],
            reset_runs: true,
            latest_version: false,
            note: None,
            user: "operator".into(),
            events: Vec::new(),
        };
        for changed in self.store.run(cleared).await?.runs {
            self.changes.send(Change::Run { run_pk: changed.run_pk, seq: changed.change_seq, what: RunChange::Reload });
        }
        self.changes.send(Change::RunQueued { dag_id, run_pk: run.id });
        Ok(json!({"run_id": run_id}))
    }

    /// Where the schedule of a DAG stands; `next` is the interval that follows this run, for LatestOnly.
    pub(super) async fn dag_schedule(&self, facts: &Facts, params: &Params) -> Result<Value, CallError> {
        let dag_id: String = params.may("dag_id")?.unwrap_or_else(|| facts.run.dag_id.to_string());
        let missing = || CallError::NotFound(format!("there is no DAG {dag_id}"));
        let dag = self.store.run(GetDag { dag_id: dag_id.clone() }).await?.ok_or_else(missing)?;
        let form = self.newest_form(&dag_id).await?.ok_or_else(missing)?;
        // The end of the DAG does not count: its last run is late as well once the next would have been due.
        let restriction = Restriction { earliest: form.start_date, latest: None, catchup: true };
        let last = match params.time("after")?.or(facts.run.logical_date) {
            None => None,
            Some(date) => match interval_of(facts, &dag_id, date) {
                None => Some(self.infer(&form, date).await?),
                own => own,
            },
        };
        let timetable = with_runs(&self.store, Some(&self.changes), &form, last, restriction, (1, None)).await.map_err(refused)?;
        let next = timetable.next(last, restriction, self.store.now()).map_err(|error| CallError::Invalid(error.to_string()))?;
        let next = next.map(|next| {
            json!({"logical_date": frames::time(Some(next.logical_date)), "data_interval_start": frames::time(Some(next.interval.start)),
                "data_interval_end": frames::time(Some(next.interval.end)), "run_after": frames::time(Some(next.run_after))})
        });
        let latest = self.store.run(PreviousRun { dag_id, before: Timestamp::MAX, state: None }).await?;
        Ok(json!({"is_paused": dag.is_paused, "next": next, "latest_run": latest.map(|run| frames::dag_run(&run, None))}))
    }

    async fn infer(&self, form: &DagForm, date: Timestamp) -> Result<DataInterval, CallError> {
        infer_manual(&self.store, Some(&self.changes), form, date).await.map_err(refused)
    }

    /// The form of the newest version of a DAG.
    pub(super) async fn newest_form(&self, dag_id: &str) -> Result<Option<Arc<DagForm>>, CallError> {
        let dag = self.store.run(GetDag { dag_id: dag_id.to_owned() }).await?;
        Ok(self.forms.get(dag.and_then(|dag| dag.version_id)).await?)
    }
}

/// The interval of the caller's own run, when it is the one asked about.
fn interval_of(facts: &Facts, dag_id: &str, date: Timestamp) -> Option<DataInterval> {
    let own = *facts.run.dag_id == *dag_id && facts.run.logical_date == Some(date);
    let (start, end) = facts.run.data_interval_start.zip(facts.run.data_interval_end)?;
    own.then_some(DataInterval { start, end })
}

fn refused(error: AskError) -> CallError {
    match error {
        AskError::Store(error) => error.into(),
        AskError::NoAnswer { .. } => CallError::Unavailable(error.to_string()),
        error => CallError::Invalid(error.to_string()),
    }
}

fn found(run: Option<&DagRun>) -> Value {
    run.map_or_else(|| json!({"found": false}), |run| json!({"found": true, "dag_run": frames::dag_run(run, None)}))
}
