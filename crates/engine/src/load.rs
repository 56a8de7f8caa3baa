//! Runs from rows into memory.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::future::join_all;
use tradewind_core::graph::Graph;
use tradewind_core::plan::{PreviousRun, Rows, Run, RunFacts, SkipMark};
use tradewind_core::state::TaskState;
use tradewind_metrics::names;
use tradewind_queue::Published;
use tradewind_store::step::{LoadRun, LoadedRun};
use tradewind_store::table::task_instance::TaskInstance;

use crate::Error;
use crate::decide::Plans;
use crate::owned::Owned;
use crate::scheduler::Scheduler;

/// Runs read at the same time.
const BATCH: usize = 64;

impl Scheduler {
    /// Reads the runs that asked for it; their decisions take the place of what memory had decided.
    pub(crate) async fn load_wanted(&mut self, plans: &mut Plans) -> Result<(), Error> {
        let wanted: Vec<i64> = self.todo.reload.drain().collect();
        for batch in wanted.chunks(BATCH) {
            let mut reads = Vec::with_capacity(batch.len());
            let mut fresh = HashSet::new();
            for run_pk in batch {
                plans.remove(run_pk);
                let past_tasks = self.runs.remove(run_pk).map(|owned| past_tasks(&owned.graph));
                if past_tasks.is_none() {
                    fresh.insert(*run_pk);
                }
                self.room.remove_run(*run_pk);
                self.timers.set(*run_pk, None);
                reads.push(self.store.run(LoadRun { run_pk: *run_pk, past_tasks: past_tasks.unwrap_or_default() }));
            }
            for loaded in join_all(reads).await {
                if let Some(loaded) = loaded? {
                    let hints = if fresh.contains(&loaded.run.id) { queued(&loaded) } else { Vec::new() };
                    if self.take_in(loaded, plans).await? && !hints.is_empty() {
                        self.queue.publish(hints).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether it is this scheduler's and goes on.
    async fn take_in(&mut self, mut loaded: LoadedRun, plans: &mut Plans) -> Result<bool, Error> {
        let owner = self.proof()?;
        let mine = loaded.run.owner_job == Some(owner.job) && loaded.run.owner_term == Some(owner.term);
        if !mine || loaded.run.state != tradewind_core::state::RunState::Running {
            return Ok(false);
        }
        let (dag_id, run_id) = (loaded.run.dag_id.clone(), loaded.run.run_id.clone());
        let Some(version_id) = loaded.run.version_id else {
            tracing::error!(dag.id = &*dag_id, run.id = &*run_id, "a run without a DAG version cannot go on");
            return Ok(false);
        };
        let graph = match self.graphs.get(version_id).await {
            Ok(version) => version.graph.clone(),
            Err(Error::Store(error)) => return Err(error.into()),
            Err(error) => {
                tracing::error!(dag.id = &*dag_id, run.id = &*run_id, "the run cannot go on: {error}");
                return Ok(false);
            }
        };
        // The first read of a run does not know yet whose past matters.
        let past = past_tasks(&graph);
        if !past.is_empty() && loaded.previous.is_none() {
            match self.store.run(LoadRun { run_pk: loaded.run.id, past_tasks: past }).await? {
                Some(again) => loaded = again,
                None => return Ok(false),
            }
        }
        let (run_pk, seq, now) = (loaded.run.id, loaded.run.change_seq, self.store.now());
        if self.todo.adopted.remove(&run_pk) {
            let active =
                loaded.tasks.iter().filter(|ti| matches!(ti.state, Some(TaskState::Queued | TaskState::Running | TaskState::Deferred)));
            names::ORPHANS_ADOPTED.count(active.count() as u64, &[]);
        }
        let date = loaded.run.logical_date.unwrap_or(loaded.run.run_after).as_microsecond();
        let previous = loaded.previous.as_ref().map(|before| before.run_pk);
        if let Some(before) = previous {
            self.followers.entry(before).or_default().insert(run_pk);
        }
        let (run, plan) = Run::load(graph.clone(), rows(loaded), now);
        self.timers.set(run_pk, run.wake_at());
        self.runs.insert(run_pk, Owned::new(run, graph, (dag_id, run_id), date, previous, seq));
        plans.insert(run_pk, plan);
        Ok(true)
    }
}

fn past_tasks(graph: &Graph) -> Vec<Arc<str>> {
    graph.past_tasks().into_iter().map(|task| graph.task(task).id.clone()).collect()
}

/// Hints for what a former owner queued and perhaps never published, or took with it; one that waits already is not doubled.
fn queued(loaded: &LoadedRun) -> Vec<Published> {
    let waits = loaded.tasks.iter().filter(|task| task.state == Some(TaskState::Queued));
    let hint = |task: &TaskInstance| {
        let priority = i32::try_from(task.priority_weight).unwrap_or(i32::MAX);
        Some(Published { attempt_id: task.attempt_id?, queue: task.queue.to_string(), priority })
    };
    waits.filter_map(hint).collect()
}

fn rows(loaded: LoadedRun) -> Rows {
    let run = loaded.run;
    Rows {
        facts: RunFacts {
            run_pk: run.id,
            is_backfill: run.run_type == "backfill",
            dag_id: run.dag_id,
            run_id: run.run_id,
            state: run.state,
            logical_date: run.logical_date,
            start_date: run.start_date,
        },
        tasks: loaded.tasks.iter().map(tradewind_queue::control::task_row).collect(),
        skips: loaded
            .skips
            .into_iter()
            .map(|(task_id, map_index, text)| SkipMark { task_id, map_index, skip: tradewind_queue::control::skips_of(&text) })
            .collect(),
        past: loaded.previous.map(|before| PreviousRun { run_id: before.run_id, states: before.states, ran_before: before.ran_before }),
    }
}
