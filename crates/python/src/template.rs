//! Template processes: a DAG file loaded once, forked for each attempt.
//!
//! *States of a template:* loading, ready, direct (it cannot be forked: attempts load the file themselves), gone.
//! *Bounds:* at most `count` processes; when all are busy, attempts of further files load them themselves.
//! *Failure:* a template that dies costs the attempts it had not started yet one more try with a fresh one.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until, timeout};

use crate::capture::{Capture, drain, receiver};
use crate::child::Children;
use crate::conn::{Conn, FrameSender};
use crate::host::{HELLO, PythonHost, note_exit};
use crate::process::{Target, kill_and_wait, start_time};

/// How long a file that could not be loaded is not tried again as a template: its fault may be passing (a missing variable).
const RETRY_LOAD: Duration = Duration::from_secs(10);

/// Bounds of the cache of template processes.
#[derive(Debug, Clone, Copy)]
pub struct TemplateLimits {
    pub count: usize,
    pub idle: Duration,
    /// `[core] dagbag_import_timeout`.
    pub load: Duration,
}

impl Default for TemplateLimits {
    fn default() -> Self {
        Self { count: 8, idle: Duration::from_secs(60), load: Duration::from_secs(30) }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum State {
    Loading,
    Ready,
    /// Attempts load the file themselves; until then.
    Direct(Option<Instant>),
    Gone,
}

/// One DAG file in use.
pub(crate) struct Template {
    pub id: String,
    path: PathBuf,
    hash: String,
    state: watch::Sender<State>,
    sender: OnceLock<FrameSender>,
    use_: Mutex<Use>,
    changed: Notify,
}

struct Use {
    active: usize,
    last: Instant,
    retired: bool,
}

impl Template {
    fn usage(&self) -> MutexGuard<'_, Use> {
        self.use_.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn retire(&self) {
        self.usage().retired = true;
        self.changed.notify_one();
    }

    fn has_process(&self) -> bool {
        matches!(*self.state.borrow(), State::Loading | State::Ready)
    }

    fn usable(&self) -> bool {
        match *self.state.borrow() {
            State::Gone => false,
            State::Direct(Some(until)) => Instant::now() < until,
            State::Loading | State::Ready | State::Direct(None) => true,
        }
    }
}

/// Keeps a template from being ended while an attempt of it runs.
pub(crate) struct Lease(Arc<Template>);

impl Lease {
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// It does not fork: nobody is to get it any more.
    pub fn give_up(&self) {
        self.0.state.send_replace(State::Gone);
        self.0.retire();
    }

    /// How to ask it for a fork; `None`: attempts are to load the file themselves.
    pub async fn sender(&self) -> Option<FrameSender> {
        let mut state = self.0.state.subscribe();
        let settled = state.wait_for(|s| *s != State::Loading).await.ok()?.clone();
        (settled == State::Ready).then(|| self.0.sender.get().cloned()).flatten()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut usage = self.0.usage();
        usage.active -= 1;
        usage.last = Instant::now();
        drop(usage);
        self.0.changed.notify_one();
    }
}

/// What a template is made for.
pub(crate) struct Source<'a> {
    pub path: &'a Path,
    pub dags_folder: &'a Path,
    pub hash: &'a str,
    pub env: &'a Value,
}

pub(crate) struct Templates {
    limits: TemplateLimits,
    map: Mutex<HashMap<PathBuf, Arc<Template>>>,
}

impl Templates {
    pub fn new(limits: TemplateLimits) -> Self {
        let map = Mutex::default();
        Self { limits, map }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PathBuf, Arc<Template>>> {
        self.map.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn clear(&self) {
        for (_, template) in self.lock().drain() {
            template.retire();
        }
    }

    /// The template of a file, started on demand; `None`: there is no room for one now.
    pub fn lease(&self, host: &PythonHost, source: &Source<'_>) -> Option<Lease> {
        let mut map = self.lock();
        let found = map.get(source.path).filter(|t| t.hash == source.hash && t.usable()).cloned();
        if let Some(template) = found {
            template.usage().active += 1;
            return Some(Lease(template));
        }
        if let Some(stale) = map.remove(source.path) {
            stale.retire();
        }
        let mut processes: Vec<_> = map.values().filter(|t| t.has_process()).cloned().collect();
        if processes.len() >= self.limits.count {
            processes.retain(|t| t.usage().active == 0);
            let oldest = processes.into_iter().min_by_key(|t| t.usage().last)?;
            map.remove(&oldest.path);
            oldest.retire();
        }
        let template = Arc::new(Template {
            id: PythonHost::new_id("template"),
            path: source.path.to_path_buf(),
            hash: source.hash.to_owned(),
            state: watch::channel(State::Loading).0,
            sender: OnceLock::new(),
            use_: Mutex::new(Use { active: 1, last: Instant::now(), retired: false }),
            changed: Notify::new(),
        });
        map.insert(template.path.clone(), template.clone());
        let ask = json!({"type": "template", "id": template.id, "path": source.path, "dags_folder": source.dags_folder,
                         "env": source.env});
        // The task must not keep the host alive, or the host would never end by being dropped.
        let shared = Arc::downgrade(&host.shared);
        let children = host.shared.children.clone();
        let limits = self.limits;
        let asked = host.clone();
        let driven = template.clone();
        host.tasks.spawn("python template", async move {
            let end = match load(&asked, &driven, &ask, limits).await {
                Ok((conn, target, pipe)) => {
                    drop(asked);
                    serve(&driven, conn, pipe, &children, limits).await;
                    kill_and_wait(target, Duration::ZERO).await;
                    State::Gone
                }
                Err(Refused { why, again }) => {
                    tracing::info!(dag.file = %driven.path.display(), "tasks of this file are started without a template: {why}");
                    State::Direct(again)
                }
            };
            children.parent_gone(&driven.id, "its template has ended");
            let gone = end == State::Gone;
            driven.state.send_replace(end);
            if gone && let Some(shared) = shared.upgrade() {
                shared.templates.forget(&driven);
            }
        });
        Some(Lease(template))
    }

    fn forget(&self, template: &Arc<Template>) {
        let mut map = self.lock();
        if map.get(&template.path).is_some_and(|t| Arc::ptr_eq(t, template)) {
            map.remove(&template.path);
        }
    }
}

struct Refused {
    why: String,
    again: Option<Instant>,
}

type Loaded = (Conn, Target, Option<tokio::net::unix::pipe::Receiver>);

/// Starts the process and waits until it has loaded the file.
async fn load(host: &PythonHost, template: &Template, ask: &Value, limits: TemplateLimits) -> Result<Loaded, Refused> {
    let passing = |why: String| Refused { why, again: Some(Instant::now() + RETRY_LOAD) };
    let sender = host.sender().await.map_err(|e| passing(e.to_string()))?;
    let expected = host.shared.children.expect(&template.id, "host");
    sender.send(ask).await.map_err(|e| passing(e.to_string()))?;
    let (arrived, exit) = expected.arrive("template", HELLO).await.map_err(|e| passing(e.to_string()))?;
    drop(exit);
    let target = Target { pid: arrived.pid, start: start_time(arrived.pid), mark: None };
    let (mut conn, mut pipe) = (arrived.conn, receiver(arrived.pipe));
    let mut output = Capture::new(4096);
    let answer = async {
        tokio::select! {
            frame = conn.recv() => frame,
            () = async { drain(&mut pipe, &mut output).await; std::future::pending().await } => unreachable!("never ends"),
        }
    };
    let refused = match timeout(limits.load, answer).await {
        Ok(Ok(Some(frame))) if frame["type"] == "loaded" && frame["safe"] == true => {
            let _ = template.sender.set(conn.sender());
            template.state.send_replace(State::Ready);
            return Ok((conn, target, pipe));
        }
        Ok(Ok(Some(frame))) if frame["type"] == "loaded" => {
            Refused { why: frame["reason"].as_str().unwrap_or("it is not safe to fork").to_owned(), again: None }
        }
        Ok(Ok(Some(_))) => passing("it could not be loaded".to_owned()),
        Ok(Ok(None)) => passing("its process ended while loading it".to_owned()),
        Ok(Err(e)) => passing(e.to_string()),
        Err(_) => passing(format!("loading it took more than {} s", limits.load.as_secs_f32())),
    };
    kill_and_wait(target, Duration::ZERO).await;
    Err(refused)
}

/// Passes on what the template says, until it has ended or is not wanted any more.
async fn serve(
    template: &Template,
    mut conn: Conn,
    mut pipe: Option<tokio::net::unix::pipe::Receiver>,
    children: &Children,
    limits: TemplateLimits,
) {
    let mut output = Capture::new(4096);
    loop {
        let idle_until = {
            let usage = template.usage();
            let due = if usage.retired { Instant::now() } else { usage.last + limits.idle };
            (usage.active == 0).then_some(due)
        };
        tokio::select! {
            biased;
            frame = conn.recv() => match frame {
                Ok(Some(frame)) => note_exit(children, &frame),
                Ok(None) | Err(_) => return,
            },
            () = template.changed.notified() => {}
            () = drain(&mut pipe, &mut output), if pipe.is_some() => {}
            () = sleep_until(idle_until.unwrap_or_else(Instant::now)), if idle_until.is_some() => {
                // From here on nobody gets it any more.
                template.state.send_replace(State::Gone);
                if template.usage().active == 0 {
                    let _ = conn.sender().send(&json!({"type": "shutdown"})).await;
                    let _ = timeout(Duration::from_secs(1), async { while let Ok(Some(_)) = conn.recv().await {} }).await;
                    return;
                }
            }
        }
    }
}
