//! What installed provider packages say of the forms of connections: a Python process is asked when the first page wants to know.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;
use tradewind_server::{ConnectionType, ReadConnectionTypes};

use crate::command::in_process;
use crate::context::Context;

/// Packages import what they like when their hooks are asked.
const PATIENCE: Duration = Duration::from_secs(60);

/// See the module.
pub fn reader(cx: &Context) -> ReadConnectionTypes {
    let (home, executable) = (cx.settings.home.clone(), cx.settings.python.executable.clone());
    Arc::new(move || {
        let (home, executable) = (home.clone(), executable.clone());
        Box::pin(async move {
            timeout(PATIENCE, ask(&home, executable)).await.unwrap_or_else(|_| Err(format!("no answer within {PATIENCE:?}")))
        })
    })
}

async fn ask(home: &Path, executable: Option<PathBuf>) -> Result<Vec<ConnectionType>, String> {
    let mut command = Command::from(in_process::interpreter_of(home, executable).map_err(|error| format!("{error:#}"))?);
    command
        .args(["-m", "tradewind.providers", "forms"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let output = command.output().await.map_err(|error| format!("python cannot be started: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("python said nothing").to_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("the answer is not of the form that is expected: {error}"))
}
