//! An attempt has ended: its state, its values and its successor's time in one transaction.
//!
//! A report about an attempt that has ended already changes nothing. One about an attempt whose task instance has moved on (marked,
//! cleared) ends the attempt and leaves the task instance; a `restarting` one begins anew.

use jiff::Timestamp;
use tradewind_core::alert::Draft;
use tradewind_core::state::{AttemptState, TaskState};
use uuid::Uuid;

use super::asset_events::{Emitted, NewAssetEvents, emit};
use crate::table::alert;
use crate::table::attempt::{self, Attempt};
use crate::table::callback_request::{self, NewCallback};
use crate::table::dag_run::{self, Changed};
use crate::table::deferral::{self, NewDeferral};
use crate::table::event_log::{self, NewEvent};
use crate::table::hitl_detail;
use crate::table::task_instance::{TaskInstance, TaskKey};
use crate::table::xcom;
use crate::{Mode, Result, Transaction, Tx, params};

/// See the module.
#[derive(Debug, Clone)]
pub struct Report {
    pub attempt_id: Uuid,
    /// Refused unless the attempt runs on this worker.
    pub worker: i64,
    /// State of the task instance now: `success`, `failed`, `skipped`, `up_for_retry`, `up_for_reschedule`, `deferred`, or `scheduled` for
    /// an attempt that never started; that one is admitted again under the same try.
    pub state: TaskState,
    pub end_date: Timestamp,
    /// The attempt's process, where it is known.
    pub pid: Option<u32>,
    /// For `up_for_retry`.
    pub retry_at: Option<Timestamp>,
    /// For `up_for_reschedule`.
    pub reschedule_at: Option<Timestamp>,
    /// For `deferred` and `awaiting_input`: what it waits for.
    pub deferral: Option<NewDeferral>,
    /// Key and JSON text, `return_value` and `skipmixin_key` among them.
    pub xcoms: Vec<(String, String)>,
    pub map_length: Option<u32>,
    /// Why it ended, when not by itself.
    pub reason: Option<String>,
    pub callbacks: Vec<NewCallback>,
    pub events: Vec<NewEvent>,
    pub alerts: Vec<Draft>,
    /// What a success updated.
    pub assets: NewAssetEvents,
}

/// Outcome of a report.
#[derive(Debug, Clone)]
pub enum ReportOutcome {
    /// The task instance is as in `task` now.
    Accepted(Box<Reported>),
    /// The attempt was no longer wanted; it has ended as `cancelled`. With `restarted`, its task instance has no state again.
    Superseded { restarted: Option<Box<Reported>>, state: Option<TaskState> },
    /// The attempt had ended before, was never started by this worker, or is unknown.
    Stale,
}

/// What the owner of the run is told.
#[derive(Debug, Clone)]
pub struct Reported {
    pub task: TaskInstance,
    pub changed: Changed,
    pub assets: Emitted,
}

impl Transaction for Report {
    type Out = ReportOutcome;
    const NAME: &'static str = "report";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<ReportOutcome> {
        let Some(key) = attempt::key_of(tx, self.attempt_id).await? else { return Ok(ReportOutcome::Stale) };
        dag_run::lock(tx, key.run_pk).await?;
        let task = self.end_task(tx, &key).await?;
        let restarted = if task.is_none() { restart(tx, &key, self.attempt_id).await? } else { None };
        let sql = format!(
            "UPDATE attempt SET state = ?, end_date = ?, reason = ?, pid = COALESCE(?, pid) WHERE id = ? AND state = 'running' AND worker = ? RETURNING {}",
            Attempt::COLUMNS
        );
        let end = if task.is_some() { attempt_end(self.state) } else { AttemptState::Cancelled };
        let values = params![end, self.end_date, &self.reason, self.pid, self.attempt_id, self.worker];
        let Some(row) = tx.row(sql, values).await? else {
            tx.discard();
            return Ok(ReportOutcome::Stale);
        };
        let attempt = Attempt::read(&row, 0)?;
        let Some(task) = task else { return superseded(tx, &key, restarted).await };
        xcom::put_all(tx, &task.key(), &self.xcoms).await?;
        if let (TaskState::UpForReschedule, Some(until)) = (self.state, self.reschedule_at) {
            let sql = "INSERT INTO task_reschedule (run_pk, task_id, map_index, try_number, start_date, end_date, reschedule_date)
                VALUES (?, ?, ?, ?, ?, ?, ?)";
            let began = attempt.start_date.unwrap_or(self.end_date);
            tx.exec(sql, params![task.run_pk, &task.task_id, task.map_index, task.try_number, began, self.end_date, until]).await?;
        }
        if let Some(wait) = &self.deferral {
            let id = deferral::put(tx, &attempt, wait).await?;
            if self.state == TaskState::AwaitingInput
                && let Some(event) = hitl_detail::answered(tx, &attempt).await?
                && let Some(woken) = super::fire_wait(tx, id, event).await?
            {
                // Somebody was faster than this report.
                return Ok(ReportOutcome::Accepted(Box::new(woken)));
            }
        }
        callback_request::insert(tx, &self.callbacks).await?;
        event_log::insert(tx, &self.events).await?;
        alert::insert(tx, Some(task.run_pk), &self.alerts).await?;
        let assets = if self.state == TaskState::Success { emit(tx, &self.assets).await? } else { Emitted::default() };
        match dag_run::raise_change(tx, task.run_pk).await? {
            Some(changed) => Ok(ReportOutcome::Accepted(Box::new(Reported { task, changed, assets }))),
            None => Ok(ReportOutcome::Superseded { restarted: None, state: None }),
        }
    }
}

impl Report {
    /// The task instance's part; `None` when it has moved on.
    async fn end_task(&self, tx: &mut Tx<'_>, key: &TaskKey) -> Result<Option<TaskInstance>> {
        let now = tx.now();
        let sql = format!(
            "UPDATE task_instance SET state = ?, end_date = ?, retry_at = ?, reschedule_at = ?, map_length = ?, pid = COALESCE(?, pid), updated_at = ?
            WHERE run_pk = ? AND task_id = ? AND map_index = ? AND attempt_id = ? AND state = 'running' RETURNING {}",
            TaskInstance::COLUMNS
        );
        let ended = if self.state == TaskState::Scheduled { None } else { Some(self.end_date) };
        let values = params![
            self.state,
            ended,
            self.retry_at,
            self.reschedule_at,
            self.map_length,
            self.pid,
            now,
            key.run_pk,
            &key.task_id,
            key.map_index,
            self.attempt_id
        ];
        tx.row(sql, values).await?.map(|row| TaskInstance::read(&row, 0)).transpose()
    }
}

/// The attempt ended after its task instance had moved on.
async fn superseded(tx: &mut Tx<'_>, key: &TaskKey, restarted: Option<TaskInstance>) -> Result<ReportOutcome> {
    let restarted = match restarted {
        None => None,
        Some(task) => {
            dag_run::raise_change(tx, key.run_pk).await?.map(|changed| Box::new(Reported { task, changed, assets: Emitted::default() }))
        }
    };
    let sql = "SELECT state FROM task_instance WHERE run_pk = ? AND task_id = ? AND map_index = ?";
    let row = tx.row(sql, params![key.run_pk, &key.task_id, key.map_index]).await?;
    Ok(ReportOutcome::Superseded { restarted, state: row.map_or(Ok(None), |row| row.get(0))? })
}

/// A task instance that was cleared while this attempt ran has no state again, now that its process is gone.
pub(crate) async fn restart(tx: &mut Tx<'_>, key: &TaskKey, attempt_id: Uuid) -> Result<Option<TaskInstance>> {
    let now = tx.now();
    let sql = format!(
        "UPDATE task_instance SET state = NULL, attempt_id = NULL, updated_at = ?
        WHERE run_pk = ? AND task_id = ? AND map_index = ? AND attempt_id = ? AND state = 'restarting' RETURNING {}",
        TaskInstance::COLUMNS
    );
    let row = tx.row(sql, params![now, key.run_pk, &key.task_id, key.map_index, attempt_id]).await?;
    row.map(|row| TaskInstance::read(&row, 0)).transpose()
}

/// How an attempt ends when its task instance goes to `state`.
fn attempt_end(state: TaskState) -> AttemptState {
    match state {
        TaskState::Success => AttemptState::Success,
        TaskState::Failed | TaskState::UpstreamFailed => AttemptState::Failed,
        TaskState::Skipped => AttemptState::Skipped,
        TaskState::UpForRetry => AttemptState::UpForRetry,
        TaskState::UpForReschedule => AttemptState::UpForReschedule,
        TaskState::Deferred | TaskState::AwaitingInput => AttemptState::Deferred,
        TaskState::Scheduled | TaskState::Queued | TaskState::Running | TaskState::Removed | TaskState::Restarting => {
            AttemptState::Cancelled
        }
    }
}
