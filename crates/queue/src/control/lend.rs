//! Callbacks run outside an attempt, and still ask: they get a number of their own under which reads are answered and writes refused.

use serde_json::{Value, json};
use tradewind_store::step::LoadRun;
use tradewind_store::table::dag_run::{DagRun, GetDagRun};
use tradewind_store::table::task_instance::TaskInstance;
use uuid::Uuid;

use super::running::Facts;
use super::{Control, frames};
use crate::service::CallError;

impl Control {
    /// The number, and the context of a callback request filled up from rows. `None`: its run or task instance is gone.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn lend(&self, context: &Value) -> Result<Option<(Uuid, Value)>, CallError> {
        let text = |key: &str| context[key].as_str().unwrap_or_default().to_owned();
        let Some(run) = self.inner.store.run(GetDagRun { dag_id: text("dag_id"), run_id: text("run_id") }).await? else { return Ok(None) };
        let Some(loaded) = self.inner.store.run(LoadRun { run_pk: run.id, past_tasks: Vec::new() }).await? else { return Ok(None) };
        let wanted = (context["task_id"].as_str(), context["map_index"].as_i64().unwrap_or(-1));
        let task = loaded.tasks.into_iter().find(|ti| wanted.0.is_none_or(|id| *ti.task_id == *id && i64::from(ti.map_index) == wanted.1));
        let form = self.inner.forms.get(run.version_id).await?;
        let task = match task {
            Some(task) => task,
            // A run that has not begun has no task instances, and may miss its deadline all the same.
            None if wanted.0.is_none() => not_begun(&run),
            None => return Ok(None),
        };
        let attempt_id = Uuid::now_v7();
        let mut full = context.clone();
        full["attempt_id"] = json!(attempt_id);
        full["dag_run"] = frames::dag_run(&run, None);
        full["ti"] = frames::task_instance(&task, &self.inner.options.base_url, &run);
        if wanted.0.is_some() {
            full["env"] = frames::environment(&run, &task, "airflow", &[]);
        }
        self.inner.running.lend(Facts { attempt_id, run, task, form });
        Ok(Some((attempt_id, full)))
    }

    /// The callback has ended.
    pub fn give_back(&self, attempt_id: Uuid) {
        self.inner.running.give_back(attempt_id);
    }
}

/// Stands for a task instance where a run has none.
fn not_begun(run: &DagRun) -> TaskInstance {
    TaskInstance {
        run_pk: run.id,
        task_id: "".into(),
        map_index: -1,
        dag_id: run.dag_id.clone(),
        state: None,
        attempt_id: None,
        try_number: 0,
        max_tries: 0,
        operator: String::new(),
        pool: String::new(),
        pool_slots: 1,
        queue: String::new(),
        executor: None,
        priority_weight: 1,
        start_date: None,
        end_date: None,
        scheduled_at: None,
        queued_at: None,
        retry_at: None,
        reschedule_at: None,
        first_poke_at: None,
        map_length: None,
        rendered_map_index: None,
        hostname: None,
        unixname: None,
        pid: None,
        note: None,
        note_user: None,
        version_id: run.version_id,
        worker_losses: 0,
        updated_at: run.updated_at,
    }
}
