//! A courier takes what is due of one channel: claims that ended are free again, a storm becomes a digest, the rest is claimed.
//!
//! *Failure:* a courier that dies leaves rows `sending` until the claim ends; then another takes them. Whether a message had been handed over
//! then is not known: it is handed over once more, never a third time.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use tradewind_core::alert::{AlertKind, DigestFacts, DigestItem, Facts, Grouping, hold};

use super::lease_end;
use crate::table::alert::Alert;
use crate::{Error, Mode, Result, Row, Transaction, Tx, Value, params};

/// Handovers of one message whose answer may stay unknown.
pub const UNANSWERED: u32 = 2;
/// Alerts whose text a digest shows; more are counted only.
const SHOWN: i64 = 100;
/// New alerts looked at in one transaction.
const LOOKED_AT: u32 = 2_000;
const GIVEN_UP: &str = "handed over twice without an answer, so it may have arrived; not sent a third time";

/// See the module.
#[derive(Debug, Clone)]
pub struct TakeAlerts {
    pub channel: String,
    /// Names the process that claims.
    pub token: String,
    pub lease: SignedDuration,
    pub limit: u32,
    pub grouping: Grouping,
}

impl Transaction for TakeAlerts {
    type Out = Vec<Alert>;
    const NAME: &'static str = "take_alerts";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Alert>> {
        self.free(tx).await?;
        self.hold(tx).await?;
        self.digest(tx).await?;
        let (now, until) = (tx.now(), lease_end(tx.now(), self.lease)?);
        let sql = format!(
            "UPDATE alert SET state = 'sending', claimed_by = ?, next_try_at = ?, tries = tries + 1, updated_at = ? WHERE id IN (
                SELECT id FROM alert WHERE channel = ? AND next_try_at <= ? AND state IN ('waiting', 'held', 'sending') AND state = 'waiting'
                ORDER BY next_try_at, id LIMIT ? /*! FOR UPDATE SKIP LOCKED */)
                AND state = 'waiting'
            RETURNING {}",
            Alert::COLUMNS
        );
        let rows = tx.rows(sql, params![&self.token, until, now, &self.channel, now, self.limit]).await?;
        let mut taken = rows.iter().map(|row| Alert::read(row, 0)).collect::<Result<Vec<_>>>()?;
        taken.sort_by_key(|alert| alert.id);
        Ok(taken)
    }
}

impl TakeAlerts {
    /// Claims that ended.
    async fn free(&self, tx: &mut Tx<'_>) -> Result<()> {
        let now = tx.now();
        let sql = "UPDATE alert SET state = CASE WHEN handed >= ? THEN 'failed' ELSE 'waiting' END, claimed_by = NULL,
                last_error = CASE WHEN handed >= ? THEN ? ELSE last_error END, next_try_at = CASE WHEN handed >= ? THEN NULL ELSE ? END,
                updated_at = ?
            WHERE channel = ? AND next_try_at <= ? AND state IN ('waiting', 'held', 'sending') AND state = 'sending'";
        tx.exec(sql, params![UNANSWERED, UNANSWERED, GIVEN_UP, UNANSWERED, now, now, &self.channel, now]).await?;
        Ok(())
    }

    /// Holds back what is more than single messages may be. A storm may be longer than one look.
    async fn hold(&self, tx: &mut Tx<'_>) -> Result<()> {
        if self.grouping.after == 0 {
            return Ok(());
        }
        let now = tx.now();
        let mut seen: HashMap<String, i64> = HashMap::new();
        let mut last = 0;
        loop {
            let sql = "SELECT id, group_key FROM alert WHERE channel = ? AND next_try_at <= ? AND state IN ('waiting', 'held', 'sending')
                    AND state = 'waiting' AND tries = 0 AND group_key <> '' AND id > ? ORDER BY id LIMIT ?";
            let rows = tx.rows(sql, params![&self.channel, now, last, LOOKED_AT]).await?;
            let new = rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect::<Result<Vec<(i64, String)>>>()?;
            let Some((newest, _)) = new.last() else { return Ok(()) };
            last = *newest;
            for (group, count) in self.recent(tx, &new, now).await? {
                seen.entry(group).or_insert(count);
            }
            let counted: HashMap<&str, i64> = seen.iter().map(|(group, count)| (group.as_str(), *count)).collect();
            let by_text: Vec<(i64, &str)> = new.iter().map(|(id, group)| (*id, group.as_str())).collect();
            let held = hold(&by_text, &counted, self.grouping.after);
            if !held.is_empty() {
                let sql = "UPDATE alert SET state = 'held', next_try_at = created_at + ?, updated_at = ? WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))";
                tx.exec(sql, params![micros(self.grouping.window), now, Value::json(&held)?]).await?;
            }
            if new.len() < LOOKED_AT as usize {
                return Ok(());
            }
            for (_, group) in new {
                *seen.entry(group).or_default() += 1;
            }
        }
    }

    /// How many of each group were there in the window, without the new ones.
    async fn recent(&self, tx: &mut Tx<'_>, new: &[(i64, String)], now: Timestamp) -> Result<Vec<(String, i64)>> {
        let mut groups: Vec<&str> = new.iter().map(|(_, group)| group.as_str()).collect();
        groups.sort_unstable();
        groups.dedup();
        let since = now.checked_sub(self.grouping.window).unwrap_or(Timestamp::MIN);
        let sql = "SELECT a.group_key, count(*) FROM json_each(?) AS j CROSS JOIN alert AS a ON a.group_key = j.value AND a.created_at > ?
            WHERE NOT (a.state = 'waiting' AND a.tries = 0) GROUP BY a.group_key";
        let rows = tx.rows(sql, params![Value::json(&groups)?, since]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Makes digests of the groups whose first held alert has waited long enough.
    async fn digest(&self, tx: &mut Tx<'_>) -> Result<()> {
        let now = tx.now();
        let sql = "SELECT DISTINCT group_key, recipients FROM alert
            WHERE channel = ? AND next_try_at <= ? AND state IN ('waiting', 'held', 'sending') AND state = 'held'";
        for row in tx.rows(sql, params![&self.channel, now]).await? {
            self.digest_of(tx, row.get(0)?, row.get(1)?).await?;
        }
        Ok(())
    }

    async fn digest_of(&self, tx: &mut Tx<'_>, group: String, recipients: String) -> Result<()> {
        let now = tx.now();
        let sql = "SELECT count(*), min(id), max(id) FROM alert WHERE group_key = ? AND state = 'held'";
        let Some(row) = tx.row(sql, params![&group]).await? else { return Ok(()) };
        let (count, first, last): (i64, Option<i64>, Option<i64>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if count == 1 {
            // A digest of one is a message of its own.
            let sql = "UPDATE alert SET state = 'waiting', group_key = '', next_try_at = ?, updated_at = ? WHERE group_key = ? AND state = 'held'";
            tx.exec(sql, params![now, now, &group]).await?;
            return Ok(());
        }
        let sql = "SELECT kind, created_at, facts, id FROM alert WHERE group_key = ? AND state = 'held' ORDER BY id LIMIT ?";
        let rows = tx.rows(sql, params![&group, SHOWN]).await?;
        let items = rows.iter().map(item).collect::<Result<Vec<_>>>()?;
        let digest = DigestFacts { count: u64::try_from(count).unwrap_or(0), items };
        let facts = Facts { digest: Some(digest), ..Facts::default() };
        // The same set cannot be joined twice: its rows are `grouped` afterwards.
        let key = format!("digest/{}-{}", first.unwrap_or_default(), last.unwrap_or_default());
        let sql =
            "INSERT INTO alert (unique_key, kind, channel, recipients, group_key, facts, state, outcomes, created_at, since, next_try_at, grouped_count, updated_at)
            VALUES (?, ?, ?, ?, '', ?, 'waiting', '{}', ?, ?, ?, ?, ?) RETURNING id";
        let values = params![key, AlertKind::Digest.as_str(), &self.channel, recipients, Value::json(&facts)?, now, now, now, count, now];
        let row = tx.row(sql, values).await?.ok_or_else(|| Error::invalid("take_alerts", "the insert of a digest gave no id"))?;
        let sql =
            "UPDATE alert SET state = 'grouped', digest_id = ?, next_try_at = NULL, updated_at = ? WHERE group_key = ? AND state = 'held'";
        tx.exec(sql, params![row.get::<i64>(0)?, now, &group]).await?;
        Ok(())
    }
}

fn item(row: &Row) -> Result<DigestItem> {
    let (kind, text): (String, String) = (row.get(0)?, row.get(2)?);
    let mut facts: Facts = serde_json::from_str(&text).map_err(|error| Error::invalid("the facts of an alert for a digest", error))?;
    // One line each is shown.
    if let Some(error) = &mut facts.error {
        error.traceback.clear();
        error.message = error.message.lines().next().unwrap_or_default().chars().take(300).collect();
    }
    let named = || format!("alert {}", row.get::<i64>(3).unwrap_or_default());
    Ok(DigestItem { kind: kind.parse().map_err(|error: String| Error::invalid(named(), error))?, created_at: row.get(1)?, facts })
}

fn micros(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX / 4)
}
