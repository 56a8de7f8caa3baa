//! Timetables that are classes of the user's are asked: a child loads the DAG's file and calls the class, within a deadline.
//!
//! Each question costs one process, however many runs it is about. What a class does wrong (an error, a loop, a run that goes backwards) is the
//! answer to its own question and delays nobody else's.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;
use tradewind_core::timetable::{Answer, Question};
use tradewind_python::{ParseLimits, PythonHost, TimetableRequest};
use tradewind_queue::{Change, Changes};
use tradewind_store::Store;
use tradewind_store::table::timetable_question::{AnswerQuestion, AskAgain, ClaimQuestions, ClaimedQuestion, QuestionsWait};

use super::{Ask, Processor};

/// Classes asked at the same time.
const PARALLEL: usize = 4;
/// Longest answer: a DAG file may take its time, and a class some more.
const LONGEST: Duration = Duration::from_secs(30);
/// What failed, or named no more runs, is asked again after this: the class may read a calendar that changes.
const AGAIN: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);
/// Between two looks for such.
const LOOK: Duration = Duration::from_secs(10);
/// Longest error that is kept.
const ERROR: usize = 4_000;

struct Errand {
    store: Store,
    host: PythonHost,
    changes: Changes,
    limits: ParseLimits,
    request: TimetableRequest,
    claimed: ClaimedQuestion,
}

impl Processor {
    pub(super) async fn start_questions(&mut self, running: &mut JoinSet<()>) {
        let room = PARALLEL.saturating_sub(running.len());
        if room == 0 {
            return;
        }
        match self.store.run(QuestionsWait).await {
            Ok(false) => return,
            Ok(true) => {}
            Err(error) => return tracing::warn!("questions to timetables cannot be read: {error}"),
        }
        let lease = jiff::SignedDuration::try_from(self.limits().timeout + Duration::from_secs(30)).unwrap_or(jiff::SignedDuration::MAX);
        match self.store.run(ClaimQuestions { lease, limit: u32::try_from(room).unwrap_or(1) }).await {
            Ok(claimed) => {
                for claimed in claimed {
                    running.spawn(self.errand(claimed).run());
                }
            }
            Err(error) => tracing::warn!("questions to timetables cannot be taken: {error}"),
        }
    }

    /// Now and then what had no answer, or an end, is asked again.
    pub(super) async fn ask_again(&mut self) {
        if self.asked_again.is_some_and(|at| at.elapsed() < LOOK) {
            return;
        }
        self.asked_again = Some(Instant::now());
        if let Err(error) = self.store.run(AskAgain { older_than: AGAIN }).await {
            tracing::warn!("timetables cannot be asked again: {error}");
        }
    }

    fn limits(&self) -> ParseLimits {
        ParseLimits { timeout: self.options.limits.timeout.min(LONGEST), ..self.options.limits }
    }

    fn errand(&self, claimed: ClaimedQuestion) -> Errand {
        let root = &self.options.folder.root;
        let request = TimetableRequest {
            path: root.join(&claimed.relative_fileloc),
            dags_folder: root.clone(),
            dag_id: claimed.asked.dag_id.clone(),
            question: serde_json::from_str(&claimed.asked.question).unwrap_or_default(),
            at: self.store.now().to_string(),
            config: self.options.config.clone(),
            lookup: Some(Arc::new(Ask(self.control.clone()))),
        };
        Errand {
            store: self.store.clone(),
            host: self.host.clone(),
            changes: self.changes.clone(),
            limits: self.limits(),
            request,
            claimed,
        }
    }
}

impl Errand {
    async fn run(self) {
        let dag_id = self.request.dag_id.clone();
        let given = match self.host.timetable(&self.request, self.limits).await {
            Ok(given) => given,
            // Claimed for a while: it is taken again.
            Err(error) => return tracing::warn!(dag.id = dag_id, "a timetable could not be asked: {error}"),
        };
        let (answer, error, again) = self.read(given);
        let text = match serde_json::to_string(&answer) {
            Ok(text) => text,
            Err(error) => return tracing::error!(dag.id = dag_id, "an answer cannot be written: {error}"),
        };
        if let Some(error) = &error {
            tracing::warn!(dag.id = dag_id, "its timetable cannot be followed: {error}");
        }
        match self.store.run(AnswerQuestion { asked: self.claimed.asked, answer: text, error, again }).await {
            Ok(true) => self.changes.send(Change::Dag { dag_id }),
            Ok(false) => tracing::debug!(dag.id = dag_id, "the question has changed meanwhile"),
            Err(error) => tracing::warn!(dag.id = dag_id, "an answer of a timetable cannot be recorded: {error}"),
        }
    }

    /// The answer, what is wrong with the class, and whether to ask again.
    fn read(&self, given: serde_json::Value) -> (Answer, Option<String>, bool) {
        let read = serde_json::from_value::<Question>(self.request.question.clone())
            .map_err(|error| format!("the question cannot be read: {error}"))
            .and_then(|question| Answer::read(given, &question).map_err(|error| error.to_string()));
        let failed = |error: String| {
            let error: String = error.chars().take(ERROR).collect();
            (Answer::Failed { error: error.clone() }, Some(error), true)
        };
        match read {
            Ok(Answer::Failed { error }) => failed(error),
            Ok(Answer::Runs(ahead)) => {
                let again = ahead.ended();
                (Answer::Runs(ahead), None, again)
            }
            Ok(answer) => (answer, None, false),
            Err(error) => failed(format!("the timetable of DAG {}: {error}", self.request.dag_id)),
        }
    }
}
