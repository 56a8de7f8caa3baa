//! From changes to plans.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;
use tradewind_core::plan::{Event, Plan};
use tradewind_core::state::TaskState;
use tradewind_metrics::names;
use tradewind_queue::{Change, RunChange};

use crate::owned::Taken;
use crate::scheduler::Scheduler;
use crate::waiting_room::Gate;

/// Plans by run.
pub type Plans = HashMap<i64, Plan>;

/// How long a change may be missing before the rows are read again. Changes of one commit group arrive within microseconds.
pub const PATIENCE: Duration = Duration::from_millis(50);

impl Scheduler {
    /// Feeds the changes to the runs in memory, all changes of one run at once.
    pub(crate) fn decide(&mut self, taken: Vec<Change>) -> Plans {
        let mut plans = Plans::new();
        let mut events: HashMap<i64, Vec<Event>> = HashMap::new();
        let (now, clock) = (self.store.now(), Instant::now());
        for change in taken {
            match change {
                Change::Run { run_pk, seq, what } => self.feed(run_pk, seq, what, clock, &mut events),
                Change::RunQueued { .. } => self.todo.start_runs = true,
                Change::Dag { dag_id } => {
                    self.todo.due = true;
                    self.todo.start_runs = true;
                    self.room.open(Gate::Dag(dag_id.into()));
                }
                Change::Assets { dag_ids } => self.todo.due |= !dag_ids.is_empty(),
                Change::Elsewhere => self.todo.glance = true,
                Change::Gone => {
                    self.todo.tick = true;
                    self.todo.lost_hints = true;
                }
                Change::TaskState { .. }
                | Change::RunState { .. }
                | Change::Outbox
                | Change::Alert { .. }
                | Change::Triggers
                | Change::Processor => {}
            }
        }
        for (run_pk, events) in events {
            if let Some(owned) = self.runs.get_mut(&run_pk) {
                let began = Instant::now();
                plans.insert(run_pk, owned.run.on_all(events, now));
                names::DEPENDENCY_CHECK.time(began.elapsed(), &[("dag_id", &owned.dag_id)]);
            }
        }
        self.catch_up(clock, &mut plans);
        plans
    }

    /// Looks at the runs that missed changes: they have come, or are still awaited, or the rows must tell.
    fn catch_up(&mut self, clock: Instant, plans: &mut Plans) {
        for run_pk in std::mem::take(&mut self.todo.behind) {
            let Some(owned) = self.runs.get(&run_pk) else { continue };
            if owned.gap_is_old(clock, PATIENCE) {
                self.todo.reload.insert(run_pk);
            } else if owned.behind() {
                self.todo.behind.insert(run_pk);
            } else {
                plans.entry(run_pk).or_default();
            }
        }
    }

    fn feed(&mut self, run_pk: i64, seq: i64, what: RunChange, clock: Instant, events: &mut HashMap<i64, Vec<Event>>) {
        self.wake_followers(run_pk);
        let Some(owned) = self.runs.get_mut(&run_pk) else {
            // A finished run that somebody cleared, say.
            self.todo.start_runs |= matches!(what, RunChange::Reload);
            return;
        };
        if let RunChange::Task(change) = &what
            && let Some(task) = owned.graph.find(&change.row.task_id)
        {
            self.room.ended(run_pk, task.0, &owned.dag_id, &owned.graph.task(task).id, &owned.graph.task_form(task).pool);
        }
        let taken = owned.change(seq, what, clock);
        if owned.behind() {
            self.todo.behind.insert(run_pk);
        }
        match taken {
            Taken::Events(new) => events.entry(run_pk).or_default().extend(new),
            Taken::Reload => {
                self.todo.reload.insert(run_pk);
            }
        }
    }

    /// Runs whose tasks depend on their past look again at the run before them when it changed.
    pub(crate) fn wake_followers(&mut self, run_pk: i64) {
        if let Some(followers) = self.followers.get(&run_pk) {
            self.todo.reload.extend(followers.iter().copied());
        }
    }

    /// Whether a plan ends task instances, so that others may look at them.
    pub(crate) fn ends_tasks(plan: &Plan) -> bool {
        let finished = |state: Option<TaskState>| state.is_some_and(TaskState::is_finished);
        plan.transitions.iter().any(|step| finished(step.to)) || plan.created.iter().any(|new| finished(new.state))
    }

    /// Wakes the runs whose timer has come.
    pub(crate) fn timers_due(&mut self, plans: &mut Plans) {
        let now = self.store.now();
        for run_pk in self.timers.due(now) {
            if let Some(owned) = self.runs.get_mut(&run_pk) {
                plans.entry(run_pk).or_default().absorb(owned.run.on(Event::Timer, now));
                self.timers.set(run_pk, owned.run.wake_at());
            }
        }
    }
}
