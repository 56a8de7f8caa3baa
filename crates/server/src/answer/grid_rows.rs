//! The rows of a grid: tasks and groups of the newest version, then what only older runs have.

use std::collections::HashSet;
use std::sync::Arc;

use serde::Serialize;
use tradewind_core::graph::{Graph, GraphRow, RowItem};

#[derive(Debug, Serialize)]
pub struct GridRow {
    pub id: String,
    pub label: String,
    /// `task` or `group`.
    pub kind: &'static str,
    /// The group it is in.
    pub parent: Option<String>,
    pub depth: usize,
    pub mapped: bool,
    pub operator: Option<String>,
    pub setup: bool,
    pub teardown: bool,
    /// The newest version has it no more.
    pub removed: bool,
}

/// `older`: the versions of the runs, newest first; `seen`: tasks of their instances.
pub fn rows<'a>(newest: Option<&Graph>, older: &[Arc<Graph>], seen: impl Iterator<Item = &'a str>) -> Vec<GridRow> {
    let mut rows: Vec<GridRow> = newest.into_iter().flat_map(|graph| graph.rows().into_iter().map(|row| of_graph(graph, row))).collect();
    let mut known: HashSet<String> = rows.iter().map(|row| row.id.clone()).collect();
    for graph in older {
        let gone = graph.rows().into_iter().filter(|row| matches!(row.item, RowItem::Task(_))).map(|row| of_graph(graph, row));
        for row in gone {
            if known.insert(row.id.clone()) {
                rows.push(removed(row));
            }
        }
    }
    let mut unknown: Vec<&str> = seen.filter(|id| !known.contains(*id)).collect();
    unknown.sort_unstable();
    unknown.dedup();
    rows.extend(unknown.into_iter().map(nameless));
    rows
}

fn of_graph(graph: &Graph, row: GraphRow) -> GridRow {
    let groups = &graph.form().groups;
    let parent = row.parent.map(|group| groups[group].group_id.clone());
    match row.item {
        RowItem::Group(at) => {
            let group = &groups[at];
            let prefix = group.parent.as_ref().map(|parent| format!("{parent}.")).unwrap_or_default();
            let short = group.group_id.strip_prefix(&prefix).unwrap_or(&group.group_id);
            GridRow {
                id: group.group_id.clone(),
                label: group.display_name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| short.to_owned()),
                kind: "group",
                parent,
                depth: row.depth,
                mapped: group.mapped.is_some(),
                operator: None,
                setup: false,
                teardown: false,
                removed: false,
            }
        }
        RowItem::Task(ix) => {
            let task = graph.task_form(ix);
            GridRow {
                id: task.task_id.clone(),
                label: task.task_display_name.as_deref().unwrap_or(task.label()).to_owned(),
                kind: "task",
                parent,
                depth: row.depth,
                mapped: graph.task(ix).expansion.is_some(),
                operator: Some(task.operator_name().to_owned()),
                setup: task.is_setup,
                teardown: task.is_teardown,
                removed: false,
            }
        }
    }
}

/// Outside of groups: the newest version may have others.
fn removed(row: GridRow) -> GridRow {
    GridRow { label: row.id.clone(), parent: None, depth: 0, removed: true, ..row }
}

fn nameless(id: &str) -> GridRow {
    GridRow {
        id: id.to_owned(),
        label: id.to_owned(),
        kind: "task",
        parent: None,
        depth: 0,
        mapped: false,
        operator: None,
        setup: false,
        teardown: false,
        removed: true,
    }
}
