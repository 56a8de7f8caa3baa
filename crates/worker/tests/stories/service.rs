//! A control plane in memory.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};
use tradewind_queue::service::{
    Answer, AttemptService, Beat, CallError, Hint, KillReason, Lease, Report, Reported, Start, WorkerId, WorkerInfo,
};
use uuid::Uuid;

#[derive(Default)]
pub struct State {
    pub queued: Vec<(Uuid, Start)>,
    pub claimed: HashMap<Uuid, Start>,
    pub reports: Vec<(Report, Instant)>,
    pub calls: Vec<(Uuid, String, Value)>,
    pub kill: Vec<(Uuid, KillReason)>,
    pub started: HashMap<Uuid, u32>,
    pub deregistered: HashSet<WorkerId>,
    pub registered: Vec<WorkerInfo>,
    /// A file, and what it held when the last report came.
    pub watched: Option<(PathBuf, String)>,
}

pub struct Service {
    state: Mutex<State>,
    changed: Notify,
    away: AtomicBool,
    workers: AtomicI64,
    pub lease: f64,
}

impl Service {
    pub fn new(lease: f64) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), changed: Notify::new(), away: AtomicBool::new(false), workers: AtomicI64::new(0), lease })
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn queue(&self, start: Start) -> Uuid {
        let id = start.attempt_id;
        self.state().queued.push((id, start));
        self.changed.notify_waiters();
        id
    }

    pub fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    /// Waits until `look` finds something.
    pub async fn until<T>(&self, what: &str, look: impl Fn(&State) -> Option<T>) -> T {
        let wait = async {
            loop {
                let changed = self.changed.notified();
                if let Some(found) = look(&self.state()) {
                    return found;
                }
                // The notification may slip through between the look and the wait.
                let _ = timeout(Duration::from_millis(50), changed).await;
            }
        };
        timeout(Duration::from_secs(60), wait).await.unwrap_or_else(|_| panic!("within 60 s: {what}"))
    }

    pub async fn report_of(&self, id: Uuid) -> Report {
        self.until("a report", |s| s.reports.iter().find(|(r, _)| r.attempt_id == id).map(|(r, _)| r.clone())).await
    }

    async fn present(&self) -> Result<(), CallError> {
        if self.away.load(Ordering::SeqCst) {
            return Err(CallError::Unavailable("away".to_owned()));
        }
        Ok(())
    }
}

fn boxed<'a, T>(answer: impl Future<Output = Result<T, CallError>> + Send + 'a) -> Answer<'a, T> {
    Box::pin(answer)
}

impl AttemptService for Service {
    fn register(&self, info: WorkerInfo) -> Answer<'_, Lease> {
        boxed(async move {
            self.present().await?;
            self.state().registered.push(info);
            let worker = WorkerId(self.workers.fetch_add(1, Ordering::SeqCst) + 1);
            Ok(Lease { worker, seconds: self.lease })
        })
    }

    fn take(&self, _: WorkerId, _: Vec<String>, max: usize, wait: f64) -> Answer<'_, Vec<Hint>> {
        boxed(async move {
            let deadline = Instant::now() + Duration::from_secs_f64(wait);
            loop {
                let changed = self.changed.notified();
                self.present().await?;
                let hints: Vec<Hint> = {
                    let mut state = self.state();
                    let n = state.queued.len().min(max);
                    let taken: Vec<_> = state.queued.drain(..n).collect();
                    taken
                        .into_iter()
                        .map(|(id, start)| {
                            state.claimed.insert(id, start);
                            Hint { attempt_id: id, queue: "default".to_owned() }
                        })
                        .collect()
                };
                if !hints.is_empty() || tokio::time::timeout_at(deadline, changed).await.is_err() {
                    return Ok(hints);
                }
            }
        })
    }

    fn claim(&self, _: WorkerId, attempt_id: Uuid) -> Answer<'_, Option<Start>> {
        boxed(async move {
            self.present().await?;
            Ok(self.state().claimed.remove(&attempt_id))
        })
    }

    fn started(&self, _: WorkerId, attempt_id: Uuid, pid: u32) -> Answer<'_, ()> {
        boxed(async move {
            self.state().started.insert(attempt_id, pid);
            self.changed.notify_waiters();
            Ok(())
        })
    }

    fn vouch(&self, _: WorkerId, _: Uuid) -> Answer<'_, ()> {
        boxed(self.present())
    }

    fn heartbeat(&self, worker: WorkerId, running: Vec<Uuid>) -> Answer<'_, Beat> {
        boxed(async move {
            self.present().await?;
            let kill = self.state().kill.iter().filter(|(id, _)| running.contains(id)).copied().collect();
            Ok(Beat { lease: Lease { worker, seconds: self.lease }, kill })
        })
    }

    fn report(&self, report: Report) -> Answer<'_, Reported> {
        boxed(async move {
            self.present().await?;
            if let Some((path, text)) = &mut self.state().watched {
                *text = std::fs::read_to_string(path).unwrap_or_default();
            }
            self.state().reports.push((report, Instant::now()));
            self.changed.notify_waiters();
            Ok(Reported { accepted: true, state: Some("success".to_owned()) })
        })
    }

    fn call(&self, attempt_id: Uuid, method: String, params: Value) -> Answer<'_, Value> {
        boxed(async move {
            self.present().await?;
            self.state().calls.push((attempt_id, method.clone(), params.clone()));
            self.changed.notify_waiters();
            match method.as_str() {
                "variable.get" => Ok(json!({"found": true, "value": format!("value-of-{}", params["key"].as_str().unwrap())})),
                "xcom.get" => Ok(json!({"found": false, "value": null})),
                _ => Ok(json!({})),
            }
        })
    }

    fn deregister(&self, worker: WorkerId) -> Answer<'_, ()> {
        boxed(async move {
            self.state().deregistered.insert(worker);
            Ok(())
        })
    }
}
