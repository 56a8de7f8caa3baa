//! Dag runs that DAG code asks for.

use jiff::Timestamp;

use crate::table::dag_run::DagRun;
use crate::{Mode, Result, Transaction, Tx, Value, params};

/// The newest run of a DAG before a logical date.
#[derive(Debug, Clone)]
pub struct PreviousRun {
    pub dag_id: String,
    pub before: Timestamp,
    pub state: Option<String>,
}

impl Transaction for PreviousRun {
    type Out = Option<DagRun>;
    const NAME: &'static str = "previous_run";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<DagRun>> {
        let sql = format!(
            "SELECT {} FROM dag_run WHERE dag_id = ? AND logical_date < ? AND (CAST(? AS TEXT) IS NULL OR state = ?) ORDER BY logical_date DESC LIMIT 1",
            DagRun::COLUMNS
        );
        let row = tx.row(sql, params![&self.dag_id, self.before, &self.state, &self.state]).await?;
        row.map(|row| DagRun::read(&row, 0)).transpose()
    }
}

/// Runs of a DAG that any of the filters leaves; an empty filter leaves all.
#[derive(Debug, Clone, Default)]
pub struct RunsLike {
    pub dag_id: String,
    pub logical_dates: Option<Vec<Timestamp>>,
    pub run_ids: Option<Vec<String>>,
}

impl RunsLike {
    /// Clause and parameters over the alias `r`.
    pub(crate) fn clause(&self) -> Result<(String, Vec<Value>)> {
        let (mut clause, mut values) = ("r.dag_id = ?".to_owned(), vec![Value::from(&self.dag_id)]);
        if let Some(dates) = &self.logical_dates {
            let micros: Vec<i64> = dates.iter().map(|at| at.as_microsecond()).collect();
            clause.push_str(" AND r.logical_date IN (SELECT CAST(value AS BIGINT) FROM json_each(?))");
            values.push(Value::json(&micros)?);
        }
        if let Some(ids) = &self.run_ids {
            clause.push_str(" AND r.run_id IN (SELECT value FROM json_each(?))");
            values.push(Value::json(ids)?);
        }
        Ok((clause, values))
    }

    fn in_states(&self, states: Option<&[String]>) -> Result<(String, Vec<Value>)> {
        let (mut clause, mut values) = self.clause()?;
        if let Some(states) = states {
            clause.push_str(" AND r.state IN (SELECT value FROM json_each(?))");
            values.push(Value::json(states)?);
        }
        Ok((clause, values))
    }
}

/// How many runs there are.
#[derive(Debug, Clone)]
pub struct CountRunsLike {
    pub runs: RunsLike,
    pub states: Option<Vec<String>>,
}

impl Transaction for CountRunsLike {
    type Out = i64;
    const NAME: &'static str = "count_runs_like";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64> {
        let (clause, values) = self.runs.in_states(self.states.as_deref())?;
        let row = tx.row(format!("SELECT COUNT(*) FROM dag_run r WHERE {clause}"), values).await?;
        row.map_or(Ok(0), |row| row.get(0))
    }
}

/// The newest runs, oldest first.
#[derive(Debug, Clone)]
pub struct ListRunsLike {
    pub runs: RunsLike,
    pub states: Option<Vec<String>>,
    pub limit: u32,
}

impl Transaction for ListRunsLike {
    type Out = Vec<DagRun>;
    const NAME: &'static str = "list_runs_like";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<DagRun>> {
        let (clause, mut values) = self.runs.in_states(self.states.as_deref())?;
        values.push(Value::from(i64::from(self.limit)));
        let columns = DagRun::COLUMNS;
        let sql = format!("SELECT {columns} FROM dag_run r WHERE {clause} ORDER BY r.run_after DESC, r.id DESC LIMIT ?");
        let rows = tx.rows(sql, values).await?;
        rows.iter().rev().map(|row| DagRun::read(row, 0)).collect()
    }
}
