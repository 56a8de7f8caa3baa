//! Which task instances a clear, or a mark with relatives, concerns.

use std::collections::BTreeMap;

use super::{Graph, TaskIx};
use crate::state::TaskState;

/// What a user asked for. A task with `None` means all its instances, with `Some` one map index (-1: not expanded).
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub tasks: Vec<(TaskIx, Option<i32>)>,
    pub upstream: bool,
    pub downstream: bool,
}

/// Which states a clear touches.
#[derive(Debug, Clone, Copy, Default)]
pub struct StateFilter {
    /// Only `failed` and `upstream_failed`.
    pub only_failed: bool,
    /// Only `running`.
    pub only_running: bool,
}

impl StateFilter {
    /// Whether an instance in this state is cleared; with both options, either will do.
    #[must_use]
    pub fn takes(self, state: Option<TaskState>) -> bool {
        let failed = self.only_failed && state.is_some_and(TaskState::is_failed);
        let running = self.only_running && state == Some(TaskState::Running);
        !(self.only_failed || self.only_running) || failed || running
    }
}

/// The instances to clear, in order of definition.
///
/// Besides what is asked for these are the setups whose scope a cleared task is in, and their teardowns: work cannot run
/// again without what is set up for it. One index of a mapped group takes the same index of the tasks in that group with
/// it, and all instances of tasks elsewhere.
#[must_use]
pub fn select_for_clear(graph: &Graph, wanted: &Wanted) -> Vec<(TaskIx, Option<i32>)> {
    let mut chosen: BTreeMap<TaskIx, Chosen> = BTreeMap::new();
    for &(task, map_index) in &wanted.tasks {
        choose(&mut chosen, task, map_index);
        let mut relatives = Vec::new();
        if wanted.upstream {
            relatives.extend(graph.ancestors(&[task]));
        }
        if wanted.downstream {
            relatives.extend(graph.descendants(&[task]));
        }
        for other in relatives {
            choose(&mut chosen, other, index_for(graph, task, map_index, other));
        }
    }
    let cleared: Vec<_> = chosen.iter().map(|(ix, chosen)| (*ix, chosen.clone())).collect();
    for (task, of) in cleared {
        for setup in setups_of(graph, task) {
            add_same(graph, &mut chosen, task, &of, setup);
            for &after in &graph.task(setup).downstream {
                if graph.task_form(after).is_teardown {
                    add_same(graph, &mut chosen, task, &of, after);
                }
            }
        }
    }
    chosen
        .into_iter()
        .flat_map(|(ix, chosen)| match chosen {
            Chosen::All => vec![(ix, None)],
            Chosen::Some(indexes) => indexes.into_iter().map(|i| (ix, Some(i))).collect(),
        })
        .collect()
}

#[derive(Clone)]
enum Chosen {
    All,
    Some(Vec<i32>),
}

fn choose(chosen: &mut BTreeMap<TaskIx, Chosen>, task: TaskIx, map_index: Option<i32>) {
    let entry = chosen.entry(task).or_insert_with(|| Chosen::Some(Vec::new()));
    match (entry, map_index) {
        (entry, None) => *entry = Chosen::All,
        (Chosen::All, Some(_)) => {}
        (Chosen::Some(indexes), Some(index)) => {
            if let Err(place) = indexes.binary_search(&index) {
                indexes.insert(place, index);
            }
        }
    }
}

fn index_for(graph: &Graph, task: TaskIx, index: Option<i32>, other: TaskIx) -> Option<i32> {
    index.filter(|_| graph.same_mapped_group(task, other))
}

fn add_same(graph: &Graph, chosen: &mut BTreeMap<TaskIx, Chosen>, task: TaskIx, of: &Chosen, other: TaskIx) {
    match of {
        Chosen::All => choose(chosen, other, None),
        Chosen::Some(indexes) => {
            for &index in indexes {
                choose(chosen, other, index_for(graph, task, Some(index), other));
            }
        }
    }
}

/// Setups that a task needs: those of its scopes, and direct upstream ones that have a teardown after it or none at all.
fn setups_of(graph: &Graph, task: TaskIx) -> Vec<TaskIx> {
    let mut setups = graph.task(task).setups.clone();
    for &before in &graph.task(task).upstream {
        if graph.task_form(before).is_setup && !setups.contains(&before) {
            let downstream = &graph.task(before).downstream;
            let teardown = |ix: &&TaskIx| graph.task_form(**ix).is_teardown;
            let mut teardowns = downstream.iter().filter(teardown).peekable();
            let own = teardowns.peek().is_none()
                || teardowns.any(|ix| graph.task(*ix).upstream.contains(&task) || graph.task(*ix).scope.contains(&task));
            if own {
                setups.push(before);
            }
        }
    }
    setups
}
