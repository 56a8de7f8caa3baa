//! One attempt: a process forked from its file's template, or from the host.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::unix::pipe::Receiver;
use tokio::time::sleep;

use crate::capture::receiver;
use crate::child::ExitWatch;
use crate::conn::Conn;
use crate::error::PythonError;
use crate::host::{HELLO, PythonHost};
use crate::process::{Target, start_time};
use crate::template::{Lease, Source};

/// What an attempt is started with.
pub struct RunRequest<'a> {
    pub attempt_id: &'a str,
    /// The START frame.
    pub start: Value,
    pub path: &'a Path,
    pub dags_folder: &'a Path,
    /// Hash of the file and its local modules; a template of another hash is stale.
    pub source_hash: &'a str,
    /// Environment of the template (not of the single attempt).
    pub env: &'a Value,
}

/// A running attempt: its connection, its output, its end.
pub struct AttemptHandle {
    pub conn: Conn,
    /// Standard output and error of the process.
    pub pipe: Option<Receiver>,
    pub exit: ExitWatch,
    /// Its process tree; the owner adds a mark if it has set one.
    pub target: Target,
    _template: Option<Lease>,
}

impl AttemptHandle {
    pub fn pid(&self) -> i32 {
        self.target.pid
    }
}

impl PythonHost {
    /// Starts an attempt and waits for its hello.
    ///
    /// # Errors
    /// No process could be started. It is certain then that none will run.
    pub async fn run(&self, request: RunRequest<'_>) -> Result<AttemptHandle, PythonError> {
        let frame = json!({"type": "run", "attempt": request.start});
        let source = Source { path: request.path, dags_folder: request.dags_folder, hash: request.source_hash, env: request.env };
        // A template may die just now; a fresh one is tried once.
        for _ in 0..2 {
            let Some(lease) = self.shared.templates.lease(self, &source) else {
                break;
            };
            let Some(sender) = lease.sender().await else { break };
            let expected = self.shared.children.expect(request.attempt_id, lease.id());
            if sender.send(&frame).await.is_err() {
                continue;
            }
            match expected.arrive("attempt", HELLO).await {
                Ok((arrived, exit)) => return Ok(handle(arrived, exit, Some(lease))),
                Err(PythonError::NotStarted { why, .. }) => {
                    lease.give_up();
                    tracing::warn!(attempt.id = request.attempt_id, "a template did not start an attempt: {why}");
                }
                Err(e) => return Err(e),
            }
        }
        self.ask_host(request.attempt_id, &frame).await
    }

    /// Runs callbacks of a DAG or a task in a process of their own; `request` as in the frame `callback`.
    ///
    /// # Errors
    /// No process could be started.
    pub async fn callback(&self, id: &str, request: &Value) -> Result<AttemptHandle, PythonError> {
        self.ask_host(id, &json!({"type": "callback", "id": id, "request": request})).await
    }

    /// Starts a process that runs triggers; `request` as in the frame `triggers`, without its type and id.
    ///
    /// # Errors
    /// No process could be started.
    pub async fn triggers(&self, mut request: Value) -> Result<AttemptHandle, PythonError> {
        let id = Self::new_id("triggers");
        request["type"] = json!("triggers");
        request["id"] = json!(id);
        self.ask_host(&id, &request).await
    }

    /// A host that has just died is started again; that is waited out instead of giving the attempt back.
    async fn ask_host(&self, id: &str, frame: &Value) -> Result<AttemptHandle, PythonError> {
        let mut pauses = [Duration::from_millis(100), Duration::from_millis(400)].into_iter();
        loop {
            match (self.ask_host_once(id, frame).await, pauses.next()) {
                (Err(PythonError::NotStarted { .. } | PythonError::Connection(_)), Some(pause)) => sleep(pause).await,
                (answer, _) => return answer,
            }
        }
    }

    async fn ask_host_once(&self, id: &str, frame: &Value) -> Result<AttemptHandle, PythonError> {
        let sender = self.sender().await?;
        let expected = self.shared.children.expect(id, "host");
        sender.send(frame).await.map_err(PythonError::Connection)?;
        let (arrived, exit) = expected.arrive("attempt", HELLO).await?;
        Ok(handle(arrived, exit, None))
    }
}

fn handle(arrived: crate::child::Arrived, exit: ExitWatch, template: Option<Lease>) -> AttemptHandle {
    AttemptHandle {
        conn: arrived.conn,
        pipe: receiver(arrived.pipe),
        target: Target { pid: arrived.pid, start: start_time(arrived.pid), mark: None },
        exit,
        _template: template,
    }
}
