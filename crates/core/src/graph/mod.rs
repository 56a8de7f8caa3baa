//! The tasks of one DAG version with everything that follows from their edges, worked out once and shared by its runs.

mod build;
mod rows;
mod scope;
mod select;

use std::collections::HashMap;
use std::sync::Arc;

use crate::form::{DagForm, Length, TaskForm};

pub use rows::{GraphRow, RowItem};
pub use select::{StateFilter, Wanted, select_for_clear};

/// A task of a [`Graph`]: its place in the order of definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskIx(pub u32);

impl TaskIx {
    /// As an index into slices.
    #[must_use]
    pub const fn at(self) -> usize {
        self.0 as usize
    }
}

/// An expansion: one for each mapped task outside mapped groups, one for each mapped group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExpansionIx(pub u32);

/// Why a form has no graph.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    #[error("DAG `{dag_id}` has more than {} tasks", u32::MAX)]
    TooLarge { dag_id: String },
    #[error("DAG `{dag_id}`: {problem}")]
    Structure { dag_id: String, problem: String },
}

/// How a task follows from another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// It is a direct upstream; `setup`: and a setup.
    Rule { setup: bool },
    /// It is a setup whose scope the other is in, or work in the scope of the other, a teardown.
    Around,
}

/// A task that looks at another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dependent {
    pub task: TaskIx,
    pub link: Link,
    /// Both are in the same mapped group: index `i` looks at index `i` only.
    pub per_index: bool,
}

/// What the planner knows of a task.
#[derive(Debug)]
pub struct GraphTask {
    pub id: Arc<str>,
    /// Direct upstream tasks, in order of definition.
    pub upstream: Vec<TaskIx>,
    /// Direct downstream tasks, in order of definition.
    pub downstream: Vec<TaskIx>,
    /// Setups in whose scope it is; all must have succeeded. Direct upstreams are not among them.
    pub setups: Vec<TaskIx>,
    /// A teardown's further upstreams: what lies between its setups and it.
    pub scope: Vec<TaskIx>,
    /// The expansion that makes its instances, its own or its group's.
    pub expansion: Option<ExpansionIx>,
    /// Expansions whose length depends on its return value.
    pub feeds: Vec<ExpansionIx>,
    /// Its state decides about the run.
    pub leaf: bool,
    /// Effective priority weight.
    pub weight: i32,
    /// Place in an order in which everything a task looks at comes before it.
    pub rank: u32,
    pub(crate) dependents: Vec<Dependent>,
    /// Some instance looks at one instance only, those of its own index.
    pub(crate) has_index_upstreams: bool,
}

/// How instances come about.
#[derive(Debug)]
pub struct Expansion {
    pub length: Length,
    /// The tasks whose values it needs.
    pub sources: Vec<TaskIx>,
    /// The mapped group, when it is one.
    pub group: Option<Arc<str>>,
    /// The tasks it expands.
    pub members: Vec<TaskIx>,
}

/// See the module.
#[derive(Debug)]
pub struct Graph {
    form: Arc<DagForm>,
    tasks: Vec<GraphTask>,
    ids: HashMap<Arc<str>, TaskIx>,
    expansions: Vec<Expansion>,
    /// Group id, and all tasks in it and in the groups below it.
    groups: HashMap<Arc<str>, Vec<TaskIx>>,
    needs_past: bool,
}

impl Graph {
    /// Works the graph out.
    ///
    /// # Errors
    /// Only for a form that did not pass [`DagForm::from_json`], which refuses the same things with more words.
    pub fn new(form: Arc<DagForm>) -> Result<Arc<Graph>, GraphError> {
        build::build(form).map(Arc::new)
    }

    /// The form it was made from.
    #[must_use]
    pub fn form(&self) -> &Arc<DagForm> {
        &self.form
    }

    /// Number of tasks.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether the DAG has no tasks.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// The task with this id.
    #[must_use]
    pub fn find(&self, task_id: &str) -> Option<TaskIx> {
        self.ids.get(task_id).copied()
    }

    /// What the planner knows of a task.
    #[must_use]
    pub fn task(&self, ix: TaskIx) -> &GraphTask {
        &self.tasks[ix.at()]
    }

    /// The task as it was written.
    #[must_use]
    pub fn task_form(&self, ix: TaskIx) -> &TaskForm {
        &self.form.tasks[ix.at()]
    }

    /// All tasks, in order of definition.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = TaskIx> + use<> {
        (0..u32::try_from(self.tasks.len()).unwrap_or(u32::MAX)).map(TaskIx)
    }

    /// The expansion with this number.
    #[must_use]
    pub fn expansion(&self, ix: ExpansionIx) -> &Expansion {
        &self.expansions[ix.0 as usize]
    }

    /// All tasks of a group and the groups in it; `None` when there is no such group.
    #[must_use]
    pub fn group(&self, group_id: &str) -> Option<&[TaskIx]> {
        self.groups.get(group_id).map(Vec::as_slice)
    }

    /// Everything after the tasks, at any distance, without them, in order of definition.
    #[must_use]
    pub fn descendants(&self, of: &[TaskIx]) -> Vec<TaskIx> {
        self.reach(of, |task| &task.downstream)
    }

    /// Everything before the tasks, at any distance, without them, in order of definition.
    #[must_use]
    pub fn ancestors(&self, of: &[TaskIx]) -> Vec<TaskIx> {
        self.reach(of, |task| &task.upstream)
    }

    fn reach(&self, of: &[TaskIx], next: impl Fn(&GraphTask) -> &Vec<TaskIx>) -> Vec<TaskIx> {
        let mut seen = vec![false; self.tasks.len()];
        let mut todo: Vec<TaskIx> = of.to_vec();
        let mut found = Vec::new();
        while let Some(ix) = todo.pop() {
            for &other in next(self.task(ix)) {
                if !std::mem::replace(&mut seen[other.at()], true) {
                    found.push(other);
                    todo.push(other);
                }
            }
        }
        found.retain(|ix| !of.contains(ix));
        found.sort_unstable();
        found
    }

    /// Whether a run needs to know the states of the run before it.
    #[must_use]
    pub fn needs_past(&self) -> bool {
        self.needs_past
    }

    /// The tasks whose states in the previous run matter: those that depend on their past, and what comes directly after
    /// those that wait for downstream.
    #[must_use]
    pub fn past_tasks(&self) -> Vec<TaskIx> {
        let mut wanted = Vec::new();
        for ix in self.iter() {
            let form = self.task_form(ix);
            if form.needs_past() {
                wanted.push(ix);
            }
            if form.wait_for_downstream {
                wanted.extend_from_slice(&self.task(ix).downstream);
            }
        }
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }

    /// Whether the instances of both look at each other index by index.
    pub(crate) fn same_mapped_group(&self, a: TaskIx, b: TaskIx) -> bool {
        let (a, b) = (self.task(a).expansion, self.task(b).expansion);
        a.is_some_and(|expansion| a == b && self.expansion(expansion).group.is_some())
    }
}
