//! Changes that users make, each with its row in the event log.

use super::event_log::{self, AddEvent};
use super::filter::Filter;
use crate::step::{TriggerOutcome, TriggerRun};
use crate::table::dag_run::Changed;
use crate::table::event_log::NewEvent;
use crate::{Mode, Result, Transaction, Tx, Value, params};

/// Pauses or unpauses DAGs; gives those that were not so before.
#[derive(Debug, Clone)]
pub struct SetPaused {
    pub dag_ids: Vec<String>,
    pub is_paused: bool,
    pub user: String,
}

impl Transaction for SetPaused {
    type Out = Vec<String>;
    const NAME: &'static str = "change.set_paused";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        if self.dag_ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut filter = Filter::new();
        filter.among("dag_id", &self.dag_ids).equals("is_paused", Some(!self.is_paused));
        let mut values = vec![Value::from(self.is_paused)];
        values.extend_from_slice(filter.values());
        let sql = format!("UPDATE dag SET is_paused = ?{} RETURNING dag_id", filter.clause());
        let rows = tx.rows(sql, values).await?;
        let changed: Vec<String> = rows.iter().map(|row| row.get(0_usize)).collect::<Result<_>>()?;
        for dag_id in &changed {
            let event = AddEvent {
                event: if self.is_paused { "paused" } else { "unpaused" }.into(),
                dag_id: Some(dag_id.clone()),
                owner: Some(self.user.clone()),
                ..AddEvent::default()
            };
            event_log::add(tx, &event).await?;
        }
        Ok(changed)
    }
}

/// Deletes what the database knows of a DAG; the event log stays.
#[derive(Debug, Clone)]
pub struct DeleteDag {
    pub dag_id: String,
    pub user: String,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DagDeleted {
    Done,
    NoDag,
    /// Tasks of it run.
    Busy,
}

impl Transaction for DeleteDag {
    type Out = DagDeleted;
    const NAME: &'static str = "change.delete_dag";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let id = &self.dag_id;
        let known =
            "SELECT EXISTS (SELECT 1 FROM task_instance WHERE dag_id = ? AND state IN ('running', 'restarting')) FROM dag WHERE dag_id = ?";
        match tx.row(known, params![id, id]).await? {
            None => return Ok(DagDeleted::NoDag),
            Some(row) if row.get::<bool>(0_usize)? => return Ok(DagDeleted::Busy),
            Some(_) => {}
        }
        for table in RUN_TABLES {
            tx.exec(format!("DELETE FROM {table} WHERE run_pk IN (SELECT id FROM dag_run WHERE dag_id = ?)"), params![id]).await?;
        }
        let missed = "DELETE FROM deadline_miss WHERE run_pk IN (SELECT id FROM dag_run WHERE dag_id = ?)";
        tx.exec(missed, params![id]).await?;
        let dates = "DELETE FROM backfill_dag_run WHERE backfill_id IN (SELECT id FROM backfill WHERE dag_id = ?)";
        tx.exec(dates, params![id]).await?;
        for table in [
            "backfill",
            "dag_run",
            "dag_run_asset_event",
            "asset_use",
            "asset_queue",
            "asset_due",
            "dag_version",
            "dag_tag",
            "dag_favorite",
            "dag_warning",
            "timetable_question",
            "dag",
        ] {
            tx.exec(format!("DELETE FROM {table} WHERE dag_id = ?"), params![id]).await?;
        }
        for (table, key) in [("dag_form", "content_hash"), ("dag_source", "source_hash")] {
            let sql = format!("DELETE FROM {table} WHERE NOT EXISTS (SELECT 1 FROM dag_version v WHERE v.{key} = {table}.{key})");
            tx.exec(sql, params![]).await?;
        }
        let event =
            AddEvent { event: "delete_dag".into(), dag_id: Some(id.clone()), owner: Some(self.user.clone()), ..AddEvent::default() };
        event_log::add(tx, &event).await?;
        Ok(DagDeleted::Done)
    }
}

/// Everything that hangs on a run, before the run itself.
const RUN_TABLES: [&str; 5] = ["attempt", "task_reschedule", "xcom", "rendered_fields", "task_instance"];

/// Deletes a run with its tasks and XComs.
#[derive(Debug, Clone)]
pub struct DeleteRun {
    pub dag_id: String,
    pub run_id: String,
    pub user: String,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunDeleted {
    Done { run_pk: i64, change_seq: i64 },
    NoRun,
    Running,
}

impl Transaction for DeleteRun {
    type Out = RunDeleted;
    const NAME: &'static str = "change.delete_run";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let sql = "SELECT id, state, change_seq FROM dag_run WHERE dag_id = ? AND run_id = ?";
        let Some(row) = tx.row(sql, params![&self.dag_id, &self.run_id]).await? else { return Ok(RunDeleted::NoRun) };
        let (run_pk, state, change_seq): (i64, String, i64) = (row.get(0_usize)?, row.get(1_usize)?, row.get(2_usize)?);
        if state == "running" {
            return Ok(RunDeleted::Running);
        }
        for table in RUN_TABLES {
            tx.exec(format!("DELETE FROM {table} WHERE run_pk = ?"), params![run_pk]).await?;
        }
        tx.exec("DELETE FROM dag_run_asset_event WHERE run_pk = ?", params![run_pk]).await?;
        tx.exec("DELETE FROM dag_run WHERE id = ?", params![run_pk]).await?;
        let event = AddEvent {
            event: "delete_dag_run".into(),
            dag_id: Some(self.dag_id.clone()),
            run_id: Some(self.run_id.clone()),
            owner: Some(self.user.clone()),
            ..AddEvent::default()
        };
        event_log::add(tx, &event).await?;
        Ok(RunDeleted::Done { run_pk, change_seq: change_seq + 1 })
    }
}

/// Sets the note of a run.
#[derive(Debug, Clone)]
pub struct SetRunNote {
    pub dag_id: String,
    pub run_id: String,
    pub note: Option<String>,
    pub user: String,
}

impl Transaction for SetRunNote {
    /// Whether there is such a run.
    type Out = bool;
    const NAME: &'static str = "change.set_run_note";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let now = tx.now();
        let sql = "UPDATE dag_run SET note = ?, note_user = ?, updated_at = ? WHERE dag_id = ? AND run_id = ?";
        Ok(tx.exec(sql, params![&self.note, &self.user, now, &self.dag_id, &self.run_id]).await? > 0)
    }
}

/// Sets the note of task instances of one run.
#[derive(Debug, Clone)]
pub struct SetTaskNotes {
    pub run_pk: i64,
    /// Task and map index.
    pub tasks: Vec<(String, i32)>,
    pub note: Option<String>,
    pub user: String,
}

impl Transaction for SetTaskNotes {
    type Out = u64;
    const NAME: &'static str = "change.set_task_notes";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let now = tx.now();
        let mut changed = 0;
        for (task_id, map_index) in &self.tasks {
            let sql = "UPDATE task_instance SET note = ?, note_user = ?, updated_at = ? WHERE run_pk = ? AND task_id = ? AND map_index = ?";
            changed += tx.exec(sql, params![&self.note, &self.user, now, self.run_pk, task_id, *map_index]).await?;
        }
        Ok(changed)
    }
}

/// Deletes a task instance with its attempts and XComs.
#[derive(Debug, Clone)]
pub struct DeleteTask {
    pub run_pk: i64,
    pub task_id: String,
    pub map_index: i32,
    pub event: NewEvent,
}

impl Transaction for DeleteTask {
    /// The run with its number; `None`: the run is gone.
    type Out = Option<Changed>;
    const NAME: &'static str = "change.delete_task";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let key = params![self.run_pk, &self.task_id, self.map_index];
        for table in RUN_TABLES {
            tx.exec(format!("DELETE FROM {table} WHERE run_pk = ? AND task_id = ? AND map_index = ?"), &key).await?;
        }
        crate::table::event_log::insert(tx, std::slice::from_ref(&self.event)).await?;
        crate::table::dag_run::raise_change(tx, self.run_pk).await
    }
}

/// A trigger with its row in the event log, when it makes a run.
#[derive(Debug, Clone)]
pub struct TriggerLogged {
    pub trigger: TriggerRun,
    /// Its run is that of the trigger.
    pub event: NewEvent,
}

impl Transaction for TriggerLogged {
    type Out = TriggerOutcome;
    const NAME: &'static str = "change.trigger";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let outcome = self.trigger.run(tx).await?;
        if let TriggerOutcome::Created(run) = &outcome {
            let event = NewEvent { run_id: Some(run.run_id.to_string()), ..self.event.clone() };
            crate::table::event_log::insert(tx, std::slice::from_ref(&event)).await?;
        }
        Ok(outcome)
    }
}
