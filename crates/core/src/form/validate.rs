//! What a form must satisfy before a run can be planned over it.

use std::collections::{HashMap, HashSet};

use super::{DagForm, Length};

/// Something in the structure of a DAG that cannot run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("task `{0}` is defined twice")]
    DuplicateTask(String),
    #[error("group `{0}` is defined twice")]
    DuplicateGroup(String),
    #[error("`{0}` is the id of a task and of a group")]
    TaskAndGroup(String),
    #[error("task `{task}` has the downstream task `{downstream}`, which the DAG does not have")]
    UnknownDownstream { task: String, downstream: String },
    #[error("task `{task}` is in the group `{group}`, which the DAG does not have")]
    UnknownGroup { task: String, group: String },
    #[error("group `{group}` has the parent `{parent}`, which is not defined before it")]
    UnknownParent { group: String, parent: String },
    #[error("the length of `{of}` comes from the task `{source_task}`, which the DAG does not have")]
    UnknownSource { of: String, source_task: String },
    #[error("`{0}` is expanded inside a group that is expanded itself; that is not supported")]
    NestedExpansion(String),
    #[error("task `{0}` cannot be setup and teardown at once")]
    SetupAndTeardown(String),
    #[error("the tasks wait for each other in a circle: {}", .0.join(" >> "))]
    Cycle(Vec<String>),
}

/// All problems, in order of the form.
pub(super) fn problems(form: &DagForm) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut tasks = HashSet::new();
    for task in &form.tasks {
        if !tasks.insert(task.task_id.as_str()) {
            problems.push(Problem::DuplicateTask(task.task_id.clone()));
        }
    }
    let groups = check_groups(form, &tasks, &mut problems);
    for task in &form.tasks {
        check_task(task, &tasks, &groups, &mut problems);
    }
    if problems.is_empty()
        && let Some(cycle) = find_cycle(form)
    {
        problems.push(Problem::Cycle(cycle));
    }
    problems
}

/// Groups by id, with whether they, or one around them, are expanded.
fn check_groups<'a>(form: &'a DagForm, tasks: &HashSet<&str>, problems: &mut Vec<Problem>) -> HashMap<&'a str, bool> {
    let mut groups: HashMap<&str, bool> = HashMap::new();
    for group in &form.groups {
        let id = group.group_id.as_str();
        if groups.contains_key(id) {
            problems.push(Problem::DuplicateGroup(id.to_owned()));
        }
        if tasks.contains(id) {
            problems.push(Problem::TaskAndGroup(id.to_owned()));
        }
        let around = match group.parent.as_deref() {
            None => false,
            Some(parent) => groups.get(parent).copied().unwrap_or_else(|| {
                problems.push(Problem::UnknownParent { group: id.to_owned(), parent: parent.to_owned() });
                false
            }),
        };
        if around && group.mapped.is_some() {
            problems.push(Problem::NestedExpansion(id.to_owned()));
        }
        if let Some(mapped) = &group.mapped {
            check_sources(id, &mapped.length, tasks, problems);
        }
        groups.insert(id, around || group.mapped.is_some());
    }
    groups
}

fn check_task(task: &super::TaskForm, tasks: &HashSet<&str>, groups: &HashMap<&str, bool>, problems: &mut Vec<Problem>) {
    let id = &task.task_id;
    for downstream in &task.downstream {
        if !tasks.contains(downstream.as_str()) {
            problems.push(Problem::UnknownDownstream { task: id.clone(), downstream: downstream.clone() });
        }
    }
    if let Some(group) = &task.group {
        match groups.get(group.as_str()) {
            None => problems.push(Problem::UnknownGroup { task: id.clone(), group: group.clone() }),
            Some(true) if task.mapped.is_some() => {
                problems.push(Problem::NestedExpansion(id.clone()));
            }
            Some(_) => {}
        }
    }
    if let Some(mapped) = &task.mapped {
        check_sources(id, &mapped.length, tasks, problems);
    }
    if task.is_setup && task.is_teardown {
        problems.push(Problem::SetupAndTeardown(id.clone()));
    }
}

fn check_sources(of: &str, length: &Length, tasks: &HashSet<&str>, problems: &mut Vec<Problem>) {
    for source in length.sources() {
        if !tasks.contains(source) {
            problems.push(Problem::UnknownSource { of: of.to_owned(), source_task: source.to_owned() });
        }
    }
}

/// The ids of one circle, the first one repeated at the end.
fn find_cycle(form: &DagForm) -> Option<Vec<String>> {
    let index: HashMap<&str, usize> = form.tasks.iter().enumerate().map(|(i, task)| (task.task_id.as_str(), i)).collect();
    let after = waits_for(form, &index);
    // 0 = not seen, 1 = on the path, 2 = done
    let mut mark = vec![0_u8; form.tasks.len()];
    for root in 0..form.tasks.len() {
        if mark[root] != 0 {
            continue;
        }
        let mut path = vec![(root, 0)];
        mark[root] = 1;
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            let Some(&child) = after[node].get(*next) else {
                mark[node] = 2;
                path.pop();
                continue;
            };
            *next += 1;
            match mark[child] {
                0 => {
                    mark[child] = 1;
                    path.push((child, 0));
                }
                1 => {
                    let from = path.iter().position(|(n, _)| *n == child)?;
                    let ids = path[from..].iter().map(|(n, _)| *n).chain([child]);
                    return Some(ids.map(|n| form.tasks[n].task_id.clone()).collect());
                }
                _ => {}
            }
        }
    }
    None
}

/// For each task, the tasks that come after it: downstream, and those expanded over its value.
fn waits_for(form: &DagForm, index: &HashMap<&str, usize>) -> Vec<Vec<usize>> {
    let mut after: Vec<Vec<usize>> = form.tasks.iter().map(|task| task.downstream.iter().map(|id| index[id.as_str()]).collect()).collect();
    let group_length: HashMap<&str, (&Option<String>, Option<&Length>)> =
        form.groups.iter().map(|g| (g.group_id.as_str(), (&g.parent, g.mapped.as_ref().map(|m| &m.length)))).collect();
    for (i, task) in form.tasks.iter().enumerate() {
        let mut length = task.mapped.as_ref().map(|m| &m.length);
        let mut group = task.group.as_deref();
        while let (None, Some(id)) = (length, group) {
            let (parent, of_group) = group_length[id];
            length = of_group;
            group = parent.as_deref();
        }
        for source in length.map(Length::sources).unwrap_or_default() {
            after[index[source]].push(i);
        }
    }
    after
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{DagForm, FormError};
    use super::*;

    fn check(tasks: Value, groups: Value, expect: &[Problem]) {
        let value = json!({"format": 1, "dag_id": "d", "fileloc": "/d.py", "relative_fileloc": "d.py", "catchup": false,
            "tasks": tasks, "groups": groups});
        let found = match DagForm::from_value(value) {
            Err(FormError::Structure { problems, .. }) => problems,
            Err(other) => panic!("{other}"),
            Ok(_) => Vec::new(),
        };
        assert_eq!(found, expect);
    }

    fn task(id: &str, more: Value) -> Value {
        let mut task = json!({"task_id": id, "task_type": "T", "task_module": "m"});
        for (key, value) in more.as_object().into_iter().flatten() {
            task[key] = value.clone();
        }
        task
    }

    #[test]
    fn ids_are_unique_and_known() {
        let tasks = json!([task("a", json!({"downstream": ["b", "nope"], "group": "h"})), task("b", json!({})), task("b", json!({}))]);
        let groups = json!([{"group_id": "g", "parent": "later"}, {"group_id": "b"}, {"group_id": "g"}]);
        check(
            tasks,
            groups,
            &[
                Problem::DuplicateTask("b".into()),
                Problem::UnknownParent { group: "g".into(), parent: "later".into() },
                Problem::TaskAndGroup("b".into()),
                Problem::DuplicateGroup("g".into()),
                Problem::UnknownDownstream { task: "a".into(), downstream: "nope".into() },
                Problem::UnknownGroup { task: "a".into(), group: "h".into() },
            ],
        );
    }

    #[test]
    fn a_circle_is_named() {
        let tasks = json!([
            task("a", json!({"downstream": ["b"]})),
            task("b", json!({"downstream": ["c"]})),
            task("c", json!({"downstream": ["b"]}))
        ]);
        check(tasks, json!([]), &[Problem::Cycle(vec!["b".into(), "c".into(), "b".into()])]);
    }

    #[test]
    fn a_circle_through_an_expansion_is_one() {
        let tasks = json!([task("a", json!({"mapped": {"length": {"task": "b"}}, "downstream": ["b"]})), task("b", json!({}))]);
        check(tasks, json!([]), &[Problem::Cycle(vec!["a".into(), "b".into(), "a".into()])]);
    }

    #[test]
    fn expansions_do_not_nest() {
        let groups = json!([{"group_id": "g", "mapped": {"length": {"literal": 2}}}, {"group_id": "g.h", "parent": "g", "mapped": {"length": {"task": "x"}}}]);
        let tasks = json!([
            task("g.h.a", json!({"group": "g.h", "mapped": {"length": {"literal": 2}}})),
            task("s", json!({"is_setup": true, "is_teardown": true}))
        ]);
        check(
            tasks,
            groups,
            &[
                Problem::NestedExpansion("g.h".into()),
                Problem::UnknownSource { of: "g.h".into(), source_task: "x".into() },
                Problem::NestedExpansion("g.h.a".into()),
                Problem::SetupAndTeardown("s".into()),
            ],
        );
    }
}
