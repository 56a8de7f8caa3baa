//! Metrics of plans and admissions.

use std::collections::{HashMap, HashSet};

use tradewind_core::plan::Plan;
use tradewind_core::state::TaskState;
use tradewind_metrics::names;
use tradewind_store::step::{Admission, HeldBack};

use crate::owned::Owned;

/// What a plan that is committed made, removed and brought back.
pub fn plan(owned: &Owned, plan: &Plan) {
    for new in &plan.created {
        let form = owned.graph.task_form(new.task);
        names::TI_CREATED.count(1, &[("task_type", form.operator_name.as_deref().unwrap_or(&form.task_type))]);
    }
    for step in &plan.transitions {
        let dag: &[(&'static str, &str)] = &[("dag_id", &owned.dag_id)];
        match (step.from, step.to) {
            (_, Some(TaskState::Removed)) => names::TASK_REMOVED.count(1, dag),
            (Some(TaskState::Removed), _) => names::TASK_RESTORED.count(1, dag),
            _ => {}
        }
    }
}

/// What an admission chose and held back. `starving`: the pools that were told to starve tasks so far.
pub fn admission(admission: &Admission, starving: &mut HashSet<String>) {
    names::TASKS_EXECUTABLE.set(admission.admitted.len() as f64, &[]);
    let mut pools: HashMap<&str, usize> = HashMap::new();
    for (_, why) in &admission.held {
        if let HeldBack::Pool(pool) | HeldBack::PoolTooSmall(pool) = why {
            *pools.entry(pool).or_default() += 1;
        }
    }
    names::TASKS_STARVING.set(pools.values().sum::<usize>() as f64, &[]);
    starving.retain(|pool| {
        let still = pools.contains_key(pool.as_str());
        if !still {
            names::POOL_STARVING.set(0.0, &[("pool_name", pool)]);
        }
        still
    });
    for (pool, count) in pools {
        names::POOL_STARVING.set(count as f64, &[("pool_name", pool)]);
        starving.insert(pool.to_owned());
    }
}

/// No task is ready: no pool starves any.
pub fn nothing_waits(starving: &mut HashSet<String>) {
    for pool in starving.drain() {
        names::POOL_STARVING.set(0.0, &[("pool_name", &pool)]);
        names::TASKS_STARVING.set(0.0, &[]);
    }
}
