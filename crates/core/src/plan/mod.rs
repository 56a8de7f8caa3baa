//! The run planner: one dag run in memory, events in, decisions out.
//!
//! *Authority*: it alone decides `none -> scheduled | success (instant) | skipped | upstream_failed | removed`, the way back
//! from `up_for_retry` and `up_for_reschedule`, expansion, and the end of the run. What happens between `scheduled` and the
//! end of an attempt is told to it by [`Event::Task`].
//!
//! *Rows are the truth*: a [`Run`] is a cache of them. Whatever an event says a row is, it is; a decision is applied to
//! memory at once, and when writing it fails the run is thrown away and loaded again, with the same decisions.
//!
//! *Cost*: an event costs the number of tasks that look at the changed one, whatever the size of the run. Decisions of one
//! call are taken in rounds that see what the round before left, so they do not depend on the order of events given together.

mod absorb;
mod apply;
mod assemble;
mod count;
mod end;
mod evaluate;
mod expand;
mod node;
mod past;
#[cfg(test)]
mod props;
mod record;
#[cfg(test)]
mod recorded;
mod run;
#[cfg(test)]
mod sim;
mod why;

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;

use crate::graph::{Graph, TaskIx};
pub use crate::outcome::{EndReason, RunEnd, Tally};
pub use expand::MAX_INSTANCES;
pub use run::Run;

use crate::state::{RunState, TaskState};

/// What the planner must know of the `dag_run` row.
#[derive(Debug, Clone)]
pub struct RunFacts {
    pub run_pk: i64,
    pub dag_id: Arc<str>,
    pub run_id: Arc<str>,
    pub state: RunState,
    pub logical_date: Option<Timestamp>,
    /// When it went to `running`; `dagrun_timeout` counts from here.
    pub start_date: Option<Timestamp>,
    /// Runs of a backfill ignore the dates of tasks.
    pub is_backfill: bool,
}

/// What the planner must know of a `task_instance` row.
#[derive(Debug, Clone)]
pub struct TaskRow {
    pub task_id: Arc<str>,
    /// -1: not expanded.
    pub map_index: i32,
    pub state: Option<TaskState>,
    pub try_number: u32,
    pub max_tries: u32,
    pub map_length: Option<u32>,
    pub retry_at: Option<Timestamp>,
    pub reschedule_at: Option<Timestamp>,
    pub start_date: Option<Timestamp>,
    pub end_date: Option<Timestamp>,
}

/// Tasks that a branch or short circuit skips; without a map index all instances, or the same index within a mapped group.
pub type Skips = Vec<(Arc<str>, Option<i32>)>;

/// The stored skips of one task instance (XCom `skipmixin_key`).
#[derive(Debug, Clone)]
pub struct SkipMark {
    pub task_id: Arc<str>,
    pub map_index: i32,
    pub skip: Skips,
}

/// The run before this one, for tasks that depend on their past. `None`: this is the first run.
pub type Past = Option<PreviousRun>;

/// See [`Past`]. Only [`Graph::past_tasks`] matter.
#[derive(Debug, Clone, Default)]
pub struct PreviousRun {
    pub run_id: Arc<str>,
    /// Task, map index, state.
    pub states: Vec<(Arc<str>, i32, Option<TaskState>)>,
    /// Tasks with an instance in any earlier run (`ignore_first_depends_on_past` asks).
    pub ran_before: Vec<Arc<str>>,
}

/// All that a run is loaded from. A new run has no rows.
#[derive(Debug, Clone)]
pub struct Rows {
    pub facts: RunFacts,
    pub tasks: Vec<TaskRow>,
    pub skips: Vec<SkipMark>,
    pub past: Past,
}

/// Something that happened, by others than this planner.
#[derive(Debug, Clone)]
pub enum Event {
    /// A task instance is now as in `row`. `skip`: its skips as stored now (empty unless it is a success that skips).
    Task { row: TaskRow, skip: Skips },
    /// The run before this one changed, or is another one.
    Past(Past),
    /// [`Run::wake_at`] has come. Harmless at any other time.
    Timer,
    /// The run's own row changed (started, marked, cleared).
    Run { state: RunState, start_date: Option<Timestamp> },
    /// The DAG has another version now. The plan that follows counts tasks by the new one.
    Graph(Arc<Graph>),
}

/// A row to insert. Whatever the row of its task says beyond this is in [`Graph::task_form`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTask {
    pub task: TaskIx,
    pub task_id: Arc<str>,
    pub map_index: i32,
    /// The state to insert it with: what was decided about it in the same call.
    pub state: Option<TaskState>,
    pub reason: Cow<'static, str>,
    pub try_number: u32,
    pub max_tries: u32,
    pub start_date: Option<Timestamp>,
    pub end_date: Option<Timestamp>,
}

/// A row to change by compare-and-set on `from`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// `None`: the task is no longer in the graph.
    pub task: Option<TaskIx>,
    pub task_id: Arc<str>,
    pub map_index: i32,
    pub from: Option<TaskState>,
    pub to: Option<TaskState>,
    pub reason: Cow<'static, str>,
    /// Afterwards (an instant task spends a try without an attempt).
    pub try_number: u32,
    /// To be written when set.
    pub start_date: Option<Timestamp>,
    /// To be written when set.
    pub end_date: Option<Timestamp>,
}

/// Something to do after the commit. It may be lost: a reaper finds what is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The attempt of this instance is no longer wanted.
    Kill { task_id: Arc<str>, map_index: i32, reason: &'static str },
    /// The DAG has a callback for this end.
    DagCallback { success: bool, reason: EndReason },
}

/// What is to be written in one transaction, and done afterwards. The three lists of rows are disjoint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    pub created: Vec<NewTask>,
    /// Rows to delete: instances that were expanded.
    pub deleted: Vec<(TaskIx, i32)>,
    pub transitions: Vec<Transition>,
    /// Instances that are `scheduled` and want to be admitted: new ones, and on load those that were.
    pub ready: Vec<(TaskIx, i32)>,
    pub run: Option<RunEnd>,
    pub effects: Vec<Effect>,
}

impl Plan {
    /// Whether there is nothing to write or do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Plan::default()
    }
}
