//! `callback_request`: callbacks that wait for a process to run them.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::step::lease_end;
use crate::{Mode, Result, Transaction, Tx, Value, params};

/// A callback to run once.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NewCallback {
    /// A second request with this key changes nothing.
    pub unique_key: String,
    /// JSON text: the `request` of the frame `callback`.
    pub payload: String,
    pub relative_fileloc: String,
}

/// Inserts those whose key is new.
pub(crate) async fn insert(tx: &mut Tx<'_>, callbacks: &[NewCallback]) -> Result<()> {
    if callbacks.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    let sql = "INSERT INTO callback_request (unique_key, payload, relative_fileloc, created_at)
        SELECT value ->> 'unique_key', value ->> 'payload', value ->> 'relative_fileloc', ? FROM json_each(?)
        WHERE true ON CONFLICT DO NOTHING";
    tx.exec(sql, params![now, Value::json(callbacks)?]).await?;
    Ok(())
}

row_type! {
    /// A callback and who runs it.
    #[derive(Debug, Clone, PartialEq)]
    pub struct CallbackRequest as "c" {
        id: i64,
        unique_key: String,
        payload: String,
        relative_fileloc: String,
        created_at: Timestamp,
        claimed_by: Option<i64>,
        claimed_until: Option<Timestamp>,
        tries: i64,
    }
}

/// Takes callbacks for a while; those that are not done by then can be taken again. Ones that were tried `max_tries` times are dropped.
#[derive(Debug, Clone)]
pub struct ClaimCallbacks {
    pub job: i64,
    pub lease: SignedDuration,
    pub limit: u32,
    pub max_tries: u32,
}

impl Transaction for ClaimCallbacks {
    type Out = Vec<CallbackRequest>;
    const NAME: &'static str = "claim_callbacks";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<CallbackRequest>> {
        let now = tx.now();
        let until = lease_end(now, self.lease)?;
        let worn = "DELETE FROM callback_request WHERE tries >= ? AND claimed_until <= ?";
        tx.exec(worn, params![self.max_tries, now]).await?;
        let sql = format!(
            "UPDATE callback_request SET claimed_by = ?, claimed_until = ?, tries = tries + 1 WHERE id IN (
                SELECT id FROM callback_request WHERE claimed_until IS NULL OR claimed_until <= ? ORDER BY id LIMIT ?
                    /*! FOR UPDATE SKIP LOCKED */)
                AND (claimed_until IS NULL OR claimed_until <= ?)
            RETURNING {}",
            CallbackRequest::COLUMNS
        );
        let rows = tx.rows(sql, params![self.job, until, now, self.limit, now]).await?;
        rows.iter().map(|row| CallbackRequest::read(row, 0)).collect()
    }
}

/// The callback has run (whatever it did).
#[derive(Debug, Clone, Copy)]
pub struct FinishCallback {
    pub id: i64,
}

impl Transaction for FinishCallback {
    /// Whether it was there.
    type Out = bool;
    const NAME: &'static str = "finish_callback";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        Ok(tx.exec("DELETE FROM callback_request WHERE id = ?", params![self.id]).await? == 1)
    }
}
