//! The limits that count over all runs.

use tradewind_core::deps::{Holder, Link, Reason, Unmet};
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
    let active = held.active;
    let (reason, link) = match held.why {
        HeldBack::Pool(pool) => {
            let slots = held.pool_size.unwrap_or(0);
            let free = (slots - held.slots).max(0);
            let link = Link::pool(&pool);
            (Reason::PoolFull { pool: pool.to_string(), takes, free, slots, holding: active, waiting: held.waiting }, link)
        }
        HeldBack::PoolMissing(pool) => (Reason::PoolMissing { pool: pool.to_string() }, Link::pool(&pool)),
        HeldBack::PoolTooSmall(pool) => (Reason::PoolTooSmall { pool: pool.to_string(), takes }, Link::pool(&pool)),
        HeldBack::Paused => (Reason::DagPaused { dag_id: dag.dag_id.clone() }, Link::dag(&dag.dag_id)),
        HeldBack::MaxActiveTasks => (Reason::MaxActiveTasks { limit: i64::from(dag.max_active_tasks) }, Link::dag(&dag.dag_id)),
        HeldBack::MaxActiveTisPerDag => (Reason::MaxActiveTisPerDag { active }, Link::dag(&dag.dag_id)),
        HeldBack::MaxActiveTisPerDagrun => (Reason::MaxActiveTisPerDagrun { active }, Link::dag(&dag.dag_id)),
        HeldBack::Parallelism => (Reason::Parallelism { active, limit: parallelism }, Link::dag(&dag.dag_id)),
    };
    let holders: Vec<Holder> = held.holders.into_iter().map(holder).collect();
    let links = holders.iter().map(|holder| Link::task_instance(&holder.dag_id, &holder.run_id, &holder.task_id, holder.map_index));
    Unmet::new(reason).see([link]).see(links.collect::<Vec<_>>()).held_by(holders)
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
