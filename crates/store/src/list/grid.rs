//! The grid of a DAG: its newest runs, and what each task did in them.

use super::dag_run::{self, RunView};
use super::filter::Filter;
use crate::{Mode, Result, Transaction, Tx, Value};

/// Runs of one instant that may exceed a page.
const MAX_TIES: i64 = 1_000;

/// Some runs with their cells.
#[derive(Debug, Clone)]
pub struct Grid {
    /// Newest last.
    pub runs: Vec<RunView>,
    /// By run, then task.
    pub cells: Vec<Cell>,
    pub has_older: bool,
}

/// The instances of a task in a run that have the same state: one, unless the task is mapped. Times in microseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub run_pk: i64,
    pub task_id: String,
    pub state: Option<String>,
    pub count: i64,
    /// They are instances of an expanded task.
    pub expanded: bool,
    /// The highest.
    pub try_number: i64,
    /// The earliest.
    pub start_date: Option<i64>,
    /// The latest; none while one of them has no end.
    pub end_date: Option<i64>,
    /// One of their notes.
    pub note: Option<String>,
}

/// Reads the newest runs before an instant, by `run_after`. Runs of the same instant stay together, so that the next page may begin there.
#[derive(Debug, Clone)]
pub struct ReadGrid {
    pub dag_id: String,
    pub limit: i64,
    /// Microseconds, exclusive.
    pub before: Option<i64>,
    pub run_types: Vec<String>,
    pub states: Vec<String>,
}

impl Transaction for ReadGrid {
    type Out = Grid;
    const NAME: &'static str = "list.grid";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Grid> {
        let (mut runs, has_older) = self.runs(tx).await?;
        runs.reverse();
        let cells = cells(tx, &runs).await?;
        Ok(Grid { runs, cells, has_older })
    }
}

impl ReadGrid {
    fn filter(&self) -> Filter {
        let mut filter = Filter::new();
        filter.equals("r.dag_id", Some(self.dag_id.clone())).among("r.run_type", &self.run_types).among("r.state", &self.states);
        filter
    }

    /// Newest first, and whether there are older ones.
    async fn runs(&self, tx: &mut Tx<'_>) -> Result<(Vec<RunView>, bool)> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let mut filter = self.filter();
        if let Some(before) = self.before {
            filter.and("r.run_after < ?", [Value::from(before)]);
        }
        let mut runs = newest(tx, &filter, self.limit + 1).await?;
        if runs.len() <= limit || limit == 0 {
            runs.truncate(limit);
            return Ok((runs, false));
        }
        let (edge, beyond) = (runs[limit - 1].run_after, &runs[limit]);
        if beyond.run_after != edge {
            runs.truncate(limit);
            return Ok((runs, true));
        }
        let mut ties = self.filter();
        ties.and("r.run_after = ? AND r.id < ?", [Value::from(edge), Value::from(beyond.id)]);
        runs.extend(newest(tx, &ties, MAX_TIES).await?);
        let mut older = self.filter();
        older.and("r.run_after < ?", [Value::from(edge)]);
        let has_older = !newest(tx, &older, 1).await?.is_empty();
        Ok((runs, has_older))
    }
}

async fn newest(tx: &mut Tx<'_>, filter: &Filter, limit: i64) -> Result<Vec<RunView>> {
    let sql = format!("{}{} ORDER BY r.run_after DESC, r.id DESC LIMIT ?", dag_run::select(), filter.clause());
    let mut values = filter.values().to_vec();
    values.push(limit.into());
    tx.rows(sql, &values).await?.iter().map(dag_run::read).collect()
}

async fn cells(tx: &mut Tx<'_>, runs: &[RunView]) -> Result<Vec<Cell>> {
    let sql = "SELECT t.run_pk, t.task_id, t.state, count(*), max(t.map_index) >= 0, max(t.try_number), min(t.start_date), \
            CASE WHEN count(t.end_date) = count(*) THEN max(t.end_date) END, max(t.note) \
        FROM json_each(?) AS wanted CROSS JOIN task_instance AS t ON t.run_pk = CAST(wanted.value AS BIGINT) \
        GROUP BY t.run_pk, t.task_id, t.state";
    let ids = Value::json(&runs.iter().map(|run| run.id).collect::<Vec<_>>())?;
    let rows = tx.rows(sql, [ids]).await?;
    rows.iter()
        .map(|row| {
            Ok(Cell {
                run_pk: row.get(0_usize)?,
                task_id: row.get(1_usize)?,
                state: row.get(2_usize)?,
                count: row.get(3_usize)?,
                expanded: row.get(4_usize)?,
                try_number: row.get(5_usize)?,
                start_date: row.get(6_usize)?,
                end_date: row.get(7_usize)?,
                note: row.get(8_usize)?,
            })
        })
        .collect()
}
