//! `dags check`: load DAG files and say what is wrong with them.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ExitCode, Stdio};

use anyhow::{Context as _, bail};
use clap::Args;
use serde::{Deserialize, Serialize};
use tradewind_config::IgnoreSyntax;
use tradewind_python::{DagFolder, FolderOptions};

use crate::command::in_process;
use crate::context::Context;
use crate::output::{Cell, Format, OutputArgs, Rows};

/// Arguments of `dags check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Files and folders. [default: the DAGs folder]
    paths: Vec<PathBuf>,
    /// Fail for what Airflow 3 refuses as well, not only for errors.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    output: OutputArgs,
}

/// What Python says of one file.
#[derive(Debug, Deserialize, Serialize)]
struct Checked {
    path: String,
    seconds: Option<f64>,
    dags: Vec<String>,
    errors: Vec<Error>,
    notes: Vec<Note>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Error {
    line: Option<u32>,
    message: String,
    stacktrace: String,
}

#[derive(Debug, Deserialize, Serialize)]
struct Note {
    kind: Kind,
    line: Option<u32>,
    file: String,
    message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Refused,
    Deprecated,
    Warning,
}

impl Kind {
    const fn label(self) -> &'static str {
        match self {
            Kind::Refused => "refused by 3",
            Kind::Deprecated => "old name",
            Kind::Warning => "warning",
        }
    }
}

impl Check {
    /// Ends with 1 when a file has an error (or, with `--strict`, something that Airflow 3 refuses).
    pub async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        let folder = &cx.settings.core.dags_folder;
        let files = files(cx, if self.paths.is_empty() { std::slice::from_ref(folder) } else { &self.paths })?;
        if files.is_empty() {
            bail!("no DAG files in {}", if self.paths.is_empty() { folder.display().to_string() } else { "what was named".to_owned() });
        }
        let checked = check(cx, &files).await?;
        match self.output.output {
            Format::Table => print!("{}", text(&checked)),
            Format::Json => println!("{}", serde_json::to_string_pretty(&checked)?),
            Format::Yaml | Format::Plain => self.output.print(&rows(&checked))?,
        }
        let refused = |file: &Checked| file.notes.iter().any(|note| note.kind == Kind::Refused);
        let bad = checked.iter().any(|file| !file.errors.is_empty() || (self.strict && refused(file)));
        Ok(if bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

fn files(cx: &Context, paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        let path = std::path::absolute(path)?;
        if path.is_dir() {
            let options = FolderOptions {
                syntax: match cx.settings.core.dag_ignore_file_syntax {
                    IgnoreSyntax::Glob => tradewind_python::IgnoreSyntax::Glob,
                    IgnoreSyntax::Regexp => tradewind_python::IgnoreSyntax::Regexp,
                },
                safe_mode: cx.settings.core.dag_discovery_safe_mode,
                ..FolderOptions::new(&path)
            };
            found.extend(DagFolder::new(options).scan().files.into_iter().map(|file| file.path));
        } else if path.is_file() {
            found.push(path);
        } else {
            bail!("there is no file or folder {}", path.display());
        }
    }
    Ok(found)
}

async fn check(cx: &Context, files: &[PathBuf]) -> anyhow::Result<Vec<Checked>> {
    let store = cx.store().await.ok();
    let data = in_process::data(cx, store.as_ref()).await?.to_string();
    let mut checked = Vec::with_capacity(files.len());
    // A command line has room for some thousand names; the folder decides what a file may import.
    for group in files.chunk_by(|one, other| root(cx, one) == root(cx, other)) {
        for some in group.chunks(500) {
            let mut command = in_process::python(cx, "tradewind.check")?;
            command.arg("--dags-folder").arg(root(cx, &some[0])).arg("--data-from-stdin").arg("--").args(some);
            let mut child = in_process::spawn(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
            tell(child.stdin.take(), &data);
            let output = child.stdout.take().context("the check has no output")?;
            for line in BufReader::new(output).lines() {
                let line = line?;
                checked.push(serde_json::from_str(&line).with_context(|| format!("the check answered {line:?}"))?);
            }
            child.wait()?;
        }
    }
    if checked.len() != files.len() {
        bail!("{} of {} files were checked; the messages above say why", checked.len(), files.len());
    }
    Ok(checked)
}

/// A process that ended early says why itself.
fn tell(input: Option<ChildStdin>, data: &str) {
    if let Some(mut input) = input {
        drop(input.write_all(data.as_bytes()));
    }
}

fn root(cx: &Context, file: &Path) -> PathBuf {
    let folder = &cx.settings.core.dags_folder;
    if file.starts_with(folder) { folder.clone() } else { file.parent().unwrap_or(folder).to_path_buf() }
}

fn text(checked: &[Checked]) -> String {
    let mut out = String::new();
    for file in checked {
        let dags = if file.dags.is_empty() { "no DAG".to_owned() } else { file.dags.join(", ") };
        let took = file.seconds.map_or_else(String::new, |seconds| format!(", {seconds:.2} s"));
        writeln!(out, "{}: {dags}{took}", file.path).expect("a string takes all");
        for error in &file.errors {
            let line = error.line.map_or_else(String::new, |line| format!("line {line}: "));
            writeln!(out, "  {:<13} {line}{}", "error", error.message).expect("a string takes all");
        }
        for note in &file.notes {
            let place = if note.file == file.path { String::new() } else { format!("{}, ", note.file) };
            let line = note.line.map_or_else(String::new, |line| format!("line {line}: "));
            writeln!(out, "  {:<13} {place}{line}{}", note.kind.label(), note.message).expect("a string takes all");
        }
    }
    let count = |kind: Kind| checked.iter().flat_map(|file| &file.notes).filter(|note| note.kind == kind).count();
    let failed = checked.iter().filter(|file| !file.errors.is_empty()).count();
    let dags: usize = checked.iter().map(|file| file.dags.len()).sum();
    writeln!(
        out,
        "{} files, {dags} DAGs; {failed} files with errors, {} refused by Airflow 3, {} old names, {} warnings",
        checked.len(),
        count(Kind::Refused),
        count(Kind::Deprecated),
        count(Kind::Warning),
    )
    .expect("a string takes all");
    out
}

fn rows(checked: &[Checked]) -> Rows {
    let mut rows = Rows::new(["file", "line", "kind", "message"]);
    for file in checked {
        for error in &file.errors {
            rows.push([file.path.as_str().into(), error.line.map(i64::from).into(), "error".into(), Cell::from(error.message.as_str())]);
        }
        for note in &file.notes {
            let line = note.line.map(i64::from);
            rows.push([note.file.as_str().into(), line.into(), note.kind.label().into(), Cell::from(note.message.as_str())]);
        }
    }
    rows
}
