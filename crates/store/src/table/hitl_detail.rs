//! `hitl_detail`: what tasks ask people, and the answers.
//!
//! An answer counts once. It may come before the attempt that asked has reported that it waits; the report then finds it.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::attempt::Attempt;
use super::deferral::Event;
use super::event_log::{self, NewEvent};
use super::task_instance::TaskKey;
use crate::step::{Reported, fire_wait};
use crate::{Mode, Result, Transaction, Tx, params};

row_type! {
    /// A question, and its answer when there is one. Lists and objects are JSON texts.
    #[derive(Debug, Clone, PartialEq)]
    pub struct HitlDetail as "h" {
        id: i64,
        run_pk: i64,
        task_id: Arc<str>,
        map_index: i32,
        try_number: u32,
        subject: String,
        body: Option<String>,
        options: String,
        defaults: Option<String>,
        multiple: bool,
        params: String,
        assigned_users: String,
        created_at: Timestamp,
        responded_at: Option<Timestamp>,
        responded_by_id: Option<String>,
        responded_by_name: Option<String>,
        chosen_options: Option<String>,
        params_input: String,
    }
}

impl HitlDetail {
    /// The options that may be chosen.
    pub fn options(&self) -> Vec<String> {
        list(&self.options)
    }

    /// What is chosen when nobody answers in time.
    pub fn defaults(&self) -> Option<Vec<String>> {
        self.defaults.as_deref().map(list)
    }

    /// The payload of the event with which the task goes on, as the operators read it.
    fn payload(&self) -> Option<String> {
        let at = self.responded_at?;
        let user = self.responded_by_id.as_ref().map(|id| json!({"id": id, "name": self.responded_by_name}));
        let object = |text: &str| serde_json::from_str::<Json>(text).unwrap_or_else(|_| json!({}));
        let payload = json!({
            "chosen_options": self.chosen_options.as_deref().map(list).unwrap_or_default(), "params_input": object(&self.params_input),
            "responded_at": at.to_string(), "responded_by_user": user, "timedout": self.responded_by_id.is_none(),
        });
        Some(payload.to_string())
    }
}

fn list(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

/// A running attempt asks. One that asks again under the same try changes the question, and keeps an answer that came meanwhile.
#[derive(Debug, Clone)]
pub struct AskHitl {
    pub task: TaskKey,
    pub attempt_id: uuid::Uuid,
    pub subject: String,
    pub body: Option<String>,
    /// JSON texts, as the next.
    pub options: String,
    pub defaults: Option<String>,
    pub multiple: bool,
    pub params: String,
    pub assigned_users: String,
}

impl Transaction for AskHitl {
    /// Whether the attempt is the current one of its task instance.
    type Out = bool;
    const NAME: &'static str = "ask_hitl";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let sql = "SELECT try_number FROM task_instance WHERE run_pk = ? AND task_id = ? AND map_index = ? AND attempt_id = ? AND state = 'running'";
        let key = (self.task.run_pk, &self.task.task_id, self.task.map_index);
        let Some(row) = tx.row(sql, params![key.0, key.1, key.2, self.attempt_id]).await? else { return Ok(false) };
        let try_number: u32 = row.get(0)?;
        let now = tx.now();
        let sql = "INSERT INTO hitl_detail (run_pk, task_id, map_index, try_number, subject, body, options, defaults, multiple, params,
                assigned_users, created_at, params_input) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{}')
            ON CONFLICT (run_pk, task_id, map_index, try_number) DO UPDATE SET subject = excluded.subject, body = excluded.body,
                options = excluded.options, defaults = excluded.defaults, multiple = excluded.multiple, params = excluded.params,
                assigned_users = excluded.assigned_users";
        let values = params![
            key.0,
            key.1,
            key.2,
            try_number,
            &self.subject,
            &self.body,
            &self.options,
            &self.defaults,
            self.multiple,
            &self.params,
            &self.assigned_users,
            now
        ];
        tx.exec(sql, values).await?;
        Ok(true)
    }
}

/// The question of a try; without a number, of the newest that asked.
#[derive(Debug, Clone)]
pub struct GetHitl {
    pub task: TaskKey,
    pub try_number: Option<u32>,
}

impl Transaction for GetHitl {
    type Out = Option<HitlDetail>;
    const NAME: &'static str = "get_hitl";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<HitlDetail>> {
        let sql = format!(
            "SELECT {} FROM hitl_detail WHERE run_pk = ? AND task_id = ? AND map_index = ? AND (CAST(? AS BIGINT) IS NULL OR try_number = ?)
            ORDER BY try_number DESC LIMIT 1",
            HitlDetail::COLUMNS
        );
        let number = self.try_number;
        let row = tx.row(sql, params![self.task.run_pk, &self.task.task_id, self.task.map_index, number, number]).await?;
        row.map(|row| HitlDetail::read(&row, 0)).transpose()
    }
}

/// Somebody answers.
#[derive(Debug, Clone)]
pub struct AnswerHitl {
    pub id: i64,
    pub user_id: String,
    pub user_name: String,
    pub chosen_options: Vec<String>,
    /// JSON object.
    pub params_input: String,
    pub events: Vec<NewEvent>,
}

/// What became of an answer.
#[derive(Debug, Clone)]
pub enum HitlAnswered {
    /// It counts. With `woken`, its task goes on; without, the attempt that asked has not reported yet, or the task has moved on.
    Done { detail: Box<HitlDetail>, woken: Option<Box<Reported>> },
    /// Somebody was faster.
    Before,
}

impl Transaction for AnswerHitl {
    type Out = HitlAnswered;
    const NAME: &'static str = "answer_hitl";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<HitlAnswered> {
        // The run first, as the lock order says.
        let run = "SELECT id FROM dag_run WHERE id = (SELECT run_pk FROM hitl_detail WHERE id = ?) /*! FOR UPDATE */";
        tx.lock(run, params![self.id]).await?;
        let user = Some((self.user_id.as_str(), self.user_name.as_str()));
        let Some(detail) = respond(tx, self.id, user, &self.chosen_options, &self.params_input).await? else {
            return Ok(HitlAnswered::Before);
        };
        event_log::insert(tx, &self.events).await?;
        let woken = match waiting(tx, &detail).await? {
            Some(wait) => fire_wait(tx, wait, event(&detail)).await?,
            None => None,
        };
        Ok(HitlAnswered::Done { detail: Box::new(detail), woken: woken.map(Box::new) })
    }
}

/// Writes an answer where there is none.
async fn respond(tx: &mut Tx<'_>, id: i64, user: Option<(&str, &str)>, chosen: &[String], input: &str) -> Result<Option<HitlDetail>> {
    let now = tx.now();
    let sql = format!(
        "UPDATE hitl_detail SET responded_at = ?, responded_by_id = ?, responded_by_name = ?, chosen_options = ?, params_input = ?
        WHERE id = ? AND responded_at IS NULL RETURNING {}",
        HitlDetail::COLUMNS
    );
    let chosen = crate::Value::json(chosen)?;
    let values = params![now, user.map(|user| user.0.to_owned()), user.map(|user| user.1.to_owned()), chosen, input, id];
    tx.row(sql, values).await?.map(|row| HitlDetail::read(&row, 0)).transpose()
}

/// The wait of the try that asked.
async fn waiting(tx: &mut Tx<'_>, detail: &HitlDetail) -> Result<Option<i64>> {
    let sql = "SELECT id FROM deferral
        WHERE run_pk = ? AND task_id = ? AND map_index = ? AND try_number = ? AND classpath IS NULL AND event IS NULL";
    let row = tx.row(sql, params![detail.run_pk, &detail.task_id, detail.map_index, detail.try_number]).await?;
    row.map(|row| row.get(0)).transpose()
}

fn event(detail: &HitlDetail) -> Event {
    detail.payload().map_or(Event::TimedOut, |payload| Event::Fired { payload })
}

async fn of_try(tx: &mut Tx<'_>, key: (i64, &Arc<str>, i32), try_number: u32) -> Result<Option<HitlDetail>> {
    let sql =
        format!("SELECT {} FROM hitl_detail WHERE run_pk = ? AND task_id = ? AND map_index = ? AND try_number = ?", HitlDetail::COLUMNS);
    let row = tx.row(sql, params![key.0, key.1, key.2, try_number]).await?;
    row.map(|row| HitlDetail::read(&row, 0)).transpose()
}

/// The event of an answer that came before the attempt reported that it waits.
pub(crate) async fn answered(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<Option<Event>> {
    let detail = of_try(tx, (attempt.run_pk, &attempt.task_id, attempt.map_index), attempt.try_number).await?;
    Ok(detail.filter(|detail| detail.responded_at.is_some()).map(|detail| event(&detail)))
}

/// What the end of the time means: the defaults, where the question has some.
pub(crate) async fn out_of_time(tx: &mut Tx<'_>, task: &TaskKey, try_number: u32) -> Result<Event> {
    let Some(detail) = of_try(tx, (task.run_pk, &task.task_id, task.map_index), try_number).await? else { return Ok(Event::TimedOut) };
    let Some(defaults) = detail.defaults() else { return Ok(Event::TimedOut) };
    let values = serde_json::from_str::<serde_json::Map<String, Json>>(&detail.params).unwrap_or_default();
    let input: serde_json::Map<String, Json> = values.into_iter().map(|(name, param)| (name, param["value"].clone())).collect();
    let responded = respond(tx, detail.id, None, &defaults, &Json::Object(input).to_string()).await?;
    Ok(responded.as_ref().map_or(Event::TimedOut, event))
}
