//! Backfills: which dates one is about, what forbids it, and its runs, as the API and the command line make them.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tradewind_core::form::DagForm;
use tradewind_core::timetable::{NextRun, Restriction, TimetableError};
use tradewind_store::Store;
use tradewind_store::step::{BackfillDate, BackfillOutcome, CreateBackfill, Reprocess};

use crate::changes::{Change, Changes};
use crate::timetables::{AskError, with_runs};

/// Dates of one backfill: they are made in one transaction.
pub const LONGEST: u32 = 5_000;

/// What somebody asks for.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub from_date: Timestamp,
    pub to_date: Timestamp,
    pub conf: Map<String, Value>,
    pub reprocess: Reprocess,
    pub max_active_runs: u32,
    pub run_backwards: bool,
    pub latest_version: bool,
    pub user: String,
    pub dry_run: bool,
}

/// Why there is no backfill.
#[derive(Debug, thiserror::Error)]
pub enum BackfillError {
    #[error(transparent)]
    Store(#[from] tradewind_store::Error),
    #[error(transparent)]
    Ask(#[from] AskError),
    #[error("DAG {dag_id} has a schedule without a period ({schedule}): there are no dates to go back over; trigger it instead")]
    NotPeriodic { dag_id: String, schedule: String },
    #[error("from_date {from_date} is after to_date {to_date}")]
    Backwards { from_date: Timestamp, to_date: Timestamp },
    #[error("Backfill cannot be executed for future dates: from_date {from_date} is not past")]
    Future { from_date: Timestamp },
    #[error("DAG {dag_id} has no complete run between {from_date} and {to_date}")]
    NoDates { dag_id: String, from_date: Timestamp, to_date: Timestamp },
    #[error("DAG {dag_id} has more than {LONGEST} runs between the dates; make several backfills, one after another")]
    TooMany { dag_id: String },
    #[error("Backfill cannot be run in reverse when the Dag has tasks where depends_on_past=True: {}", .task_ids.join(", "))]
    Reverse { task_ids: Vec<String> },
    #[error(
        "Dag has tasks for which depends_on_past is set ({}). You must set reprocess behavior to reprocess completed or reprocess failed.",
        .task_ids.join(", ")
    )]
    NeedsReprocess { task_ids: Vec<String> },
}

/// Makes a backfill, or tells what it would run. `form`: the newest of the DAG.
///
/// # Errors
/// What forbids it; another active backfill and a missing DAG are outcomes.
pub async fn create(store: &Store, changes: Option<&Changes>, form: &DagForm, wanted: Wanted) -> Result<BackfillOutcome, BackfillError> {
    check(form, &wanted, store.now())?;
    let mut dates = dates(store, changes, form, &wanted).await?;
    if wanted.run_backwards {
        dates.reverse();
    }
    let retries: HashMap<String, u32> =
        form.tasks.iter().filter(|task| task.retries > 0).map(|task| (task.task_id.clone(), task.retries)).collect();
    let step = CreateBackfill {
        dag_id: form.dag_id.clone(),
        from_date: wanted.from_date,
        to_date: wanted.to_date,
        conf: Value::Object(wanted.conf).to_string(),
        reprocess: wanted.reprocess,
        max_active_runs: wanted.max_active_runs,
        run_backwards: wanted.run_backwards,
        latest_version: wanted.latest_version,
        user: wanted.user,
        dates,
        retries,
        dry_run: wanted.dry_run,
    };
    let outcome = store.run(step).await?;
    if let (BackfillOutcome::Created(made), Some(changes)) = (&outcome, changes) {
        changes.send(Change::RunQueued { dag_id: made.dag_id.clone(), run_pk: 0 });
        changes.send(Change::Dag { dag_id: made.dag_id.clone() });
    }
    Ok(outcome)
}

fn check(form: &DagForm, wanted: &Wanted, now: Timestamp) -> Result<(), BackfillError> {
    let (from_date, to_date) = (wanted.from_date, wanted.to_date);
    if from_date > to_date {
        return Err(BackfillError::Backwards { from_date, to_date });
    }
    if from_date >= now {
        return Err(BackfillError::Future { from_date });
    }
    let past = form.tasks.iter().filter(|task| task.depends_on_past || task.wait_for_downstream);
    let task_ids: Vec<String> = past.map(|task| task.task_id.clone()).collect();
    match (task_ids.is_empty(), wanted.run_backwards, wanted.reprocess) {
        (true, ..) => Ok(()),
        (_, true, _) => Err(BackfillError::Reverse { task_ids }),
        (_, _, Reprocess::None) => Err(BackfillError::NeedsReprocess { task_ids }),
        _ => Ok(()),
    }
}

/// The runs of the schedule in the range whose interval is over.
async fn dates(store: &Store, changes: Option<&Changes>, form: &DagForm, wanted: &Wanted) -> Result<Vec<BackfillDate>, BackfillError> {
    let (from_date, to_date, now) = (wanted.from_date, wanted.to_date, store.now());
    let dag_id = || form.dag_id.clone();
    let known = crate::timetables::timetable_of(form)?;
    if !known.is_periodic() {
        return Err(BackfillError::NotPeriodic { dag_id: dag_id(), schedule: known.summary() });
    }
    let restriction = Restriction { earliest: Some(from_date), latest: Some(to_date), catchup: true };
    let timetable = with_runs(store, changes, form, None, restriction, (LONGEST + 1, Some(now))).await?;
    // A schedule of short distances may have a long way to go.
    let walk = move || {
        let mut dates = Vec::new();
        for run in timetable.preview(None, restriction, now, LONGEST as usize + 1) {
            match run {
                Ok(run) if run.interval.end < now => dates.push(date(run)),
                // Further than its class was asked: into the future.
                Ok(_) | Err(TimetableError::NotAsked { .. }) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(dates)
    };
    let walked = tokio::task::spawn_blocking(walk).await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
    let dates = walked.map_err(AskError::from)?;
    match dates.len() {
        0 => Err(BackfillError::NoDates { dag_id: dag_id(), from_date, to_date }),
        many if many > LONGEST as usize => Err(BackfillError::TooMany { dag_id: dag_id() }),
        _ => Ok(dates),
    }
}

fn date(run: NextRun) -> BackfillDate {
    BackfillDate { logical_date: run.logical_date, interval: (run.interval.start, run.interval.end), run_after: run.run_after }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn form(depends_on_past: bool) -> DagForm {
        let task = json!({"task_id": "t", "task_type": "X", "task_module": "m", "depends_on_past": depends_on_past});
        DagForm::from_value(json!({"format": 1, "dag_id": "d", "fileloc": "/d.py", "relative_fileloc": "d.py", "catchup": false,
            "timetable": {"type": "null"}, "tasks": [task]}))
        .unwrap()
    }

    fn refused(depends_on_past: bool, reprocess: Reprocess, run_backwards: bool, dates: [&str; 2]) -> Option<String> {
        let [from_date, to_date] = dates.map(|date| format!("{date}T00:00:00Z").parse().unwrap());
        let wanted = Wanted {
            from_date,
            to_date,
            conf: Map::new(),
            reprocess,
            max_active_runs: 10,
            run_backwards,
            latest_version: true,
            user: "ann".into(),
            dry_run: false,
        };
        check(&form(depends_on_past), &wanted, "2024-06-01T00:00:00Z".parse().unwrap()).err().map(|error| error.to_string())
    }

    #[test]
    fn what_forbids_a_backfill_is_said() {
        let spring = ["2024-03-01", "2024-04-01"];
        assert_eq!(refused(false, Reprocess::None, true, spring), None);
        assert_eq!(refused(true, Reprocess::Failed, false, spring), None);
        for (past, reprocess, backwards, dates, words) in [
            (false, Reprocess::None, false, ["2024-04-01", "2024-03-01"], "is after to_date"),
            (false, Reprocess::None, false, ["2024-06-01", "2024-07-01"], "for future dates"),
            (true, Reprocess::Completed, true, spring, "in reverse when the Dag has tasks where depends_on_past=True: t"),
            (true, Reprocess::None, false, spring, "depends_on_past is set (t)"),
        ] {
            let told = refused(past, reprocess, backwards, dates).expect("a refusal");
            assert!(told.contains(words), "{told}");
        }
    }
}
