//! The limits that count over all runs.

use tradewind_core::deps::{Dep, Holder, Link, Unmet};
use tradewind_core::graph::Graph;
use tradewind_store::step::{Held, HeldBack, HolderRow, WhyHeld};
use tradewind_store::{Result, Store};

/// Every limit that holds a task instance back.
pub(super) async fn held(store: &Store, graph: &Graph, run_pk: i64, task_id: &str, map_index: i32, parallelism: u32) -> Result<Vec<Unmet>> {
    let Some(ix) = graph.find(task_id) else { return Ok(Vec::new()) };
    let form = graph.task_form(ix);
    let asked = WhyHeld {
        run_pk,
        task_id: task_id.into(),
        map_index,
        per_dag: form.max_active_tis_per_dag,
        per_dagrun: form.max_active_tis_per_dagrun,
        parallelism,
    };
    let held = store.run(asked).await?;
    Ok(held.into_iter().map(|held| told(graph, i64::from(form.pool_slots), parallelism, held)).collect())
}

fn told(graph: &Graph, takes: i64, parallelism: u32, held: Held) -> Unmet {
    let dag = graph.form();
    let link = Link::dag(&dag.dag_id);
    let (dep, reason, link) = match &held.why {
        HeldBack::Paused => (Dep::DagNotPaused, format!("the DAG `{}` is paused", dag.dag_id), link),
        HeldBack::Pool(pool) => {
            let size = held.pool_size.unwrap_or(0);
            let free = (size - held.slots).max(0);
            let slots = if takes == 1 { "1 slot" } else { &format!("{takes} slots") };
            let reason = format!(
                "it takes {slots} of the pool `{pool}`, which has {free} of {size} free; {} task instance(s) hold it, {} wait for it",
                held.active, held.waiting
            );
            (Dep::PoolSlots, reason, Link::pool(pool))
        }
        HeldBack::PoolMissing(pool) => {
            (Dep::PoolSlots, format!("there is no pool `{pool}`; create it, or change the task"), Link::pool(pool))
        }
        HeldBack::PoolTooSmall(pool) => (
            Dep::PoolSlots,
            format!("it takes {takes} slots, more than the pool `{pool}` has in all; enlarge the pool, or change the task"),
            Link::pool(pool),
        ),
        HeldBack::MaxActiveTasks => {
            (Dep::DagConcurrency, format!("{} tasks of this run are active already (max_active_tasks)", dag.max_active_tasks), link)
        }
        HeldBack::MaxActiveTisPerDag => (
            Dep::MaxActiveTisPerDag,
            format!("{} instances of the task are active in all runs, as many as max_active_tis_per_dag allows", held.active),
            link,
        ),
        HeldBack::MaxActiveTisPerDagrun => (
            Dep::MaxActiveTisPerDagrun,
            format!("{} instances of the task are active in this run, as many as max_active_tis_per_dagrun allows", held.active),
            link,
        ),
        HeldBack::Parallelism => (
            Dep::Parallelism,
            format!("{} attempts are queued or running in the whole installation, of {parallelism} ([core] parallelism)", held.active),
            link,
        ),
    };
    let holders: Vec<Holder> = held.holders.into_iter().map(holder).collect();
    let links = holders.iter().map(|holder| Link::task_instance(&holder.dag_id, &holder.run_id, &holder.task_id, holder.map_index));
    Unmet::new(dep, reason).see([link]).see(links.collect::<Vec<_>>()).held_by(holders)
}

fn holder(row: HolderRow) -> Holder {
    Holder {
        dag_id: row.dag_id,
        run_id: row.run_id,
        task_id: row.task_id,
        map_index: row.map_index,
        state: row.state,
        pool_slots: row.pool_slots,
        since: row.since,
    }
}
