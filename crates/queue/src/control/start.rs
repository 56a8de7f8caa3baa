//! What a claim answers: everything the process needs, in one frame.

use serde_json::{Value, json};
use tradewind_core::form::TaskForm;
use tradewind_store::step::Claimed;

use super::running::Facts;
use super::{Inner, fire, frames};
use crate::attempt_log::{LogName, LogTemplate};
use crate::service::Start;

impl Inner {
    /// The answer for an attempt that was won.
    pub(super) fn start(&self, facts: &Facts, claimed: &Claimed) -> Start {
        let task = task_form(facts);
        Start {
            attempt_id: facts.attempt_id,
            frame: self.frame(facts, claimed, task),
            path: claimed.fileloc.clone(),
            dags_folder: self.options.dags_folder.clone(),
            source_hash: claimed.source_hash.clone().unwrap_or_default(),
            log_path: self.log_path(facts),
            execution_timeout: task.and_then(|task| task.execution_timeout),
            secrets: self.options.secrets.clone(),
            proof: None,
        }
    }

    fn frame(&self, facts: &Facts, claimed: &Claimed, task: Option<&TaskForm>) -> Value {
        let (run, ti) = (&facts.run, &facts.task);
        let mut instance = frames::task_instance(ti, &self.options.base_url, run);
        instance["first_poke_at"] = frames::time(Some(claimed.first_poke_at));
        json!({
            "attempt_id": facts.attempt_id, "token": "", "dag_id": run.dag_id, "run_id": run.run_id, "task_id": ti.task_id,
            "map_index": ti.map_index, "try_number": ti.try_number, "max_tries": ti.max_tries, "should_retry": ti.try_number <= ti.max_tries,
            "path": claimed.fileloc, "dags_folder": self.options.dags_folder, "relative_path": claimed.relative_fileloc,
            "dag_run": frames::dag_run(run, claimed.version_number),
            "ti": instance,
            "execution_timeout": task.and_then(|task| task.execution_timeout),
            "xcom": {},
            "resume": claimed.resume.as_ref().map(fire::resume),
            "config": self.options.config,
            "env": frames::environment(run, ti, task.map_or("airflow", |task| task.owner.as_str()), task.map_or(&[], |task| task.email.as_slice())),
        })
    }
}

/// Where the log of an attempt lies, below the base log folder.
pub(super) fn log_path(template: &LogTemplate, facts: &Facts) -> String {
    let (run, ti) = (&facts.run, &facts.task);
    let date = run.logical_date.map(tradewind_core::run_id::iso).unwrap_or_default();
    template.render(&LogName {
        dag_id: &run.dag_id,
        run_id: &run.run_id,
        task_id: &ti.task_id,
        map_index: ti.map_index,
        try_number: i32::try_from(ti.try_number).unwrap_or(i32::MAX),
        logical_date: &date,
    })
}

/// The task as its DAG version has it.
pub(super) fn task_form(facts: &Facts) -> Option<&TaskForm> {
    facts.form.as_ref()?.tasks.iter().find(|task| *task.task_id == *facts.task.task_id)
}
