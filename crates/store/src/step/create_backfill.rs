//! A backfill with all its runs, in one transaction: either it is there with each date decided, or nothing is.
//!
//! A date that has no run gets one; a date that has one is run again when its state is among those that are reprocessed, under its own id. Unique
//! keys make a doubled run impossible, and the DAG's row is locked, so that one backfill of a DAG is active at a time.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;
use tradewind_core::run_id::{RunType, run_id};
use tradewind_core::state::RunState;

use super::clear::{ClearTask, ClearTasks};
use crate::table::backfill::{self, Backfill};
use crate::table::event_log::{self, NewEvent};
use crate::{Error, Mode, Result, Transaction, Tx, Value, params};

/// Which runs that are there are run again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reprocess {
    #[default]
    None,
    Failed,
    Completed,
}

impl Reprocess {
    /// The value stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Reprocess::None => "none",
            Reprocess::Failed => "failed",
            Reprocess::Completed => "completed",
        }
    }

    /// Why a run in this state is left as it is; `None`: it is run again.
    fn leaves(self, state: RunState) -> Option<&'static str> {
        match (state, self) {
            (RunState::Queued | RunState::Running, _) => Some("in flight"),
            (RunState::Failed, Reprocess::Failed | Reprocess::Completed) | (RunState::Success, Reprocess::Completed) => None,
            _ => Some("already exists"),
        }
    }
}

/// A date of a backfill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackfillDate {
    pub logical_date: Timestamp,
    pub interval: (Timestamp, Timestamp),
    pub run_after: Timestamp,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct CreateBackfill {
    pub dag_id: String,
    pub from_date: Timestamp,
    pub to_date: Timestamp,
    /// JSON text of an object.
    pub conf: String,
    pub reprocess: Reprocess,
    pub max_active_runs: u32,
    pub run_backwards: bool,
    /// Runs that are run again go on with the newest version of the DAG.
    pub latest_version: bool,
    pub user: String,
    /// In the order of starting.
    pub dates: Vec<BackfillDate>,
    /// Retries of the tasks that have any.
    pub retries: HashMap<String, u32>,
    /// Only tell.
    pub dry_run: bool,
}

/// Outcome of a backfill.
#[derive(Debug, Clone, PartialEq)]
pub enum BackfillOutcome {
    Created(Box<Backfill>),
    /// What a dry run found: the dates that would run.
    Planned(Vec<Timestamp>),
    /// Another one of the DAG is active.
    Active {
        id: i64,
    },
    NoDag,
    StaleDag,
}

/// What becomes of a date.
enum Fate {
    New,
    Again(i64),
    Left(&'static str),
}

/// A run to insert, as a set's row.
#[derive(Serialize)]
struct NewRow(usize, String, i64, i64, i64, i64);

/// A date, as a set's row: its place, the date, why it has no run.
#[derive(Serialize)]
struct DateRow(usize, i64, Option<&'static str>);

impl Transaction for CreateBackfill {
    type Out = BackfillOutcome;
    const NAME: &'static str = "create_backfill";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<BackfillOutcome> {
        let sql = "SELECT is_stale, version_id FROM dag WHERE dag_id = ? /*! FOR UPDATE */";
        let Some(dag) = tx.row(sql, params![&self.dag_id]).await? else { return Ok(BackfillOutcome::NoDag) };
        if dag.get(0)? {
            return Ok(BackfillOutcome::StaleDag);
        }
        let active = "SELECT id FROM backfill WHERE dag_id = ? AND completed_at IS NULL LIMIT 1";
        if let Some(row) = tx.row(active, params![&self.dag_id]).await? {
            return Ok(BackfillOutcome::Active { id: row.get(0)? });
        }
        let fates = self.fates(tx).await?;
        if self.dry_run {
            let runs = self.dates.iter().zip(&fates).filter(|(_, fate)| !matches!(fate, Fate::Left(_)));
            return Ok(BackfillOutcome::Planned(runs.map(|(date, _)| date.logical_date).collect()));
        }
        let id = self.insert(tx).await?;
        self.make(tx, id, dag.get(1)?, &fates).await?;
        self.repeat(tx, id, &fates).await?;
        self.write_dates(tx, id, &fates).await?;
        let event = NewEvent {
            event: "create_backfill".to_owned(),
            dag_id: Some(self.dag_id.clone()),
            owner: Some(self.user.clone()),
            extra: Some(format!("{{\"backfill_id\": {id}}}")),
            ..NewEvent::default()
        };
        event_log::insert(tx, std::slice::from_ref(&event)).await?;
        let made = backfill::by_id(tx, id).await?;
        made.map(Box::new).map(BackfillOutcome::Created).ok_or_else(|| Error::invalid("create_backfill", "the inserted row cannot be read"))
    }
}

impl CreateBackfill {
    async fn fates(&self, tx: &mut Tx<'_>) -> Result<Vec<Fate>> {
        let dates: Vec<i64> = self.dates.iter().map(|date| date.logical_date.as_microsecond()).collect();
        let sql = "SELECT r.id, r.logical_date, r.state FROM (SELECT CAST(value AS BIGINT) AS wanted FROM json_each(?)) j
            CROSS JOIN dag_run r ON r.dag_id = ? AND r.logical_date = j.wanted";
        let mut there: HashMap<i64, (i64, RunState)> = HashMap::new();
        for row in tx.rows(sql, params![Value::json(&dates)?, &self.dag_id]).await? {
            there.insert(row.get(1)?, (row.get(0)?, row.get(2)?));
        }
        let fate = |date: &i64| match there.get(date) {
            None => Fate::New,
            Some((run_pk, state)) => self.reprocess.leaves(*state).map_or(Fate::Again(*run_pk), Fate::Left),
        };
        Ok(dates.iter().map(fate).collect())
    }

    async fn insert(&self, tx: &mut Tx<'_>) -> Result<i64> {
        let now = tx.now();
        let sql = "INSERT INTO backfill (dag_id, from_date, to_date, dag_run_conf, reprocess_behavior, max_active_runs, run_backwards,
                triggering_user_name, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id";
        let (from, to) = (self.from_date, self.to_date);
        let behavior = self.reprocess.as_str();
        let values = params![&self.dag_id, from, to, &self.conf, behavior, self.max_active_runs, self.run_backwards, &self.user, now, now];
        let row = tx.row(sql, values).await?;
        row.ok_or_else(|| Error::invalid("create_backfill", "the insert gave no id"))?.get(0)
    }

    /// Runs for the dates that have none.
    async fn make(&self, tx: &mut Tx<'_>, id: i64, version_id: Option<i64>, fates: &[Fate]) -> Result<()> {
        let row = |(place, (date, fate)): (usize, (&BackfillDate, &Fate))| {
            let micros = Timestamp::as_microsecond;
            let name = run_id(RunType::Backfill, date.run_after, None);
            let (start, end) = (micros(date.interval.0), micros(date.interval.1));
            matches!(fate, Fate::New).then(|| NewRow(place + 1, name, micros(date.logical_date), start, end, micros(date.run_after)))
        };
        let rows: Vec<NewRow> = self.dates.iter().zip(fates).enumerate().filter_map(row).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let now = tx.now();
        let sql = "INSERT INTO dag_run (dag_id, run_id, run_type, state, logical_date, data_interval_start, data_interval_end, run_after, queued_at,
                triggered_by, triggering_user_name, conf, version_id, backfill_id, backfill_order, updated_at)
            SELECT ?, name, 'backfill', 'queued', logical, began, ended, due, ?, 'backfill', ?, ?, ?, ?, place, ?
            FROM (SELECT CAST(value ->> 0 AS BIGINT) AS place, value ->> 1 AS name, CAST(value ->> 2 AS BIGINT) AS logical,
                CAST(value ->> 3 AS BIGINT) AS began, CAST(value ->> 4 AS BIGINT) AS ended, CAST(value ->> 5 AS BIGINT) AS due
                FROM json_each(?)) made
            WHERE true ON CONFLICT DO NOTHING";
        let values = params![&self.dag_id, now, &self.user, &self.conf, version_id, id, now, Value::json(&rows)?];
        tx.exec(sql, values).await?;
        Ok(())
    }

    /// Runs that are there are cleared, and belong to this backfill from now on.
    async fn repeat(&self, tx: &mut Tx<'_>, id: i64, fates: &[Fate]) -> Result<()> {
        let again = |(place, fate): (usize, &Fate)| match fate {
            Fate::Again(run_pk) => Some((*run_pk, place + 1)),
            _ => None,
        };
        let runs: Vec<(i64, usize)> = fates.iter().enumerate().filter_map(again).collect();
        if runs.is_empty() {
            return Ok(());
        }
        let sql = "SELECT t.run_pk, t.task_id, t.map_index FROM (SELECT CAST(value ->> 0 AS BIGINT) AS run_pk FROM json_each(?)) j
            CROSS JOIN task_instance t ON t.run_pk = j.run_pk";
        let mut tasks = Vec::new();
        for row in tx.rows(sql, [Value::json(&runs)?]).await? {
            let task_id: String = row.get(1)?;
            let retries = self.retries.get(&task_id).copied().unwrap_or(0);
            tasks.push(ClearTask { run_pk: row.get(0)?, task_id, map_index: row.get(2)?, retries });
        }
        let clear = ClearTasks {
            tasks,
            runs: runs.iter().map(|(run_pk, _)| *run_pk).collect(),
            reset_runs: true,
            latest_version: self.latest_version,
            note: None,
            user: self.user.clone(),
            events: Vec::new(),
        };
        clear.run(tx).await?;
        let sql = "UPDATE dag_run AS r SET run_type = 'backfill', backfill_id = ?, backfill_order = j.place, triggered_by = 'backfill',
                triggering_user_name = ?, conf = CASE WHEN ? = '{}' THEN r.conf ELSE ? END
            FROM (SELECT CAST(value ->> 0 AS BIGINT) AS run_pk, CAST(value ->> 1 AS BIGINT) AS place FROM json_each(?)) AS j
            WHERE r.id = j.run_pk";
        tx.exec(sql, params![id, &self.user, &self.conf, &self.conf, Value::json(&runs)?]).await?;
        Ok(())
    }

    async fn write_dates(&self, tx: &mut Tx<'_>, id: i64, fates: &[Fate]) -> Result<()> {
        let row = |(place, (date, fate)): (usize, (&BackfillDate, &Fate))| {
            let reason = if let Fate::Left(reason) = fate { Some(*reason) } else { None };
            DateRow(place + 1, date.logical_date.as_microsecond(), reason)
        };
        let rows: Vec<DateRow> = self.dates.iter().zip(fates).enumerate().map(row).collect();
        // A run that could not be made after all has its name taken by a run of another date.
        let sql = "INSERT INTO backfill_dag_run (backfill_id, sort_ordinal, logical_date, run_pk, exception_reason)
            SELECT ?, j.place, j.wanted, r.id, CASE WHEN r.id IS NULL THEN COALESCE(j.reason, 'already exists') END
            FROM (SELECT CAST(value ->> 0 AS BIGINT) AS place, CAST(value ->> 1 AS BIGINT) AS wanted, value ->> 2 AS reason
                FROM json_each(?)) j
            LEFT JOIN dag_run r ON r.dag_id = ? AND r.logical_date = j.wanted AND r.backfill_id = ?";
        tx.exec(sql, params![id, Value::json(&rows)?, &self.dag_id, id]).await?;
        Ok(())
    }
}
