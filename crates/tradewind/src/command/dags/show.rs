//! `dags show`: the graph of a DAG as DOT, as an image, or as a tree.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, bail};
use clap::Args;
use tradewind_core::form::DagForm;
use tradewind_core::graph::{Graph, TaskIx};
use tradewind_store::Store;

use crate::command::find;

/// Arguments of `dags show`.
#[derive(Debug, Args)]
pub struct Show {
    /// Id of the DAG.
    dag_id: String,
    /// Print a tree instead of DOT.
    #[arg(long, conflicts_with = "save")]
    tree: bool,
    /// Write to this file; its ending says the form: dot, gv, or what the program `dot` of Graphviz makes (svg, png, pdf).
    #[arg(short, long)]
    save: Option<PathBuf>,
}

impl Show {
    pub async fn run(self, store: &Store) -> anyhow::Result<ExitCode> {
        let dag = find::dag(store, &self.dag_id).await?;
        let graph = find::graph(store, &dag).await?;
        match &self.save {
            Some(path) => save(&dot(graph.form()), path)?,
            None if self.tree => std::io::stdout().write_all(tree(&graph).as_bytes())?,
            None => std::io::stdout().write_all(dot(graph.form()).as_bytes())?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn save(text: &str, path: &Path) -> anyhow::Result<()> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    if matches!(ending.as_str(), "dot" | "gv") {
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    } else if ending.is_empty() {
        bail!("{} has no ending that says the form; use .dot, .svg, .png or .pdf", path.display());
    } else {
        draw(text, path, &ending)?;
    }
    println!("File {} saved", path.display());
    Ok(())
}

fn draw(text: &str, path: &Path, ending: &str) -> anyhow::Result<()> {
    let mut dot = Command::new("dot");
    dot.arg(format!("-T{ending}")).arg("-o").arg(path).stdin(Stdio::piped());
    let mut child =
        dot.spawn().context("images are made by the program `dot` of Graphviz, which cannot be started; --save with .dot needs none")?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(text.as_bytes())?;
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("dot could not write {}: {status}", path.display());
    }
    Ok(())
}

/// The graph in DOT, with a cluster for each task group.
fn dot(form: &DagForm) -> String {
    let mut out = format!("digraph {} {{\n\tlabel={}\n\tlabelloc=t\n\trankdir=LR\n", quoted(&form.dag_id), quoted(form.display_name()));
    nodes(form, None, 1, &mut out);
    for task in &form.tasks {
        for downstream in &task.downstream {
            let label = form.edge_labels.get(&task.task_id).and_then(|labels| labels.get(downstream));
            let label = label.map_or(String::new(), |label| format!(" [label={}]", quoted(label)));
            // Writing to a String cannot fail.
            let _ = writeln!(out, "\t{} -> {}{label}", quoted(&task.task_id), quoted(downstream));
        }
    }
    out.push_str("}\n");
    out
}

fn nodes(form: &DagForm, group: Option<&str>, depth: usize, out: &mut String) {
    let indent = "\t".repeat(depth);
    for task in form.tasks.iter().filter(|task| task.group.as_deref() == group) {
        let _ = writeln!(
            out,
            "{indent}{} [label={} shape=rectangle style=\"filled,rounded\" fillcolor={} color={}]",
            quoted(&task.task_id),
            quoted(task.label()),
            quoted(&task.ui_color),
            quoted(&task.ui_fgcolor)
        );
    }
    for inner in form.groups.iter().filter(|inner| inner.parent.as_deref() == group) {
        let label = inner.display_name.as_deref().unwrap_or(&inner.group_id);
        let _ = writeln!(out, "{indent}subgraph {} {{\n{indent}\tlabel={}", quoted(&format!("cluster_{}", inner.group_id)), quoted(label));
        nodes(form, Some(&inner.group_id), depth + 1, out);
        let _ = writeln!(out, "{indent}}}");
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

/// The tasks from the first to the last, each below the one it waits for. A task that is there already is not gone into again.
pub fn tree(graph: &Graph) -> String {
    let mut out = String::new();
    let mut seen = HashSet::new();
    for root in graph.iter().filter(|ix| graph.task(*ix).upstream.is_empty()) {
        branch(graph, root, 0, &mut seen, &mut out);
    }
    out
}

fn branch(graph: &Graph, root: TaskIx, depth: usize, seen: &mut HashSet<TaskIx>, out: &mut String) {
    let mut open = vec![(root, depth)];
    while let Some((ix, depth)) = open.pop() {
        let downstream = &graph.task(ix).downstream;
        let first_time = seen.insert(ix);
        let rest = if first_time || downstream.is_empty() { "" } else { " ..." };
        let operator = &graph.task_form(ix).task_type;
        let _ = writeln!(out, "{}{} ({operator}){rest}", "    ".repeat(depth), graph.task(ix).id);
        if first_time {
            open.extend(downstream.iter().rev().map(|ix| (*ix, depth + 1)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn form() -> DagForm {
        DagForm::from_json(
            r#"{"format": 1, "dag_id": "d\"1", "fileloc": "/d.py", "relative_fileloc": "d.py", "catchup": false, "tasks": [
                {"task_id": "a", "task_type": "EmptyOperator", "task_module": "m", "downstream": ["g.b", "g.c"], "instant": true},
                {"task_id": "g.b", "label": "b", "group": "g", "task_type": "BashOperator", "task_module": "m", "downstream": ["d"]},
                {"task_id": "g.c", "label": "c", "group": "g", "task_type": "BashOperator", "task_module": "m", "downstream": ["d"]},
                {"task_id": "d", "task_type": "EmptyOperator", "task_module": "m", "downstream": ["e"]},
                {"task_id": "e", "task_type": "EmptyOperator", "task_module": "m"}],
               "groups": [{"group_id": "g", "children": ["g.b", "g.c"]}], "edge_labels": {"a": {"g.b": "left"}}}"#,
        )
        .unwrap()
    }

    #[test]
    fn the_tree_goes_into_each_task_once() {
        let graph = Graph::new(Arc::new(form())).unwrap();
        assert_eq!(
            tree(&graph),
            "a (EmptyOperator)\n    g.b (BashOperator)\n        d (EmptyOperator)\n            e (EmptyOperator)\n    g.c (BashOperator)\n        d (EmptyOperator) ...\n"
        );
    }

    #[test]
    fn dot_has_clusters_edges_and_quoted_names() {
        let text = dot(&form());
        assert!(text.starts_with("digraph \"d\\\"1\" {\n"), "{text}");
        assert!(text.contains("\tsubgraph \"cluster_g\" {\n\t\tlabel=\"g\"\n\t\t\"g.b\" [label=\"b\""), "{text}");
        assert!(text.contains("\t\"a\" -> \"g.b\" [label=\"left\"]\n\t\"a\" -> \"g.c\"\n"), "{text}");
        assert_eq!(text.matches('{').count(), text.matches('}').count());
    }
}
