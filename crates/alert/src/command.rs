//! A program as a channel: it gets the alert as JSON on its standard input and says by its exit code whether it took it. No shell.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::time::timeout;

use crate::outcome::Tried;

/// What of its error output is kept.
const KEPT: u64 = 2_000;

/// Runs the program; after `limit` it is ended with all that it started.
pub async fn run(argv: &[String], limit: Duration, alert: &Value) -> Tried {
    let Some((program, arguments)) = argv.split_first() else { return Tried::failed("the command is empty") };
    let spawned = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => return Tried::again(format!("{program} cannot be started: {error}")),
    };
    let group = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    let (mut input, mut errors) = (child.stdin.take(), child.stderr.take());
    let text = format!("{alert}\n");
    let talk = async {
        if let Some(mut input) = input.take() {
            // A program that does not read its input has its reasons.
            drop(input.write_all(text.as_bytes()).await);
        }
        let mut kept = Vec::new();
        if let Some(errors) = errors.as_mut() {
            drop(errors.take(KEPT).read_to_end(&mut kept).await);
        }
        (child.wait().await, kept)
    };
    let ended = timeout(limit, talk).await;
    // What it left behind goes in any case.
    if let Some(group) = group {
        kill_process_group(group, Signal::KILL).ok();
    }
    match ended {
        Err(_) => Tried::unanswered(format!("{program} did not end within {} s and was killed", limit.as_secs_f64())),
        Ok((Err(error), _)) => Tried::unanswered(format!("the end of {program} is not known: {error}")),
        Ok((Ok(status), _)) if status.success() => Tried::sent(),
        Ok((Ok(status), kept)) => {
            let said = String::from_utf8_lossy(&kept);
            let said = said.trim();
            Tried::again(if said.is_empty() { format!("{program}: {status}") } else { format!("{program}: {status}: {said}") })
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::outcome::End;

    fn sh(script: &str) -> Vec<String> {
        ["/bin/sh", "-c", script].map(str::to_owned).to_vec()
    }

    #[tokio::test]
    async fn it_gets_json_and_answers_by_its_exit_code() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("got");
        let taken = run(&sh(&format!("cat > {}", file.display())), Duration::from_secs(20), &json!({"event": "run_late"})).await;
        assert_eq!(taken.end, End::Sent, "{taken:?}");
        assert_eq!(std::fs::read_to_string(file).unwrap(), "{\"event\":\"run_late\"}\n");
        let refused = run(&sh("echo no pager >&2; exit 3"), Duration::from_secs(20), &json!({})).await;
        assert_eq!((refused.end, refused.answered), (End::Again, true));
        assert_eq!(refused.error.as_deref(), Some("/bin/sh: exit status: 3: no pager"));
        let missing = run(&["/nowhere/page".to_owned()], Duration::from_secs(20), &json!({})).await;
        assert!(missing.error.unwrap().starts_with("/nowhere/page cannot be started"));
    }

    #[tokio::test]
    async fn it_is_ended_at_its_deadline_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let late = run(&sh(&format!("sleep 600 & echo $! > {}; wait", file.display())), Duration::from_millis(500), &json!({})).await;
        assert!(late.error.unwrap().contains("did not end within 0.5 s"));
        let child: i32 = std::fs::read_to_string(file).unwrap().trim().parse().unwrap();
        let gone = || match std::fs::read_to_string(format!("/proc/{child}/stat")) {
            Ok(stat) => stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')),
            Err(_) => true,
        };
        let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
        while !gone() {
            assert!(tokio::time::Instant::now() < deadline, "the child of the command still runs");
            tokio::task::yield_now().await;
        }
    }
}
