//! The warm host process: started, watched, started again.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{env, fs};

use serde_json::json;
use tokio::net::UnixListener;
use tokio::process::Child;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use crate::boot::spawn;
use crate::child::{Children, Exit};
use crate::conn::FrameSender;
use crate::error::PythonError;
use crate::greet::listen;
use crate::place::private_folder;
use crate::process::{Target, kill_and_wait};
use crate::supervise::Tasks;
use crate::template::{TemplateLimits, Templates};
use crate::{check, reap, tree};

/// Longest time from a fork to the hello of the child. Generous: a machine may be busy, and giving up costs an attempt its start.
pub(crate) const HELLO: Duration = Duration::from_secs(30);
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));

static SERIAL: AtomicU64 = AtomicU64::new(1);

/// What a host needs to know.
#[derive(Debug, Clone)]
pub struct HostOptions {
    /// The interpreter: a path, or a name to be found on `PATH`.
    pub python: PathBuf,
    /// Where `airflow` and `tradewind` are; `None`: the files in the binary, unpacked below `cache_dir`.
    pub python_path: Option<PathBuf>,
    pub cache_dir: PathBuf,
    /// A private folder for the socket is made in here.
    pub runtime_dir: PathBuf,
    /// Further variables of the environment, for the host and everything below it.
    pub env: BTreeMap<String, String>,
    pub templates: TemplateLimits,
}

impl HostOptions {
    /// Interpreter and tree as `TRADEWIND_PYTHON` (else `python3`) and `TRADEWIND_PYTHON_PATH` (else the binary's own) name them.
    pub fn new(cache_dir: impl Into<PathBuf>, runtime_dir: impl Into<PathBuf>) -> Self {
        Self {
            python: env::var_os("TRADEWIND_PYTHON").map_or_else(|| "python3".into(), Into::into),
            python_path: env::var_os("TRADEWIND_PYTHON_PATH").map(Into::into),
            cache_dir: cache_dir.into(),
            runtime_dir: runtime_dir.into(),
            env: BTreeMap::new(),
            templates: TemplateLimits::default(),
        }
    }
}

#[derive(Clone)]
enum State {
    Starting,
    Ready(FrameSender, i32),
    /// It ended before it was ready; it is tried again all the same.
    Failed(String),
    Stopped,
}

pub(crate) struct Shared {
    pub children: Children,
    pub templates: Templates,
    state: watch::Sender<State>,
    guard: watch::Sender<Guard>,
    folder: PathBuf,
}

/// When the host ends everything below it unless it hears otherwise, and how much time processes have for their end by TERM.
type Guard = Option<(Instant, Duration)>;

/// Handle of a host; cheap to clone. The processes end with [`PythonHost::stop`] or with the last handle.
#[derive(Clone)]
pub struct PythonHost {
    pub(crate) shared: Arc<Shared>,
    pub(crate) tasks: Tasks,
}

impl PythonHost {
    /// Lays out the Python tree, listens, and starts the host. Does not wait for it: see [`PythonHost::ready`].
    ///
    /// # Errors
    /// A folder cannot be made or the socket cannot be bound.
    pub fn start(options: HostOptions) -> Result<Self, PythonError> {
        if let Err(e) = reap::become_subreaper() {
            tracing::warn!("orphaned processes of tasks cannot be adopted, some may escape a kill: {e}");
        }
        let tree = match &options.python_path {
            Some(path) => path.clone(),
            None => tree::unpack(&options.cache_dir)?,
        };
        let folder = private_folder(&options.runtime_dir)?;
        let socket = folder.join("host.sock");
        let listener = UnixListener::bind(&socket).map_err(|e| PythonError::folder("listen on", &socket, e))?;
        let mode = fs::Permissions::from_mode(0o600);
        fs::set_permissions(&socket, mode).map_err(|e| PythonError::folder("protect", &socket, e))?;

        let shared = Arc::new(Shared {
            children: Children::default(),
            templates: Templates::new(options.templates),
            state: watch::channel(State::Starting).0,
            guard: watch::channel(None).0,
            folder,
        });
        let tasks = Tasks::default();
        tasks.spawn("reaper", reap::run(shared.children.clone()));
        tasks.spawn("python listener", listen(listener, shared.children.clone()));
        tasks.spawn("python host", keep_running(options, tree, socket, shared.clone()));
        Ok(Self { shared, tasks })
    }

    /// Waits until the host takes work.
    ///
    /// # Errors
    /// The interpreter cannot run it; the text says what to do.
    pub async fn ready(&self) -> Result<(), PythonError> {
        self.sender().await.map(drop)
    }

    pub(crate) async fn sender(&self) -> Result<FrameSender, PythonError> {
        let mut state = self.shared.state.subscribe();
        let settled = timeout(HELLO, state.wait_for(|s| !matches!(s, State::Starting))).await;
        match settled.as_ref().map(|s| s.as_deref()) {
            Ok(Ok(State::Ready(sender, _))) => Ok(sender.clone()),
            Ok(Ok(State::Failed(why))) => Err(PythonError::Unusable(why.clone())),
            Ok(Ok(State::Stopped) | Err(_)) => Err(PythonError::Stopped),
            Ok(Ok(State::Starting)) | Err(_) => {
                Err(PythonError::NotStarted { what: "host", why: format!("no word of it within {} s", HELLO.as_secs()) })
            }
        }
    }

    /// Has the host end all its processes, and itself, at that time: should this process stand still, nothing outlives the lease it had. A
    /// later call replaces the time, `None` lifts it.
    pub fn guard(&self, at: Option<(Instant, Duration)>) {
        self.shared.guard.send_replace(at);
    }

    /// Process id of the host, when it runs.
    pub fn pid(&self) -> Option<i32> {
        match &*self.shared.state.borrow() {
            State::Ready(_, pid) => Some(*pid),
            _ => None,
        }
    }

    pub(crate) fn new_id(role: &str) -> String {
        format!("{role}-{}", SERIAL.fetch_add(1, Ordering::Relaxed))
    }

    /// Ends the host and its idle children; attempts that still run are ended too.
    pub async fn stop(&self) {
        let state = self.shared.state.send_replace(State::Stopped);
        self.shared.templates.clear();
        if let State::Ready(sender, pid) = state {
            let _ = timeout(Duration::from_secs(1), sender.send(&json!({"type": "shutdown"}))).await;
            let target = Target { pid, start: crate::process::start_time(pid), mark: None };
            kill_and_wait(target, Duration::from_secs(2)).await;
        }
        self.tasks.abort();
        let _ = fs::remove_dir_all(&self.shared.folder);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

async fn keep_running(options: HostOptions, tree: PathBuf, socket: PathBuf, shared: Arc<Shared>) {
    let (mut backoff, longest) = BACKOFF;
    loop {
        let began = Instant::now();
        let why = match spawn(&options, &tree, &socket) {
            Ok(child) => run_once(child, &shared).await,
            Err(e) => format!("cannot start {}: {e}", options.python.display()),
        };
        if matches!(*shared.state.borrow(), State::Stopped) {
            return;
        }
        let was_ready = matches!(*shared.state.borrow(), State::Ready(..));
        shared.children.parent_gone("host", &why);
        if was_ready {
            tracing::error!("the Python host {why}; it is started again");
            shared.state.send_replace(State::Starting);
        } else {
            let why = check::complaint(&options.python).await.unwrap_or_else(|| format!("the Python host {why}"));
            tracing::error!(retry.seconds = backoff.as_secs_f64(), "{why}");
            shared.state.send_replace(State::Failed(why));
        }
        if began.elapsed() > longest {
            backoff = BACKOFF.0;
        }
        sleep(backoff).await;
        backoff = (backoff * 2).min(longest);
    }
}

/// Runs one host process to its end; answers how it ended.
async fn run_once(mut child: Child, shared: &Shared) -> String {
    let pid = child.id().map_or(0, u32::cast_signed);
    reap::host_started(pid);
    let hello = shared.children.expect("host", "").arrive("host", HELLO);
    let (mut conn, _exit) = tokio::select! {
        arrived = hello => match arrived {
            Ok((arrived, exit)) => (arrived.conn, exit),
            Err(e) => {
                let _ = child.kill().await;
                return format!("is of no use: {e}");
            }
        },
        ended = child.wait() => return words(ended),
    };
    shared.state.send_if_modified(|state| {
        let open = !matches!(state, State::Stopped);
        if open {
            *state = State::Ready(conn.sender(), pid);
        }
        open
    });
    let (mut guard, sender) = (shared.guard.subscribe(), conn.sender());
    guard.mark_changed();
    loop {
        let frame = tokio::select! {
            frame = conn.recv() => frame,
            Ok(()) = guard.changed() => {
                let frame = guard_frame(*guard.borrow_and_update());
                // A host that is gone is noticed by the other branch.
                let _ = sender.send(&frame).await;
                continue;
            }
        };
        match frame {
            Ok(Some(frame)) => note_exit(&shared.children, &frame),
            Ok(None) => break,
            Err(e) => {
                let _ = child.kill().await;
                return format!("sent what was not agreed: {e}");
            }
        }
    }
    match timeout(Duration::from_secs(2), child.wait()).await {
        Ok(ended) => words(ended),
        Err(_) => {
            let _ = child.kill().await;
            "closed its connection without ending".to_owned()
        }
    }
}

/// Relative, since the two sides share no clock that can be written down.
fn guard_frame(guard: Guard) -> serde_json::Value {
    match guard {
        None => json!({"type": "guard", "seconds": null}),
        Some((at, grace)) => {
            let left = at.saturating_duration_since(Instant::now());
            json!({"type": "guard", "seconds": left.as_secs_f64(), "grace": grace.as_secs_f64()})
        }
    }
}

fn words(ended: std::io::Result<std::process::ExitStatus>) -> String {
    use std::os::unix::process::ExitStatusExt;
    let exit = ended.map_or_else(|_| Exit::default(), |s| Exit { code: s.code(), signal: s.signal() });
    format!("was {exit}").replace("was exited", "exited").replace("was ended", "ended")
}

/// Takes the word of a parent about a child it has reaped.
pub(crate) fn note_exit(children: &Children, frame: &serde_json::Value) {
    if frame["type"] != "exited" {
        return;
    }
    let number = |key: &str| frame[key].as_i64().and_then(|n| i32::try_from(n).ok());
    let exit = Exit { code: number("code"), signal: number("signal") };
    match (frame["id"].as_str(), number("pid")) {
        (Some(id), Some(pid)) => children.exited(id, pid, exit),
        _ => tracing::warn!("an `exited` frame without an id or a pid"),
    }
}
