//! Answers of task instances, with what stands in other places: the form of the DAG, and what they wait for.

use std::collections::HashMap;

use tradewind_store::list::task_instance::TaskView;
use tradewind_store::list::wait::{ListWaits, WaitView};

use super::task_instances::{Graphs, graphs_of, names};
use crate::answer::task_instance::TaskAnswer;
use crate::error::Result;
use crate::state::App;

/// What the answers of some task instances need besides their rows.
pub struct Surroundings {
    graphs: Graphs,
    /// By run, task and map index.
    waits: HashMap<(i64, String, i32), WaitView>,
}

impl Surroundings {
    pub async fn of(app: &App, tasks: &[TaskView]) -> Result<Self> {
        let deferred = tasks.iter().filter(|task| task.state.as_deref() == Some("deferred"));
        let wanted = ListWaits { tasks: deferred.map(|task| (task.run_pk, task.task_id.clone(), task.map_index)).collect() };
        let waits = if wanted.tasks.is_empty() { Vec::new() } else { app.store().run(wanted).await? };
        let waits = waits.into_iter().map(|wait| ((wait.run_pk, wait.task_id.clone(), wait.map_index), wait)).collect();
        Ok(Self { graphs: graphs_of(app, tasks).await?, waits })
    }

    pub fn answer<'a>(&'a self, task: &'a TaskView) -> TaskAnswer<'a> {
        let wait = self.waits.get(&(task.run_pk, task.task_id.clone(), task.map_index));
        TaskAnswer::new(task, names(&self.graphs, task)).waiting_for(wait)
    }
}
