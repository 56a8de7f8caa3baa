//! Where the log of a try lies when it is not here.

use crate::{Mode, Result, Transaction, Tx, params};

/// The log server of the worker that last ran this try.
#[derive(Debug, Clone)]
pub struct LogPlace {
    pub run_pk: i64,
    pub task_id: String,
    pub map_index: i32,
    pub try_number: i64,
}

impl Transaction for LogPlace {
    /// Its base URL; `None`: nobody ran it, or the worker serves no logs.
    type Out = Option<String>;
    const NAME: &'static str = "list.log_place";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<String>> {
        let sql = "SELECT j.address FROM attempt a JOIN job j ON j.id = a.worker
            WHERE a.run_pk = ? AND a.task_id = ? AND a.map_index = ? AND a.try_number = ? ORDER BY a.id DESC LIMIT 1";
        let row = tx.row(sql, params![self.run_pk, &self.task_id, self.map_index, self.try_number]).await?;
        row.map_or(Ok(None), |row| row.get(0))
    }
}
