//! `alert`: the outbox of messages to people.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use tradewind_core::alert::{AlertKind, Draft, Facts, RunFacts, TaskFacts};
use tradewind_core::form::content_hash;

use super::dag_run::{self, DagRun};
use super::task_instance::TaskInstance;
use crate::{Error, Mode, Result, Transaction, Tx, Value, params};

row_type! {
    /// One message to one channel.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Alert as "a" {
        id: i64,
        kind: String,
        channel: String,
        /// JSON list.
        recipients: String,
        dag_id: Option<String>,
        run_id: Option<String>,
        task_id: Option<String>,
        map_index: Option<i32>,
        try_number: Option<u32>,
        /// JSON: [`Facts`].
        facts: String,
        subject: Option<String>,
        state: String,
        created_at: Timestamp,
        since: Timestamp,
        next_try_at: Option<Timestamp>,
        tries: u32,
        handed: u32,
        /// JSON: [`Outcomes`].
        outcomes: String,
        sent_at: Option<Timestamp>,
        last_error: Option<String>,
        digest_id: Option<i64>,
        grouped_count: i64,
    }
}

/// What became of single addresses: `None` delivered, else why it was refused for good. Others are still to be written to.
pub type Outcomes = BTreeMap<String, Option<String>>;

impl Alert {
    pub fn recipients(&self) -> Vec<String> {
        serde_json::from_str(&self.recipients).unwrap_or_default()
    }

    pub fn outcomes(&self) -> Outcomes {
        serde_json::from_str(&self.outcomes).unwrap_or_default()
    }

    /// # Errors
    /// The text is not of this program's form.
    pub fn facts(&self) -> Result<Facts> {
        serde_json::from_str(&self.facts).map_err(|error| Error::invalid(format!("the facts of alert {}", self.id), error))
    }

    /// The word of the kind as a kind.
    ///
    /// # Errors
    /// The row is of a newer program.
    pub fn kind(&self) -> Result<AlertKind> {
        self.kind.parse().map_err(|error: String| Error::invalid(format!("the kind of alert {}", self.id), error))
    }
}

/// A row to be.
#[derive(Serialize)]
struct New<'a> {
    key: String,
    kind: AlertKind,
    channel: &'a str,
    recipients: String,
    group: String,
    dag_id: &'a str,
    run_id: Option<&'a str>,
    task_id: Option<&'a str>,
    map_index: Option<i32>,
    try_number: Option<u32>,
    facts: &'a str,
}

/// Writes drafts inside the transaction of what they tell of, with what the rows say by then.
pub(crate) async fn insert(tx: &mut Tx<'_>, run_pk: Option<i64>, drafts: &[Draft]) -> Result<()> {
    if drafts.is_empty() {
        return Ok(());
    }
    let run = match run_pk {
        Some(run_pk) => dag_run::by_pk(tx, run_pk).await?,
        None => None,
    };
    let tasks = task_rows(tx, run_pk, drafts).await?;
    let mut facts = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let row = draft.task.as_ref().and_then(|key| tasks.get(key));
        facts.push(complete(draft, run.as_ref(), row));
    }
    let mut rows = Vec::new();
    let texts = facts.iter().map(serde_json::to_string).collect::<std::result::Result<Vec<_>, _>>();
    let texts = texts.map_err(|error| Error::invalid("the facts of an alert", error))?;
    for ((draft, facts), text) in drafts.iter().zip(&facts).zip(&texts) {
        for target in &draft.targets {
            let recipients = Value::json(&target.recipients)?;
            let Value::Text(recipients) = recipients else { continue };
            rows.push(New {
                key: short(format!("{}/{}", draft.key, target.channel)),
                kind: draft.kind,
                channel: &target.channel,
                group: short(format!("{} {recipients}", target.channel)),
                recipients,
                dag_id: &facts.dag_id,
                run_id: facts.run.as_ref().map(|run| run.run_id.as_str()),
                task_id: facts.task.as_ref().map(|task| task.task_id.as_str()),
                map_index: facts.task.as_ref().map(|task| task.map_index),
                try_number: facts.task.as_ref().map(|task| task.try_number),
                facts: text,
            });
        }
    }
    let now = tx.now();
    let sql =
        "INSERT INTO alert (unique_key, kind, channel, recipients, group_key, dag_id, run_id, task_id, map_index, try_number, facts, state,
            outcomes, created_at, since, next_try_at, updated_at)
        SELECT value ->> 'key', value ->> 'kind', value ->> 'channel', value ->> 'recipients', value ->> 'group', value ->> 'dag_id',
            value ->> 'run_id', value ->> 'task_id', CAST(value ->> 'map_index' AS BIGINT), CAST(value ->> 'try_number' AS BIGINT),
            value ->> 'facts', 'waiting', '{}', ?, ?, ?, ?
        FROM json_each(?) WHERE true ON CONFLICT DO NOTHING";
    tx.exec(sql, params![now, now, now, now, Value::json(&rows)?]).await?;
    Ok(())
}

/// Keys that an index of every database can hold: a long one by its hash.
fn short(key: String) -> String {
    if key.len() <= 250 { key } else { content_hash(&serde_json::Value::String(key)) }
}

type TaskRows = HashMap<(Arc<str>, i32), TaskInstance>;

async fn task_rows(tx: &mut Tx<'_>, run_pk: Option<i64>, drafts: &[Draft]) -> Result<TaskRows> {
    let keys: Vec<_> = drafts.iter().filter_map(|draft| draft.task.as_ref()).collect();
    let Some(run_pk) = run_pk.filter(|_| !keys.is_empty()) else { return Ok(TaskRows::new()) };
    let sql = format!(
        "SELECT {} FROM (SELECT value ->> 0 AS task_id, CAST(value ->> 1 AS BIGINT) AS map_index FROM json_each(?)) j
            CROSS JOIN task_instance ti ON ti.run_pk = ? AND ti.task_id = j.task_id AND ti.map_index = j.map_index",
        TaskInstance::QUALIFIED
    );
    let rows = tx.rows(sql, params![Value::json(&keys)?, run_pk]).await?;
    let rows = rows.iter().map(|row| TaskInstance::read(row, 0).map(|task| ((task.task_id.clone(), task.map_index), task)));
    rows.collect()
}

fn complete(draft: &Draft, run: Option<&DagRun>, row: Option<&TaskInstance>) -> Facts {
    let mut facts = draft.facts.clone();
    if let Some(run) = run {
        facts.run = Some(RunFacts {
            run_id: run.run_id.to_string(),
            run_type: run.run_type.clone(),
            state: run.state.to_string(),
            logical_date: run.logical_date,
            data_interval_start: run.data_interval_start,
            data_interval_end: run.data_interval_end,
            run_after: Some(run.run_after),
            queued_at: run.queued_at,
            start_date: run.start_date,
            end_date: run.end_date,
            triggering_user_name: run.triggering_user_name.clone(),
        });
    }
    if let (Some(task), Some(row)) = (facts.task.as_mut(), row) {
        *task = TaskFacts {
            rendered_map_index: row.rendered_map_index.clone(),
            state: row.state.map(|state| state.to_string()).unwrap_or_default(),
            try_number: row.try_number,
            max_tries: row.max_tries,
            operator: row.operator.clone(),
            pool: row.pool.clone(),
            queue: row.queue.clone(),
            hostname: row.hostname.clone(),
            unixname: row.unixname.clone(),
            pid: row.pid,
            queued_at: row.queued_at,
            start_date: row.start_date,
            end_date: row.end_date,
            retry_at: row.retry_at,
            ..std::mem::take(task)
        };
    }
    facts
}

/// Writes drafts of which no other change tells: late runs.
#[derive(Debug, Clone)]
pub struct WriteAlerts(pub Vec<(Option<i64>, Draft)>);

impl Transaction for WriteAlerts {
    type Out = ();
    const NAME: &'static str = "write_alerts";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        for (run_pk, draft) in &self.0 {
            insert(tx, *run_pk, std::slice::from_ref(draft)).await?;
        }
        Ok(())
    }
}

/// A mail that a task wrote, to be delivered as it is.
#[derive(Debug, Clone)]
pub struct EnqueueMail {
    /// A second mail with this key is the first one asked for again.
    pub unique_key: String,
    pub recipients: Vec<String>,
    pub subject: String,
    /// The message, base64.
    pub message: String,
    pub facts: Facts,
}

impl Transaction for EnqueueMail {
    /// Id of the alert; `None` when it is there already.
    type Out = Option<i64>;
    const NAME: &'static str = "enqueue_mail";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<i64>> {
        let now = tx.now();
        let facts = &self.facts;
        let (task, run) = (facts.task.as_ref(), facts.run.as_ref());
        let sql =
            "INSERT INTO alert (unique_key, kind, channel, recipients, group_key, dag_id, run_id, task_id, map_index, try_number, facts,
                subject, state, outcomes, created_at, since, next_try_at, updated_at)
            VALUES (?, ?, ?, ?, '', ?, ?, ?, ?, ?, ?, ?, 'waiting', '{}', ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id";
        let values = params![
            &self.unique_key,
            AlertKind::Mail.as_str(),
            tradewind_core::alert::EMAIL,
            Value::json(&self.recipients)?,
            (!facts.dag_id.is_empty()).then_some(&facts.dag_id).cloned(),
            run.map(|run| run.run_id.clone()),
            task.map(|task| task.task_id.clone()),
            task.map(|task| task.map_index),
            task.map(|task| task.try_number),
            Value::json(facts)?,
            &self.subject,
            now,
            now,
            now,
            now
        ];
        let Some(row) = tx.row(sql, values).await? else { return Ok(None) };
        let id: i64 = row.get(0)?;
        tx.exec("INSERT INTO alert_body (alert_id, message) VALUES (?, ?)", params![id, &self.message]).await?;
        Ok(Some(id))
    }
}

/// The message of a mail that a task wrote.
#[derive(Debug, Clone, Copy)]
pub struct MailBody {
    pub id: i64,
}

impl Transaction for MailBody {
    /// Base64.
    type Out = Option<String>;
    const NAME: &'static str = "mail_body";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<String>> {
        let row = tx.row("SELECT message FROM alert_body WHERE alert_id = ?", params![self.id]).await?;
        row.map(|row| row.get(0)).transpose()
    }
}
