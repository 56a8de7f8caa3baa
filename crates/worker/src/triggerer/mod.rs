//! The triggerer: runs the triggers of deferred tasks, and moves the tasks when they fire.
//!
//! *Authority:* a trigger runs here while its row names this process's job and the job's lease runs. *States:* of a wait: native (a task of ours), in a runner
//! (a Python process), firing (its event is known and is being written), gone. *Clock:* leases and times of triggers by the database's clock. *May be
//! lost:* this process; another triggerer takes the rows over when the lease ends, and starts the triggers anew. An event is never lost: it is written
//! before the trigger is forgotten.

mod files;
mod hear;
mod native;
mod record;
mod runner;
mod runners;
mod told;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::AbortHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tradewind_metrics::names;
use tradewind_python::PythonHost;
use tradewind_queue::attempt_log::{Modes, place};
use tradewind_queue::control::{Control, Fire, TriggerPlace};
use tradewind_queue::{Change, Changes};
use tradewind_store::Store;
use tradewind_store::step::{ClaimDeferrals, DeferralsWait, EndJob, HeldDeferrals, Owner, RenewLease, Renewed, StartJob};
use tradewind_store::table::deferral::Waiting;

use crate::crew::Crew;
use crate::sensitive::Sensitive;
use record::Recorder;
use runners::Runners;

/// Between two looks for waits after commits of other processes, at least.
const PAUSE: Duration = Duration::from_millis(200);

/// What a triggerer needs to know.
#[derive(Debug, Clone)]
pub struct TriggererOptions {
    /// `[triggerer] capacity`: triggers at once.
    pub capacity: usize,
    /// `[triggerer] max_trigger_to_select_per_loop`: triggers taken in one transaction, so that several triggerers share them.
    pub per_claim: u32,
    pub dags_folder: PathBuf,
    /// `section.key` -> text, for Python's `conf`.
    pub config: Value,
    /// `[logging] base_log_folder`.
    pub log_folder: PathBuf,
    pub log_modes: Modes,
    /// `[logging] min_length_masked_secret`, characters.
    pub shortest_secret: usize,
    /// `[core] sensitive_var_conn_names`.
    pub sensitive_names: Vec<String>,
    /// `[core] hide_sensitive_var_conn_fields`.
    pub hide_sensitive: bool,
    /// `[triggerer] blocked_main_thread_warning_threshold`, seconds.
    pub warn_after: f64,
    pub hostname: String,
    pub unixname: String,
    pub version: String,
    /// How others on this machine tell whether this process lives.
    pub process: Option<String>,
    pub lease: Duration,
}

/// What the parts of a triggerer share.
struct Shared {
    store: Store,
    host: PythonHost,
    control: Control,
    options: TriggererOptions,
    sensitive: Sensitive,
    recorder: Recorder,
}

/// Where a wait is.
enum At {
    Native(AbortHandle),
    Runner(u64),
    /// Its event is on the way to its row.
    Firing,
}

/// A wait in this process.
struct Wait {
    waiting: Arc<Waiting>,
    place: Arc<TriggerPlace>,
    at: At,
    /// Runners that ended while they held this trigger alone.
    ended_with: u32,
}

/// What the loop is told.
enum News {
    /// A trigger has ended; the log of its task has everything it said.
    Ended { wait: i64, runner: Option<u64>, fire: Fire },
    /// It is written, or nobody wanted it.
    Fired { wait: i64 },
    /// The loop of a runner stands still in a trigger.
    Blocked { runner: u64, wait: i64, seconds: f64, stack: String },
    /// The code of a trigger has changed since the runner loaded it.
    Stale { runner: u64, wait: i64 },
    /// A runner has ended, or could not be started.
    Gone { runner: u64, started: bool, why: String },
}

/// A job of this process, renewed in time.
#[derive(Clone, Copy)]
struct Job {
    owner: Owner,
    asked: Instant,
}

/// See the module.
pub struct Triggerer {
    shared: Arc<Shared>,
    changes: Changes,
    job: Option<Job>,
    waits: HashMap<i64, Wait>,
    /// Taken, and still without what the trigger has to know.
    unplaced: Vec<Waiting>,
    runners: Runners,
    news: mpsc::Sender<News>,
    inbox: mpsc::Receiver<News>,
    /// Native triggers and events on their way.
    crew: Crew,
    looked: Option<Instant>,
}

impl Triggerer {
    pub fn new(store: Store, host: PythonHost, control: Control, changes: Changes, options: TriggererOptions) -> Self {
        let (news, inbox) = mpsc::channel(1024);
        let crew = Crew::new();
        let recorder = Recorder::start(&crew, news.clone());
        let sensitive = Sensitive::new(&options.sensitive_names, options.hide_sensitive);
        let shared = Arc::new(Shared { store, host, control, options, sensitive, recorder });
        let runners = Runners::new(shared.clone(), news.clone());
        Self { shared, changes, job: None, waits: HashMap::new(), unplaced: Vec::new(), runners, news, inbox, crew, looked: None }
    }

    /// Runs until `stop` is true, then gives its triggers back.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut changes = self.changes.subscribe();
        let mut tick = interval(Duration::from_secs(1));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = stopped(&mut stop) => break,
                Some(news) = self.inbox.recv() => self.hear(news),
                hint = changes.recv() => if self.wakes(&hint) { self.take().await; },
                _ = tick.tick() => self.tick().await,
            }
        }
        self.runners.stop().await;
        let Some(job) = self.job else { return };
        names::JOB_END.count(1, told::JOB);
        if let Err(error) = self.shared.store.run(EndJob { owner: job.owner, success: true }).await {
            tracing::debug!("the triggerer's lease runs out by itself: {error}");
        }
    }

    /// Whether a change may mean a new wait.
    fn wakes(&self, hint: &Result<Change, broadcast::error::RecvError>) -> bool {
        match hint {
            Ok(Change::Triggers | Change::Gone) | Err(broadcast::error::RecvError::Lagged(_)) => true,
            Ok(Change::Elsewhere) => self.looked.is_none_or(|looked| looked.elapsed() >= PAUSE),
            _ => false,
        }
    }

    async fn tick(&mut self) {
        self.beat().await;
        self.drop_unwanted().await;
        self.take().await;
        self.runners.tidy();
        told::load(&self.shared.options, self.waits.len());
    }

    fn trusted(&self) -> bool {
        self.job.is_some_and(|job| job.asked.elapsed() < self.shared.options.lease * 2 / 3)
    }

    /// Renews the lease. A triggerer that cannot ends its triggers before another one may take them.
    async fn beat(&mut self) {
        let options = &self.shared.options;
        let lease = jiff::SignedDuration::try_from(options.lease).unwrap_or(jiff::SignedDuration::MAX);
        let asked = Instant::now();
        if let Some(job) = self.job {
            if job.asked.elapsed() < options.lease / 3 {
                return;
            }
            let stats = serde_json::json!({"triggers": self.waits.len(), "capacity": options.capacity}).to_string();
            match self.shared.store.run(RenewLease { owner: job.owner, lease, stats: Some(stats) }).await {
                Ok(Renewed::Until(_)) => {
                    names::TRIGGERER_HEARTBEAT.count(1, &[]);
                    self.job = Some(Job { asked, ..job });
                    return;
                }
                Ok(Renewed::Lost) => tracing::warn!(job.id = job.owner.job, "the lease of this triggerer has ended; starting anew"),
                Err(error) => {
                    names::JOB_HEARTBEAT_FAILURE.count(1, told::JOB);
                    if self.trusted() {
                        return tracing::warn!("the triggerer's lease cannot be renewed: {error}");
                    }
                    tracing::warn!("the triggerer gives its triggers up, because its lease cannot be renewed: {error}");
                }
            }
            self.forget();
        }
        let options = &self.shared.options;
        let start = StartJob {
            job_type: "TriggererJob".into(),
            hostname: options.hostname.clone(),
            unixname: Some(options.unixname.clone()),
            pid: Some(std::process::id()),
            address: None,
            version: Some(options.version.clone()),
            stats: None,
            process: options.process.clone(),
            lease,
        };
        match self.shared.store.run(start).await {
            Ok(job) => {
                names::JOB_START.count(1, told::JOB);
                self.job = Some(Job { owner: job.owner, asked });
            }
            Err(error) => tracing::warn!("the triggerer cannot register: {error}"),
        }
    }

    /// Ends everything that runs here.
    fn forget(&mut self) {
        self.job = None;
        self.unplaced.clear();
        for (_, wait) in self.waits.drain() {
            if let At::Native(task) = wait.at {
                task.abort();
            }
        }
        self.runners.end_all();
    }

    /// Ends triggers whose tasks have moved on.
    async fn drop_unwanted(&mut self) {
        let Some(job) = self.job.filter(|_| !self.waits.is_empty() || !self.unplaced.is_empty()) else { return };
        let wanted = match self.shared.store.run(HeldDeferrals { triggerer: job.owner.job }).await {
            Ok(wanted) => wanted.into_iter().collect::<std::collections::HashSet<i64>>(),
            Err(error) => return tracing::warn!("the triggerer cannot look whether its triggers are wanted: {error}"),
        };
        self.unplaced.retain(|waiting| wanted.contains(&waiting.id));
        let gone: Vec<i64> =
            self.waits.iter().filter(|(id, wait)| !wanted.contains(id) && !matches!(wait.at, At::Firing)).map(|(id, _)| *id).collect();
        for id in gone {
            if let Some(wait) = self.waits.remove(&id) {
                match wait.at {
                    At::Native(task) => task.abort(),
                    At::Runner(runner) => self.runners.cancel(runner, id),
                    At::Firing => {}
                }
                self.shared.recorder.forget(id);
            }
        }
    }

    /// Takes waits while there is room.
    async fn take(&mut self) {
        self.looked = Some(Instant::now());
        for waiting in std::mem::take(&mut self.unplaced) {
            self.start(waiting).await;
        }
        loop {
            let Some(job) = self.job.filter(|_| self.trusted()) else { return };
            let room = self.shared.options.capacity.saturating_sub(self.waits.len() + self.unplaced.len());
            let limit = u32::try_from(room).unwrap_or(u32::MAX).min(self.shared.options.per_claim);
            if limit == 0 {
                return;
            }
            let taken = match self.shared.store.run(DeferralsWait).await {
                Ok(false) => return,
                Ok(true) => self.shared.store.run(ClaimDeferrals { triggerer: job.owner.job, limit }).await,
                Err(error) => Err(error),
            };
            let taken = match taken {
                Ok(Some(taken)) => taken,
                Ok(None) => return,
                Err(error) => return tracing::warn!("the triggerer cannot take triggers: {error}"),
            };
            let full = taken.len() as u64 == u64::from(limit);
            for waiting in taken {
                self.start(waiting).await;
            }
            if !full {
                return;
            }
        }
    }

    /// Starts a trigger that this process has taken.
    async fn start(&mut self, waiting: Waiting) {
        let found = match self.shared.control.trigger_place(&waiting).await {
            Ok(Some(found)) => found,
            Ok(None) => return,
            Err(error) => {
                tracing::warn!("a trigger waits until the database answers: {error}");
                return self.unplaced.push(waiting);
            }
        };
        let (id, waiting, found) = (waiting.id, Arc::new(waiting), Arc::new(found));
        match place(&self.shared.options.log_folder, &found.log_path) {
            Ok(path) => self.shared.recorder.open(id, path, self.shared.options.log_modes),
            Err(error) => tracing::error!(deferral.id = id, "a trigger has no log: {error}"),
        }
        let Some(kwargs) = &waiting.kwargs else {
            let message = "its arguments cannot be decrypted: no key of `[core] fernet_key` fits".to_owned();
            self.waits.insert(id, Wait { waiting, place: found, at: At::Firing, ended_with: 0 });
            return self.fire(id, Fire::Failed { message, traceback: None });
        };
        let at = match native::Native::of(&waiting.classpath, &kwargs.0) {
            Some(trigger) => {
                let told = format!("Trigger {} waits", waiting.classpath);
                self.shared.recorder.note(id, "info", &told, &found.secrets);
                let (shared, news) = (self.shared.clone(), self.news.clone());
                At::Native(self.crew.spawn(async move {
                    let fire = trigger.run(&shared).await;
                    // The loop lives as long as this task.
                    drop(news.send(News::Ended { wait: id, runner: None, fire }).await);
                }))
            }
            None => At::Runner(self.runners.assign(id, &waiting, &found)),
        };
        self.waits.insert(id, Wait { waiting, place: found, at, ended_with: 0 });
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A sender that is gone means the end as well.
    drop(stop.wait_for(|stop| *stop).await);
}
