//! Which of the scheduled task instances fit under the limits: a pure count, fed from rows of the same transaction (invariant 7).

use std::collections::HashMap;
use std::sync::Arc;

use tradewind_core::state::TaskState;

/// What holds a task instance back.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum HeldBack {
    /// Its DAG is paused.
    Paused,
    /// The pool has too few free slots now.
    Pool(Arc<str>),
    /// There is no such pool.
    PoolMissing(Arc<str>),
    /// The pool will never have that many slots.
    PoolTooSmall(Arc<str>),
    /// `max_active_tasks` of its DAG, per run.
    MaxActiveTasks,
    /// `max_active_tis_per_dag` of its task.
    MaxActiveTisPerDag,
    /// `max_active_tis_per_dagrun` of its task.
    MaxActiveTisPerDagrun,
    /// `[core] parallelism`.
    Parallelism,
}

/// A pool as it is configured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PoolSize {
    /// -1: without limit.
    pub slots: i64,
    pub include_deferred: bool,
}

/// What a task instance would take.
#[derive(Debug, Clone)]
pub(crate) struct Demand {
    pub dag_id: Arc<str>,
    pub run_pk: i64,
    pub task_id: Arc<str>,
    pub pool: Arc<str>,
    pub pool_slots: i64,
    pub max_active_tasks: i64,
    pub per_dag: Option<i64>,
    pub per_dagrun: Option<i64>,
}

/// How much is taken.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pools: HashMap<Arc<str>, PoolSize>,
    pool: HashMap<Arc<str>, i64>,
    run: HashMap<i64, i64>,
    of_dag: HashMap<(Arc<str>, Arc<str>), i64>,
    of_run: HashMap<(i64, Arc<str>), i64>,
    all: i64,
    /// 0 or less: without limit.
    parallelism: i64,
}

impl Taken {
    pub(crate) fn new(parallelism: i64, pools: HashMap<Arc<str>, PoolSize>) -> Self {
        Self { pools, parallelism, ..Self::default() }
    }

    /// Counts `count` active task instances of one task that hold `slots` together.
    pub(crate) fn count(&mut self, state: TaskState, what: &Demand, count: i64, slots: i64) {
        let has_process = state.has_attempt();
        let includes_deferred = self.pools.get(&what.pool).is_some_and(|pool| pool.include_deferred);
        if has_process || (state == TaskState::Deferred && includes_deferred) {
            *self.pool.entry(what.pool.clone()).or_default() += slots;
        }
        if has_process {
            *self.run.entry(what.run_pk).or_default() += count;
            self.all += count;
        }
        *self.of_dag.entry((what.dag_id.clone(), what.task_id.clone())).or_default() += count;
        *self.of_run.entry((what.run_pk, what.task_id.clone())).or_default() += count;
    }

    /// Takes what is asked for, or says which limit is in the way; then nothing is taken.
    pub(crate) fn take(&mut self, what: &Demand) -> Result<(), HeldBack> {
        if let Some(why) = LIMITS.iter().find_map(|limit| limit(self, what)) {
            return Err(why);
        }
        self.count(TaskState::Queued, what, 1, what.pool_slots);
        Ok(())
    }

    /// Takes what one asks for that waits for a trigger: a slot only of a pool that counts deferred ones.
    pub(crate) fn take_waiting(&mut self, what: &Demand) -> Result<(), HeldBack> {
        let counts = self.pools.get(&what.pool).is_some_and(|pool| pool.include_deferred);
        let limits = LIMITS.iter().enumerate().filter(|(place, _)| matches!(*place, PER_DAG | PER_DAGRUN) || (counts && *place == POOL));
        if let Some(why) = limits.map(|(_, limit)| limit).find_map(|limit| limit(self, what)) {
            return Err(why);
        }
        self.count(TaskState::Deferred, what, 1, what.pool_slots);
        Ok(())
    }

    /// All limits that are in the way.
    pub(crate) fn held(&self, what: &Demand) -> Vec<HeldBack> {
        LIMITS.iter().filter_map(|limit| limit(self, what)).collect()
    }

    /// Slots of a pool, and whether deferred task instances take some.
    pub(crate) fn pool_size(&self, pool: &str) -> (Option<i64>, bool) {
        self.pools.get(pool).map_or((None, false), |size| (Some(size.slots), size.include_deferred))
    }

    fn pool_in_the_way(&self, what: &Demand) -> Option<HeldBack> {
        let Some(size) = self.pools.get(&what.pool) else { return Some(HeldBack::PoolMissing(what.pool.clone())) };
        let free = size.slots - self.pool.get(&what.pool).copied().unwrap_or(0);
        match size.slots {
            ..0 => None,
            slots if what.pool_slots > slots => Some(HeldBack::PoolTooSmall(what.pool.clone())),
            _ => (what.pool_slots > free).then(|| HeldBack::Pool(what.pool.clone())),
        }
    }
}

/// The limits in the order in which they are told.
const LIMITS: [fn(&Taken, &Demand) -> Option<HeldBack>; 5] = [
    Taken::pool_in_the_way,
    |taken, what| reached(Some(what.max_active_tasks), taken.run.get(&what.run_pk)).then_some(HeldBack::MaxActiveTasks),
    |taken, what| {
        let key = (what.dag_id.clone(), what.task_id.clone());
        reached(what.per_dag, taken.of_dag.get(&key)).then_some(HeldBack::MaxActiveTisPerDag)
    },
    |taken, what| {
        let key = (what.run_pk, what.task_id.clone());
        reached(what.per_dagrun, taken.of_run.get(&key)).then_some(HeldBack::MaxActiveTisPerDagrun)
    },
    |taken, _| (taken.parallelism > 0 && taken.all >= taken.parallelism).then_some(HeldBack::Parallelism),
];

/// Places in [`LIMITS`].
const POOL: usize = 0;
const PER_DAG: usize = 2;
const PER_DAGRUN: usize = 3;

fn reached(limit: Option<i64>, taken: Option<&i64>) -> bool {
    limit.is_some_and(|limit| taken.copied().unwrap_or(0) >= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(parallelism: i64, pools: &[(&str, i64, bool)]) -> Taken {
        let sizes = pools
            .iter()
            .map(|(name, slots, include_deferred)| (Arc::from(*name), PoolSize { slots: *slots, include_deferred: *include_deferred }));
        Taken::new(parallelism, sizes.collect())
    }

    fn demand(run_pk: i64, task: &str, pool: &str, pool_slots: i64) -> Demand {
        let (dag_id, task_id, pool) = ("d".into(), task.into(), pool.into());
        Demand { dag_id, run_pk, task_id, pool, pool_slots, max_active_tasks: 16, per_dag: None, per_dagrun: None }
    }

    #[test]
    fn a_task_too_big_for_the_free_slots_lets_smaller_ones_through() {
        let mut taken = taken(0, &[("p", 4, false)]);
        taken.count(TaskState::Running, &demand(1, "a", "p", 1), 2, 2);
        assert_eq!(taken.take(&demand(1, "big", "p", 3)), Err(HeldBack::Pool("p".into())));
        assert_eq!(taken.take(&demand(1, "small", "p", 2)), Ok(()));
        assert_eq!(taken.take(&demand(1, "small", "p", 1)), Err(HeldBack::Pool("p".into())));
    }

    #[test]
    fn a_pool_that_is_missing_or_can_never_fit_is_told_apart() {
        let mut taken = taken(0, &[("p", 4, false), ("endless", -1, false)]);
        assert_eq!(taken.take(&demand(1, "a", "p", 5)), Err(HeldBack::PoolTooSmall("p".into())));
        assert_eq!(taken.take(&demand(1, "a", "q", 1)), Err(HeldBack::PoolMissing("q".into())));
        assert_eq!(taken.take(&demand(1, "a", "endless", 1000)), Ok(()));
    }

    #[test]
    fn deferred_ones_hold_slots_only_of_pools_that_include_them_and_always_count_per_task() {
        for (include, expected) in [(true, Err(HeldBack::Pool("p".into()))), (false, Ok(()))] {
            let mut taken = taken(1, &[("p", 1, include)]);
            taken.count(TaskState::Deferred, &demand(1, "a", "p", 1), 1, 1);
            assert_eq!(taken.take(&demand(1, "b", "p", 1)), expected);
            let limited = Demand { per_dagrun: Some(1), pool_slots: 0, ..demand(1, "a", "p", 1) };
            assert_eq!(taken.take(&limited), Err(HeldBack::MaxActiveTisPerDagrun));
            assert_eq!(taken.take_waiting(&limited), Err(HeldBack::MaxActiveTisPerDagrun));
            assert_eq!(taken.take_waiting(&demand(1, "b", "p", 1)), expected);
            assert_eq!(taken.take_waiting(&Demand { max_active_tasks: 0, ..demand(1, "c", "none", 9) }), Ok(()));
        }
    }

    #[test]
    fn limits_of_runs_and_tasks_and_the_whole() {
        let mut taken = taken(3, &[("p", -1, false)]);
        let one = Demand { max_active_tasks: 1, ..demand(1, "a", "p", 1) };
        assert_eq!(taken.take(&one), Ok(()));
        assert_eq!(taken.take(&one), Err(HeldBack::MaxActiveTasks));
        let per_dag = Demand { per_dag: Some(1), ..demand(2, "a", "p", 1) };
        assert_eq!(taken.take(&per_dag), Err(HeldBack::MaxActiveTisPerDag));
        assert_eq!(taken.take(&demand(2, "b", "p", 1)), Ok(()));
        assert_eq!(taken.take(&demand(2, "c", "p", 1)), Ok(()));
        assert_eq!(taken.take(&demand(3, "d", "p", 1)), Err(HeldBack::Parallelism));
    }
}
