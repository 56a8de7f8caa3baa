//! Why a task instance does not run: the planner's reasons, and the limits that hold it back when there are none.

use std::sync::Arc;

use tradewind_core::deps::{Dep, Unmet};
use tradewind_core::graph::Graph;
use tradewind_core::plan::{PreviousRun, Rows, Run, RunFacts, SkipMark};
use tradewind_core::state::TaskState;
use tradewind_store::step::{HeldBack, LoadRun, LoadedRun, WhyHeld};
use tradewind_store::{Result, Store};

use crate::control::{skips_of, task_row};

/// A task instance, asked about.
#[derive(Debug, Clone)]
pub struct Question {
    pub run_pk: i64,
    pub task_id: String,
    /// -1: not expanded.
    pub map_index: i32,
    /// `[core] parallelism`; 0: without limit.
    pub parallelism: u32,
}

/// Every condition that is not met, in words. Empty: nothing keeps it from running, or it runs already.
///
/// # Errors
/// What the database says.
pub async fn why_not(store: &Store, graph: Arc<Graph>, question: &Question) -> Result<Vec<Unmet>> {
    let past_tasks = graph.past_tasks().into_iter().map(|task| graph.task(task).id.clone()).collect();
    let Some(loaded) = store.run(LoadRun { run_pk: question.run_pk, past_tasks }).await? else { return Ok(Vec::new()) };
    let is_state_open = |state: Option<TaskState>| state.is_none_or(|state| state == TaskState::Scheduled);
    let row = loaded.tasks.iter().find(|row| *row.task_id == *question.task_id && row.map_index == question.map_index);
    let waits = row.is_some_and(|row| is_state_open(row.state));
    let now = store.now();
    let (run, _) = Run::load(graph.clone(), rows(loaded), now);
    let mut unmet = run.why_not(&question.task_id, question.map_index, now);
    if unmet.is_empty() && waits {
        unmet.extend(held(store, &graph, question).await?);
    }
    Ok(unmet)
}

/// The planner's view of a run's rows.
fn rows(loaded: LoadedRun) -> Rows {
    let run = loaded.run;
    let facts = RunFacts {
        run_pk: run.id,
        is_backfill: run.run_type == "backfill",
        dag_id: run.dag_id,
        run_id: run.run_id,
        state: run.state,
        logical_date: run.logical_date,
        start_date: run.start_date,
    };
    let mark = |(task_id, map_index, text): (Arc<str>, i32, String)| SkipMark { task_id, map_index, skip: skips_of(&text) };
    Rows {
        facts,
        tasks: loaded.tasks.iter().map(task_row).collect(),
        skips: loaded.skips.into_iter().map(mark).collect(),
        past: loaded.previous.map(|before| PreviousRun { run_id: before.run_id, states: before.states, ran_before: before.ran_before }),
    }
}

async fn held(store: &Store, graph: &Graph, question: &Question) -> Result<Option<Unmet>> {
    let Some(ix) = graph.find(&question.task_id) else { return Ok(None) };
    let form = graph.task_form(ix);
    let asked = WhyHeld {
        run_pk: question.run_pk,
        task_id: question.task_id.as_str().into(),
        map_index: question.map_index,
        per_dag: form.max_active_tis_per_dag,
        per_dagrun: form.max_active_tis_per_dagrun,
        parallelism: question.parallelism,
    };
    let Some(held) = store.run(asked).await? else { return Ok(None) };
    let dag = &graph.form().dag_id;
    Ok(Some(match held {
        HeldBack::Paused => Unmet::new(Dep::DagNotPaused, format!("the DAG `{dag}` is paused")),
        HeldBack::Pool(pool) => {
            Unmet::new(Dep::PoolSlots, format!("the pool `{pool}` has fewer free slots than the {} it takes", form.pool_slots))
        }
        HeldBack::PoolMissing(pool) => Unmet::new(Dep::PoolSlots, format!("there is no pool `{pool}`; create it, or change the task")),
        HeldBack::PoolTooSmall(pool) => Unmet::new(
            Dep::PoolSlots,
            format!("it takes {} slots, more than the pool `{pool}` has in all; enlarge the pool, or change the task", form.pool_slots),
        ),
        HeldBack::MaxActiveTasks => Unmet::new(
            Dep::DagConcurrency,
            format!("{} tasks of this run are active already (max_active_tasks)", graph.form().max_active_tasks),
        ),
        HeldBack::MaxActiveTisPerDag => {
            Unmet::new(Dep::TaskConcurrency, "as many instances as max_active_tis_per_dag allows are active in all runs")
        }
        HeldBack::MaxActiveTisPerDagrun => {
            Unmet::new(Dep::TaskConcurrency, "as many instances as max_active_tis_per_dagrun allows are active in this run")
        }
        HeldBack::Parallelism => Unmet::new(
            Dep::TaskConcurrency,
            format!("{} attempts are queued or running in the whole installation ([core] parallelism)", question.parallelism),
        ),
    }))
}
