//! Our names against the registry of Airflow 3.3.2, our page about them, and the places that tell them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tradewind_metrics::names::{ALL, NOT_APPLICABLE};
use tradewind_metrics::{Kind, Metric};

/// What the registry says of a name.
struct Entry {
    kind: Kind,
    tags: BTreeSet<String>,
    legacy: Option<String>,
}

fn registry() -> BTreeMap<String, Entry> {
    let text = include_str!("vectors/registry-3.3.2.tsv");
    let some = |cell: &str| (cell != "-").then(|| cell.to_owned());
    text.lines()
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let [kind, name, tags, legacy] = cells[..] else { panic!("four cells: {line}") };
            let kind = match kind {
                "counter" => Kind::Counter,
                "gauge" => Kind::Gauge,
                "timer" => Kind::Timer,
                other => panic!("{other}"),
            };
            let tags = some(tags).unwrap_or_default().split_whitespace().map(str::to_owned).collect();
            (name.to_owned(), Entry { kind, tags, legacy: some(legacy) })
        })
        .collect()
}

fn covers(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start))
}

fn ours() -> impl Iterator<Item = &'static &'static Metric> {
    ALL.iter().filter(|metric| !metric.name.starts_with("tradewind."))
}

#[test]
fn every_name_of_the_registry_is_told_or_explained() {
    let registry = registry();
    assert_eq!(registry.len(), 128);
    for name in registry.keys() {
        let told = ALL.iter().filter(|metric| metric.name == name).count();
        let explained = NOT_APPLICABLE.iter().filter(|(pattern, _)| covers(pattern, name)).count();
        assert_eq!(told + explained, 1, "{name} is told {told} times and explained {explained} times");
    }
    for (pattern, why) in NOT_APPLICABLE {
        assert!(registry.keys().any(|name| covers(pattern, name)), "{pattern} is no name of the registry");
        assert!(!why.is_empty(), "{pattern}");
    }
}

#[test]
fn kind_tags_and_old_name_are_those_of_the_registry() {
    let registry = registry();
    for metric in ours() {
        let entry = registry.get(metric.name).unwrap_or_else(|| panic!("{} is no name of the registry", metric.name));
        assert_eq!(entry.kind, metric.kind, "{}", metric.name);
        assert_eq!(entry.tags, metric.tags.iter().map(|tag| (*tag).to_owned()).collect(), "{}", metric.name);
        assert_eq!(entry.legacy.as_deref(), metric.legacy, "{}", metric.name);
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

#[test]
fn every_metric_is_told_by_somebody() {
    let mut sources = String::new();
    let mut folders = vec![root().join("crates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with("metrics/src") && !path.ends_with("tests") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let table = include_str!("../src/names.rs");
    for metric in ALL.iter().filter(|metric| metric.name != "tradewind.metrics.dropped") {
        let line = table.lines().find(|line| line.contains(&format!(" \"{}\" ", metric.name))).unwrap();
        let constant = line.split_whitespace().nth(1).unwrap();
        let used = sources.match_indices(constant).any(|(at, _)| {
            let after = sources[at + constant.len()..].chars().next().unwrap_or(' ');
            let before = sources[..at].chars().next_back().unwrap_or(' ');
            !after.is_alphanumeric() && after != '_' && !before.is_alphanumeric() && before != '_'
        });
        assert!(used, "nothing tells {} ({constant})", metric.name);
    }
}

#[test]
fn the_page_lists_the_same() {
    let page = std::fs::read_to_string(root().join("docs/reference/metrics.md")).unwrap();
    let mut wanted = BTreeSet::new();
    for metric in ALL {
        let kind = format!("{:?}", metric.kind).to_lowercase();
        let tags = if metric.tags.is_empty() { "-".to_owned() } else { format!("`{}`", metric.tags.join("`, `")) };
        let legacy = metric.legacy.map_or("-".to_owned(), |legacy| format!("`{legacy}`"));
        wanted.insert(format!("| `{}` | {kind} | {tags} | {legacy} | {} |", metric.name, metric.help));
    }
    wanted.extend(NOT_APPLICABLE.iter().map(|(name, why)| format!("| `{name}` | {why} |")));
    let found: BTreeSet<String> = page.lines().filter(|line| line.starts_with("| `")).map(str::to_owned).collect();
    let missing: Vec<_> = wanted.difference(&found).collect();
    let extra: Vec<_> = found.difference(&wanted).collect();
    assert!(missing.is_empty() && extra.is_empty(), "missing:\n{missing:#?}\nnot known:\n{extra:#?}");
}
