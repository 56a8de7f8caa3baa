//! Before a DAG is unpaused: what that starts, and how to start from now instead.

mod sentence;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use tradewind_core::asset::ConditionError;
use tradewind_core::form::{DagForm, FormError};
use tradewind_core::timetable::{
    ASKED_AT_MOST, DataInterval, Missed, NextRun, Restriction, Schedule, Timetable, TimetableError, Zone, goes_on_from,
};
use tradewind_store::step::{GetSchedule, PassOver, PassedOver, ScheduleState};
use tradewind_store::{Store, step};

use crate::timetables::{AskError, with_runs};
pub use sentence::{local, with_separators};

/// Missed runs that are counted; a longer backlog is "more than".
pub const COUNTED: usize = 100_000;

/// How often "from now" is computed again when a run becomes due, or somebody moves the schedule, in the meantime.
const ROUNDS: usize = 16;

/// Why there is no preview.
#[derive(Debug, thiserror::Error)]
pub enum UnpauseError {
    #[error(transparent)]
    Store(#[from] tradewind_store::Error),
    #[error("the stored form of the DAG `{dag_id}` cannot be read: {error}")]
    Form { dag_id: String, error: FormError },
    #[error("the timetable of the DAG `{dag_id}` cannot be read: {error}")]
    Timetable { dag_id: String, error: serde_json::Error },
    #[error("the timetable of the DAG `{dag_id}` cannot be read: {error}")]
    Condition { dag_id: String, error: ConditionError },
    #[error("the schedule of the DAG `{dag_id}` cannot be followed: {error}")]
    Schedule { dag_id: String, error: TimetableError },
    #[error("the schedule of the DAG `{dag_id}` cannot be followed: {error}")]
    Class { dag_id: String, error: AskError },
    #[error("the schedule of the DAG `{dag_id}` moves faster than it can be passed over; unpause it without from_now")]
    Restless { dag_id: String },
}

/// What unpausing a DAG starts.
#[derive(Debug, Clone)]
pub struct Preview {
    pub dag_id: String,
    pub is_paused: bool,
    /// No file has this DAG now.
    pub is_stale: bool,
    pub zone: Zone,
    pub catchup: bool,
    pub missed: Missed,
    /// Runs that may run at once.
    pub max_active_runs: u32,
    /// Runs that are queued already and go on when it is unpaused.
    pub queued_runs: u32,
    pub running_runs: u32,
    /// Tasks that wait for themselves in the run before.
    pub past_tasks: Vec<String>,
    /// The condition of assets that makes runs too (or only it does), as the form has it.
    pub waits_for: Option<Value>,
    pub end_date: Option<Timestamp>,
    pub schedule: Timetable,
    now: Timestamp,
    schedule_seq: i64,
}

/// Reads what unpausing starts; `None`: there is no such DAG.
///
/// # Errors
/// The database, or a form or schedule that cannot be read.
pub async fn preview(store: &Store, dag_id: &str) -> Result<Option<Preview>, UnpauseError> {
    let Some(state) = store.run(GetSchedule { dag_id: dag_id.to_owned() }).await? else { return Ok(None) };
    let now = store.now();
    let dag_id = dag_id.to_owned();
    let said = said(store, &dag_id, &state, now).await?;
    // A long backlog takes a while to count.
    let read = tokio::task::spawn_blocking(move || read(dag_id, &state, said, now));
    read.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())).map(Some)
}

fn form_of(dag_id: &str, state: &ScheduleState) -> Result<Option<DagForm>, UnpauseError> {
    let read = |text: &String| DagForm::from_json(text).map_err(|error| UnpauseError::Form { dag_id: dag_id.to_owned(), error });
    state.form.as_ref().map(read).transpose()
}

/// Where the schedule goes on from, and within what.
fn bounds(form: Option<&DagForm>, state: &ScheduleState) -> (Option<DataInterval>, Restriction) {
    let interval = |pair: Option<(Timestamp, Timestamp)>| pair.map(|(start, end)| DataInterval { start, end });
    let (earliest, latest) = (form.and_then(|form| form.start_date), form.and_then(|form| form.end_date));
    let last = goes_on_from(interval(state.last_automated), interval(state.passed_over), earliest);
    (last, Restriction { earliest, latest, catchup: form.is_some_and(|form| form.catchup) })
}

/// What a class of the user's says of the runs that are due, when one decides.
async fn said(store: &Store, dag_id: &str, state: &ScheduleState, now: Timestamp) -> Result<Option<Timetable>, UnpauseError> {
    let Some(form) = form_of(dag_id, state)?.filter(|form| form.timetable["type"] == "custom") else { return Ok(None) };
    let (last, restriction) = bounds(Some(&form), state);
    let asked = with_runs(store, None, &form, last, restriction, (ASKED_AT_MOST, Some(now))).await;
    asked.map(Some).map_err(|error| UnpauseError::Class { dag_id: dag_id.to_owned(), error })
}

fn read(dag_id: String, state: &ScheduleState, said: Option<Timetable>, now: Timestamp) -> Result<Preview, UnpauseError> {
    let form = form_of(&dag_id, state)?;
    let schedule = match &form {
        _ if said.is_some() => said.unwrap_or_default(),
        None => Timetable::default(),
        Some(form) => {
            serde_json::from_value(form.timetable.clone()).map_err(|error| UnpauseError::Timetable { dag_id: dag_id.clone(), error })?
        }
    };
    let (last, restriction) = bounds(form.as_ref(), state);
    let missed =
        schedule.missed(last, restriction, now, COUNTED).map_err(|error| UnpauseError::Schedule { dag_id: dag_id.clone(), error })?;
    let max_active_runs = form.as_ref().map_or(0, |form| form.max_active_runs).min(schedule.active_runs_limit().unwrap_or(u32::MAX));
    let needs_past = |form: &DagForm| form.tasks.iter().filter(|task| task.needs_past()).map(|task| task.task_id.clone()).collect();
    Ok(Preview {
        is_paused: state.is_paused,
        is_stale: state.is_stale,
        zone: Zone::named(&state.timezone).unwrap_or_default(),
        catchup: restriction.catchup,
        missed,
        max_active_runs,
        queued_runs: state.queued_runs,
        running_runs: state.running_runs,
        past_tasks: form.as_ref().map(needs_past).unwrap_or_default(),
        waits_for: form.and_then(|form| form.timetable.get("condition").filter(|condition| !condition.is_null()).cloned()),
        end_date: restriction.latest,
        schedule,
        now,
        schedule_seq: state.schedule_seq,
        dag_id,
    })
}

impl Preview {
    /// The rules of the DAG's zone.
    pub fn rules(&self) -> &TimeZone {
        self.zone.rules()
    }

    /// What unpausing starts, in English.
    pub fn sentence(&self) -> String {
        sentence::sentence(self)
    }

    fn pass_over(&self, user: &str) -> PassOver {
        let date = |run: Option<NextRun>| run.map(|run| run.logical_date.to_string());
        let extra = serde_json::json!({
            "from_now": true, "passed_over": self.missed.count, "exact": self.missed.exact,
            "first": date(self.missed.first), "last": date(self.missed.last),
        });
        PassOver {
            dag_id: self.dag_id.clone(),
            schedule_seq: self.schedule_seq,
            interval: self.missed.pass_over.map(|interval| (interval.start, interval.end)),
            next: self.missed.next.map(columns).unwrap_or_default(),
            begins_at_once: self.schedule.schedule == Schedule::Continuous,
            user: user.to_owned(),
            extra: extra.to_string(),
        }
    }
}

fn columns(run: NextRun) -> step::NextRun {
    step::NextRun {
        logical_date: Some(run.logical_date),
        interval_start: Some(run.interval.start),
        interval_end: Some(run.interval.end),
        run_after: Some(run.run_after),
        unknown: false,
    }
}

/// Unpauses a DAG and passes over all it has missed by the instant of the transaction; gives what was passed over. `None`: there is no such DAG.
///
/// # Errors
/// As [`preview`]; or the schedule did not stand still long enough.
pub async fn from_now(store: &Store, dag_id: &str, user: &str) -> Result<Option<Preview>, UnpauseError> {
    for _ in 0..ROUNDS {
        let Some(found) = preview(store, dag_id).await? else { return Ok(None) };
        match store.run(found.pass_over(user)).await? {
            PassedOver::Done { .. } => return Ok(Some(found)),
            PassedOver::NoDag => return Ok(None),
            PassedOver::Stale => {}
        }
    }
    Err(UnpauseError::Restless { dag_id: dag_id.to_owned() })
}
