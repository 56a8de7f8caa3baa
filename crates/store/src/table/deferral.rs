//! `deferral`: what deferred task instances wait for.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::attempt::Attempt;
use super::task_instance::TaskKey;
use crate::{Error, Mode, Result, Row, Secret, Transaction, Tx, params};

/// A wait to be. Arguments are JSON texts.
#[derive(Debug, Clone, PartialEq)]
pub struct NewDeferral {
    /// Dotted path of the trigger's class; `None`: no trigger, something else wakes it.
    pub classpath: Option<String>,
    pub kwargs: Secret,
    /// The method in which the task goes on, and its arguments beside the event.
    pub method: String,
    pub method_kwargs: Secret,
    /// From the report on.
    pub timeout: Option<SignedDuration>,
}

/// What came of a wait; the text of column `event`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// The trigger fired. `payload` is the JSON text that Python wrote.
    Fired { payload: String },
    /// It failed, or it could not be run.
    Failed { message: String, traceback: Option<String> },
    /// It did not fire in time.
    TimedOut,
}

/// A wait that a triggerer has taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    pub id: i64,
    pub task: TaskKey,
    /// The attempt that deferred.
    pub attempt_id: Uuid,
    pub classpath: String,
    /// `None`: no key fits.
    pub kwargs: Option<Secret>,
}

/// With what a task goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct Resume {
    pub method: String,
    /// `None`: no key fits.
    pub kwargs: Option<Secret>,
    pub event: Event,
}

impl Resume {
    /// How many columns [`Resume::read`] reads: `method, method_kwargs, is_encrypted, event`.
    pub(crate) fn read(tx: &Tx<'_>, row: &Row, offset: usize) -> Result<Option<Self>> {
        let Some(method) = row.get::<Option<String>>(offset)? else { return Ok(None) };
        let kwargs = tx.fernet().open(&row.get::<String>(offset + 1)?, row.get(offset + 2)?, || "the arguments of a deferral".to_owned());
        Ok(Some(Self { method, kwargs: kwargs.ok().map(Secret), event: row.json(offset + 3)? }))
    }
}

/// Writes the wait of a task instance; one that was there before is over.
pub(crate) async fn put(tx: &mut Tx<'_>, attempt: &Attempt, new: &NewDeferral) -> Result<i64> {
    let now = tx.now();
    let timeout = new.timeout.and_then(|timeout| now.checked_add(timeout).ok());
    remove(tx, attempt.run_pk, &attempt.task_id, attempt.map_index).await?;
    let ((kwargs, is_encrypted), (method_kwargs, _)) = (tx.seal(&new.kwargs.0), tx.seal(&new.method_kwargs.0));
    let sql =
        "INSERT INTO deferral (run_pk, task_id, map_index, try_number, attempt_id, classpath, kwargs, method, method_kwargs, is_encrypted,
            created_at, timeout_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";
    let key = (attempt.run_pk, &attempt.task_id, attempt.map_index, attempt.try_number, attempt.id);
    let values = params![key.0, key.1, key.2, key.3, key.4, &new.classpath, kwargs, &new.method, method_kwargs, is_encrypted, now, timeout];
    let row = tx.row(sql, values).await?;
    row.ok_or_else(|| Error::invalid("a deferral", "the insert gave no id"))?.get(0)
}

pub(crate) async fn remove(tx: &mut Tx<'_>, run_pk: i64, task_id: &Arc<str>, map_index: i32) -> Result<()> {
    tx.exec("DELETE FROM deferral WHERE run_pk = ? AND task_id = ? AND map_index = ?", params![run_pk, task_id, map_index]).await?;
    Ok(())
}

/// Encrypts all waits anew with the first key.
pub(crate) async fn rotate(tx: &mut Tx<'_>) -> Result<()> {
    for row in tx.rows("SELECT id, kwargs, method_kwargs, is_encrypted FROM deferral ORDER BY id", params![]).await? {
        let (id, is_encrypted): (i64, bool) = (row.get(0)?, row.get(3)?);
        let (kwargs, sealed) = reseal(tx, &row.get::<String>(1)?, is_encrypted, id)?;
        let (method_kwargs, _) = reseal(tx, &row.get::<String>(2)?, is_encrypted, id)?;
        let sql = "UPDATE deferral SET kwargs = ?, method_kwargs = ?, is_encrypted = ? WHERE id = ?";
        tx.exec(sql, params![kwargs, method_kwargs, sealed, id]).await?;
    }
    Ok(())
}

fn reseal(tx: &Tx<'_>, kept: &str, is_encrypted: bool, id: i64) -> Result<(String, bool)> {
    Ok(tx.seal(&tx.fernet().open(kept, is_encrypted, || format!("deferral {id}"))?))
}

/// What a task instance waits for, for display.
#[derive(Debug, Clone, PartialEq)]
pub struct DeferralView {
    pub id: i64,
    pub classpath: Option<String>,
    pub created_at: Timestamp,
    pub timeout_at: Option<Timestamp>,
    /// Job of the triggerer that runs it.
    pub triggerer: Option<i64>,
    pub fired: bool,
}

/// The wait of a task instance, if its attempt is the one that deferred.
#[derive(Debug, Clone)]
pub struct GetDeferral {
    pub task: TaskKey,
    pub attempt_id: Uuid,
}

impl Transaction for GetDeferral {
    type Out = Option<DeferralView>;
    const NAME: &'static str = "get_deferral";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<DeferralView>> {
        let sql = "SELECT id, classpath, created_at, timeout_at, triggerer, event IS NOT NULL FROM deferral
            WHERE run_pk = ? AND task_id = ? AND map_index = ? AND attempt_id = ?";
        let row = tx.row(sql, params![self.task.run_pk, &self.task.task_id, self.task.map_index, self.attempt_id]).await?;
        row.map(|row| {
            Ok(DeferralView {
                id: row.get(0)?,
                classpath: row.get(1)?,
                created_at: row.get(2)?,
                timeout_at: row.get(3)?,
                triggerer: row.get(4)?,
                fired: row.get(5)?,
            })
        })
        .transpose()
    }
}
