//! What a courier tells of an alert it has claimed. Each is a compare-and-set on the claim.

use jiff::{SignedDuration, Timestamp};
use tradewind_core::alert::Backoff;

use super::lease_end;
use super::take_alerts::UNANSWERED;
use crate::table::alert::Outcomes;
use crate::{Mode, Result, Transaction, Tx, Value, params};

/// Written just before a message is handed over, so that a crash in between is known for what it is. Renews the claim.
#[derive(Debug, Clone)]
pub struct HandOver {
    pub id: i64,
    pub token: String,
    pub lease: SignedDuration,
}

impl Transaction for HandOver {
    /// `false`: the claim is another's now; do not send.
    type Out = bool;
    const NAME: &'static str = "hand_over_alert";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let (now, until) = (tx.now(), lease_end(tx.now(), self.lease)?);
        let sql = "UPDATE alert SET handed = handed + 1, next_try_at = ?
            WHERE id = ? AND claimed_by = ? AND state = 'sending' AND next_try_at > ? AND handed < ?";
        Ok(tx.exec(sql, params![until, self.id, &self.token, now, UNANSWERED]).await? == 1)
    }
}

/// Renews all claims of a courier.
#[derive(Debug, Clone)]
pub struct RenewClaims {
    pub channel: String,
    pub token: String,
    pub lease: SignedDuration,
}

impl Transaction for RenewClaims {
    type Out = u64;
    const NAME: &'static str = "renew_alert_claims";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64> {
        let (now, until) = (tx.now(), lease_end(tx.now(), self.lease)?);
        let sql = "UPDATE alert SET next_try_at = ?
            WHERE channel = ? AND next_try_at > ? AND state IN ('waiting', 'held', 'sending') AND state = 'sending' AND claimed_by = ?";
        tx.exec(sql, params![until, &self.channel, now, &self.token]).await
    }
}

/// A courier that stops gives back what it has not handed over; the try does not count.
#[derive(Debug, Clone)]
pub struct ReleaseClaims {
    pub channel: String,
    pub token: String,
}

impl Transaction for ReleaseClaims {
    type Out = u64;
    const NAME: &'static str = "release_alert_claims";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64> {
        let now = tx.now();
        let sql = "UPDATE alert SET state = 'waiting', next_try_at = ?, claimed_by = NULL, tries = tries - 1, updated_at = ?
            WHERE channel = ? AND claimed_by = ? AND state IN ('waiting', 'held', 'sending') AND state = 'sending'";
        tx.exec(sql, params![now, now, &self.channel, &self.token]).await
    }
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// Everyone has it, but those who were refused for good.
    Sent,
    /// Not yet. `not_before`: what the other side asks for.
    Again { backoff: Backoff, not_before: Option<Timestamp> },
    /// Never: trying again would change nothing.
    Failed,
}

/// Ends a try.
#[derive(Debug, Clone)]
pub struct SettleAlert {
    pub id: i64,
    pub token: String,
    pub settlement: Settlement,
    pub subject: Option<String>,
    pub outcomes: Outcomes,
    pub error: Option<String>,
    /// The message was handed over and the answer is known: it counts no more as one that may have arrived.
    pub answered: bool,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    pub state: String,
    pub next_try_at: Option<Timestamp>,
}

impl Transaction for SettleAlert {
    /// `None`: the claim was another's.
    type Out = Option<Settled>;
    const NAME: &'static str = "settle_alert";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Settled>> {
        let now = tx.now();
        let sql = "SELECT tries, since, handed FROM alert WHERE id = ? AND claimed_by = ? AND state = 'sending'";
        let Some(row) = tx.row(sql, params![self.id, &self.token]).await? else { return Ok(None) };
        let (tries, since, handed): (u32, Timestamp, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let handed = if self.answered { handed.saturating_sub(1) } else { handed };
        let mut error = self.error.clone();
        let (state, next) = match self.settlement {
            Settlement::Sent => ("sent", None),
            Settlement::Failed => ("failed", None),
            Settlement::Again { .. } if handed >= UNANSWERED => {
                append(&mut error, "it may have arrived, and is not sent a third time");
                ("failed", None)
            }
            Settlement::Again { backoff, not_before } => match backoff.next(tries, since, now) {
                Some(next) => ("waiting", Some(not_before.map_or(next, |at| at.max(next)))),
                None => {
                    append(&mut error, &format!("given up after {tries} tries"));
                    ("failed", None)
                }
            },
        };
        let sent_at = (state == "sent").then_some(now);
        let sql = "UPDATE alert SET state = ?, next_try_at = ?, handed = ?, subject = COALESCE(?, subject), outcomes = ?, last_error = ?,
                sent_at = ?, claimed_by = NULL, updated_at = ?
            WHERE id = ? AND claimed_by = ? AND state = 'sending'";
        let values = params![state, next, handed, &self.subject, Value::json(&self.outcomes)?, error, sent_at, now, self.id, &self.token];
        tx.exec(sql, values).await?;
        if state == "sent" {
            tx.exec("DELETE FROM alert_body WHERE alert_id = ?", params![self.id]).await?;
        }
        Ok(Some(Settled { state: state.to_owned(), next_try_at: next }))
    }
}

fn append(error: &mut Option<String>, more: &str) {
    match error {
        Some(text) => {
            text.push_str("; ");
            text.push_str(more);
        }
        None => *error = Some(more.to_owned()),
    }
}

/// A user asks for another try, now: alerts that failed, or wait.
#[derive(Debug, Clone)]
pub struct RetryAlerts {
    /// `None`: all that failed.
    pub id: Option<i64>,
}

impl Transaction for RetryAlerts {
    /// How many there are.
    type Out = u64;
    const NAME: &'static str = "retry_alerts";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64> {
        let now = tx.now();
        let wanted = match self.id {
            Some(id) => {
                tx.rows("SELECT id, outcomes FROM alert WHERE id = ? AND state IN ('failed', 'waiting', 'held')", params![id]).await?
            }
            None => tx.rows("SELECT id, outcomes FROM alert WHERE state = 'failed'", params![]).await?,
        };
        let mut count = 0;
        // One at a time: a user asks, and each has recipients of its own.
        for row in wanted {
            let (id, outcomes): (i64, String) = (row.get(0)?, row.get(1)?);
            let mut outcomes: Outcomes = serde_json::from_str(&outcomes).unwrap_or_default();
            // Who was refused for good is written to again; who has it is not.
            outcomes.retain(|_, why| why.is_none());
            let sql = "UPDATE alert SET state = 'waiting', next_try_at = ?, since = ?, handed = 0, group_key = '', outcomes = ?,
                    updated_at = ?
                WHERE id = ? AND state IN ('failed', 'waiting', 'held')";
            count += tx.exec(sql, params![now, now, Value::json(&outcomes)?, now, id]).await?;
        }
        Ok(count)
    }
}

/// When a channel has something to do next.
#[derive(Debug, Clone)]
pub struct NextAlert {
    pub channel: String,
}

impl Transaction for NextAlert {
    type Out = Option<Timestamp>;
    const NAME: &'static str = "next_alert";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Timestamp>> {
        let sql = "SELECT min(next_try_at) FROM alert WHERE channel = ? AND state IN ('waiting', 'held', 'sending')";
        tx.row(sql, params![&self.channel]).await?.map_or(Ok(None), |row| row.get(0))
    }
}

/// Lets old alerts go, and gives up what nobody delivers (its channel is configured no more).
#[derive(Debug, Clone, Copy)]
pub struct PruneAlerts {
    pub keep: SignedDuration,
    pub give_up: SignedDuration,
    pub limit: u32,
}

impl Transaction for PruneAlerts {
    /// How many went.
    type Out = u64;
    const NAME: &'static str = "prune_alerts";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64> {
        let now = tx.now();
        // A day more than couriers take, so that this is never in their way.
        let orphaned = now.saturating_sub(self.give_up.saturating_add(SignedDuration::from_hours(24))).unwrap_or(Timestamp::MIN);
        let sql = "UPDATE alert SET state = 'failed', next_try_at = NULL, claimed_by = NULL, updated_at = ?,
                last_error = 'nobody delivered it: no process with this channel in its configuration was there'
            WHERE since < ? AND state IN ('waiting', 'held', 'sending')";
        tx.exec(sql, params![now, orphaned]).await?;
        let old = now.saturating_sub(self.keep).unwrap_or(Timestamp::MIN);
        let sql = "SELECT id FROM alert WHERE created_at < ? AND state IN ('sent', 'grouped', 'failed') ORDER BY created_at LIMIT ?";
        let rows = tx.rows(sql, params![old, self.limit]).await?;
        let ids = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<i64>>>()?;
        let sql = "DELETE FROM alert WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))";
        let gone = if ids.is_empty() { 0 } else { tx.exec(sql, params![Value::json(&ids)?]).await? };
        if gone > 0 {
            tx.exec("DELETE FROM alert_body WHERE alert_id NOT IN (SELECT id FROM alert)", params![]).await?;
        }
        Ok(gone)
    }
}
