//! What a task instance went through: its attempts and reschedules.

use crate::{Mode, Result, Row, Transaction, Tx, params};

/// An attempt. Times in microseconds.
#[derive(Debug, Clone)]
pub struct AttemptStory {
    pub id: String,
    pub try_number: i64,
    pub state: String,
    pub queued_at: i64,
    pub start_date: Option<i64>,
    pub end_date: Option<i64>,
    pub hostname: Option<String>,
    /// Why it ended, when not by itself.
    pub reason: Option<String>,
    pub kill_requested: Option<String>,
}

/// A pause of a sensor. Times in microseconds.
#[derive(Debug, Clone)]
pub struct Reschedule {
    pub try_number: i64,
    pub end_date: i64,
    pub reschedule_date: i64,
}

/// Both, oldest first.
#[derive(Debug, Clone)]
pub struct History {
    pub attempts: Vec<AttemptStory>,
    pub reschedules: Vec<Reschedule>,
}

/// The newest of them: a sensor that pokes each minute for a month has tens of thousands.
const MAX: i64 = 1_000;

/// Reads them.
#[derive(Debug, Clone)]
pub struct ReadHistory {
    pub run_pk: i64,
    pub task_id: String,
    pub map_index: i32,
}

impl Transaction for ReadHistory {
    type Out = History;
    const NAME: &'static str = "list.history";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<History> {
        let key = params![self.run_pk, &self.task_id, self.map_index, MAX];
        let attempts = "SELECT id, try_number, state, queued_at, start_date, end_date, hostname, reason, kill_requested FROM attempt \
            WHERE run_pk = ? AND task_id = ? AND map_index = ? ORDER BY try_number DESC, id DESC LIMIT ?";
        let mut attempts: Vec<AttemptStory> = tx.rows(attempts, &key).await?.iter().map(attempt).collect::<Result<_>>()?;
        let pauses = "SELECT try_number, end_date, reschedule_date FROM task_reschedule \
            WHERE run_pk = ? AND task_id = ? AND map_index = ? ORDER BY id DESC LIMIT ?";
        let pause =
            |row: &Row| Ok(Reschedule { try_number: row.get(0_usize)?, end_date: row.get(1_usize)?, reschedule_date: row.get(2_usize)? });
        let mut reschedules: Vec<Reschedule> = tx.rows(pauses, &key).await?.iter().map(pause).collect::<Result<_>>()?;
        attempts.reverse();
        reschedules.reverse();
        Ok(History { attempts, reschedules })
    }
}

fn attempt(row: &Row) -> Result<AttemptStory> {
    Ok(AttemptStory {
        id: row.get(0_usize)?,
        try_number: row.get(1_usize)?,
        state: row.get(2_usize)?,
        queued_at: row.get(3_usize)?,
        start_date: row.get(4_usize)?,
        end_date: row.get(5_usize)?,
        hostname: row.get(6_usize)?,
        reason: row.get(7_usize)?,
        kill_requested: row.get(8_usize)?,
    })
}
