//! Which crate may use which: the table in ARCHITECTURE.md against the manifests.

use super::Finding;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

const TABLE: &str = "ARCHITECTURE.md";
const HEADING: &str = "| crate | may use |";
/// What every crate may use in its tests: private servers, once there are databases and brokers to start.
const FOR_TESTS: &str = "testkit";

type Edges = BTreeMap<String, BTreeSet<String>>;

/// Edges that the table does not have, and crates that it does not know.
pub fn check(root: &Path) -> Result<Vec<Finding>> {
    let text = std::fs::read_to_string(root.join(TABLE)).with_context(|| format!("reading {TABLE}"))?;
    let allowed = table(&text)?;
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root)
        .output()
        .context("running cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    Ok(compare(&allowed, &serde_json::from_slice(&output.stdout)?))
}

fn compare(allowed: &Edges, metadata: &Value) -> Vec<Finding> {
    let none = Vec::new();
    let packages = metadata["packages"].as_array().unwrap_or(&none);
    let short = |value: &Value| value.as_str().map(|name| name.strip_prefix("tradewind-").unwrap_or(name).to_owned());
    let names: BTreeSet<String> = packages.iter().filter_map(|package| short(&package["name"])).collect();
    let mut findings = Vec::new();
    for package in packages {
        let Some(name) = short(&package["name"]) else { continue };
        let mut find = |message| {
            findings.push(Finding { path: format!("crates/{name}/Cargo.toml"), line: 0, rule: "edges", message });
        };
        let Some(may) = allowed.get(&name) else {
            find(format!("crate `{name}` is not in the table of {TABLE}; say there what it may use"));
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap_or(&none) {
            let Some(used) = short(&dependency["name"]).filter(|used| names.contains(used)) else { continue };
            let in_tests = dependency["kind"] == "dev" && (used == FOR_TESTS || used == name);
            if !may.contains(&used) && !in_tests {
                find(format!("`{name}` uses `{used}`, which the table of {TABLE} does not allow: crates know each other in one direction"));
            }
        }
    }
    findings
}

fn table(text: &str) -> Result<Edges> {
    let rows = text.lines().skip_while(|line| *line != HEADING).skip(2).take_while(|line| line.starts_with('|'));
    let mut edges = Edges::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        ensure!(cells.len() == 2, "{TABLE}: `{row}` should have two columns");
        let used: BTreeSet<String> = names(cells[1]).collect();
        for name in names(cells[0]) {
            edges.insert(name, used.clone());
        }
    }
    ensure!(!edges.is_empty(), "{TABLE} has no table headed `{HEADING}`");
    Ok(edges)
}

/// The names in backquotes; words around them explain.
fn names(cell: &str) -> impl Iterator<Item = String> {
    cell.split('`').skip(1).step_by(2).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_edge_against_the_direction_and_an_unknown_crate_are_found() {
        let allowed =
            table("x\n| crate | may use |\n|---|---|\n| `core` | - |\n| `store`, `queue` | `core` |\n\n| a | b |").expect("a table");
        let package = |name: &str, uses: &[(&str, Option<&str>)]| {
            let uses: Vec<_> = uses.iter().map(|(name, kind)| json!({"name": name, "kind": kind})).collect();
            json!({"name": name, "dependencies": uses})
        };
        let metadata = json!({"packages": [
            package("tradewind-core", &[("tradewind-store", None), ("serde", None)]),
            package("tradewind-store", &[("tradewind-core", None), ("tradewind-testkit", Some("dev")), ("tradewind-queue", Some("dev"))]),
            package("tradewind-queue", &[]),
            package("tradewind-testkit", &[]),
        ]});
        let found: Vec<_> = compare(&allowed, &metadata).into_iter().map(|f| (f.path, f.message)).collect();
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].1.contains("`core` uses `store`"));
        assert!(found[1].1.contains("`store` uses `queue`"));
        assert!(found[2].0.contains("testkit"));
    }
}
