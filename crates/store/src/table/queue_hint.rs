//! `queue_hint`: hints of queued attempts, when the database is the queue. They authorise nothing.

use serde::Serialize;
use uuid::Uuid;

use crate::{Mode, Result, Transaction, Tx, Value, params};

/// A hint to publish.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NewHint {
    pub attempt_id: Uuid,
    pub queue: String,
    /// Higher goes first; equal ones in the order of publishing.
    pub priority_weight: i32,
}

/// Publishes hints; one that waits already stays as it is.
#[derive(Debug, Clone)]
pub struct PublishHints(pub Vec<NewHint>);

impl Transaction for PublishHints {
    type Out = ();
    const NAME: &'static str = "publish_hints";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let sql = "INSERT INTO queue_hint (attempt_id, queue, priority_weight)
            SELECT value ->> 'attempt_id', value ->> 'queue', CAST(value ->> 'priority_weight' AS BIGINT) FROM json_each(?) WHERE true ON CONFLICT DO NOTHING";
        tx.exec(sql, [Value::json(&self.0)?]).await?;
        Ok(())
    }
}

/// Takes hints of some queues away, the highest priority first.
#[derive(Debug, Clone)]
pub struct TakeHints {
    /// Empty: of all queues.
    pub queues: Vec<String>,
    pub max: usize,
}

impl Transaction for TakeHints {
    /// Attempt and queue, in order.
    type Out = Vec<(Uuid, String)>;
    const NAME: &'static str = "take_hints";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let sql = "DELETE FROM queue_hint WHERE seq IN (
                SELECT seq FROM queue_hint WHERE ? = 1 OR queue IN (SELECT value FROM json_each(?)) ORDER BY priority_weight DESC, seq LIMIT ?
                    /*! FOR UPDATE SKIP LOCKED */)
            RETURNING attempt_id, queue, priority_weight, seq";
        let max = i64::try_from(self.max).unwrap_or(i64::MAX);
        let rows = tx.rows(sql, params![self.queues.is_empty(), Value::json(&self.queues)?, max]).await?;
        let taken = rows.iter().map(|row| Ok((row.get::<Uuid>(0)?, row.get::<String>(1)?, row.get::<i64>(2)?, row.get::<i64>(3)?)));
        let mut taken = taken.collect::<Result<Vec<_>>>()?;
        // The database gives deleted rows in no order.
        taken.sort_unstable_by_key(|(_, _, priority, seq)| (std::cmp::Reverse(*priority), *seq));
        Ok(taken.into_iter().map(|(attempt_id, queue, ..)| (attempt_id, queue)).collect())
    }
}

/// Whether hints of some queues wait: asked before taking, since a read disturbs no writer.
#[derive(Debug, Clone)]
pub struct HintsWait {
    /// Empty: of any queue.
    pub queues: Vec<String>,
}

impl Transaction for HintsWait {
    type Out = bool;
    const NAME: &'static str = "hints_wait";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM queue_hint WHERE ? = 1 OR queue IN (SELECT value FROM json_each(?)))";
        let row = tx.row(sql, params![self.queues.is_empty(), Value::json(&self.queues)?]).await?;
        row.map_or(Ok(false), |row| row.get(0))
    }
}

/// How many hints wait.
#[derive(Debug, Clone, Copy)]
pub struct CountHints;

impl Transaction for CountHints {
    type Out = i64;
    const NAME: &'static str = "count_hints";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64> {
        tx.row("SELECT COUNT(*) FROM queue_hint", params![]).await?.map_or(Ok(0), |row| row.get(0))
    }
}
