//! Rows as watchers of changes see them: of what they were told about, and of what other processes have changed.

use crate::{Mode, Result, Row, Transaction, Tx, Value, params};

/// A task instance. Times in microseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskNews {
    pub dag_id: String,
    pub run_id: String,
    pub task_id: String,
    pub map_index: i32,
    pub state: Option<String>,
    pub try_number: i64,
    pub start_date: Option<i64>,
    pub end_date: Option<i64>,
}

/// A run. Times in microseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunNews {
    pub dag_id: String,
    pub run_id: String,
    pub run_type: String,
    pub state: String,
    pub run_after: i64,
    pub logical_date: Option<i64>,
    pub start_date: Option<i64>,
    pub end_date: Option<i64>,
}

/// A DAG. Time in microseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DagNews {
    pub dag_id: String,
    pub is_paused: bool,
    pub is_stale: bool,
    pub has_import_errors: bool,
    pub next_run_after: Option<i64>,
    /// Newest `dag_version`.
    pub version_id: Option<i64>,
}

/// A message to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertNews {
    pub id: i64,
    pub kind: String,
    pub channel: String,
    pub state: String,
    pub tries: i64,
    pub dag_id: Option<String>,
    pub run_id: Option<String>,
    pub task_id: Option<String>,
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct ReadNews {
    /// DAG, run, task, map index.
    pub tasks: Vec<(String, String, String, i32)>,
    /// DAG, run.
    pub runs: Vec<(String, String)>,
    pub dags: Vec<String>,
    /// Also what was changed at this instant (microseconds) or later, by anyone.
    pub since: Option<i64>,
    /// Also the alerts that were written, or got another state, at this instant (microseconds) or later.
    pub alerts_since: Option<i64>,
    /// Also every DAG.
    pub all_dags: bool,
}

/// The rows as they are.
#[derive(Debug, Clone, Default)]
pub struct News {
    pub tasks: Vec<TaskNews>,
    pub runs: Vec<RunNews>,
    pub dags: Vec<DagNews>,
    pub alerts: Vec<AlertNews>,
    /// When they were read, in microseconds.
    pub at: i64,
}

const TASK: &str = "SELECT r.dag_id, r.run_id, t.task_id, t.map_index, t.state, t.try_number, t.start_date, t.end_date ";
const RUN: &str = "SELECT r.dag_id, r.run_id, r.run_type, r.state, r.run_after, r.logical_date, r.start_date, r.end_date, r.id ";
const DAG: &str = "SELECT d.dag_id, d.is_paused, d.is_stale, d.has_import_errors, d.next_run_after, d.version_id ";

impl Transaction for ReadNews {
    type Out = News;
    const NAME: &'static str = "list.news";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<News> {
        let mut news = News { at: tx.now().as_microsecond(), ..News::default() };
        self.named(tx, &mut news).await?;
        if let Some(since) = self.since {
            changed(tx, since, &mut news).await?;
        }
        if let Some(since) = self.alerts_since {
            let sql =
                "SELECT id, kind, channel, state, tries, dag_id, run_id, task_id FROM alert WHERE updated_at >= ? ORDER BY updated_at, id";
            news.alerts = tx.rows(sql, params![since]).await?.iter().map(alert).collect::<Result<_>>()?;
        }
        Ok(news)
    }
}

impl ReadNews {
    async fn named(&self, tx: &mut Tx<'_>, news: &mut News) -> Result<()> {
        if !self.tasks.is_empty() {
            let sql = format!(
                "{TASK}FROM (SELECT value ->> 0 AS dag_id, value ->> 1 AS run_id, value ->> 2 AS task_id, CAST(value ->> 3 AS BIGINT) AS map_index \
                 FROM json_each(?)) AS j CROSS JOIN dag_run AS r ON r.dag_id = j.dag_id AND r.run_id = j.run_id \
                 CROSS JOIN task_instance AS t ON t.run_pk = r.id AND t.task_id = j.task_id AND t.map_index = j.map_index"
            );
            news.tasks = tx.rows(sql, [Value::json(&self.tasks)?]).await?.iter().map(task).collect::<Result<_>>()?;
        }
        if !self.runs.is_empty() {
            let sql = format!(
                "{RUN}FROM (SELECT value ->> 0 AS dag_id, value ->> 1 AS run_id FROM json_each(?)) AS j \
                     CROSS JOIN dag_run AS r ON r.dag_id = j.dag_id AND r.run_id = j.run_id"
            );
            news.runs = tx.rows(sql, [Value::json(&self.runs)?]).await?.iter().map(run).collect::<Result<_>>()?;
        }
        if self.all_dags {
            news.dags = tx.rows(format!("{DAG}FROM dag AS d"), params![]).await?.iter().map(dag).collect::<Result<_>>()?;
        } else if !self.dags.is_empty() {
            let sql = format!("{DAG}FROM json_each(?) AS j CROSS JOIN dag AS d ON d.dag_id = j.value");
            news.dags = tx.rows(sql, [Value::json(&self.dags)?]).await?.iter().map(dag).collect::<Result<_>>()?;
        }
        Ok(())
    }
}

/// Open runs and those that ended or that a user changed lately, the task instances of all of them, and active ones: the cost is that of what is open
/// and of what happened, not of the history.
async fn changed(tx: &mut Tx<'_>, since: i64, news: &mut News) -> Result<()> {
    let mut ids: Vec<i64> = Vec::new();
    let open = "dag_run AS r WHERE r.state IN ('queued', 'running') AND r.updated_at >= ?";
    let ended = "dag_run AS r WHERE r.state IN ('success', 'failed') AND r.end_date >= ?";
    let by_users = "event_log AS e CROSS JOIN dag_run AS r ON r.dag_id = e.dag_id AND r.run_id = e.run_id WHERE e.dttm >= ?";
    for which in [open, ended, by_users] {
        for row in tx.rows(format!("{RUN}FROM {which}"), params![since]).await? {
            ids.push(row.get(8_usize)?);
            news.runs.push(run(&row)?);
        }
    }
    ids.sort_unstable();
    ids.dedup();
    let of_runs = format!(
        "{TASK}FROM json_each(?) AS j CROSS JOIN dag_run AS r ON r.id = CAST(j.value AS BIGINT) CROSS JOIN task_instance AS t ON t.run_pk = r.id \
         WHERE t.updated_at >= ?"
    );
    for row in tx.rows(of_runs, [Value::json(&ids)?, since.into()]).await? {
        news.tasks.push(task(&row)?);
    }
    // Being queued and being claimed leave the row of the run alone.
    let active = format!(
        "{TASK}FROM task_instance AS t CROSS JOIN dag_run AS r ON r.id = t.run_pk \
         WHERE t.state IN ('scheduled', 'queued', 'running', 'restarting', 'deferred', 'awaiting_input') AND t.updated_at >= ?"
    );
    for row in tx.rows(active, params![since]).await? {
        news.tasks.push(task(&row)?);
    }
    Ok(())
}

fn task(row: &Row) -> Result<TaskNews> {
    Ok(TaskNews {
        dag_id: row.get(0_usize)?,
        run_id: row.get(1_usize)?,
        task_id: row.get(2_usize)?,
        map_index: row.get(3_usize)?,
        state: row.get(4_usize)?,
        try_number: row.get(5_usize)?,
        start_date: row.get(6_usize)?,
        end_date: row.get(7_usize)?,
    })
}

fn run(row: &Row) -> Result<RunNews> {
    Ok(RunNews {
        dag_id: row.get(0_usize)?,
        run_id: row.get(1_usize)?,
        run_type: row.get(2_usize)?,
        state: row.get(3_usize)?,
        run_after: row.get(4_usize)?,
        logical_date: row.get(5_usize)?,
        start_date: row.get(6_usize)?,
        end_date: row.get(7_usize)?,
    })
}

fn dag(row: &Row) -> Result<DagNews> {
    Ok(DagNews {
        dag_id: row.get(0_usize)?,
        is_paused: row.get(1_usize)?,
        is_stale: row.get(2_usize)?,
        has_import_errors: row.get(3_usize)?,
        next_run_after: row.get(4_usize)?,
        version_id: row.get(5_usize)?,
    })
}

fn alert(row: &Row) -> Result<AlertNews> {
    Ok(AlertNews {
        id: row.get(0_usize)?,
        kind: row.get(1_usize)?,
        channel: row.get(2_usize)?,
        state: row.get(3_usize)?,
        tries: row.get(4_usize)?,
        dag_id: row.get(5_usize)?,
        run_id: row.get(6_usize)?,
        task_id: row.get(7_usize)?,
    })
}

/// A process that holds its lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub id: i64,
    pub job_type: String,
    pub hostname: String,
}

/// What changes by itself, without a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vitals {
    /// Number of import errors, and the newest id and time among them.
    pub import_errors: (i64, Option<i64>, Option<i64>),
    /// By id.
    pub members: Vec<Member>,
}

/// Reads them.
#[derive(Debug, Clone)]
pub struct ReadVitals;

impl Transaction for ReadVitals {
    type Out = Vitals;
    const NAME: &'static str = "list.vitals";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vitals> {
        let errors = tx.row("SELECT count(*), max(id), max(timestamp) FROM import_error", params![]).await?;
        let import_errors = match errors {
            Some(row) => (row.get(0_usize)?, row.get(1_usize)?, row.get(2_usize)?),
            None => (0, None, None),
        };
        let alive = "SELECT id, job_type, hostname FROM job WHERE state = 'running' AND lease_until > ? ORDER BY id";
        let now = tx.now();
        let rows = tx.rows(alive, params![now]).await?;
        let member = |row: &Row| Ok(Member { id: row.get(0_usize)?, job_type: row.get(1_usize)?, hostname: row.get(2_usize)? });
        Ok(Vitals { import_errors, members: rows.iter().map(member).collect::<Result<_>>()? })
    }
}
