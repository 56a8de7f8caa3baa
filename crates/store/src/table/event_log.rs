//! `event_log`: who did what.

use jiff::Timestamp;
use serde::Serialize;

use crate::{Mode, Result, Transaction, Tx, Value, params};

row_type! {
    /// An entry of the log.
    #[derive(Debug, Clone, PartialEq)]
    pub struct EventLog as "e" {
        id: i64,
        dttm: Timestamp,
        event: String,
        dag_id: Option<String>,
        run_id: Option<String>,
        task_id: Option<String>,
        map_index: Option<i32>,
        try_number: Option<u32>,
        logical_date: Option<Timestamp>,
        owner: Option<String>,
        owner_display_name: Option<String>,
        extra: Option<String>,
    }
}

/// An entry to write; its time is that of the transaction.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct NewEvent {
    pub event: String,
    pub dag_id: Option<String>,
    pub run_id: Option<String>,
    pub task_id: Option<String>,
    pub map_index: Option<i32>,
    pub try_number: Option<u32>,
    #[serde(serialize_with = "as_micros")]
    pub logical_date: Option<Timestamp>,
    /// User name.
    pub owner: Option<String>,
    pub owner_display_name: Option<String>,
    /// JSON text.
    pub extra: Option<String>,
}

fn as_micros<S: serde::Serializer>(time: &Option<Timestamp>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    time.map(Timestamp::as_microsecond).serialize(serializer)
}

/// Writes entries inside another transaction.
pub(crate) async fn insert(tx: &mut Tx<'_>, events: &[NewEvent]) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    let sql = "INSERT INTO event_log (dttm, event, dag_id, run_id, task_id, map_index, try_number, logical_date, owner, owner_display_name, extra)
        SELECT ?, value ->> 'event', value ->> 'dag_id', value ->> 'run_id', value ->> 'task_id', CAST(value ->> 'map_index' AS BIGINT),
            CAST(value ->> 'try_number' AS BIGINT), CAST(value ->> 'logical_date' AS BIGINT), value ->> 'owner', value ->> 'owner_display_name', value ->> 'extra' FROM json_each(?)";
    tx.exec(sql, params![now, Value::json(events)?]).await?;
    Ok(())
}

/// Writes entries.
#[derive(Debug, Clone)]
pub struct WriteEvents(pub Vec<NewEvent>);

impl Transaction for WriteEvents {
    type Out = ();
    const NAME: &'static str = "write_events";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        insert(tx, &self.0).await
    }
}
