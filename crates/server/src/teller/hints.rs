//! What the bus said within a moment: of each thing the newest.

use indexmap::IndexMap;
use serde_json::{Value, json};
use tradewind_queue::Change;
use tradewind_store::list::live::ReadNews;

/// DAG, run, task, map index.
pub type TaskKey = (String, String, String, i32);
/// DAG, run.
pub type RunKey = (String, String);
/// The kind of an event and its data, a JSON object.
pub type Event = (&'static str, String);

/// See the module.
#[derive(Debug, Default)]
pub struct Hints {
    /// State and try.
    pub tasks: IndexMap<TaskKey, (Option<String>, i32)>,
    /// State.
    pub runs: IndexMap<RunKey, String>,
    pub dags: IndexMap<String, ()>,
    /// What the couriers of this process said of alerts: their data.
    pub alerts: IndexMap<i64, Value>,
    /// Alerts were written.
    pub outbox: bool,
}

impl Hints {
    pub fn add(&mut self, change: Change) {
        match change {
            Change::TaskState { dag_id, run_id, task_id, map_index, state, try_number } => {
                self.tasks.insert((dag_id, run_id, task_id, map_index), (state, try_number));
            }
            Change::RunState { dag_id, run_id, state } => {
                self.runs.insert((dag_id, run_id), state);
            }
            Change::Dag { dag_id } => {
                self.dags.insert(dag_id, ());
            }
            Change::Alert { id, kind, channel, state, dag_id, run_id, task_id } => {
                let data = json!({
                    "id": id, "kind": kind, "channel": channel, "state": state, "dag_id": dag_id, "run_id": run_id, "task_id": task_id,
                });
                self.alerts.insert(id, data);
            }
            Change::Outbox => self.outbox = true,
            Change::Assets { dag_ids } => self.dags.extend(dag_ids.into_iter().map(|dag_id| (dag_id, ()))),
            Change::RunQueued { .. } | Change::Run { .. } | Change::Triggers | Change::Processor | Change::Gone | Change::Elsewhere => {}
        }
    }

    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty() && self.runs.is_empty() && self.dags.is_empty() && !self.of_alerts()
    }

    /// Whether something happened to alerts.
    pub fn of_alerts(&self) -> bool {
        self.outbox || !self.alerts.is_empty()
    }

    /// The rows of what is named.
    pub fn wanted(&self) -> ReadNews {
        ReadNews {
            tasks: self.tasks.keys().cloned().collect(),
            runs: self.runs.keys().cloned().collect(),
            dags: self.dags.keys().cloned().collect(),
            ..ReadNews::default()
        }
    }

    /// Events of what the hints say by themselves.
    pub fn plain(&self) -> Vec<Event> {
        let runs =
            self.runs.iter().map(|((dag_id, run_id), state)| ("dag_run", json!({ "dag_id": dag_id, "run_id": run_id, "state": state })));
        let tasks = self.tasks.iter().map(|((dag_id, run_id, task_id, map_index), (state, try_number))| {
            let data = json!({
                "dag_id": dag_id, "run_id": run_id, "task_id": task_id, "map_index": map_index, "state": state, "try_number": try_number,
            });
            ("task_instance", data)
        });
        let dags = self.dags.keys().map(|dag_id| ("dag", json!({ "dag_id": dag_id })));
        let alerts = self.alerts.values().map(|data| ("alert", data.clone()));
        dags.chain(runs).chain(tasks).chain(alerts).map(|(kind, data)| (kind, data.to_string())).collect()
    }
}
