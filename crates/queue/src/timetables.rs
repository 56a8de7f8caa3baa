//! Asking timetables that are classes of the user's, by those who wait for the answer: triggers, previews, backfills.
//!
//! The question is a row; a DAG processor, wherever it runs, asks the class in Python and writes the answer.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{sleep, timeout};
use tradewind_core::form::DagForm;
use tradewind_core::timetable::{Ahead, Answer, DataInterval, Question, Restriction, Timetable, TimetableError};
use tradewind_store::Store;
use tradewind_store::table::timetable_question::{AskTimetable, ForgetQuestion, GetTimetableAnswer};
use uuid::Uuid;

use crate::changes::{Change, Changes};

/// Longer than a DAG processor lets a class take.
const PATIENCE: Duration = Duration::from_secs(45);
/// Between two looks for the answer: short at first.
const LOOKS: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(250));

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error(transparent)]
    Store(#[from] tradewind_store::Error),
    #[error("the timetable of DAG {dag_id} cannot be read: {error}")]
    Form { dag_id: String, error: serde_json::Error },
    #[error(transparent)]
    Timetable(#[from] TimetableError),
    #[error("{error}")]
    Failed { error: String },
    #[error("the stored answer of the timetable of DAG {dag_id} cannot be read: {error}")]
    Answer { dag_id: String, error: serde_json::Error },
    #[error(
        "the timetable of DAG {dag_id} is a class that a DAG processor asks, and none has answered within {} s; is one running \
         (`tradewind jobs check --job-type DagProcessorJob`)?",
        PATIENCE.as_secs()
    )]
    NoAnswer { dag_id: String },
}

/// The timetable of a form.
///
/// # Errors
/// It cannot be read.
pub fn timetable_of(form: &DagForm) -> Result<Timetable, AskError> {
    serde_json::from_value(form.timetable.clone()).map_err(|error| AskError::Form { dag_id: form.dag_id.clone(), error })
}

/// The data interval of a run by hand.
///
/// # Errors
/// The timetable gives none.
pub async fn infer_manual(
    store: &Store,
    changes: Option<&Changes>,
    form: &DagForm,
    run_after: Timestamp,
) -> Result<DataInterval, AskError> {
    let timetable = timetable_of(form)?;
    if timetable.custom().is_none() {
        return Ok(timetable.infer_manual(run_after)?);
    }
    match ask(store, changes, &form.dag_id, &Question::Manual { run_after }).await? {
        Answer::Manual { interval } => Ok(interval),
        Answer::Runs(_) | Answer::Failed { .. } => Err(AskError::Failed { error: "the timetable gave no interval".into() }),
    }
}

/// The timetable of a form, knowing its next runs after `last`: up to `count`, and not beyond the first after `until`.
///
/// # Errors
/// A class of the user's does not answer.
pub async fn with_runs(
    store: &Store,
    changes: Option<&Changes>,
    form: &DagForm,
    last: Option<DataInterval>,
    restriction: Restriction,
    (count, until): (u32, Option<Timestamp>),
) -> Result<Timetable, AskError> {
    let timetable = timetable_of(form)?;
    if timetable.custom().is_none_or(|custom| !custom.can_be_scheduled) {
        return Ok(timetable);
    }
    let ahead = runs(store, changes, &form.dag_id, &Question::runs(last, restriction, count, until)).await?;
    Ok(timetable.with_ahead(Some(ahead)))
}

async fn runs(store: &Store, changes: Option<&Changes>, dag_id: &str, question: &Question) -> Result<Ahead, AskError> {
    match ask(store, changes, dag_id, question).await? {
        Answer::Runs(ahead) => Ok(ahead),
        Answer::Manual { .. } | Answer::Failed { .. } => Err(AskError::Failed { error: "the timetable gave no runs".into() }),
    }
}

/// Asks and waits for the answer.
async fn ask(store: &Store, changes: Option<&Changes>, dag_id: &str, question: &Question) -> Result<Answer, AskError> {
    let unreadable = |error| AskError::Answer { dag_id: dag_id.to_owned(), error };
    let name = Uuid::now_v7();
    let text = serde_json::to_string(question).map_err(unreadable)?;
    store.run(AskTimetable { dag_id: dag_id.to_owned(), name, question: text }).await?;
    if let Some(changes) = changes {
        changes.send(Change::Processor);
    }
    let waited = timeout(PATIENCE, awaited(store, dag_id, name)).await;
    store.run(ForgetQuestion { dag_id: dag_id.to_owned(), name }).await?;
    let answer = waited.map_err(|_| AskError::NoAnswer { dag_id: dag_id.to_owned() })??;
    match serde_json::from_str(&answer).map_err(unreadable)? {
        Answer::Failed { error } => Err(AskError::Failed { error }),
        answer => Ok(answer),
    }
}

/// The answer, once the processor of the DAG has written it.
async fn awaited(store: &Store, dag_id: &str, name: Uuid) -> Result<String, tradewind_store::Error> {
    let mut look = LOOKS.0;
    loop {
        if let Some(answer) = store.run(GetTimetableAnswer { dag_id: dag_id.to_owned(), name }).await? {
            return Ok(answer);
        }
        sleep(look).await;
        look = (look * 2).min(LOOKS.1);
    }
}
