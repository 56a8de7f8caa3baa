//! From scheduled to queued, under the limits, and on to the queue.

use std::collections::HashMap;

use jiff::SignedDuration;
use tokio::time::Instant;
use tradewind_core::form::StartTrigger;
use tradewind_core::plan::{Event, TaskRow};
use tradewind_core::state::TaskState;
use tradewind_metrics::names;
use tradewind_queue::{Change, Published};
use tradewind_store::step::{Admit, Admitted, Candidate as Wanted, HeldBack};
use tradewind_store::table::deferral::NewDeferral;
use tradewind_store::table::task_instance::TaskKey;
use uuid::Uuid;

use crate::Error;
use crate::scheduler::Scheduler;
use crate::told;
use crate::waiting_room::{Candidate, Gate, Slot};
use crate::write::task_of;

/// Candidates of one transaction: at first about as many as fit into the places of those that ended since the last turn; more when
/// all of them found one. Few enough to keep the transaction short.
const BATCHES: (usize, usize) = (16, 128);

/// Transactions of one turn; what is left waits for the next.
const ROUNDS: usize = 8;

impl Scheduler {
    /// Admits until nothing ready is left or the bound of this turn is reached.
    pub(crate) async fn admit(&mut self) -> Result<(), Error> {
        if self.room.len() == 0 {
            told::nothing_waits(&mut self.starving);
        }
        let mut size = BATCHES.0;
        for _ in 0..ROUNDS {
            let batch = self.room.first(size);
            size = (2 * size).min(BATCHES.1);
            if batch.is_empty() {
                return Ok(());
            }
            let began = Instant::now();
            self.admit_batch(&batch).await?;
            names::CRITICAL_SECTION.time(began.elapsed(), &[]);
        }
        self.todo.admit = self.room.has_ready();
        Ok(())
    }

    async fn admit_batch(&mut self, batch: &[Candidate]) -> Result<(), Error> {
        let owner = self.proof()?;
        let mut asked: HashMap<TaskKey, Slot> = HashMap::with_capacity(batch.len());
        let mut candidates = Vec::with_capacity(batch.len());
        for candidate in batch {
            match self.wanted(candidate.slot) {
                Some(wanted) => {
                    asked.insert(wanted.key.clone(), candidate.slot);
                    candidates.push(wanted);
                }
                None => self.room.remove(candidate.slot),
            }
        }
        let requested = Instant::now();
        let Some(admission) = self.store.run(Admit { owner, candidates, parallelism: self.options.parallelism }).await? else {
            return Err(Error::Fenced);
        };
        names::CRITICAL_SECTION_QUERY.time(requested.elapsed(), &[]);
        told::admission(&admission, &mut self.starving);
        let hints: Vec<Published> = admission.admitted.iter().filter_map(|one| self.admitted(asked.get(&one.key).copied()?, one)).collect();
        for (key, why) in admission.held {
            if let Some(slot) = asked.get(&key) {
                self.held(*slot, why);
            }
        }
        for key in admission.gone {
            // Somebody changed the row; the change's hint, or the tick, brings the truth.
            if let Some(slot) = asked.get(&key) {
                self.room.remove(*slot);
                self.todo.reload.insert(slot.run_pk);
            }
        }
        for one in &admission.deferred {
            if let Some(slot) = asked.get(&one.key) {
                self.note(*slot, one, TaskState::Deferred);
            }
        }
        if !admission.deferred.is_empty() {
            self.changes.send(Change::Triggers);
        }
        if !hints.is_empty() {
            self.queue.publish(hints).await?;
        }
        Ok(())
    }

    /// What to ask for; `None` when the run left memory.
    fn wanted(&self, slot: Slot) -> Option<Wanted> {
        let owned = self.runs.get(&slot.run_pk)?;
        let form = owned.graph.task_form(task_of(slot));
        Some(Wanted {
            key: TaskKey::new(slot.run_pk, owned.graph.task(task_of(slot)).id.clone(), slot.map_index),
            attempt_id: Uuid::now_v7(),
            max_active_tis_per_dag: form.max_active_tis_per_dag,
            max_active_tis_per_dagrun: form.max_active_tis_per_dagrun,
            start: form.start_trigger.as_ref().map(deferral),
        })
    }

    /// Notes an admission in memory; gives the hint to publish.
    fn admitted(&mut self, slot: Slot, admitted: &Admitted) -> Option<Published> {
        self.note(slot, admitted, TaskState::Queued)?;
        let priority = i32::try_from(admitted.priority_weight).unwrap_or(i32::MAX);
        Some(Published { attempt_id: admitted.attempt_id, queue: admitted.queue.clone(), priority })
    }

    /// Notes in memory what an admission made of a row; `None`: the run left memory.
    fn note(&mut self, slot: Slot, admitted: &Admitted, state: TaskState) -> Option<()> {
        self.room.remove(slot);
        let now = self.store.now();
        let owned = self.runs.get_mut(&slot.run_pk)?;
        let row = TaskRow {
            task_id: admitted.key.task_id.clone(),
            map_index: slot.map_index,
            state: Some(state),
            try_number: admitted.try_number,
            max_tries: 0,
            map_length: None,
            retry_at: None,
            reschedule_at: None,
            start_date: None,
            end_date: None,
        };
        // The planner does not look at `max_tries`. There is nothing to decide about a queued or deferred instance; the event keeps the planner's memory equal to the row.
        owned.run.on(Event::Task { row, skip: Vec::new() }, now);
        self.changes.send(Change::TaskState {
            dag_id: owned.dag_id.to_string(),
            run_id: owned.run_id.to_string(),
            task_id: admitted.key.task_id.to_string(),
            map_index: slot.map_index,
            state: Some(state.to_string()),
            try_number: i32::try_from(admitted.try_number).unwrap_or(i32::MAX),
        });
        Some(())
    }

    fn held(&mut self, slot: Slot, why: HeldBack) {
        let Some(owned) = self.runs.get(&slot.run_pk) else { return self.room.remove(slot) };
        let (dag_id, task) = (&owned.dag_id, task_of(slot));
        let gate = match why {
            HeldBack::Parallelism => return self.room.shut(),
            HeldBack::Pool(pool) | HeldBack::PoolMissing(pool) | HeldBack::PoolTooSmall(pool) => {
                Gate::Pool(pool, i64::from(owned.graph.task_form(task).pool_slots))
            }
            HeldBack::MaxActiveTasks => Gate::Run(slot.run_pk),
            HeldBack::MaxActiveTisPerDagrun => Gate::TaskOfRun(slot.run_pk, slot.task),
            HeldBack::MaxActiveTisPerDag => Gate::TaskOfDag(dag_id.clone(), owned.graph.task(task).id.clone()),
            HeldBack::Paused => Gate::Dag(dag_id.clone()),
        };
        self.room.park(slot, gate);
    }
}

/// The wait with which a task begins.
fn deferral(start: &StartTrigger) -> NewDeferral {
    NewDeferral {
        classpath: Some(start.classpath.clone()),
        kwargs: start.kwargs.as_str().into(),
        method: start.method.clone(),
        method_kwargs: start.method_kwargs.as_str().into(),
        timeout: start.timeout.and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok()),
    }
}
