//! Scopes of setups and teardowns.
//!
//! A task is in the scope of a setup when it comes after the setup and before one of the setup's teardowns, or anywhere
//! after a setup that has none. A teardown waits for everything between its setups and itself.

use super::{Graph, TaskIx};

pub(super) fn add(graph: &mut Graph) {
    let setups: Vec<TaskIx> = graph.iter().filter(|ix| graph.task_form(*ix).is_setup).collect();
    for setup in setups {
        let after = graph.descendants(&[setup]);
        let direct = graph.task(setup).downstream.clone();
        let teardowns: Vec<TaskIx> = direct.iter().copied().filter(|ix| graph.task_form(*ix).is_teardown).collect();
        let mut covered = vec![teardowns.is_empty(); graph.len()];
        for &teardown in &teardowns {
            let between = meet(&after, &graph.ancestors(&[teardown]));
            for ix in &between {
                covered[ix.at()] = true;
            }
            add_teardown_scope(graph, teardown, &between);
        }
        for &ix in &after {
            if covered[ix.at()] && !direct.contains(&ix) && !graph.task_form(ix).is_teardown {
                graph.tasks[ix.at()].setups.push(setup);
            }
        }
    }
}

/// What is in both; both are sorted.
fn meet(a: &[TaskIx], b: &[TaskIx]) -> Vec<TaskIx> {
    a.iter().copied().filter(|ix| b.binary_search(ix).is_ok()).collect()
}

fn add_teardown_scope(graph: &mut Graph, teardown: TaskIx, between: &[TaskIx]) {
    let task = &mut graph.tasks[teardown.at()];
    for &ix in between {
        if !task.upstream.contains(&ix) && !task.scope.contains(&ix) {
            task.scope.push(ix);
        }
    }
    task.scope.sort_unstable();
}
