//! States of task instances.

use serde_json::{Map, Value, json};
use tradewind_store::call::{PreviousTask, RunsLike, StateOf, TaskStates, TasksLike};

use super::Params;
use crate::control::running::Facts;
use crate::control::{Inner, frames};
use crate::service::CallError;

impl Inner {
    pub(super) async fn ti_states(&self, params: &Params) -> Result<Value, CallError> {
        let mut states = Map::new();
        for (run_id, task_id, map_index, state) in self.states(params).await? {
            let name = if map_index < 0 { task_id.to_string() } else { format!("{task_id}_{map_index}") };
            if let Value::Object(of_run) = states.entry(run_id.to_string()).or_insert_with(|| json!({})) {
                of_run.insert(name, json!(state));
            }
        }
        Ok(json!({"states": states}))
    }

    pub(super) async fn ti_count(&self, params: &Params) -> Result<Value, CallError> {
        let wanted: Option<Vec<Option<String>>> = params.may("states")?;
        let named = |state: &StateOf| match &wanted {
            None => true,
            Some(wanted) => wanted.iter().any(|one| one.as_deref() == state.3.map(tradewind_core::state::TaskState::as_str)),
        };
        Ok(json!({"count": self.states(params).await?.iter().filter(|state| named(state)).count()}))
    }

    pub(super) async fn ti_previous(&self, facts: &Facts, params: &Params) -> Result<Value, CallError> {
        let state: Option<String> = params.may("state")?;
        let Some((ti, run_id)) = self.store.run(PreviousTask { key: facts.task.key(), state }).await? else {
            return Ok(json!({"found": false}));
        };
        Ok(json!({"found": true, "ti": {
            "dag_id": ti.dag_id, "run_id": run_id, "task_id": ti.task_id, "map_index": ti.map_index, "state": ti.state,
            "try_number": ti.try_number, "max_tries": ti.max_tries, "start_date": frames::time(ti.start_date), "end_date": frames::time(ti.end_date),
        }}))
    }

    async fn states(&self, params: &Params) -> Result<Vec<StateOf>, CallError> {
        let dag_id: String = params.need("dag_id")?;
        let mut task_ids: Option<Vec<String>> = params.may("task_ids")?;
        if let Some(group_id) = params.may::<String>("group_id")? {
            let members = self.group_members(&dag_id, &group_id).await?;
            task_ids = Some(match task_ids {
                None => members,
                Some(ids) => members.into_iter().filter(|id| ids.contains(id)).collect(),
            });
        }
        let runs = RunsLike { dag_id, logical_dates: params.may("logical_dates")?, run_ids: params.may("run_ids")? };
        Ok(self.store.run(TaskStates(TasksLike { runs, task_ids, map_index: params.may("map_index")? })).await?)
    }

    /// All tasks in a group of the newest version of a DAG.
    async fn group_members(&self, dag_id: &str, group_id: &str) -> Result<Vec<String>, CallError> {
        let unknown = || CallError::NotFound(format!("DAG {dag_id} has no task group {group_id}"));
        let form = self.newest_form(dag_id).await?.ok_or_else(unknown)?;
        let graph = tradewind_core::graph::Graph::new(form).map_err(|error| CallError::Invalid(error.to_string()))?;
        let members = graph.group(group_id).ok_or_else(unknown)?;
        Ok(members.iter().map(|task| graph.task(*task).id.to_string()).collect())
    }
}
