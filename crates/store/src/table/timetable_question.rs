//! `timetable_question`: what is asked of timetables that are classes of the user's, and what they said.
//!
//! Schedulers ask ahead under one name per DAG and never wait; a client asks under a name of its own and looks for the answer. A processor claims
//! a question for a while, so that several of them do not run the same class at once. An answer counts only for the question it was claimed
//! with (`asked_seq`).

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::step::{Owner, lease_end, prove};
use crate::{Mode, Result, Transaction, Tx, params};

/// The name of the row from which schedulers read.
pub(crate) const AHEAD: &str = "ahead";
/// Type of the warning that tells what is wrong with a class.
const WARNING: &str = "timetable error";

/// Questions of clients that nobody fetched are removed after this.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(1);

row_type! {
    /// A question that a processor has taken.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Asked as "q" {
        dag_id: String,
        name: String,
        /// JSON text.
        question: String,
        asked_seq: i64,
    }
}

/// What a class said ahead for a DAG: the JSON text of its answer.
#[derive(Debug, Clone)]
pub struct GetAhead {
    pub dag_id: String,
}

impl Transaction for GetAhead {
    type Out = Option<String>;
    const NAME: &'static str = "get_ahead";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<String>> {
        let sql = "SELECT answer FROM timetable_question WHERE dag_id = ? AND name = ?";
        let row = tx.row(sql, params![&self.dag_id, AHEAD]).await?;
        row.map_or(Ok(None), |row| row.get(0))
    }
}

/// A scheduler asks for the runs to come; it goes on without the answer.
#[derive(Debug, Clone)]
pub struct AskAhead {
    pub owner: Owner,
    pub dag_id: String,
    /// The `schedule_seq` that the question was made from.
    pub schedule_seq: i64,
    /// JSON text.
    pub question: String,
    /// The schedule rests until the answer has come.
    pub rest: bool,
}

/// Outcome of asking ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedAhead {
    Asked,
    /// The same question waits for its answer already.
    Waits,
    /// Another has moved the schedule, or the DAG is gone; nothing changed.
    Stale,
    Fenced,
}

impl Transaction for AskAhead {
    type Out = AskedAhead;
    const NAME: &'static str = "ask_ahead";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<AskedAhead> {
        if !prove(tx, self.owner).await? {
            return Ok(AskedAhead::Fenced);
        }
        let sql = "SELECT schedule_seq FROM dag WHERE dag_id = ? AND is_stale = 0 /*! FOR UPDATE */";
        let schedule_seq = tx.row(sql, params![&self.dag_id]).await?.map(|row| row.get::<i64>(0)).transpose()?;
        if schedule_seq != Some(self.schedule_seq) {
            return Ok(AskedAhead::Stale);
        }
        if self.rest {
            let sql = "UPDATE dag SET needs_schedule = 0, next_logical_date = NULL, next_interval_start = NULL, next_interval_end = NULL,
                next_run_after = NULL WHERE dag_id = ?";
            tx.exec(sql, params![&self.dag_id]).await?;
        }
        let sql = "SELECT 1 FROM timetable_question WHERE dag_id = ? AND name = ? AND answered_at IS NULL AND question = ?";
        if tx.row(sql, params![&self.dag_id, AHEAD, &self.question]).await?.is_some() {
            return Ok(AskedAhead::Waits);
        }
        ask(tx, &self.dag_id, AHEAD, &self.question).await?;
        Ok(AskedAhead::Asked)
    }
}

/// The answer to a former question stays until the new one has come.
async fn ask(tx: &mut Tx<'_>, dag_id: &str, name: &str, question: &str) -> Result<()> {
    let now = tx.now();
    let sql = "INSERT INTO timetable_question (dag_id, name, question, asked_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (dag_id, name) DO UPDATE SET question = excluded.question, asked_at = excluded.asked_at,
            asked_seq = timetable_question.asked_seq + 1, claimed_until = NULL, answered_at = NULL";
    tx.exec(sql, params![dag_id, name, question, now]).await?;
    Ok(())
}

/// A client asks; the name is its own.
#[derive(Debug, Clone)]
pub struct AskTimetable {
    pub dag_id: String,
    pub name: Uuid,
    /// JSON text.
    pub question: String,
}

impl Transaction for AskTimetable {
    type Out = ();
    const NAME: &'static str = "ask_timetable";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        ask(tx, &self.dag_id, &self.name.to_string(), &self.question).await
    }
}

/// Looks for the answer to a client's question.
#[derive(Debug, Clone)]
pub struct GetTimetableAnswer {
    pub dag_id: String,
    pub name: Uuid,
}

impl Transaction for GetTimetableAnswer {
    /// JSON text; `None`: there is none yet.
    type Out = Option<String>;
    const NAME: &'static str = "get_timetable_answer";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<String>> {
        let sql = "SELECT answer FROM timetable_question WHERE dag_id = ? AND name = ? AND answered_at IS NOT NULL";
        let row = tx.row(sql, params![&self.dag_id, self.name.to_string()]).await?;
        row.map_or(Ok(None), |row| row.get(0))
    }
}

/// A client needs its question no more.
#[derive(Debug, Clone)]
pub struct ForgetQuestion {
    pub dag_id: String,
    pub name: Uuid,
}

impl Transaction for ForgetQuestion {
    type Out = ();
    const NAME: &'static str = "forget_question";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.exec("DELETE FROM timetable_question WHERE dag_id = ? AND name = ?", params![&self.dag_id, self.name.to_string()]).await?;
        Ok(())
    }
}

/// A processor takes questions for a while, those of clients first.
#[derive(Debug, Clone, Copy)]
pub struct ClaimQuestions {
    pub lease: SignedDuration,
    pub limit: u32,
}

/// A taken question and the file of its DAG, below the DAGs folder.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedQuestion {
    pub asked: Asked,
    pub relative_fileloc: String,
}

impl Transaction for ClaimQuestions {
    type Out = Vec<ClaimedQuestion>;
    const NAME: &'static str = "claim_questions";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<ClaimedQuestion>> {
        let now = tx.now();
        let until = lease_end(now, self.lease)?;
        let sql = format!(
            "SELECT {}, d.relative_fileloc FROM timetable_question q JOIN dag d ON d.dag_id = q.dag_id AND d.is_stale = 0
            WHERE q.answered_at IS NULL AND (q.claimed_until IS NULL OR q.claimed_until <= ?)
            ORDER BY CASE WHEN q.name = 'ahead' THEN 1 ELSE 0 END, q.asked_at LIMIT ?",
            Asked::QUALIFIED
        );
        let mut claimed = Vec::new();
        for row in tx.rows(sql, params![now, self.limit]).await? {
            let question = ClaimedQuestion { asked: Asked::read(&row, 0)?, relative_fileloc: row.get(Asked::WIDTH)? };
            let sql =
                "UPDATE timetable_question SET claimed_until = ? WHERE dag_id = ? AND name = ? AND asked_seq = ? AND answered_at IS NULL
                AND (claimed_until IS NULL OR claimed_until <= ?)";
            let asked = &question.asked;
            if tx.exec(sql, params![until, &asked.dag_id, &asked.name, asked.asked_seq, now]).await? == 1 {
                claimed.push(question);
            }
        }
        Ok(claimed)
    }
}

/// Whether anything waits for a processor: a cheap look before [`ClaimQuestions`].
#[derive(Debug, Clone, Copy)]
pub struct QuestionsWait;

impl Transaction for QuestionsWait {
    type Out = bool;
    const NAME: &'static str = "questions_wait";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let now = tx.now();
        let sql = "SELECT 1 FROM timetable_question WHERE answered_at IS NULL AND (claimed_until IS NULL OR claimed_until <= ?) ORDER BY asked_at LIMIT 1";
        Ok(tx.row(sql, params![now]).await?.is_some())
    }
}

/// A processor writes what a class said.
#[derive(Debug, Clone)]
pub struct AnswerQuestion {
    pub asked: Asked,
    /// JSON text.
    pub answer: String,
    /// What is wrong with the class: it becomes a warning of the DAG, until the next answer.
    pub error: Option<String>,
    /// It is worth asking again later.
    pub again: bool,
}

impl Transaction for AnswerQuestion {
    /// Whether the question was still this one. The schedule that rested for an answer goes on with it.
    type Out = bool;
    const NAME: &'static str = "answer_question";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let (now, asked) = (tx.now(), &self.asked);
        let ahead = asked.name == AHEAD;
        if ahead {
            tx.lock("SELECT dag_id FROM dag WHERE dag_id = ? /*! FOR UPDATE */", params![&asked.dag_id]).await?;
        }
        let sql = "UPDATE timetable_question SET answer = ?, answered_at = ?, again = ?, claimed_until = NULL
            WHERE dag_id = ? AND name = ? AND asked_seq = ? AND answered_at IS NULL";
        if tx.exec(sql, params![&self.answer, now, self.again, &asked.dag_id, &asked.name, asked.asked_seq]).await? == 0 {
            return Ok(false);
        }
        if ahead {
            // Who computed from the former answer is stale. Without an answer the schedule rests until it is asked again.
            let sql = "UPDATE dag SET needs_schedule = CASE WHEN ? = 1 THEN 1 ELSE needs_schedule END, schedule_seq = schedule_seq + 1
                WHERE dag_id = ?";
            tx.exec(sql, params![self.error.is_none(), &asked.dag_id]).await?;
            tx.exec("DELETE FROM dag_warning WHERE dag_id = ? AND warning_type = ?", params![&asked.dag_id, WARNING]).await?;
            if let Some(error) = &self.error {
                let sql = "INSERT INTO dag_warning (dag_id, warning_type, message, timestamp) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
                tx.exec(sql, params![&asked.dag_id, WARNING, error, now]).await?;
            }
        }
        Ok(true)
    }
}

/// Asks again what came to nothing, and what ended, since a class may have more to say later. Questions of clients that have gone are removed.
#[derive(Debug, Clone, Copy)]
pub struct AskAgain {
    /// Answers older than this.
    pub older_than: SignedDuration,
}

impl Transaction for AskAgain {
    /// How many are asked again.
    type Out = u64;
    const NAME: &'static str = "ask_again";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<u64> {
        let now = tx.now();
        let before = |age| now.checked_sub(age).unwrap_or(Timestamp::MIN);
        let (old, forgotten) = (before(self.older_than), before(FORGOTTEN));
        let sql = "UPDATE timetable_question SET asked_seq = asked_seq + 1, asked_at = ?, answered_at = NULL, claimed_until = NULL
            WHERE name = ? AND again = 1 AND answered_at <= ?";
        let again = tx.exec(sql, params![now, AHEAD, old]).await?;
        tx.exec("DELETE FROM timetable_question WHERE name <> ? AND asked_at <= ?", params![AHEAD, forgotten]).await?;
        Ok(again)
    }
}

/// A new form: what its class said before means nothing any more.
pub(crate) async fn forget_ahead(tx: &mut Tx<'_>, dag_id: &str) -> Result<()> {
    tx.exec("DELETE FROM timetable_question WHERE dag_id = ? AND name = ?", params![dag_id, AHEAD]).await?;
    Ok(())
}
