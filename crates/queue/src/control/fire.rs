//! What triggers lead to: the triggerer's part of the service.

use serde_json::{Value, json};
use tradewind_core::state::TaskState;
use tradewind_store::step::{FireDeferral, Fired};
use tradewind_store::table::deferral::{Event, Resume, Waiting};

use super::outcome::Outcome;
use super::{Control, Inner, frames, start};
use crate::service::CallError;

/// How a trigger has ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Fire {
    /// It sent an event: the JSON text that Python wrote.
    Event { payload: String },
    /// It failed, or cannot be run.
    Failed { message: String, traceback: Option<String> },
    /// It ends the task by itself.
    End {
        /// `success`, `failed` or `skipped`.
        state: TaskState,
        /// Key and JSON text.
        xcoms: Vec<(String, String)>,
    },
}

/// What a trigger is told of its task, and where its log lines go.
#[derive(Debug, Clone, PartialEq)]
pub struct TriggerPlace {
    /// Path of the task's log below the base log folder.
    pub log_path: String,
    /// `dag_id`, `run_id`, `task_id`, `map_index`, `try_number`, and `path` of the DAG file.
    pub task: Value,
    /// Texts that must not appear in the log.
    pub secrets: Vec<String>,
}

impl Control {
    /// What a trigger needs to know; `None`: its task instance is gone.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn trigger_place(&self, waiting: &Waiting) -> Result<Option<TriggerPlace>, CallError> {
        let Some(facts) = self.inner.facts(waiting.attempt_id).await? else { return Ok(None) };
        let (run, ti) = (&facts.run, &facts.task);
        Ok(Some(TriggerPlace {
            log_path: self.inner.log_path(&facts),
            task: json!({
                "dag_id": run.dag_id, "run_id": run.run_id, "task_id": ti.task_id, "map_index": ti.map_index, "try_number": ti.try_number,
                "max_tries": ti.max_tries, "dag_run": frames::dag_run(run, None), "path": facts.form.as_ref().map(|form| &form.fileloc),
                "dags_folder": self.inner.options.dags_folder,
            }),
            secrets: self.inner.options.secrets.clone(),
        }))
    }

    /// Moves the task instance of a wait; false: it has moved before, or the wait is another triggerer's.
    ///
    /// # Errors
    /// The database cannot be written; to be tried again.
    pub async fn fire(&self, waiting: &Waiting, triggerer: i64, fire: Fire) -> Result<bool, CallError> {
        let inner = &self.inner;
        let Some(facts) = inner.facts(waiting.attempt_id).await? else { return Ok(false) };
        let ends = matches!(fire, Fire::End { .. });
        let fired = match fire {
            Fire::Event { payload } => Fired::GoOn(Event::Fired { payload }),
            Fire::Failed { message, traceback } => Fired::GoOn(Event::Failed { message, traceback }),
            Fire::End { state, xcoms } => {
                let reason = (state != TaskState::Success).then(|| format!("its trigger ended it as {state}"));
                let outcome = Outcome { state: Some(state), reason, owes_callbacks: true, ..Outcome::default() };
                let (callbacks, alerts) = (inner.owed_callbacks(&facts, &outcome), inner.alerts(&facts, &outcome));
                Fired::End { state, end_date: inner.store.now(), xcoms, callbacks, alerts }
            }
        };
        let step = FireDeferral { id: waiting.id, triggerer: Some(triggerer), fired };
        let Some(moved) = inner.store.run(step).await? else { return Ok(false) };
        if ends {
            self.inner.changes.send(crate::Change::Outbox);
            self.inner.changes.send(crate::Change::Processor);
        }
        inner.tell_owner(&moved, &Outcome { state: moved.task.state, ..Outcome::default() });
        inner.announce(&facts, moved.task.state);
        Ok(true)
    }
}

/// `resume` of START.
pub(super) fn resume(resume: &Resume) -> Value {
    let Some(kwargs) = &resume.kwargs else {
        let message = "what it deferred with cannot be decrypted: no key of `[core] fernet_key` fits";
        return json!({"method": resume.method, "kwargs": "{}", "failure": {"reason": "failure", "message": message}});
    };
    let mut frame = json!({"method": resume.method, "kwargs": kwargs.0});
    match &resume.event {
        Event::Fired { payload } => frame["event"] = json!(payload),
        Event::Failed { message, traceback } => {
            frame["failure"] = json!({"reason": "failure", "message": message, "traceback": traceback});
        }
        Event::TimedOut => frame["failure"] = json!({"reason": "timeout", "message": "Trigger timeout"}),
    }
    frame
}

impl Inner {
    /// Path of the log of an attempt below the base log folder.
    pub(super) fn log_path(&self, facts: &super::running::Facts) -> String {
        start::log_path(&self.options.log_template, facts)
    }
}
