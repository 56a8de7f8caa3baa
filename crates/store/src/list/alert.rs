//! Alerts as the API lists them, newest first.

use jiff::{SignedDuration, Timestamp};

use super::filter::Listed;
use crate::table::alert::Alert;
use crate::{Mode, Result, Transaction, Tx, Value, params};

/// Which of them; what is not set does not limit.
#[derive(Debug, Clone, Default)]
pub struct ListAlerts {
    pub id: Option<i64>,
    pub states: Vec<String>,
    pub channel: Option<String>,
    pub kind: Option<String>,
    pub dag_id: Option<String>,
    pub run_id: Option<String>,
    /// Older than this id.
    pub before: Option<i64>,
    pub limit: i64,
}

impl Transaction for ListAlerts {
    type Out = Listed<Alert>;
    const NAME: &'static str = "list_alerts";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Listed<Alert>> {
        let mut clauses = vec!["1 = 1"];
        let mut values: Vec<Value> = Vec::new();
        let states = Value::json(&self.states)?;
        if !self.states.is_empty() {
            clauses.push("state IN (SELECT value FROM json_each(?))");
            values.push(states);
        }
        let texts = [("channel = ?", &self.channel), ("kind = ?", &self.kind), ("dag_id = ?", &self.dag_id), ("run_id = ?", &self.run_id)];
        for (clause, value) in texts {
            if let Some(value) = value {
                clauses.push(clause);
                values.push(value.into());
            }
        }
        if let Some(id) = self.id {
            clauses.push("id = ?");
            values.push(id.into());
        }
        let wanted = clauses.join(" AND ");
        let total = tx.row(format!("SELECT count(*) FROM alert WHERE {wanted}"), &values).await?;
        let total = total.map_or(Ok(0), |row| row.get(0))?;
        values.extend([self.before.unwrap_or(i64::MAX).into(), self.limit.into()]);
        let sql = format!("SELECT {} FROM alert WHERE {wanted} AND id < ? ORDER BY id DESC LIMIT ?", Alert::COLUMNS);
        let rows = tx.rows(sql, &values).await?;
        Ok(Listed { rows: rows.iter().map(|row| Alert::read(row, 0)).collect::<Result<_>>()?, total })
    }
}

/// How the outbox does.
#[derive(Debug, Clone, Copy)]
pub struct AlertPulse {
    /// Failures not older than this count.
    pub failed_within: SignedDuration,
}

/// See [`AlertPulse`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AlertCounts {
    /// Waiting for a try, held for a digest or being sent.
    pub waiting: i64,
    /// Of these, those whose last try failed.
    pub troubled: i64,
    pub failed: i64,
    /// When the oldest that waits was made.
    pub oldest: Option<Timestamp>,
}

impl Transaction for AlertPulse {
    type Out = AlertCounts;
    const NAME: &'static str = "alert_pulse";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<AlertCounts> {
        let since = tx.now().saturating_sub(self.failed_within).unwrap_or(Timestamp::MIN);
        let sql = "SELECT count(*), count(last_error), min(created_at) FROM alert
            WHERE state IN ('waiting', 'held', 'sending')";
        let open = tx.row(sql, params![]).await?;
        let failed = tx.row("SELECT count(*) FROM alert WHERE created_at >= ? AND state = 'failed'", params![since]).await?;
        let Some(open) = open else { return Ok(AlertCounts::default()) };
        Ok(AlertCounts {
            waiting: open.get(0)?,
            troubled: open.get(1)?,
            oldest: open.get(2)?,
            failed: failed.map_or(Ok(0), |row| row.get(0))?,
        })
    }
}
