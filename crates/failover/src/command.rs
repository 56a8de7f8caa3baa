//! Commands on nodes: by the shell of this machine, or over ssh.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::timeout;

use crate::node::Node;

/// The code with which ssh ends when it did not get as far as the command.
const SSH_FAILED: i32 = 255;
/// Output that is kept of a command.
const OUTPUT: usize = 4_096;
/// How long output may come after the end of a command: a process that it left behind may hold its output open for ever.
const REST: Duration = Duration::from_millis(200);

/// How commands are run.
#[derive(Debug, Clone)]
pub struct Runner {
    /// The program.
    pub ssh: String,
    /// Arguments before the host.
    pub ssh_options: Vec<String>,
    /// Longest time of a command that shall end.
    pub timeout: Duration,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    pub success: bool,
    /// The node could not be asked at all.
    pub unreachable: bool,
    /// What it said, and how it ended when that was not well.
    pub said: String,
}

impl Runner {
    /// Runs a command to its end. `variables` are set for it.
    pub async fn run(&self, node: &Node, command: &str, variables: &[(&str, &str)]) -> Ran {
        let mut running = match self.start(node, command, variables) {
            Ok(running) => running,
            Err(ran) => return ran,
        };
        match timeout(self.timeout, running.ended()).await {
            Ok(ran) => ran,
            Err(_) => Ran {
                success: false,
                unreachable: false,
                said: format!("{}no answer within {} s", running.so_far(), self.timeout.as_secs_f64()),
            },
        }
    }

    /// Starts a command. It is ended when its handle is dropped, unless it is let go.
    pub fn start(&self, node: &Node, command: &str, variables: &[(&str, &str)]) -> Result<Running, Ran> {
        let text = with_variables(command, variables);
        let mut process = if node.local {
            let mut process = Command::new("/bin/sh");
            process.args(["-c", &text]);
            process
        } else {
            let mut process = Command::new(&self.ssh);
            process.args(&self.ssh_options);
            // sudo may be set up to want a terminal.
            if command.trim_start().starts_with("sudo") {
                process.arg("-tt");
            }
            process.args(["--", &node.name, &text]);
            process
        };
        // A group of its own: what ends this program from a terminal must not end what was started.
        let spawned = process.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let program = if node.local { "/bin/sh" } else { self.ssh.as_str() };
        match spawned {
            Ok(mut child) => {
                let (out, err) = (child.stdout.take(), child.stderr.take());
                Ok(Running { child, out, err, output: Vec::new(), let_go: false, local: node.local })
            }
            Err(error) => Err(Ran { success: false, unreachable: false, said: format!("{program} cannot be started: {error}") }),
        }
    }
}

/// A command that runs.
pub struct Running {
    child: Child,
    out: Option<ChildStdout>,
    err: Option<ChildStderr>,
    output: Vec<u8>,
    let_go: bool,
    local: bool,
}

impl Running {
    /// Waits for its end. May be dropped and called again.
    pub async fn ended(&mut self) -> Ran {
        let status = loop {
            tokio::select! {
                status = self.child.wait() => break status,
                more = read(&mut self.out), if self.out.is_some() => keep(&mut self.output, more, &mut self.out),
                more = read(&mut self.err), if self.err.is_some() => keep(&mut self.output, more, &mut self.err),
            }
        };
        // What is not read by then is not worth waiting for.
        drop(timeout(REST, self.rest()).await);
        match status {
            Ok(status) => {
                let unreachable = !self.local && status.code() == Some(SSH_FAILED);
                Ran { success: status.success(), unreachable, said: said(&self.output, status) }
            }
            Err(error) => Ran { success: false, unreachable: false, said: format!("its end is not known: {error}") },
        }
    }

    async fn rest(&mut self) {
        while self.out.is_some() || self.err.is_some() {
            tokio::select! {
                more = read(&mut self.out), if self.out.is_some() => keep(&mut self.output, more, &mut self.out),
                more = read(&mut self.err), if self.err.is_some() => keep(&mut self.output, more, &mut self.err),
            }
        }
    }

    /// What it said so far, with a separator.
    pub fn so_far(&self) -> String {
        let text = text(&self.output);
        if text.is_empty() { text } else { format!("{text}; ") }
    }

    /// Lets it run on by itself.
    pub fn let_go(mut self) {
        self.let_go = true;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(pid) = self.child.id().filter(|_| !self.let_go).and_then(|pid| Pid::from_raw(pid.cast_signed())) {
            // It may have ended just now.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

async fn read(from: &mut Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut buffer = vec![0; 1_024];
    let n = match from {
        Some(from) => from.read(&mut buffer).await.unwrap_or(0),
        None => 0,
    };
    buffer.truncate(n);
    buffer
}

/// Keeps the last of the output; no more of it means its end.
fn keep<T>(output: &mut Vec<u8>, more: Vec<u8>, from: &mut Option<T>) {
    if more.is_empty() {
        *from = None;
    }
    output.extend(more);
    if output.len() > OUTPUT {
        output.drain(..output.len() - OUTPUT);
    }
}

fn text(output: &[u8]) -> String {
    String::from_utf8_lossy(output).trim().to_owned()
}

fn said(output: &[u8], status: ExitStatus) -> String {
    let text = text(output);
    match (status.success(), text.is_empty()) {
        (true, _) => text,
        (false, true) => status.to_string(),
        (false, false) => format!("{text} ({status})"),
    }
}

/// Exports before the command: a service manager ignores them, a shell passes them on.
fn with_variables(command: &str, variables: &[(&str, &str)]) -> String {
    let exports = variables.iter().map(|(name, value)| format!("export {name}={}; ", quoted(value)));
    exports.chain([command.to_owned()]).collect()
}

/// As one word of a shell.
fn quoted(value: &str) -> String {
    shlex::try_quote(value).map_or_else(|_| "''".to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runner(timeout: Duration) -> Runner {
        Runner { ssh: "ssh".into(), ssh_options: Vec::new(), timeout }
    }

    fn here() -> Node {
        Node::new("localhost", "here")
    }

    #[tokio::test]
    async fn what_a_command_said_and_how_it_ended() {
        let runner = runner(Duration::from_secs(30));
        let ran = runner.run(&here(), "echo \"$PIDS\"; echo no >&2; exit 3", &[("PIDS", "1 2")]).await;
        assert!(!ran.success && ran.said.contains("1 2") && ran.said.contains("no") && ran.said.contains('3'), "{ran:?}");
        assert_eq!(runner.run(&here(), "true", &[]).await, Ran { success: true, unreachable: false, said: String::new() });
        let long = runner.run(&here(), "yes | head -c 100000", &[]).await;
        assert!(long.success && long.said.len() <= OUTPUT);
    }

    #[tokio::test]
    async fn a_process_left_behind_holds_up_nobody() {
        let runner = runner(Duration::from_secs(30));
        let ran = runner.run(&here(), "sleep 60 & echo $!", &[]).await;
        assert!(ran.success, "{ran:?}");
        let pid = Pid::from_raw(ran.said.parse().unwrap()).unwrap();
        rustix::process::kill_process(pid, Signal::KILL).expect("it runs on");
    }

    #[tokio::test]
    async fn a_command_that_never_ends_is_ended() {
        let ran = runner(Duration::from_millis(100)).run(&here(), "echo begun; sleep 60", &[]).await;
        assert!(!ran.success && ran.said.contains("no answer within 0.1 s"), "{ran:?}");
    }

    #[tokio::test]
    async fn ssh_that_is_not_there_is_told() {
        let runner = Runner { ssh: "/no/such/ssh".into(), ..runner(Duration::from_secs(30)) };
        let ran = runner.run(&Node::new("other", "here"), "true", &[]).await;
        assert!(!ran.success && ran.said.starts_with("/no/such/ssh cannot be started"), "{ran:?}");
    }
}
