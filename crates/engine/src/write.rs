//! Decide, write, act: the plans of a turn, each one transaction; the store commits those that wait together.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::json;
use tokio::time::Instant;
use tradewind_core::graph::{Graph, TaskIx};
use tradewind_core::plan::{Effect, Transition};
use tradewind_core::plan::{EndReason, NewTask, Plan};
use tradewind_core::state::TaskState;
use tradewind_queue::Change;
use tradewind_store::step::{ApplyPlan, CreateTask, Kill, Owner, PlanOutcome, TaskTransition};
use tradewind_store::table::callback_request::NewCallback;

use crate::Error;
use crate::alerts::alerts;
use crate::decide::Plans;
use crate::owned::Owned;
use crate::scheduler::Scheduler;
use crate::told;
use crate::waiting_room::{Candidate, Slot};

impl Scheduler {
    /// Writes the plans. A run whose rows are ahead of memory keeps its plan until the changes have come; one whose rows differ is read again.
    pub(crate) async fn write(&mut self, plans: Plans) -> Result<(), Error> {
        let (owner, store) = (self.proof()?, self.store.clone());
        let mut steps = Vec::with_capacity(plans.len());
        let mut written = Vec::with_capacity(plans.len());
        let mut told = false;
        for (run_pk, new) in plans {
            let Some(owned) = self.runs.get_mut(&run_pk) else { continue };
            let mut plan = std::mem::take(&mut owned.unwritten);
            plan.absorb(new);
            if owned.behind() {
                owned.unwritten = plan;
            } else if writes(&plan) {
                let step = ApplyPlan { alerts: alerts(&self.options.alerts, owned, &plan), ..step(owner, run_pk, owned, &plan) };
                told |= !step.alerts.is_empty();
                steps.push(store.run(step));
                written.push((run_pk, plan));
            } else {
                self.act(run_pk, plan);
            }
        }
        for ((run_pk, plan), outcome) in written.into_iter().zip(join_all(steps).await) {
            match outcome? {
                PlanOutcome::Applied => self.act(run_pk, plan),
                PlanOutcome::Stale { change_seq } => self.stale(run_pk, plan, change_seq),
                PlanOutcome::Fenced => self.drop_run(run_pk),
            }
        }
        if told {
            self.changes.send(Change::Outbox);
        }
        Ok(())
    }

    fn stale(&mut self, run_pk: i64, plan: Plan, change_seq: i64) {
        let Some(owned) = self.runs.get_mut(&run_pk) else { return };
        if change_seq > owned.seq() {
            owned.unwritten = plan;
            owned.expect(change_seq, Instant::now());
            self.todo.behind.insert(run_pk);
        } else {
            self.todo.reload.insert(run_pk);
        }
    }

    /// What follows from a plan that is committed.
    fn act(&mut self, run_pk: i64, plan: Plan) {
        let Some(owned) = self.runs.get(&run_pk) else { return };
        let timer = owned.run.wake_at();
        for (task, map_index) in &plan.ready {
            self.room.add(Candidate {
                rank: -i64::from(owned.graph.task(*task).weight),
                date: owned.date,
                map_index: *map_index,
                slot: Slot { run_pk, task: task.0, map_index: *map_index },
            });
        }
        self.timers.set(run_pk, timer);
        announce(&self.changes, owned, &plan);
        told::plan(owned, &plan);
        if Self::ends_tasks(&plan) {
            self.wake_followers(run_pk);
        }
        if plan.effects.iter().any(|effect| matches!(effect, Effect::DagCallback { .. })) {
            self.changes.send(Change::Processor);
        }
        if plan.run.is_some() {
            self.drop_run(run_pk);
            self.todo.start_runs = true;
            self.todo.due = true;
        }
    }

    /// Takes a run out of memory.
    pub(crate) fn drop_run(&mut self, run_pk: i64) {
        if let Some(previous) = self.runs.remove(&run_pk).and_then(|owned| owned.previous)
            && let Some(followers) = self.followers.get_mut(&previous)
        {
            followers.remove(&run_pk);
            if followers.is_empty() {
                self.followers.remove(&previous);
            }
        }
        self.room.remove_run(run_pk);
        self.timers.set(run_pk, None);
        self.todo.reload.remove(&run_pk);
        self.todo.behind.remove(&run_pk);
    }
}

fn writes(plan: &Plan) -> bool {
    !(plan.created.is_empty() && plan.deleted.is_empty() && plan.transitions.is_empty() && plan.run.is_none() && plan.effects.is_empty())
}

fn step(owner: Owner, run_pk: i64, owned: &Owned, plan: &Plan) -> ApplyPlan {
    let graph = &owned.graph;
    ApplyPlan {
        owner,
        run_pk,
        known_seq: owned.seq(),
        deleted: plan.deleted.iter().map(|(task, map_index)| (graph.task(*task).id.clone(), *map_index)).collect(),
        created: plan.created.iter().map(|new| create(graph, new)).collect(),
        transitions: plan.transitions.iter().map(transition).collect(),
        kills: plan.effects.iter().filter_map(kill).collect(),
        run_end: plan.run.map(|end| end.state),
        callbacks: plan.effects.iter().filter_map(|effect| callback(owned, effect)).collect(),
        events: Vec::new(),
        alerts: Vec::new(),
    }
}

fn create(graph: &Graph, new: &NewTask) -> CreateTask {
    let form = graph.task_form(new.task);
    CreateTask {
        task_id: new.task_id.clone(),
        map_index: new.map_index,
        state: new.state,
        try_number: new.try_number,
        max_tries: new.max_tries,
        operator: form.operator_name.as_deref().unwrap_or(&form.task_type).into(),
        pool: form.pool.as_str().into(),
        pool_slots: i64::from(form.pool_slots),
        queue: form.queue.as_str().into(),
        executor: form.executor.as_deref().map(Arc::from),
        priority_weight: i64::from(graph.task(new.task).weight),
        start_date: new.start_date,
        end_date: new.end_date,
    }
}

fn transition(step: &Transition) -> TaskTransition {
    TaskTransition {
        task_id: step.task_id.clone(),
        map_index: step.map_index,
        from: step.from,
        to: step.to,
        try_number: Some(step.try_number),
        start_date: step.start_date,
        end_date: step.end_date,
    }
}

fn kill(effect: &Effect) -> Option<Kill> {
    match effect {
        Effect::Kill { task_id, map_index, .. } => Some(Kill { task_id: task_id.clone(), map_index: *map_index, reason: "run_ended" }),
        Effect::DagCallback { .. } => None,
    }
}

/// The request for a DAG callback, once for each end of the run: a cleared run that ends again calls again.
fn callback(owned: &Owned, effect: &Effect) -> Option<NewCallback> {
    let Effect::DagCallback { success, reason } = effect else { return None };
    let form = owned.graph.form();
    let name = if *success { "on_success_callback" } else { "on_failure_callback" };
    let payload = json!({
        "kind": "dag", "names": [name], "reason": EndReason::as_str(*reason), "path": form.fileloc,
        "context": {"dag_id": owned.dag_id, "run_id": owned.run_id},
    });
    Some(NewCallback {
        unique_key: format!("dag/{}/{}/{}/{name}", owned.dag_id, owned.run_id, owned.seq()),
        payload: payload.to_string(),
        relative_fileloc: form.relative_fileloc.clone(),
    })
}

/// Tells those who watch.
fn announce(changes: &tradewind_queue::Changes, owned: &Owned, plan: &Plan) {
    let task = |task_id: &str, map_index: i32, state: Option<TaskState>, try_number: u32| {
        changes.send(Change::TaskState {
            dag_id: owned.dag_id.to_string(),
            run_id: owned.run_id.to_string(),
            task_id: task_id.to_owned(),
            map_index,
            state: state.map(|s| s.to_string()),
            try_number: i32::try_from(try_number).unwrap_or(i32::MAX),
        });
    };
    for new in plan.created.iter().filter(|new| new.state.is_some()) {
        task(&new.task_id, new.map_index, new.state, new.try_number);
    }
    for step in &plan.transitions {
        task(&step.task_id, step.map_index, step.to, step.try_number);
    }
    if let Some(end) = &plan.run {
        changes.send(Change::RunState { dag_id: owned.dag_id.to_string(), run_id: owned.run_id.to_string(), state: end.state.to_string() });
    }
}

/// The task of a slot.
pub(crate) fn task_of(slot: Slot) -> TaskIx {
    TaskIx(slot.task)
}
