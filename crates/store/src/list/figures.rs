//! What is counted for metrics.

use crate::{Mode, Result, Row, Transaction, Tx, Value, params};

/// Task instances of one task in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveCount {
    pub queue: String,
    pub dag_id: String,
    pub task_id: String,
    pub state: String,
    pub count: i64,
}

/// Counts scheduled, queued, running and deferred task instances by queue and task.
#[derive(Debug, Clone, Copy)]
pub struct CountActive;

impl Transaction for CountActive {
    type Out = Vec<ActiveCount>;
    const NAME: &'static str = "list.count_active";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let sql = "SELECT queue, dag_id, task_id, state, count(*) FROM task_instance
            WHERE state IN ('scheduled', 'queued', 'running', 'restarting', 'deferred', 'awaiting_input')
            GROUP BY queue, dag_id, task_id, state";
        let read = |row: &Row| {
            Ok(ActiveCount { queue: row.get(0)?, dag_id: row.get(1)?, task_id: row.get(2)?, state: row.get(3)?, count: row.get(4)? })
        };
        tx.rows(sql, params![]).await?.iter().map(read).collect()
    }
}

/// Counts running dag runs.
#[derive(Debug, Clone, Copy)]
pub struct CountRunning;

impl Transaction for CountRunning {
    type Out = i64;
    const NAME: &'static str = "list.count_running";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64> {
        tx.row("SELECT count(*) FROM dag_run WHERE state = 'running'", params![]).await?.map_or(Ok(0), |row| row.get(0))
    }
}

/// When what happened in a run. Microseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFigures {
    pub dag_id: String,
    pub run_id: String,
    pub run_type: String,
    pub state: String,
    pub run_after: i64,
    pub start_date: Option<i64>,
    pub end_date: Option<i64>,
    pub first_queued: Option<i64>,
    pub first_started: Option<i64>,
}

/// The times of runs, by DAG and run id.
#[derive(Debug, Clone)]
pub struct ReadRunFigures(pub Vec<(String, String)>);

impl Transaction for ReadRunFigures {
    type Out = Vec<RunFigures>;
    const NAME: &'static str = "list.run_figures";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let sql = "SELECT r.dag_id, r.run_id, r.run_type, r.state, r.run_after, r.start_date, r.end_date,
                (SELECT min(ti.queued_at) FROM task_instance ti WHERE ti.run_pk = r.id),
                (SELECT min(ti.start_date) FROM task_instance ti WHERE ti.run_pk = r.id)
            FROM (SELECT value ->> 0 AS dag_id, value ->> 1 AS run_id FROM json_each(?)) j
            CROSS JOIN dag_run r ON r.dag_id = j.dag_id AND r.run_id = j.run_id";
        let read = |row: &Row| {
            Ok(RunFigures {
                dag_id: row.get(0)?,
                run_id: row.get(1)?,
                run_type: row.get(2)?,
                state: row.get(3)?,
                run_after: row.get(4)?,
                start_date: row.get(5)?,
                end_date: row.get(6)?,
                first_queued: row.get(7)?,
                first_started: row.get(8)?,
            })
        };
        tx.rows(sql, [Value::json(&self.0)?]).await?.iter().map(read).collect()
    }
}
