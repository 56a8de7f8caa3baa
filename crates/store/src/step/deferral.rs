//! Waits of deferred task instances: who runs their triggers, and what they lead to.
//!
//! A wait gets its event once, by compare-and-set on its row and on its task instance in one transaction: a trigger that two triggerers run for a moment
//! (one of them late) moves its task once. A wait whose task instance has moved on (cleared, marked, run ended) can get no event, and is swept.

use jiff::Timestamp;
use tradewind_core::alert::Draft;
use tradewind_core::state::TaskState;
use uuid::Uuid;

use super::asset_events::Emitted;
use super::report::Reported;
use crate::table::alert;
use crate::table::callback_request::{self, NewCallback};
use crate::table::dag_run;
use crate::table::deferral::{Event, Waiting};
use crate::table::hitl_detail;
use crate::table::task_instance::{TaskInstance, TaskKey};
use crate::table::xcom;
use crate::{Latch, Mode, Result, Secret, Transaction, Tx, Value, params};

/// Whether [`ClaimDeferrals`] has something to take: a look that takes no lock.
#[derive(Debug, Clone, Copy)]
pub struct DeferralsWait;

impl Transaction for DeferralsWait {
    type Out = bool;
    const NAME: &'static str = "deferrals_wait";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let now = tx.now();
        let sql = "SELECT 1 FROM deferral d LEFT JOIN job j ON j.id = d.triggerer AND j.state = 'running' AND j.lease_until > ?
            WHERE d.event IS NULL AND d.classpath IS NOT NULL AND j.id IS NULL LIMIT 1";
        Ok(tx.row(sql, params![now]).await?.is_some())
    }
}

/// A triggerer takes waits with a trigger that nobody alive runs, oldest first.
#[derive(Debug, Clone, Copy)]
pub struct ClaimDeferrals {
    /// Job of the triggerer.
    pub triggerer: i64,
    pub limit: u32,
}

impl Transaction for ClaimDeferrals {
    /// `None`: its lease has ended.
    type Out = Option<Vec<Waiting>>;
    const NAME: &'static str = "claim_deferrals";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        // What is read below counts what another triggerer has just taken.
        tx.latch(Latch::Triggers).await?;
        let now = tx.now();
        let alive = "SELECT 1 FROM job WHERE id = ? AND state = 'running' AND lease_until > ?";
        if tx.row(alive, params![self.triggerer, now]).await?.is_none() {
            return Ok(None);
        }
        let sql = "SELECT d.id, d.run_pk, d.task_id, d.map_index, d.attempt_id, d.classpath, d.kwargs, d.is_encrypted FROM deferral d
            JOIN task_instance ti ON ti.run_pk = d.run_pk AND ti.task_id = d.task_id AND ti.map_index = d.map_index
            LEFT JOIN job j ON j.id = d.triggerer AND j.state = 'running' AND j.lease_until > ?
            WHERE d.event IS NULL AND d.classpath IS NOT NULL AND j.id IS NULL AND ti.state = 'deferred' AND ti.attempt_id = d.attempt_id
            ORDER BY d.id LIMIT ?";
        let rows = tx.rows(sql, params![now, self.limit]).await?;
        let mut taken = Vec::with_capacity(rows.len());
        for row in &rows {
            let kwargs = tx.fernet().open(&row.get::<String>(6)?, row.get(7)?, || "the arguments of a trigger".to_owned());
            taken.push(Waiting {
                id: row.get(0)?,
                task: TaskKey { run_pk: row.get(1)?, task_id: row.get(2)?, map_index: row.get(3)? },
                attempt_id: row.get(4)?,
                classpath: row.get(5)?,
                kwargs: kwargs.ok().map(Secret),
            });
        }
        if !taken.is_empty() {
            let ids: Vec<i64> = taken.iter().map(|waiting| waiting.id).collect();
            let sql = "UPDATE deferral SET triggerer = ? WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) AND event IS NULL";
            tx.exec(sql, params![self.triggerer, Value::json(&ids)?]).await?;
        }
        Ok(Some(taken))
    }
}

/// The waits of a triggerer that are still wanted.
#[derive(Debug, Clone, Copy)]
pub struct HeldDeferrals {
    pub triggerer: i64,
}

impl Transaction for HeldDeferrals {
    type Out = Vec<i64>;
    const NAME: &'static str = "held_deferrals";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>> {
        let sql = "SELECT d.id FROM deferral d
            CROSS JOIN task_instance ti ON ti.run_pk = d.run_pk AND ti.task_id = d.task_id AND ti.map_index = d.map_index
            WHERE d.triggerer = ? AND d.event IS NULL AND ti.state = 'deferred' AND ti.attempt_id = d.attempt_id";
        tx.rows(sql, params![self.triggerer]).await?.iter().map(|row| row.get(0)).collect()
    }
}

/// What a wait leads to.
#[derive(Debug, Clone)]
pub enum Fired {
    /// The task instance is `scheduled` and goes on with the event.
    GoOn(Event),
    /// The trigger ends the task instance by itself.
    End {
        /// `success`, `failed` or `skipped`.
        state: TaskState,
        end_date: Timestamp,
        /// Key and JSON text.
        xcoms: Vec<(String, String)>,
        callbacks: Vec<NewCallback>,
        alerts: Vec<Draft>,
    },
}

/// Gives a wait its event.
#[derive(Debug, Clone)]
pub struct FireDeferral {
    pub id: i64,
    /// Refused unless this job runs the trigger; `None`: whoever fires needs none.
    pub triggerer: Option<i64>,
    pub fired: Fired,
}

impl Transaction for FireDeferral {
    /// `None`: it has had its event, is another triggerer's, or its task instance has moved on.
    type Out = Option<Box<Reported>>;
    const NAME: &'static str = "fire_deferral";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let woken = fire(tx, self.id, self.triggerer, &self.fired).await?;
        if woken.is_none() {
            tx.discard();
        }
        Ok(woken.map(Box::new))
    }
}

/// Gives waits whose time is over their event.
#[derive(Debug, Clone, Copy)]
pub struct ExpireDeferrals {
    pub limit: u32,
}

impl Transaction for ExpireDeferrals {
    type Out = Vec<Reported>;
    const NAME: &'static str = "expire_deferrals";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Reported>> {
        let now = tx.now();
        let sql = "SELECT d.id, d.run_pk, d.task_id, d.map_index, d.try_number, d.classpath IS NULL FROM deferral d
            CROSS JOIN task_instance ti ON ti.run_pk = d.run_pk AND ti.task_id = d.task_id AND ti.map_index = d.map_index
            WHERE d.event IS NULL AND d.timeout_at IS NOT NULL AND d.timeout_at <= ?
                AND ti.state IN ('deferred', 'awaiting_input') AND ti.attempt_id = d.attempt_id
            ORDER BY d.run_pk, d.id LIMIT ?";
        let due = tx.rows(sql, params![now, self.limit]).await?;
        let mut woken = Vec::with_capacity(due.len());
        for row in due {
            let task = TaskKey { run_pk: row.get(1)?, task_id: row.get(2)?, map_index: row.get(3)? };
            dag_run::lock(tx, task.run_pk).await?;
            // Nobody has answered a question, say.
            let event = if row.get(5)? { hitl_detail::out_of_time(tx, &task, row.get(4)?).await? } else { Event::TimedOut };
            woken.extend(fire_wait(tx, row.get(0)?, event).await?);
        }
        Ok(woken)
    }
}

/// Whether [`ExpireDeferrals`] has something to do: a look that takes no lock.
#[derive(Debug, Clone, Copy)]
pub struct DeferralsDue;

impl Transaction for DeferralsDue {
    type Out = bool;
    const NAME: &'static str = "deferrals_due";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let now = tx.now();
        let sql = "SELECT 1 FROM deferral WHERE event IS NULL AND timeout_at IS NOT NULL AND timeout_at <= ? LIMIT 1";
        Ok(tx.row(sql, params![now]).await?.is_some())
    }
}

/// Removes waits that nobody goes on with: their task instance has moved on, or their run is gone.
#[derive(Debug, Clone, Copy)]
pub struct SweepDeferrals {
    pub limit: u32,
}

impl Transaction for SweepDeferrals {
    type Out = u64;
    const NAME: &'static str = "sweep_deferrals";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64> {
        let sql = "SELECT d.id FROM deferral d
            LEFT JOIN task_instance ti ON ti.run_pk = d.run_pk AND ti.task_id = d.task_id AND ti.map_index = d.map_index
                AND ti.try_number = d.try_number AND ti.state IN ('scheduled', 'queued', 'running', 'deferred', 'awaiting_input')
            WHERE ti.run_pk IS NULL ORDER BY d.id LIMIT ?";
        let ids: Vec<i64> = tx.rows(sql, params![self.limit]).await?.iter().map(|row| row.get(0)).collect::<Result<_>>()?;
        if ids.is_empty() {
            return Ok(0);
        }
        tx.exec("DELETE FROM deferral WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))", [Value::json(&ids)?]).await
    }
}

/// Gives a wait without a trigger its event.
pub(crate) async fn fire_wait(tx: &mut Tx<'_>, id: i64, event: Event) -> Result<Option<Reported>> {
    fire(tx, id, None, &Fired::GoOn(event)).await
}

/// Nothing is left behind by the caller when the answer is `None`.
async fn fire(tx: &mut Tx<'_>, id: i64, triggerer: Option<i64>, fired: &Fired) -> Result<Option<Reported>> {
    let sql = "SELECT run_pk, task_id, map_index, attempt_id FROM deferral WHERE id = ? AND event IS NULL AND (CAST(? AS BIGINT) IS NULL OR triggerer = ?)";
    let Some(row) = tx.row(sql, params![id, triggerer, triggerer]).await? else { return Ok(None) };
    let key = TaskKey { run_pk: row.get(0)?, task_id: row.get(1)?, map_index: row.get(2)? };
    let attempt_id: Uuid = row.get(3)?;
    // The run first, as the lock order says.
    let Some(changed) = dag_run::raise_change(tx, key.run_pk).await? else { return Ok(None) };
    let Some(task) = move_task(tx, &key, attempt_id, fired).await? else { return Ok(None) };
    let event = match fired {
        Fired::GoOn(event) => serde_json::to_string(event),
        Fired::End { .. } => serde_json::to_string(&Event::Fired { payload: "null".to_owned() }),
    };
    let event = event.map_err(|error| crate::Error::invalid("the event of a deferral", error))?;
    let sql = "UPDATE deferral SET event = ? WHERE id = ? AND event IS NULL AND (CAST(? AS BIGINT) IS NULL OR triggerer = ?)";
    if tx.exec(sql, params![event, id, triggerer, triggerer]).await? != 1 {
        return Ok(None);
    }
    if let Fired::End { xcoms, callbacks, alerts, .. } = fired {
        xcom::put_all(tx, &key, xcoms).await?;
        callback_request::insert(tx, callbacks).await?;
        alert::insert(tx, Some(key.run_pk), alerts).await?;
    }
    Ok(Some(Reported { task, changed, assets: Emitted::default() }))
}

async fn move_task(tx: &mut Tx<'_>, key: &TaskKey, attempt_id: Uuid, fired: &Fired) -> Result<Option<TaskInstance>> {
    let now = tx.now();
    let (state, ended, scheduled) = match fired {
        Fired::GoOn(_) => (TaskState::Scheduled, None, Some(now)),
        Fired::End { state, end_date, .. } => (*state, Some(*end_date), None),
    };
    let sql = format!(
        "UPDATE task_instance SET state = ?, end_date = ?, scheduled_at = COALESCE(?, scheduled_at), updated_at = ?
        WHERE run_pk = ? AND task_id = ? AND map_index = ? AND attempt_id = ? AND state IN ('deferred', 'awaiting_input') RETURNING {}",
        TaskInstance::COLUMNS
    );
    let values = params![state, ended, scheduled, now, key.run_pk, &key.task_id, key.map_index, attempt_id];
    tx.row(sql, values).await?.map(|row| TaskInstance::read(&row, 0)).transpose()
}
