//! Callbacks of DAGs, and of tasks whose process died before it could run its own.

use std::path::PathBuf;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tradewind_metrics::names;
use tradewind_python::{AttemptHandle, Capture, PythonHost, Target, signal_members};
use tradewind_queue::control::Control;
use tradewind_queue::service::AttemptService;
use tradewind_store::Store;
use tradewind_store::table::callback_request::{CallbackRequest, ClaimCallbacks, FinishCallback};
use uuid::Uuid;

use super::Processor;

/// Callbacks at the same time.
const PARALLEL: usize = 4;
/// Longest run of a callback; the row is claimed for a little longer.
const LONGEST: Duration = Duration::from_secs(300);
/// Processes that a request may cost before it is dropped.
const TRIES: u32 = 3;
/// Output that is kept for the log.
const OUTPUT: usize = 64 << 10;

struct Errand {
    store: Store,
    host: PythonHost,
    control: Control,
    dags_folder: PathBuf,
    config: Value,
}

impl Processor {
    pub(super) async fn start_callbacks(&mut self, running: &mut JoinSet<()>) {
        let (Some(owner), room) = (self.job, PARALLEL.saturating_sub(running.len())) else { return };
        if room == 0 {
            return;
        }
        let lease = jiff::SignedDuration::try_from(LONGEST + Duration::from_secs(30)).unwrap_or(jiff::SignedDuration::MAX);
        let claim = ClaimCallbacks { job: owner.job, lease, limit: u32::try_from(room).unwrap_or(1), max_tries: TRIES };
        match self.store.run(claim).await {
            Ok(requests) => {
                for request in requests {
                    names::OTHER_CALLBACKS.count(1, &[]);
                    let errand = Errand {
                        store: self.store.clone(),
                        host: self.host.clone(),
                        control: self.control.clone(),
                        dags_folder: self.options.folder.root.clone(),
                        config: self.options.config.clone(),
                    };
                    running.spawn(errand.run(request));
                }
            }
            Err(error) => tracing::warn!("callbacks cannot be read: {error}"),
        }
    }
}

impl Errand {
    async fn run(self, request: CallbackRequest) {
        let id = request.id;
        match timeout(LONGEST, self.process(&request)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(file = request.relative_fileloc, tries = request.tries, "a callback could not be run: {error}");
                return;
            }
            Err(_) => tracing::warn!(file = request.relative_fileloc, "a callback ran longer than {} s and was ended", LONGEST.as_secs()),
        }
        if let Err(error) = self.store.run(FinishCallback { id }).await {
            tracing::warn!("a callback that has run may run again: {error}");
        }
    }

    /// Runs the callback's process to its end. Its failure is its own; an error is ours.
    async fn process(&self, request: &CallbackRequest) -> Result<(), String> {
        let mut payload: Value = serde_json::from_str(&request.payload).map_err(|error| error.to_string())?;
        let Some(lent) = self.control.lend(&payload["context"]).await.map_err(|error| error.to_string())? else { return Ok(()) };
        let (id, context) = lent;
        payload["context"] = context;
        payload["dags_folder"] = json!(self.dags_folder);
        payload["config"] = self.config.clone();
        let handle = self.host.callback(&id.to_string(), &payload).await.map_err(|error| error.to_string());
        let ended = match handle {
            Ok(handle) => {
                names::CALLBACK_ONLY.count(1, &[]);
                self.attend(id, handle, &request.relative_fileloc).await;
                Ok(())
            }
            Err(error) => Err(error),
        };
        self.control.give_back(id);
        ended
    }

    /// Answers the requests of the process until it has ended.
    async fn attend(&self, id: Uuid, mut handle: AttemptHandle, file: &str) {
        let _guard = EndTree(handle.target.clone());
        let (mut output, sender) = (Capture::new(OUTPUT), handle.conn.sender());
        let exit = loop {
            tokio::select! {
                frame = handle.conn.recv() => match frame {
                    Ok(Some(frame)) if frame["type"] == "request" => {
                        let method = frame["method"].as_str().unwrap_or_default().to_owned();
                        let answer = self.control.call(id, method, frame["params"].clone()).await;
                        if frame["id"].is_null() {
                            continue;
                        }
                        let answer = match answer {
                            Ok(result) => json!({"type": "response", "id": frame["id"], "result": result}),
                            Err(error) => json!({"type": "response", "id": frame["id"], "error": error}),
                        };
                        // A process that does not listen any more ends below.
                        drop(sender.send(&answer).await);
                    }
                    Ok(Some(_)) => {}
                    Ok(None) | Err(_) => break handle.exit.wait().await,
                },
                () = tradewind_python::drain(&mut handle.pipe, &mut output), if handle.pipe.is_some() => {}
                exit = handle.exit.wait() => break exit,
            }
        };
        drop(timeout(Duration::from_secs(1), tradewind_python::drain(&mut handle.pipe, &mut output)).await);
        let text = output.text();
        if exit.code == Some(0) {
            tracing::info!(file, "a callback has run: {text}");
        } else {
            names::CALLBACK_EXCEPTIONS.count(1, &[]);
            tracing::warn!(file, "a callback failed ({exit:?}): {text}");
        }
    }
}

/// Ends the process tree of a callback that is given up.
struct EndTree(Target);

impl Drop for EndTree {
    fn drop(&mut self) {
        signal_members(&self.0, Signal::KILL);
    }
}
