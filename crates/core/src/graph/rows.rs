//! Tasks and groups in the order in which people read them: what runs first stands first, a group before its members.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use super::{Graph, TaskIx};

/// What stands in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowItem {
    Task(TaskIx),
    /// Place in `DagForm::groups`.
    Group(usize),
}

/// A row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GraphRow {
    pub item: RowItem,
    /// Groups around it.
    pub depth: usize,
    /// The innermost of them, as a place in `DagForm::groups`.
    pub parent: Option<usize>,
}

/// What stands directly in one group, or in none.
#[derive(Default)]
struct Level {
    items: Vec<RowItem>,
    /// Between places in `items`.
    edges: BTreeSet<(usize, usize)>,
}

impl Graph {
    /// Every task and group once.
    #[must_use]
    pub fn rows(&self) -> Vec<GraphRow> {
        let groups: HashMap<&str, usize> = self.form.groups.iter().enumerate().map(|(at, group)| (group.group_id.as_str(), at)).collect();
        let find = |id: Option<&String>| id.and_then(|id| groups.get(id.as_str()).copied());
        let parents: Vec<Option<usize>> = self.form.groups.iter().map(|group| find(group.parent.as_ref())).collect();
        let homes: Vec<Option<usize>> = self.form.tasks.iter().map(|task| find(task.group.as_ref())).collect();
        let mut levels = self.levels(&parents, &homes);
        let mut rows = Vec::with_capacity(self.tasks.len() + parents.len());
        let mut todo: Vec<GraphRow> = Vec::new();
        open(&mut levels, None, 0, &mut todo);
        while let Some(row) = todo.pop() {
            rows.push(row);
            if let RowItem::Group(group) = row.item {
                open(&mut levels, Some(group), row.depth + 1, &mut todo);
            }
        }
        rows
    }

    fn levels(&self, parents: &[Option<usize>], homes: &[Option<usize>]) -> HashMap<Option<usize>, Level> {
        let mut levels: HashMap<Option<usize>, Level> = HashMap::new();
        // By the first task in it, so that a group stands where it was begun; groups without tasks come last.
        let mut first = vec![usize::MAX; parents.len()];
        for (at, home) in homes.iter().enumerate() {
            for group in around(parents, *home) {
                first[group] = first[group].min(at);
            }
        }
        let tasks = self.iter().map(|ix| (ix.at(), 1, RowItem::Task(ix), homes[ix.at()]));
        let groups = (0..parents.len()).map(|group| (first[group], 0, RowItem::Group(group), parents[group]));
        let mut items: Vec<_> = tasks.chain(groups).collect();
        items.sort_by_key(|(at, kind, _, _)| (*at, *kind));
        let (mut task_places, mut group_places) = (vec![0; homes.len()], vec![0; parents.len()]);
        for (_, _, item, home) in items {
            let level = levels.entry(home).or_default();
            match item {
                RowItem::Task(ix) => task_places[ix.at()] = level.items.len(),
                RowItem::Group(group) => group_places[group] = level.items.len(),
            }
            level.items.push(item);
        }
        for from in self.iter() {
            let from_path = path(parents, homes[from.at()]);
            for to in &self.task(from).downstream {
                let to_path = path(parents, homes[to.at()]);
                let common = from_path.iter().zip(&to_path).take_while(|(a, b)| a == b).count();
                let place = |ix: TaskIx, path: &[usize]| path.get(common).map_or(task_places[ix.at()], |group| group_places[*group]);
                let home = common.checked_sub(1).map(|last| from_path[last]);
                levels.entry(home).or_default().edges.insert((place(from, &from_path), place(*to, &to_path)));
            }
        }
        levels
    }
}

/// Puts what stands in a group on the stack, the first on top.
fn open(levels: &mut HashMap<Option<usize>, Level>, group: Option<usize>, depth: usize, todo: &mut Vec<GraphRow>) {
    let Some(level) = levels.remove(&group) else { return };
    let order = sorted(level.items.len(), &level.edges);
    todo.extend(order.into_iter().rev().map(|at| GraphRow { item: level.items[at], depth, parent: group }));
}

/// Places in an order in which edges lead forward, otherwise as they are. Groups may depend on each other in a circle: then the first that
/// is left goes on.
fn sorted(count: usize, edges: &BTreeSet<(usize, usize)>) -> Vec<usize> {
    let mut waits = vec![0_usize; count];
    for (_, to) in edges {
        waits[*to] += 1;
    }
    let mut ready: BinaryHeap<Reverse<usize>> = (0..count).filter(|at| waits[*at] == 0).map(Reverse).collect();
    let mut left: BTreeSet<usize> = (0..count).collect();
    let mut order = Vec::with_capacity(count);
    while let Some(at) = ready.pop().map(|Reverse(at)| at).or_else(|| left.first().copied()) {
        if !left.remove(&at) {
            continue;
        }
        order.push(at);
        for (_, to) in edges.range((at, 0)..=(at, usize::MAX)) {
            waits[*to] = waits[*to].saturating_sub(1);
            if waits[*to] == 0 {
                ready.push(Reverse(*to));
            }
        }
    }
    order
}

/// The groups around something, innermost first.
fn around(parents: &[Option<usize>], home: Option<usize>) -> impl Iterator<Item = usize> + '_ {
    std::iter::successors(home, |group| parents[*group])
}

/// The same, outermost first.
fn path(parents: &[Option<usize>], home: Option<usize>) -> Vec<usize> {
    let mut path: Vec<usize> = around(parents, home).collect();
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;
    use crate::form::DagForm;

    fn rows(tasks: &[(&str, Option<&str>, &[&str])], groups: &[(&str, Option<&str>)]) -> Vec<String> {
        let tasks: Vec<Value> = tasks
            .iter()
            .map(|(id, group, downstream)| json!({"task_id": id, "task_type": "T", "task_module": "m", "group": group, "downstream": downstream}))
            .collect();
        let groups: Vec<Value> = groups.iter().map(|(id, parent)| json!({"group_id": id, "parent": parent})).collect();
        let form = json!({"format": 1, "dag_id": "d", "fileloc": "/d.py", "relative_fileloc": "d.py", "catchup": false, "tasks": tasks, "groups": groups});
        let graph = Graph::new(Arc::new(DagForm::from_value(form).unwrap())).unwrap();
        graph
            .rows()
            .iter()
            .map(|row| {
                let name = match row.item {
                    RowItem::Task(ix) => graph.task(ix).id.to_string(),
                    RowItem::Group(group) => format!("[{}]", graph.form().groups[group].group_id),
                };
                format!("{}{name}", "  ".repeat(row.depth))
            })
            .collect()
    }

    #[test]
    fn edges_lead_down_whatever_the_order_of_definition() {
        assert_eq!(rows(&[("c", None, &[]), ("b", None, &["c"]), ("x", None, &[]), ("a", None, &["b"])], &[]), ["x", "a", "b", "c"]);
    }

    #[test]
    fn a_group_stands_before_its_members_and_moves_as_one() {
        let tasks: &[(&str, Option<&str>, &[&str])] = &[
            ("end", None, &[]),
            ("g.second", Some("g"), &["end"]),
            ("g.h.deep", Some("g.h"), &["g.second"]),
            ("start", None, &["g.h.deep"]),
        ];
        let groups = &[("g", None), ("g.h", Some("g")), ("empty", None)];
        assert_eq!(rows(tasks, groups), ["start", "[g]", "  [g.h]", "    g.h.deep", "  g.second", "end", "[empty]"]);
    }

    #[test]
    fn groups_in_a_circle_keep_their_order() {
        let tasks: &[(&str, Option<&str>, &[&str])] =
            &[("a.1", Some("a"), &["b.1"]), ("b.1", Some("b"), &["a.2"]), ("a.2", Some("a"), &["c"]), ("c", None, &[])];
        assert_eq!(rows(tasks, &[("a", None), ("b", None)]), ["[a]", "  a.1", "  a.2", "[b]", "  b.1", "c"]);
    }
}
