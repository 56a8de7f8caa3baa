//! Loads the DAG files of other people's repositories against our authoring API.

use anyhow::{Context as _, Result, bail};
use regex::bytes::Regex;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// Folders that hold no DAG files of an installation.
const LEFT_OUT: [&str; 6] = ["tests", "test", ".git", "node_modules", "site-packages", "__pycache__"];

/// A file to load.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DagFile {
    pub path: PathBuf,
    /// The repository it is in.
    pub root: PathBuf,
}

/// What became of one file.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub path: PathBuf,
    pub dags: usize,
    /// The text of the first error.
    pub error: Option<String>,
    /// Whether anything was replaced by a stand-in.
    pub stand_ins: bool,
    /// Whether somebody looked at the error: it is the author's own, under any Airflow.
    pub looked_at: bool,
}

impl Loaded {
    fn reason(&self) -> Option<String> {
        let error = self.error.as_deref()?;
        Some(if self.looked_at { AUTHOR.to_owned() } else { reason(error) })
    }
}

/// What became of all files.
#[derive(Debug, Default)]
pub struct Report {
    pub files: Vec<Loaded>,
}

/// Files that import `airflow` and build a DAG, in order of their paths; byte-identical copies count once.
pub fn find(folder: &Path) -> Result<Vec<DagFile>> {
    let imports = Regex::new(r"(?m)^\s*(from|import)\s+airflow")?;
    let builds = Regex::new(r"\bDAG\s*\(|@dag\b|@asset\b")?;
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for root in sorted(folder)?.into_iter().filter(|path| path.is_dir()) {
        let mut waiting = vec![root.clone()];
        while let Some(place) = waiting.pop() {
            for path in sorted(&place)? {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if path.is_dir() && !path.is_symlink() {
                    if !LEFT_OUT.contains(&name.as_str()) {
                        waiting.push(path);
                    }
                } else if name.ends_with(".py") && !name.starts_with("test_") {
                    let Ok(text) = std::fs::read(&path) else { continue };
                    if imports.is_match(&text) && builds.is_match(&text) && seen.insert(text) {
                        found.push(DagFile { path, root: root.clone() });
                    }
                }
            }
        }
    }
    found.sort();
    Ok(found)
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

/// Loads all files of `folder` with `jobs` processes of `python`.
pub fn load(root: &Path, folder: &Path, python: &Path, jobs: usize) -> Result<Report> {
    let files = find(&std::path::absolute(folder)?)?;
    if files.is_empty() {
        bail!("no DAG files below {}: it has to hold one folder for each repository", folder.display());
    }
    let waiting = Mutex::new(files.into_iter());
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| -> Result<()> {
        let workers: Vec<_> = (0..jobs.max(1)).map(|_| scope.spawn(|| work(root, python, &waiting, &done))).collect();
        for worker in workers {
            worker.join().map_err(|_| anyhow::anyhow!("a thread that loads files broke"))??;
        }
        Ok(())
    })?;
    let mut files = done.into_inner().expect("no thread broke");
    files.sort_by(|one: &Loaded, other| one.path.cmp(&other.path));
    Ok(Report { files })
}

fn work(root: &Path, python: &Path, waiting: &Mutex<std::vec::IntoIter<DagFile>>, done: &Mutex<Vec<Loaded>>) -> Result<()> {
    let mut child = Command::new(python)
        .arg(root.join("crates/xtask/corpus/load.py"))
        .env("PYTHONPATH", root.join("python"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", python.display()))?;
    let mut ask = child.stdin.take().context("no input")?;
    let mut answers = BufReader::new(child.stdout.take().context("no output")?).lines();
    loop {
        let next = waiting.lock().expect("no thread broke").next();
        let Some(file) = next else { break };
        writeln!(ask, "{}", json!({"path": file.path, "root": file.root}))?;
        let line = answers.next().with_context(|| format!("the loader ended at {}", file.path.display()))??;
        done.lock().expect("no thread broke").push(loaded(file.path, &serde_json::from_str(&line)?));
    }
    drop(ask);
    child.wait()?;
    Ok(())
}

fn loaded(path: PathBuf, answer: &Value) -> Loaded {
    let size = |key: &str| answer[key].as_array().map_or(0, Vec::len);
    let error = answer["errors"][0].as_str().map(str::to_owned);
    let replaced = |name: &Value| !name.as_str().is_some_and(|name| name.starts_with("stated "));
    let stand_ins = answer["stand_ins"].as_array().is_some_and(|names| names.iter().any(replaced));
    Loaded { path, dags: size("dags"), error, stand_ins, looked_at: false }
}

/// Files whose errors somebody looked at and found to be their authors' own: lines `PATH: ERROR`, as the report has them, with paths
/// below the folder. Says which lines are not true of the files.
pub fn mark_looked_at(report: &mut Report, folder: &Path, list: &str) -> Vec<String> {
    let mut untrue = Vec::new();
    for line in list.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        let (name, error) = line.split_once(": ").unwrap_or((line, ""));
        let path = folder.join(name.trim());
        match report.files.iter_mut().find(|file| file.path == path) {
            None => untrue.push(format!("{name} is no DAG file of the folder")),
            Some(Loaded { error: None, .. }) => untrue.push(format!("{name} is loaded")),
            Some(Loaded { error: Some(found), .. }) if error.is_empty() || !found.contains(error.trim()) => {
                untrue.push(format!("{name} fails otherwise: {}", last_line(found)));
            }
            Some(file) => file.looked_at = true,
        }
    }
    untrue
}

fn last_line(error: &str) -> &str {
    error.trim().lines().last().unwrap_or_default()
}

/// Why a file could not be loaded, from the text of its error.
pub fn reason(error: &str) -> String {
    let last = last_line(error);
    let class = last.split(':').next().unwrap_or_default();
    let kind = class.rsplit('.').next().unwrap_or_default();
    let python_2 = [
        "Missing parentheses in call to 'print'",
        "leading zeros in decimal",
        "multiple exception types must be",
        "inconsistent use of tabs",
    ];
    if matches!(kind, "SyntaxError" | "TabError" | "IndentationError") {
        return if python_2.iter().any(|text| last.contains(text)) { PYTHON_2.to_owned() } else { NO_PYTHON.to_owned() };
    }
    if PYTHON_2_NAMES.iter().any(|name| last.contains(&format!("name '{name}' is not defined")))
        || PYTHON_2_METHODS.iter().any(|name| last.contains(&format!("'dict' object has no attribute '{name}'")))
    {
        return PYTHON_2.to_owned();
    }
    if last.contains("needs a session of the metadata database") || last.contains("is a part of Airflow's own server") {
        return "uses Airflow's database or server while it is loaded".to_owned();
    }
    if last.contains("no network and no other programs") {
        return OUTSIDE.to_owned();
    }
    match kind {
        "FileNotFoundError" | "NotADirectoryError" | "PermissionError" => NO_FILE.to_owned(),
        "ImportError" | "ModuleNotFoundError" | "AttributeError" if last.contains("airflow.") || last.contains("'airflow'") => {
            "a name of airflow is missing".to_owned()
        }
        "ImportError" | "ModuleNotFoundError" => NO_MODULE.to_owned(),
        "AirflowConfigException" => NO_SETTING.to_owned(),
        "ProcessEnded" => format!("ended its process: {}", last.split_once(": ").map_or("", |(_, how)| how)),
        other => other.to_owned(),
    }
}

const PYTHON_2: &str = "Python 2";
/// Functions and methods that Python 3 does not have any more.
const PYTHON_2_NAMES: [&str; 9] = ["xrange", "unicode", "raw_input", "basestring", "long", "reduce", "unichr", "execfile", "file"];
const PYTHON_2_METHODS: [&str; 4] = ["iteritems", "itervalues", "iterkeys", "has_key"];
const AUTHOR: &str = "the author's own error, by those who looked at it";
const NO_PYTHON: &str = "no valid Python for this interpreter";
const NO_FILE: &str = "needs a file that is not in the repository";
const NO_MODULE: &str = "a module of its own is missing or broken";
const NO_SETTING: &str = "needs a setting of its installation";
const OUTSIDE: &str = "uses the network or starts programs while it is loaded";

/// Reasons that lie in what the repository does not have, whoever loads its files.
const NOT_IN_THE_REPOSITORY: [&str; 5] = [NO_PYTHON, NO_FILE, NO_MODULE, NO_SETTING, OUTSIDE];

impl Report {
    /// The share of files that were loaded, Python 2 apart.
    pub fn percent(&self) -> f64 {
        self.share(&[PYTHON_2])
    }

    /// The share of files that were loaded, of those which need nothing that their repository does not have.
    pub fn percent_of_whole(&self) -> f64 {
        let mut without = vec![PYTHON_2];
        without.extend(NOT_IN_THE_REPOSITORY);
        self.share(&without)
    }

    /// The share of files that were loaded, of those which would be under some Airflow: also without their authors' own errors.
    pub fn percent_of_right(&self) -> f64 {
        let mut without = vec![PYTHON_2, AUTHOR];
        without.extend(NOT_IN_THE_REPOSITORY);
        self.share(&without)
    }

    fn share(&self, without: &[&str]) -> f64 {
        let counts = |file: &&Loaded| file.reason().is_none_or(|reason| !without.contains(&reason.as_str()));
        let counted: Vec<_> = self.files.iter().filter(counts).collect();
        let good = counted.iter().filter(|file| file.error.is_none()).count();
        #[expect(clippy::cast_precision_loss, reason = "some thousand files")]
        let share = 100.0 * good as f64 / counted.len().max(1) as f64;
        share
    }

    /// The report for people; with `each` every file that failed is named.
    pub fn text(&self, each: bool) -> String {
        let mut out = String::new();
        let mut by_reason: BTreeMap<String, Vec<&Loaded>> = BTreeMap::new();
        for file in &self.files {
            if let Some(reason) = file.reason() {
                by_reason.entry(reason).or_default().push(file);
            }
        }
        let failed: usize = by_reason.values().map(Vec::len).sum();
        let dags: usize = self.files.iter().map(|file| file.dags).sum();
        let replaced = self.files.iter().filter(|file| file.stand_ins).count();
        let mut sorted: Vec<_> = by_reason.into_iter().collect();
        sorted.sort_by_key(|(reason, files)| (std::cmp::Reverse(files.len()), reason.clone()));
        for (reason, files) in &sorted {
            writeln!(out, "{:>6}  {reason}", files.len()).expect("a string takes all");
            for file in files.iter().take(if each { usize::MAX } else { 1 }) {
                let last = file.error.as_deref().map(last_line).unwrap_or_default();
                writeln!(out, "        {}: {}", file.path.display(), last.chars().take(200).collect::<String>())
                    .expect("a string takes all");
            }
        }
        writeln!(
            out,
            "{} of {} files loaded, {dags} DAGs; stand-ins in {replaced}\n\
             {:>6.1} %  Python 2 apart\n\
             {:>6.1} %  also without those that need what is not in their repository\n\
             {:>6.1} %  also without their authors' own errors",
            self.files.len() - failed,
            self.files.len(),
            self.percent(),
            self.percent_of_whole(),
            self.percent_of_right(),
        )
        .expect("a string takes all");
        out
    }
}
