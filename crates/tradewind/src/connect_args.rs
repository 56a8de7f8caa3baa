//! `[database] sql_alchemy_connect_args`: an object in JSON, or the import path of a dictionary, as Airflow has it.

use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Map, Value};
use tokio::process::Command;

use crate::context::Context;
use crate::failure;

const OPTION: &str = "[database] sql_alchemy_connect_args";
/// Longest import.
const PATIENCE: Duration = Duration::from_secs(30);
/// Gives the object as JSON; what JSON cannot hold (a context of `ssl`) is named.
const IMPORT: &str = "\
import importlib, json, sys
module, _, name = sys.argv[1].rpartition('.')
found = getattr(importlib.import_module(module), name)
def cannot(value):
    sys.exit(f'{sys.argv[1]} holds {type(value).__module__}.{type(value).__name__}, which only a driver of Python can use: give paths of certificates instead')
print(json.dumps(dict(found() if callable(found) else found), default=cannot))
";

/// The arguments; the error says what is wrong with them, never what they hold.
pub async fn read(cx: &Context, text: &str) -> anyhow::Result<Map<String, Value>> {
    let text = text.trim();
    let json = if text.starts_with('{') { text.to_owned() } else { import(cx, text).await? };
    match serde_json::from_str(&json) {
        Ok(Value::Object(args)) => Ok(args),
        Ok(_) => Err(wrong("a JSON object is wanted, as in {\"sslmode\": \"require\"}")),
        Err(error) => Err(wrong(format!("it is no JSON (line {}, column {})", error.line(), error.column()))),
    }
}

fn wrong(text: impl std::fmt::Display) -> anyhow::Error {
    failure::misconfigured(format!("{OPTION}: {text}"))
}

async fn import(cx: &Context, path: &str) -> anyhow::Result<String> {
    let is_path =
        path.contains('.') && path.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_'));
    if !is_path {
        return Err(wrong(format!("`{path}` is neither a JSON object nor an import path such as airflow_local_settings.connect_args")));
    }
    let settings = &cx.settings;
    let python = settings.python.executable.clone().unwrap_or_else(|| "python3".into());
    let beside = settings.config_file.as_ref().and_then(|file| file.parent().map(ToOwned::to_owned));
    let folders = [Some(settings.home.join("config")), Some(settings.core.plugins_folder.clone()), beside];
    let own = std::env::var_os("PYTHONPATH").map(|paths| std::env::split_paths(&paths).collect::<Vec<_>>()).unwrap_or_default();
    let folders = std::env::join_paths(folders.into_iter().flatten().chain(own)).context("a folder has a colon in its name")?;
    let mut command = Command::new(&python);
    command.args(["-c", IMPORT, path]).env("PYTHONPATH", folders).stdin(Stdio::null()).kill_on_drop(true);
    let done = tokio::time::timeout(PATIENCE, command.output()).await;
    let done = done.with_context(|| format!("{OPTION}: importing `{path}` takes longer than {} s", PATIENCE.as_secs()))?;
    let done = done.with_context(|| format!("{OPTION}: {} cannot be run ([tradewind] python names another)", python.display()))?;
    if !done.status.success() {
        let told = String::from_utf8_lossy(&done.stderr);
        let last = told.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("without a word");
        return Err(wrong(format!("`{path}` cannot be imported: {last}")));
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}
