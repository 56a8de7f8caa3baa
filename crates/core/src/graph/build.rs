//! Making a [`Graph`] from a form.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Dependent, Expansion, ExpansionIx, Graph, GraphError, GraphTask, Link, TaskIx, scope};
use crate::form::{DagForm, Length, TaskForm};
use crate::weight::{self, WeightRule};

pub(super) fn build(form: Arc<DagForm>) -> Result<Graph, GraphError> {
    if u32::try_from(form.tasks.len()).is_err() {
        return Err(GraphError::TooLarge { dag_id: form.dag_id.clone() });
    }
    let mut graph = Graph {
        tasks: Vec::with_capacity(form.tasks.len()),
        ids: HashMap::with_capacity(form.tasks.len()),
        expansions: Vec::new(),
        groups: HashMap::new(),
        needs_past: form.tasks.iter().any(|task| task.needs_past()),
        form,
    };
    add_tasks(&mut graph);
    add_edges(&mut graph)?;
    add_weights(&mut graph);
    add_groups(&mut graph)?;
    add_expansions(&mut graph)?;
    scope::add(&mut graph);
    add_dependents(&mut graph);
    rank(&mut graph)?;
    Ok(graph)
}

fn broken(graph: &Graph, problem: String) -> GraphError {
    GraphError::Structure { dag_id: graph.form.dag_id.clone(), problem }
}

fn add_tasks(graph: &mut Graph) {
    for (ix, task) in (0..).zip(&graph.form.tasks) {
        let id: Arc<str> = task.task_id.as_str().into();
        graph.ids.insert(Arc::clone(&id), TaskIx(ix));
        graph.tasks.push(GraphTask {
            id,
            upstream: Vec::new(),
            downstream: Vec::new(),
            setups: Vec::new(),
            scope: Vec::new(),
            expansion: None,
            feeds: Vec::new(),
            leaf: false,
            weight: 0,
            rank: 0,
            dependents: Vec::new(),
            has_index_upstreams: false,
        });
    }
}

/// Effective priority weights. A rule of the author's own counts for nothing but the task itself.
fn add_weights(graph: &mut Graph) {
    let rule = |task: &TaskForm| match task.weight_rule.as_str() {
        "downstream" => WeightRule::Downstream,
        "upstream" => WeightRule::Upstream,
        _ => WeightRule::Absolute,
    };
    let own: Vec<_> = graph.form.tasks.iter().map(|task| (i64::from(task.priority_weight), rule(task))).collect();
    let downstream: Vec<Vec<usize>> = graph.tasks.iter().map(|task| task.downstream.iter().map(|after| after.at()).collect()).collect();
    for (task, weight) in graph.tasks.iter_mut().zip(weight::effective(&own, &downstream)) {
        task.weight = weight;
    }
}

fn add_edges(graph: &mut Graph) -> Result<(), GraphError> {
    let form = Arc::clone(&graph.form);
    for (ix, task) in graph.iter().zip(&form.tasks) {
        for id in &task.downstream {
            let Some(after) = graph.find(id) else {
                return Err(broken(graph, format!("there is no task `{id}`")));
            };
            graph.tasks[ix.at()].downstream.push(after);
        }
        let downstream = &mut graph.tasks[ix.at()].downstream;
        downstream.sort_unstable();
        downstream.dedup();
        for after in graph.tasks[ix.at()].downstream.clone() {
            graph.tasks[after.at()].upstream.push(ix);
        }
    }
    mark_leaves(graph);
    Ok(())
}

/// The tasks that decide about the run: those after which nothing comes but teardowns that may fail.
fn mark_leaves(graph: &mut Graph) {
    let form = Arc::clone(&graph.form);
    let ignorable = |ix: TaskIx| {
        let task = &form.tasks[ix.at()];
        task.is_teardown && !task.on_failure_fail_dagrun
    };
    let mut any = false;
    for ix in graph.iter() {
        let task = &mut graph.tasks[ix.at()];
        task.leaf = !ignorable(ix) && task.downstream.iter().all(|after| ignorable(*after));
        any |= task.leaf;
    }
    if !any {
        for task in &mut graph.tasks {
            task.leaf = task.downstream.is_empty();
        }
    }
}

fn add_groups(graph: &mut Graph) -> Result<(), GraphError> {
    let form = Arc::clone(&graph.form);
    let parents: HashMap<&str, Option<&str>> = form.groups.iter().map(|group| (group.group_id.as_str(), group.parent.as_deref())).collect();
    for group in &form.groups {
        graph.groups.insert(group.group_id.as_str().into(), Vec::new());
    }
    for (ix, task) in graph.iter().zip(&form.tasks) {
        let mut group = task.group.as_deref();
        // A group has fewer ancestors than there are groups; a longer way is a circle.
        for _ in 0..=form.groups.len() {
            let Some(id) = group else { break };
            let Some(members) = graph.groups.get_mut(id) else {
                return Err(broken(graph, format!("there is no group `{id}`")));
            };
            members.push(ix);
            group = parents[id];
        }
    }
    Ok(())
}

fn add_expansions(graph: &mut Graph) -> Result<(), GraphError> {
    let form = Arc::clone(&graph.form);
    for group in &form.groups {
        if let Some(mapped) = &group.mapped {
            let id: Arc<str> = group.group_id.as_str().into();
            let members = graph.groups[&id].clone();
            add_expansion(graph, &mapped.length, Some(id), members)?;
        }
    }
    for (ix, task) in graph.iter().zip(&form.tasks) {
        if let Some(mapped) = &task.mapped {
            add_expansion(graph, &mapped.length, None, vec![ix])?;
        }
    }
    Ok(())
}

fn add_expansion(graph: &mut Graph, length: &Length, group: Option<Arc<str>>, members: Vec<TaskIx>) -> Result<(), GraphError> {
    let ix = ExpansionIx(u32::try_from(graph.expansions.len()).unwrap_or(u32::MAX));
    let mut sources = Vec::new();
    for id in length.sources() {
        let Some(source) = graph.find(id) else {
            return Err(broken(graph, format!("there is no task `{id}`")));
        };
        if !sources.contains(&source) {
            sources.push(source);
            graph.tasks[source.at()].feeds.push(ix);
        }
    }
    for &member in &members {
        if graph.tasks[member.at()].expansion.replace(ix).is_some() {
            let id = &graph.tasks[member.at()].id;
            return Err(broken(graph, format!("`{id}` is expanded twice")));
        }
    }
    graph.expansions.push(Expansion { length: length.clone(), sources, group, members });
    Ok(())
}

fn add_dependents(graph: &mut Graph) {
    for ix in graph.iter() {
        let task = graph.task(ix);
        let mut links: Vec<(TaskIx, Link)> = Vec::new();
        for &before in &task.upstream {
            let setup = graph.task_form(before).is_setup;
            links.push((before, Link::Rule { setup }));
        }
        links.extend(task.scope.iter().map(|before| (*before, Link::Around)));
        links.extend(task.setups.iter().map(|before| (*before, Link::Around)));
        for (before, link) in links {
            let per_index = graph.same_mapped_group(before, ix);
            graph.tasks[ix.at()].has_index_upstreams |= per_index;
            graph.tasks[before.at()].dependents.push(Dependent { task: ix, link, per_index });
        }
    }
}

/// Topological order; the lowest place in the definition first among those that could come next.
fn rank(graph: &mut Graph) -> Result<(), GraphError> {
    let mut after: Vec<Vec<TaskIx>> = Vec::with_capacity(graph.len());
    for ix in graph.iter() {
        let task = graph.task(ix);
        let expanded = task.feeds.iter().flat_map(|feed| graph.expansion(*feed).members.iter());
        after.push(task.downstream.iter().chain(expanded).copied().collect());
    }
    let mut missing = vec![0_u32; graph.len()];
    for ix in after.iter().flatten() {
        missing[ix.at()] += 1;
    }
    let mut ready: std::collections::BinaryHeap<_> = graph.iter().filter(|ix| missing[ix.at()] == 0).map(std::cmp::Reverse).collect();
    let mut next = 0;
    while let Some(std::cmp::Reverse(ix)) = ready.pop() {
        graph.tasks[ix.at()].rank = next;
        next += 1;
        for &other in &after[ix.at()] {
            missing[other.at()] -= 1;
            if missing[other.at()] == 0 {
                ready.push(std::cmp::Reverse(other));
            }
        }
    }
    if (next as usize) < graph.len() {
        return Err(broken(graph, "its tasks wait for each other in a circle".to_owned()));
    }
    Ok(())
}
