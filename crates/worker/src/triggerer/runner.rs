//! One Python process with triggers: orders in, frames out, and a look whether it still lives.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tradewind_core::state::TaskState;
use tradewind_python::{AttemptHandle, Capture, FrameSender, Target, signal_members};
use tradewind_queue::control::Fire;
use tradewind_queue::service::CallError;

use super::{News, Shared};
use crate::log::Masker;

/// Between two pings.
const PING: Duration = Duration::from_secs(1);
/// A loop that does not answer for so long, and whose watcher says nothing either, is given up with its process.
const HUNG: Duration = Duration::from_secs(15);
/// How long a frame may take to the process.
const SEND: Duration = Duration::from_secs(10);
/// How long the process may take to end.
const END: Duration = Duration::from_secs(4);
/// Before it is tried again to start one.
const AGAIN: Duration = Duration::from_secs(1);
/// Requests of triggers that are answered at the same time.
const REQUESTS: usize = 256;
/// Output outside any trigger that is kept.
const OUTPUT: usize = 16 << 10;
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// A trigger to start.
pub struct Start {
    pub id: i64,
    pub classpath: String,
    /// JSON text.
    pub kwargs: String,
    pub task: Value,
    pub secrets: Vec<String>,
}

/// What a runner is told. A channel that is closed means [`Order::Stop`].
pub enum Order {
    Start(Box<Start>),
    /// Nobody wants it any more.
    Cancel {
        id: i64,
    },
    Stop,
}

struct Process {
    number: u64,
    shared: Arc<Shared>,
    news: mpsc::Sender<News>,
    sender: FrameSender,
    masker: Arc<Mutex<Masker>>,
    requests: JoinSet<()>,
    answered: Instant,
    /// Its watcher has told of a trigger that blocks.
    blocked: bool,
}

/// Runs a process until its orders end, or it does.
pub async fn run(number: u64, shared: Arc<Shared>, orders: mpsc::Receiver<Order>, news: mpsc::Sender<News>) {
    let options = &shared.options;
    let request = json!({"dags_folder": options.dags_folder, "config": options.config, "env": {}, "warn_after": options.warn_after});
    let gone = match shared.host.triggers(request).await {
        Ok(handle) => attend(number, shared.clone(), handle, orders, news.clone()).await.map(|why| (true, why)),
        Err(error) => {
            sleep(AGAIN).await;
            Some((false, format!("could not be started: {error}")))
        }
    };
    if let Some((started, why)) = gone {
        // After what it has still said.
        shared.recorder.then(News::Gone { runner: number, started, why }).await;
    }
}

/// Answers how the process ended, unless that was wanted.
async fn attend(
    number: u64,
    shared: Arc<Shared>,
    mut handle: AttemptHandle,
    mut orders: mpsc::Receiver<Order>,
    news: mpsc::Sender<News>,
) -> Option<String> {
    let _guard = EndTree(handle.target.clone());
    let masker = Arc::new(Mutex::new(Masker::new(shared.options.shortest_secret)));
    let sender = handle.conn.sender();
    let mut process = Process { number, shared, news, sender, masker, requests: JoinSet::new(), answered: Instant::now(), blocked: false };
    let mut output = Capture::new(OUTPUT);
    let mut ping = interval(PING);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            order = orders.recv() => match order {
                None | Some(Order::Stop) => break,
                Some(order) => if let Err(why) = process.order(order).await { return Some(why); },
            },
            frame = handle.conn.recv(), if process.requests.len() < REQUESTS => match frame {
                Ok(Some(frame)) => process.hear(frame).await,
                Ok(None) => {
                    let exit = handle.exit.wait().await;
                    let said = output.text();
                    return Some(if said.trim().is_empty() { format!("{exit}") } else { format!("{exit}: {}", said.trim()) });
                }
                Err(error) => return Some(format!("sent what was not agreed: {error}")),
            },
            Some(_) = process.requests.join_next() => {}
            () = tradewind_python::drain(&mut handle.pipe, &mut output), if handle.pipe.is_some() => {}
            _ = ping.tick() => if let Err(why) = process.ping().await { return Some(why); },
        }
    }
    drop(process.send(&json!({"type": "shutdown"})).await);
    drop(timeout(END, handle.exit.wait()).await);
    None
}

impl Process {
    async fn send(&self, frame: &Value) -> Result<(), String> {
        match timeout(SEND, self.sender.send(frame)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(format!("cannot be written to: {error}")),
            Err(_) => Err(format!("took no frame within {} s", SEND.as_secs())),
        }
    }

    async fn order(&mut self, order: Order) -> Result<(), String> {
        match order {
            Order::Start(start) => {
                self.masker.lock().unwrap_or_else(PoisonError::into_inner).add(&start.secrets);
                let frame =
                    json!({"type": "start", "trigger": start.id, "classpath": start.classpath, "kwargs": start.kwargs, "task": start.task});
                self.send(&frame).await
            }
            Order::Cancel { id } => self.send(&json!({"type": "cancel", "trigger": id, "kill": true})).await,
            Order::Stop => Ok(()),
        }
    }

    async fn ping(&mut self) -> Result<(), String> {
        // A loop that waits for an answer of ours stands still by our fault.
        if !self.requests.is_empty() || self.blocked {
            self.answered = Instant::now();
        }
        if self.answered.elapsed() >= HUNG {
            return Err(format!("did not answer for {} s", HUNG.as_secs()));
        }
        self.send(&json!({"type": "ping"})).await
    }

    async fn hear(&mut self, frame: Value) {
        let wait = frame["trigger"].as_i64();
        match (frame["type"].as_str().unwrap_or_default(), wait) {
            ("pong", _) => {
                self.answered = Instant::now();
                self.blocked = false;
            }
            ("request", _) => self.request(frame),
            ("log", Some(wait)) => self.shared.recorder.line(wait, frame["line"].as_str().unwrap_or_default(), &self.masker).await,
            ("log", None) => {
                tracing::info!(runner = self.number, "a process of triggers says: {}", frame["line"].as_str().unwrap_or_default())
            }
            ("blocked", Some(wait)) => {
                self.blocked = true;
                let stack = self.hide(frame["stack"].as_str().unwrap_or_default());
                let seconds = frame["seconds"].as_f64().unwrap_or_default();
                drop(self.news.send(News::Blocked { runner: self.number, wait, seconds, stack }).await);
            }
            ("blocked", None) => tracing::warn!(runner = self.number, "a process of triggers stands still outside its triggers"),
            ("stale", Some(wait)) => self.shared.recorder.then(News::Stale { runner: self.number, wait }).await,
            (kind, Some(wait)) => match self.fire(kind, &frame) {
                Some(fire) => self.shared.recorder.then(News::Ended { wait, runner: Some(self.number), fire }).await,
                None => tracing::warn!(runner = self.number, "a process of triggers sent a frame of the unknown type {kind:?}"),
            },
            (kind, None) => tracing::warn!(runner = self.number, "a process of triggers sent a frame of the unknown type {kind:?}"),
        }
    }

    fn fire(&self, kind: &str, frame: &Value) -> Option<Fire> {
        let text = |key: &str| frame[key].as_str().map(str::to_owned);
        match kind {
            "event" => Some(Fire::Event { payload: text("payload")? }),
            "failed" => Some(Fire::Failed {
                message: self.hide(frame["message"].as_str()?),
                traceback: frame["traceback"].as_str().map(|text| self.hide(text)),
            }),
            "end" => {
                let state = frame["state"].as_str()?.parse().ok().filter(|state: &TaskState| state.is_finished())?;
                let xcoms: HashMap<String, String> = serde_json::from_value(frame["xcoms"].clone()).unwrap_or_default();
                Some(Fire::End { state, xcoms: xcoms.into_iter().collect() })
            }
            _ => None,
        }
    }

    /// What is told to people shows no secret.
    fn hide(&self, text: &str) -> String {
        let mut masker = self.masker.lock().unwrap_or_else(PoisonError::into_inner);
        masker.prepare();
        masker.apply(text).into_owned()
    }

    fn request(&mut self, frame: Value) {
        let method = frame["method"].as_str().unwrap_or_default().to_owned();
        if method == "mask" {
            let texts = frame["params"]["values"].as_array().cloned().unwrap_or_default();
            self.masker.lock().unwrap_or_else(PoisonError::into_inner).add(texts.iter().filter_map(Value::as_str));
        } else {
            self.requests.spawn(answer(self.shared.clone(), method, frame, self.sender.clone(), self.masker.clone()));
        }
    }
}

/// Answers a request. While the database is away its trigger waits.
async fn answer(shared: Arc<Shared>, method: String, frame: Value, sender: FrameSender, masker: Arc<Mutex<Masker>>) {
    let mut backoff = BACKOFF.0;
    let result = loop {
        match shared.control.look_up(&method, frame["params"].clone()).await {
            Err(CallError::Unavailable(error)) => tracing::debug!("`{method}` of a trigger waits: {error}"),
            other => break other,
        }
        sleep(backoff).await;
        backoff = (backoff * 2).min(BACKOFF.1);
    };
    if let Ok(result) = &result {
        let secrets = shared.sensitive.found_in(&method, &frame["params"], result);
        masker.lock().unwrap_or_else(PoisonError::into_inner).add(secrets);
    }
    if frame["id"].is_null() {
        return;
    }
    let answer = match result {
        Ok(result) => json!({"type": "response", "id": frame["id"], "result": result}),
        Err(error) => json!({"type": "response", "id": frame["id"], "error": error}),
    };
    // A process that has gone needs no answer; its end is seen elsewhere.
    drop(sender.send(&answer).await);
}

/// Ends the process tree of a runner that is given up.
struct EndTree(Target);

impl Drop for EndTree {
    fn drop(&mut self) {
        signal_members(&self.0, Signal::KILL);
    }
}
