//! Two plans of one run as one.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{NewTask, Plan, Transition};
use crate::state::TaskState;

type Key = (Arc<str>, i32);

impl Plan {
    /// Takes in the plan that the same [`Run`](super::Run) made next, so that both are written at once. A plan that ends the run is
    /// the last one: it must be written before the run hears of anything else, or of another graph.
    pub fn absorb(&mut self, next: Plan) {
        if self.is_empty() {
            *self = next;
            return;
        }
        for (task, map_index) in next.deleted {
            let created = self.created.iter().position(|new| new.task == task && new.map_index == map_index);
            if let Some(at) = created {
                // Never written, so there is nothing to delete.
                self.created.remove(at);
            } else {
                self.transitions.retain(|step| step.task != Some(task) || step.map_index != map_index);
                self.deleted.push((task, map_index));
            }
        }
        let mut entries = Entries::of(self);
        let mut moved = HashSet::new();
        for step in next.transitions {
            if step.to != Some(TaskState::Scheduled)
                && let Some(task) = step.task
            {
                moved.insert((task, step.map_index));
            }
            let key = (Arc::clone(&step.task_id), step.map_index);
            if let Some(&at) = entries.created.get(&key) {
                continue_new(&mut self.created[at], step);
            } else if let Some(&at) = entries.changed.get(&key) {
                continue_step(&mut self.transitions[at], step);
            } else {
                entries.changed.insert(key, self.transitions.len());
                self.transitions.push(step);
            }
        }
        self.transitions.retain(|step| step.from != step.to);
        self.created.extend(next.created);
        moved.extend(next.ready.iter().copied());
        self.ready.retain(|at| !moved.contains(at));
        self.ready.extend(next.ready);
        self.run = next.run.or(self.run);
        self.effects.extend(next.effects);
    }
}

/// Places of rows in a plan.
struct Entries {
    created: HashMap<Key, usize>,
    changed: HashMap<Key, usize>,
}

impl Entries {
    fn of(plan: &Plan) -> Entries {
        let created = plan.created.iter().enumerate().map(|(at, new)| ((Arc::clone(&new.task_id), new.map_index), at));
        let changed = plan.transitions.iter().enumerate().map(|(at, step)| ((Arc::clone(&step.task_id), step.map_index), at));
        Entries { created: created.collect(), changed: changed.collect() }
    }
}

fn continue_new(new: &mut NewTask, step: Transition) {
    (new.state, new.reason, new.try_number) = (step.to, step.reason, step.try_number);
    new.start_date = step.start_date.or(new.start_date);
    new.end_date = step.end_date.or(new.end_date);
}

fn continue_step(first: &mut Transition, step: Transition) {
    (first.to, first.reason, first.try_number) = (step.to, step.reason, step.try_number);
    first.start_date = step.start_date.or(first.start_date);
    first.end_date = step.end_date.or(first.end_date);
}
