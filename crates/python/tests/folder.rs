//! Which files of a folder are DAG files, and how fast a change is seen.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::time::timeout;
use tradewind_python::{DagFolder, FolderChange, FolderOptions, FolderWatch, IgnoreSyntax, source_hash};

const DAG: &str = "from airflow import DAG\n";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        put(dir.path(), name, text);
    }
    dir
}

fn put(root: &Path, name: &str, text: &str) -> PathBuf {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

fn names(root: &Path, options: FolderOptions) -> Vec<String> {
    let scan = DagFolder::new(options).scan();
    scan.files.iter().map(|f| f.path.strip_prefix(root).unwrap().display().to_string()).collect()
}

#[test]
fn only_files_that_may_hold_dags() {
    let dir = folder(&[
        ("a.py", DAG),
        ("sub/b.py", "import AIRFLOW; DAGbag"),
        ("helper.py", "def f(): pass"),
        ("dag_only.py", "dag"),
        ("readme.md", "airflow dag"),
        ("__pycache__/a.cpython-311.py", DAG),
        ("packed.zip", "PK\u{3}\u{4}rest"),
        ("fake.zip", "not one"),
    ]);
    assert_eq!(names(dir.path(), FolderOptions::new(dir.path())), ["a.py", "packed.zip", "sub/b.py"]);
    let all = FolderOptions { safe_mode: false, ..FolderOptions::new(dir.path()) };
    assert_eq!(names(dir.path(), all), ["a.py", "dag_only.py", "helper.py", "packed.zip", "sub/b.py"]);
}

#[test]
fn airflowignore_in_both_syntaxes() {
    let glob = "# comment\n*_draft.py\nold/\n!keep_draft.py\n/top.py\n";
    let files = [
        ("a.py", DAG),
        ("a_draft.py", DAG),
        ("keep_draft.py", DAG),
        ("old/x.py", DAG),
        ("sub/top.py", DAG),
        ("top.py", DAG),
        ("sub/b_draft.py", DAG),
        ("sub/c.py", DAG),
        ("sub/.airflowignore", "c.*\n"),
    ];
    let dir = folder(&files);
    put(dir.path(), ".airflowignore", glob);
    assert_eq!(names(dir.path(), FolderOptions::new(dir.path())), ["a.py", "keep_draft.py", "sub/top.py"]);

    let dir = folder(&files);
    put(dir.path(), ".airflowignore", "_draft # all drafts\n^old\n(?<=x)y\n");
    let options = FolderOptions { syntax: IgnoreSyntax::Regexp, ..FolderOptions::new(dir.path()) };
    assert_eq!(names(dir.path(), options.clone()), ["a.py", "sub/top.py", "top.py"]);
    let problems = DagFolder::new(options).scan().problems;
    assert!(problems.len() == 1 && problems[0].contains("line 3") && problems[0].contains("(?<=x)y"), "{problems:?}");
}

#[test]
fn a_symlink_loop_ends() {
    let dir = folder(&[("sub/a.py", DAG)]);
    symlink(dir.path(), dir.path().join("sub/again")).unwrap();
    symlink(dir.path().join("nowhere.py"), dir.path().join("broken.py")).unwrap();
    let scan = DagFolder::new(FolderOptions::new(dir.path())).scan();
    assert_eq!(scan.files.len(), 1);
    assert!(scan.problems.iter().any(|p| p.contains("loop")), "{:?}", scan.problems);
}

async fn next(watch: &mut FolderWatch) -> FolderChange {
    timeout(Duration::from_secs(10), watch.next()).await.expect("a change within 10 s")
}

#[tokio::test]
async fn changes_are_seen_at_once_and_only_when_the_content_is_another() {
    let dir = folder(&[("a.py", DAG), ("b.py", DAG)]);
    let mut watch = DagFolder::new(FolderOptions::new(dir.path())).watch();
    let (a, b, c) = (dir.path().join("a.py"), dir.path().join("b.py"), dir.path().join("sub/c.py"));
    assert_eq!(next(&mut watch).await.changed, [a.clone(), b.clone()]);

    let began = Instant::now();
    put(dir.path(), "a.py", "from airflow import DAG # changed\n");
    assert_eq!(next(&mut watch).await, FolderChange { changed: vec![a.clone()], ..FolderChange::default() });
    assert!(began.elapsed() < Duration::from_millis(900), "{:?}", began.elapsed());

    // The same content again is no change; the new file in a new folder is.
    put(dir.path(), "b.py", DAG);
    put(dir.path(), "sub/c.py", DAG);
    assert_eq!(next(&mut watch).await.changed, std::slice::from_ref(&c));

    fs::remove_file(&a).unwrap();
    assert_eq!(next(&mut watch).await.removed, [a]);
    watch.again(&b);
    assert_eq!(next(&mut watch).await.changed, [b]);
}

#[tokio::test]
async fn a_helper_module_changes_the_files_that_import_it() {
    let dir = folder(&[("a.py", DAG), ("b.py", DAG), ("helpers/calc.py", "X = 1\n")]);
    let (a, helper) = (dir.path().join("a.py"), dir.path().join("helpers/calc.py"));
    let mut watch = DagFolder::new(FolderOptions::new(dir.path())).watch();
    next(&mut watch).await;
    let modules = [helper.clone()];
    let before = source_hash(&a, &modules);
    watch.parsed(&a, &modules, &before);
    put(dir.path(), "helpers/calc.py", "X = 2\n");
    assert_eq!(next(&mut watch).await.changed, std::slice::from_ref(&a));
    assert_ne!(source_hash(&a, &modules), before);
    assert_eq!(source_hash(&a, &[]), source_hash(&a, std::slice::from_ref(&a)), "a file is not its own module");
}

#[tokio::test]
async fn the_periodic_look_finds_what_the_watcher_cannot_see() {
    let outside = folder(&[("lib/calc.py", "X = 1\n")]);
    let dir = folder(&[("a.py", DAG)]);
    // A link to a file outside is no event of the folder.
    let link = dir.path().join("linked.py");
    let target = put(outside.path(), "linked.py", DAG);
    symlink(&target, &link).unwrap();
    let options = FolderOptions { rescan: Duration::from_millis(200), ..FolderOptions::new(dir.path()) };
    let mut watch = DagFolder::new(options).watch();
    assert_eq!(next(&mut watch).await.changed.len(), 2);
    put(outside.path(), "linked.py", "from airflow import DAG  # new");
    assert_eq!(next(&mut watch).await.changed, [link]);
}

/// The owner of a watch does other things as well: it drops the future again and again.
#[tokio::test]
async fn a_change_is_seen_by_an_owner_that_is_always_interrupted() {
    let dir = folder(&[("a.py", DAG)]);
    let a = dir.path().join("a.py");
    let mut watch = DagFolder::new(FolderOptions::new(dir.path())).watch();
    next(&mut watch).await;
    watch.parsed(&a, &[], &source_hash(&a, &[]));
    for round in 0..3 {
        put(dir.path(), "a.py", &format!("{DAG}# {round}\n"));
        let began = Instant::now();
        let change = loop {
            if let Ok(change) = timeout(Duration::from_millis(1), watch.next()).await {
                break change;
            }
            assert!(began.elapsed() < Duration::from_secs(10), "the change was lost");
        };
        assert_eq!(change.changed, std::slice::from_ref(&a));
        // Asked for in the middle of whatever it is doing.
        watch.again(&a);
        assert_eq!(next(&mut watch).await.changed, std::slice::from_ref(&a));
    }
}
