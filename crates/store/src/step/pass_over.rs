//! Unpausing "from now": the schedule moves on over the runs it has missed, in the transaction that unpauses, so that no scheduler makes one of them.

use jiff::Timestamp;

use super::create_run::{NextRun, move_schedule};
use crate::table::event_log::{self, NewEvent};
use crate::{Mode, Result, Transaction, Tx, params};

/// What the next runs of a DAG are computed from.
#[derive(Debug, Clone)]
pub struct GetSchedule {
    pub dag_id: String,
}

/// See [`GetSchedule`].
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleState {
    pub is_paused: bool,
    pub is_stale: bool,
    pub timezone: String,
    /// JSON text of the newest form; `None`: the DAG was never parsed.
    pub form: Option<String>,
    /// For the compare-and-set.
    pub schedule_seq: i64,
    /// Data interval of the newest scheduled or backfill run by logical date.
    pub last_automated: Option<(Timestamp, Timestamp)>,
    pub passed_over: Option<(Timestamp, Timestamp)>,
    pub queued_runs: u32,
    pub running_runs: u32,
}

impl Transaction for GetSchedule {
    type Out = Option<ScheduleState>;
    const NAME: &'static str = "get_schedule";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let sql = "SELECT d.is_paused, d.is_stale, d.timezone, f.form, d.schedule_seq, l.data_interval_start, l.data_interval_end,
                d.passed_over_start, d.passed_over_end,
                (SELECT COUNT(*) FROM dag_run q WHERE q.dag_id = d.dag_id AND q.state = 'queued'),
                (SELECT COUNT(*) FROM dag_run q WHERE q.dag_id = d.dag_id AND q.state = 'running')
            FROM dag d
            LEFT JOIN dag_version v ON v.id = d.version_id
            LEFT JOIN dag_form f ON f.content_hash = v.content_hash
            LEFT JOIN dag_run l ON l.id = (SELECT id FROM dag_run WHERE dag_id = d.dag_id AND run_type IN ('scheduled', 'backfill')
                AND logical_date IS NOT NULL ORDER BY logical_date DESC LIMIT 1)
            WHERE d.dag_id = ?";
        let Some(row) = tx.row(sql, params![&self.dag_id]).await? else { return Ok(None) };
        let interval = |start: usize| -> Result<Option<(Timestamp, Timestamp)>> {
            Ok(row.get::<Option<Timestamp>>(start)?.zip(row.get::<Option<Timestamp>>(start + 1)?))
        };
        Ok(Some(ScheduleState {
            is_paused: row.get(0)?,
            is_stale: row.get(1)?,
            timezone: row.get(2)?,
            form: row.get(3)?,
            schedule_seq: row.get(4)?,
            last_automated: interval(5)?,
            passed_over: interval(7)?,
            queued_runs: row.get(9)?,
            running_runs: row.get(10)?,
        }))
    }
}

/// Passes over what a DAG has missed and unpauses it, or neither.
#[derive(Debug, Clone)]
pub struct PassOver {
    pub dag_id: String,
    /// The `schedule_seq` that the rest was computed from.
    pub schedule_seq: i64,
    /// The newest missed interval; `None`: nothing was missed.
    pub interval: Option<(Timestamp, Timestamp)>,
    pub next: NextRun,
    /// The next run is due at once all the same: the schedule knows no missed runs.
    pub begins_at_once: bool,
    pub user: String,
    /// JSON text for the event log.
    pub extra: String,
}

/// Outcome of passing over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassedOver {
    Done {
        was_paused: bool,
    },
    /// Another has moved the schedule, or one more run has become due since; nothing changed.
    Stale,
    NoDag,
}

impl Transaction for PassOver {
    type Out = PassedOver;
    const NAME: &'static str = "pass_over";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<PassedOver> {
        let now = tx.now();
        let sql = "SELECT schedule_seq, is_paused FROM dag WHERE dag_id = ? /*! FOR UPDATE */";
        let Some(dag) = tx.row(sql, params![&self.dag_id]).await? else { return Ok(PassedOver::NoDag) };
        let (schedule_seq, was_paused): (i64, bool) = (dag.get(0)?, dag.get(1)?);
        let is_due = self.next.run_after.is_some_and(|run_after| run_after <= now) && !self.begins_at_once;
        if schedule_seq != self.schedule_seq || is_due {
            return Ok(PassedOver::Stale);
        }
        move_schedule(tx, &self.dag_id, &self.next).await?;
        let (start, end) = self.interval.unzip();
        let sql = "UPDATE dag SET is_paused = 0, passed_over_start = COALESCE(?, passed_over_start), passed_over_end = COALESCE(?, passed_over_end)
            WHERE dag_id = ?";
        tx.exec(sql, params![start, end, &self.dag_id]).await?;
        let event = NewEvent {
            event: if was_paused { "unpaused" } else { "missed runs passed over" }.to_owned(),
            dag_id: Some(self.dag_id.clone()),
            owner: Some(self.user.clone()),
            extra: Some(self.extra.clone()),
            ..NewEvent::default()
        };
        event_log::insert(tx, std::slice::from_ref(&event)).await?;
        Ok(PassedOver::Done { was_paused })
    }
}
