//! Callbacks run outside an attempt, and still ask: they get a number of their own under which reads are answered and writes refused.

use serde_json::{Value, json};
use tradewind_store::step::LoadRun;
use tradewind_store::table::dag_run::GetDagRun;
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
        let Some(task) = task else { return Ok(None) };
        let attempt_id = Uuid::now_v7();
        let form = self.inner.forms.get(run.version_id).await?;
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
