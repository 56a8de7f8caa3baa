//! The DAG processor: DAG files become rows, and callbacks that nobody else can run are run.
//!
//! *Authority:* none beyond its transactions; any number may work on the same folder, each on its own files (`share`), and the last parse of a
//! file counts.
//! *States:* a file is waiting, being parsed, or known with its hash. *Failure:* a parse that cannot be done or recorded is tried again.
//! *May be lost:* this process; the first look of the next one names every file.

mod callbacks;
mod questions;
mod record;
mod share;
mod told;

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tradewind_metrics::names;
use tradewind_python::{
    DagFolder, FolderChange, FolderOptions, FolderWatch, Lookup, ParseLimits, ParseOutcome, ParseRequest, PythonError, PythonHost,
};
use tradewind_queue::control::Control;
use tradewind_queue::{Change, Changes};
use tradewind_store::Store;
use tradewind_store::step::{EndJob, ForgetFiles, LiveJobs, Owner, RenewLease, Renewed, StartJob};
use tradewind_store::table::dag_file::DagFiles;

use share::Share;
use told::Figures;

/// A parse that could not be done for reasons of ours is tried again after this.
const AGAIN: Duration = Duration::from_secs(2);

/// Answers what files ask for while they are loaded.
struct Ask(Control);

impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ask")
    }
}

impl Lookup for Ask {
    fn answer(&self, method: String, params: Value) -> Pin<Box<dyn Future<Output = Result<Value, Value>> + Send + '_>> {
        Box::pin(async move { self.0.look_up(&method, params).await.map_err(|error| serde_json::json!(error)) })
    }
}

/// What a processor needs to know.
#[derive(Debug, Clone)]
pub struct ProcessorOptions {
    pub folder: FolderOptions,
    pub limits: ParseLimits,
    /// Files parsed at the same time.
    pub parallel: usize,
    /// `[core] dags_are_paused_at_creation`.
    pub paused_at_creation: bool,
    /// `section.key` -> text, for Python's `conf`.
    pub config: Value,
    pub hostname: String,
    pub unixname: String,
    pub version: String,
    /// How others on this machine tell whether this process lives.
    pub process: Option<String>,
    pub lease: Duration,
}

/// See the module.
pub struct Processor {
    store: Store,
    host: PythonHost,
    control: Control,
    changes: Changes,
    options: ProcessorOptions,
    /// Relative paths of the files that are there.
    present: BTreeSet<String>,
    waiting: VecDeque<PathBuf>,
    queued: HashSet<PathBuf>,
    again_at: Option<(Instant, HashSet<PathBuf>)>,
    job: Option<Owner>,
    share: Share,
    figures: Figures,
    /// When timetables without an answer were asked again.
    asked_again: Option<Instant>,
}

const JOB: &str = "DagProcessorJob";

type Parsed = (PathBuf, Result<ParseOutcome, PythonError>);

impl Processor {
    pub fn new(store: Store, host: PythonHost, control: Control, changes: Changes, options: ProcessorOptions) -> Self {
        Self {
            store,
            host,
            control,
            changes,
            options,
            present: BTreeSet::new(),
            waiting: VecDeque::new(),
            queued: HashSet::new(),
            again_at: None,
            job: None,
            share: Share::default(),
            figures: Figures::default(),
            asked_again: None,
        }
    }

    /// Runs until `stop` is true.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut folder = DagFolder::new(self.options.folder.clone()).watch();
        let mut changes = self.changes.subscribe();
        let (mut parses, mut callbacks, mut questions) = (JoinSet::<Parsed>::new(), JoinSet::new(), JoinSet::new());
        let mut tick = interval(Duration::from_secs(1));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Registered before the first look, so that the files are dealt out from the begin.
        self.beat(0).await;
        loop {
            self.start_parses(&mut parses);
            tokio::select! {
                () = stopped(&mut stop) => break,
                change = folder.next() => self.look(change).await,
                Some(Ok((path, outcome))) = parses.join_next() => self.parsed(&path, outcome, &mut folder).await,
                Some(_) = callbacks.join_next() => {}
                Some(_) = questions.join_next() => self.start_questions(&mut questions).await,
                hint = changes.recv() => if wakes(&hint) {
                    self.requests(&mut folder, &mut callbacks).await;
                    self.start_questions(&mut questions).await;
                },
                _ = tick.tick() => {
                    self.beat(parses.len()).await;
                    self.look_after_others().await;
                    self.requests(&mut folder, &mut callbacks).await;
                    self.ask_again().await;
                    self.start_questions(&mut questions).await;
                }
            }
        }
        parses.shutdown().await;
        callbacks.shutdown().await;
        questions.shutdown().await;
        if self.job.is_some() {
            names::JOB_END.count(1, told::JOB);
        }
        if let Some(owner) = self.job
            && let Err(error) = self.store.run(EndJob { owner, success: true }).await
        {
            tracing::debug!("the processor's lease runs out by itself: {error}");
        }
    }

    /// Renews the lease that tells others that this loop works, and looks who else does.
    async fn beat(&mut self, parsing: usize) {
        self.figures.tell(self.waiting.len());
        self.renew(self.figures.stats(self.waiting.len(), parsing)).await;
        let own = self.job.map(|owner| owner.job);
        match self.store.run(LiveJobs { job_type: JOB }).await {
            Ok(members) => {
                if self.share.members(own, members) {
                    let root = self.options.folder.root.clone();
                    let files = self.share.taken_over(self.present.iter().map(|relative| (root.join(relative), relative.clone())));
                    self.enqueue(files);
                }
            }
            Err(error) => tracing::debug!("the other processors cannot be counted: {error}"),
        }
    }

    async fn renew(&mut self, stats: String) {
        let lease = jiff::SignedDuration::try_from(self.options.lease).unwrap_or(jiff::SignedDuration::MAX);
        if let Some(owner) = self.job {
            match self.store.run(RenewLease { owner, lease, stats: Some(stats.clone()) }).await {
                Ok(Renewed::Until(_)) => return,
                Ok(Renewed::Lost) => self.job = None,
                Err(error) => {
                    names::JOB_HEARTBEAT_FAILURE.count(1, told::JOB);
                    return tracing::warn!("the processor's lease cannot be renewed: {error}");
                }
            }
        }
        let start = StartJob {
            job_type: JOB.into(),
            hostname: self.options.hostname.clone(),
            unixname: Some(self.options.unixname.clone()),
            pid: Some(std::process::id()),
            address: None,
            version: Some(self.options.version.clone()),
            stats: Some(stats),
            process: self.options.process.clone(),
            lease,
        };
        match self.store.run(start).await {
            Ok(job) => {
                names::JOB_START.count(1, told::JOB);
                self.job = Some(job.owner);
            }
            Err(error) => tracing::warn!("the processor cannot register: {error}"),
        }
    }

    async fn look(&mut self, change: FolderChange) {
        for problem in &change.problems {
            tracing::warn!("DAGs folder: {problem}");
        }
        let first = self.present.is_empty();
        let (mut own, seen) = (Vec::new(), self.store.now());
        for path in change.changed {
            let relative = self.relative(&path);
            if self.share.is_own(&relative) {
                own.push(path);
            } else {
                self.share.leave(path, seen);
            }
            self.present.insert(relative);
        }
        for path in &change.removed {
            self.share.forget(path);
            let relative = self.relative(path);
            self.present.remove(&relative);
            self.figures.forget(&relative);
        }
        self.enqueue(own);
        if let Some(present) = self.what_stays(first, &change.removed).await {
            match self.store.run(ForgetFiles { present }).await {
                Ok(recorded) => {
                    let again = self.announce(recorded);
                    self.enqueue(again);
                }
                Err(error) => tracing::warn!("files that are gone cannot be forgotten: {error}"),
            }
        }
    }

    /// The files that are there, when some are to be forgotten. With other processors about, only those are that this one saw going,
    /// and at its start those of its own: a copy of the folder that is not complete must not take away what others have. A folder that became empty at once is more likely a
    /// volume that is not mounted than one whose files were all removed.
    async fn what_stays(&self, first: bool, removed: &[PathBuf]) -> Option<Vec<String>> {
        if self.present.is_empty() && (first || removed.len() > 1) {
            tracing::warn!("{} holds no DAG file: DAGs that came from there are kept as they are", self.options.folder.root.display());
            return None;
        }
        if self.share.alone() {
            return (first || !removed.is_empty()).then(|| self.present.iter().cloned().collect());
        }
        if !first && removed.is_empty() {
            return None;
        }
        let gone: HashSet<String> = removed.iter().map(|path| self.relative(path)).collect();
        let stays = |path: &String| !gone.contains(path) && (!first || self.present.contains(path) || !self.share.is_own(path));
        match self.store.run(DagFiles { requested: false }).await {
            Ok(rows) => Some(rows.into_iter().map(|row| row.relative_fileloc).filter(stays).collect()),
            Err(error) => {
                tracing::warn!("files that are gone cannot be forgotten: {error}");
                None
            }
        }
    }

    /// Parses what belongs to others and was not recorded by them.
    async fn look_after_others(&mut self) {
        if !self.share.is_due() {
            return;
        }
        match self.store.run(DagFiles { requested: false }).await {
            Ok(rows) => {
                let files = self.share.unrecorded(&rows);
                self.enqueue(files);
            }
            Err(error) => tracing::debug!("what others parsed cannot be read: {error}"),
        }
    }

    fn enqueue(&mut self, files: impl IntoIterator<Item = PathBuf>) {
        for path in files {
            if self.queued.insert(path.clone()) {
                names::FILE_QUEUE_UPDATES.count(1, &[]);
                self.waiting.push_back(path);
            }
        }
    }

    fn start_parses(&mut self, parses: &mut JoinSet<Parsed>) {
        if let Some((_, files)) = self.again_at.take_if(|(at, _)| *at <= Instant::now()) {
            self.enqueue(files);
        }
        while parses.len() < self.options.parallel
            && let Some(path) = self.waiting.pop_front()
        {
            // From here on a change of the file is a new one.
            self.queued.remove(&path);
            let (host, limits) = (self.host.clone(), self.options.limits);
            let request = ParseRequest {
                path: path.clone(),
                dags_folder: self.options.folder.root.clone(),
                config: self.options.config.clone(),
                env: serde_json::json!({}),
                lookup: Some(Arc::new(Ask(self.control.clone()))),
            };
            names::PARSE_PROCESSES.count(1, &[]);
            parses.spawn(async move {
                let outcome = host.parse(&request, limits).await;
                (path, outcome)
            });
        }
    }

    async fn parsed(&mut self, path: &Path, outcome: Result<ParseOutcome, PythonError>, folder: &mut FolderWatch) {
        let recorded = match outcome {
            Ok(outcome) => {
                self.share.parsed(path);
                self.figures.parsed(&self.relative(path), &outcome);
                folder.parsed(path, &outcome.modules, &outcome.source_hash);
                self.record(path, outcome).await.map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        match recorded {
            Ok(again) => self.enqueue(again),
            Err(error) => {
                tracing::warn!(file = %path.display(), "the file will be parsed again: {error}");
                let (_, files) = self.again_at.get_or_insert_with(|| (Instant::now() + AGAIN, HashSet::new()));
                files.insert(path.to_path_buf());
            }
        }
    }

    /// What others asked for: files to parse again, callbacks to run.
    async fn requests(&mut self, folder: &mut FolderWatch, callbacks: &mut JoinSet<()>) {
        match self.store.run(DagFiles { requested: true }).await {
            Ok(files) => {
                for file in files {
                    folder.again(Path::new(&file.fileloc));
                }
            }
            Err(error) => tracing::warn!("requests to parse cannot be read: {error}"),
        }
        self.start_callbacks(callbacks).await;
    }

    fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.options.folder.root).unwrap_or(path).to_string_lossy().into_owned()
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // A sender that is gone means the end as well.
    drop(stop.wait_for(|stop| *stop).await);
}

/// Whether a change may be a request to a processor; a gap may hide one.
fn wakes(hint: &Result<Change, broadcast::error::RecvError>) -> bool {
    matches!(hint, Ok(Change::Processor | Change::Elsewhere | Change::Gone) | Err(broadcast::error::RecvError::Lagged(_)))
}
