//! New dag runs. Unique keys make a doubled run impossible (invariant 8).

use jiff::Timestamp;

use super::lease::{Owner, prove};
use crate::table::dag_run::DagRun;
use crate::{Error, Mode, Result, Transaction, Tx, params};

/// A dag run to insert; it begins `queued` with the newest version of its DAG.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    pub run_id: String,
    /// `scheduled`, `manual`, `backfill`, `asset_triggered`, `operator_triggered`, `asset_materialization`.
    pub run_type: String,
    pub logical_date: Option<Timestamp>,
    pub data_interval_start: Option<Timestamp>,
    pub data_interval_end: Option<Timestamp>,
    pub run_after: Timestamp,
    /// JSON text of an object.
    pub conf: String,
    /// `timetable`, `rest_api`, `cli`, `ui`, `operator`, `test`.
    pub triggered_by: String,
    pub triggering_user_name: Option<String>,
    pub note: Option<String>,
}

/// What the timetable says comes next: the `next_*` columns of `dag`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NextRun {
    pub logical_date: Option<Timestamp>,
    pub interval_start: Option<Timestamp>,
    pub interval_end: Option<Timestamp>,
    /// `None`: nothing to schedule.
    pub run_after: Option<Timestamp>,
    /// Whoever knows has to be asked first: the DAG stays among those whose schedule is looked at.
    pub unknown: bool,
}

/// A tick of a DAG's schedule: makes its run and moves the schedule on, or neither.
#[derive(Debug, Clone)]
pub struct CreateScheduledRun {
    pub owner: Owner,
    pub dag_id: String,
    /// The `schedule_seq` that `run` and `next` were computed from.
    pub schedule_seq: i64,
    /// `None`: only moves the schedule.
    pub run: Option<NewRun>,
    pub next: NextRun,
    /// Not while this many runs of the DAG are queued or running.
    pub max_open: Option<u32>,
}

/// Outcome of a tick.
#[derive(Debug, Clone, PartialEq)]
pub enum ScheduleOutcome {
    /// The run is owned by the caller.
    Created { run_pk: i64, schedule_seq: i64 },
    /// A run with that id or logical date is there already; the schedule moved on.
    Exists { schedule_seq: i64 },
    /// There was no run to make; the schedule moved on.
    Moved { schedule_seq: i64 },
    /// The DAG has its open runs; nothing changed.
    Full { open: u32 },
    /// Another has moved the schedule; nothing changed.
    Stale { schedule_seq: i64 },
    /// The DAG is deleted or stale, or paused while a run was to be made; nothing changed.
    Gone,
    /// The term is over.
    Fenced,
}

impl Transaction for CreateScheduledRun {
    type Out = ScheduleOutcome;
    const NAME: &'static str = "create_scheduled_run";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<ScheduleOutcome> {
        if !prove(tx, self.owner).await? {
            return Ok(ScheduleOutcome::Fenced);
        }
        let sql =
            "SELECT schedule_seq, version_id FROM dag WHERE dag_id = ? AND is_stale = 0 AND (is_paused = 0 OR ? = 1) /*! FOR UPDATE */";
        let Some(dag) = tx.row(sql, params![&self.dag_id, self.run.is_none()]).await? else { return Ok(ScheduleOutcome::Gone) };
        let (schedule_seq, version_id): (i64, Option<i64>) = (dag.get(0)?, dag.get(1)?);
        if schedule_seq != self.schedule_seq {
            return Ok(ScheduleOutcome::Stale { schedule_seq });
        }
        if let Some(limit) = self.max_open {
            let open = open_runs(tx, &self.dag_id).await?;
            if open >= limit {
                return Ok(ScheduleOutcome::Full { open });
            }
        }
        move_schedule(tx, &self.dag_id, &self.next).await?;
        let schedule_seq = schedule_seq + 1;
        let Some(run) = &self.run else { return Ok(ScheduleOutcome::Moved { schedule_seq }) };
        Ok(match insert(tx, &self.dag_id, run, version_id, Some(self.owner)).await? {
            Some(run_pk) => ScheduleOutcome::Created { run_pk, schedule_seq },
            None => ScheduleOutcome::Exists { schedule_seq },
        })
    }
}

pub(super) async fn open_runs(tx: &mut Tx<'_>, dag_id: &str) -> Result<u32> {
    let sql = "SELECT COUNT(*) FROM dag_run WHERE dag_id = ? AND state IN ('queued', 'running') AND run_type <> 'backfill'";
    tx.row(sql, params![dag_id]).await?.map_or(Ok(0), |row| row.get(0))
}

pub(super) async fn move_schedule(tx: &mut Tx<'_>, dag_id: &str, next: &NextRun) -> Result<()> {
    let sql = "UPDATE dag SET next_logical_date = ?, next_interval_start = ?, next_interval_end = ?, next_run_after = ?,
        schedule_seq = schedule_seq + 1, needs_schedule = ? WHERE dag_id = ?";
    tx.exec(sql, params![next.logical_date, next.interval_start, next.interval_end, next.run_after, next.unknown, dag_id]).await?;
    Ok(())
}

/// `None`: its run id or logical date is taken.
pub(super) async fn insert(
    tx: &mut Tx<'_>,
    dag_id: &str,
    run: &NewRun,
    version_id: Option<i64>,
    owner: Option<Owner>,
) -> Result<Option<i64>> {
    let now = tx.now();
    let sql = "INSERT INTO dag_run (dag_id, run_id, run_type, state, logical_date, data_interval_start, data_interval_end, run_after,
            queued_at, triggered_by, triggering_user_name, conf, version_id, note, owner_job, owner_term, updated_at)
        VALUES (?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id";
    let values = params![
        dag_id,
        &run.run_id,
        &run.run_type,
        run.logical_date,
        run.data_interval_start,
        run.data_interval_end,
        run.run_after,
        now,
        &run.triggered_by,
        &run.triggering_user_name,
        &run.conf,
        version_id,
        &run.note,
        owner.map(|owner| owner.job),
        owner.map(|owner| owner.term),
        now
    ];
    tx.row(sql, values).await?.map(|row| row.get(0)).transpose()
}

/// A run that a user, a client or an operator asks for. Nobody owns it yet.
#[derive(Debug, Clone)]
pub struct TriggerRun {
    pub dag_id: String,
    pub run: NewRun,
}

/// Which key of a run is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    RunId,
    LogicalDate,
}

/// Outcome of a trigger.
#[derive(Debug, Clone, PartialEq)]
pub enum TriggerOutcome {
    Created(Box<DagRun>),
    Exists(Existing),
    NoDag,
    /// No file has this DAG now.
    StaleDag,
}

impl Transaction for TriggerRun {
    type Out = TriggerOutcome;
    const NAME: &'static str = "trigger_run";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<TriggerOutcome> {
        let sql = "SELECT is_stale, version_id FROM dag WHERE dag_id = ? /*! FOR SHARE */";
        let Some(dag) = tx.row(sql, params![&self.dag_id]).await? else { return Ok(TriggerOutcome::NoDag) };
        if dag.get(0)? {
            return Ok(TriggerOutcome::StaleDag);
        }
        match insert(tx, &self.dag_id, &self.run, dag.get(1)?, None).await? {
            Some(run_pk) => {
                let run = crate::table::dag_run::by_pk(tx, run_pk).await?;
                let run = run.ok_or_else(|| Error::invalid("trigger_run", "the inserted run cannot be read"))?;
                Ok(TriggerOutcome::Created(Box::new(run)))
            }
            None => {
                let same_id =
                    tx.row("SELECT 1 FROM dag_run WHERE dag_id = ? AND run_id = ?", params![&self.dag_id, &self.run.run_id]).await?;
                Ok(TriggerOutcome::Exists(if same_id.is_some() { Existing::RunId } else { Existing::LogicalDate }))
            }
        }
    }
}
