//! Changes of the folder: told by the kernel, and looked for behind its back.
//!
//! *Truth:* the content (a hash of the file and its local modules); events and stamps only say where to look.
//! *May be lost:* any event; the periodic look finds what was missed.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Duration, Instant, sleep_until};

use super::walk::{Stamp, Verdicts, scan};
use super::{FolderOptions, source_hash};

/// Events that never stop are not waited out longer than this.
const LONGEST_DEBOUNCE: Duration = Duration::from_millis(400);

/// What happened since the last answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderChange {
    /// New files and files whose content, or that of a module they import, is another.
    pub changed: Vec<PathBuf>,
    pub removed: Vec<PathBuf>,
    /// All problems there are now; a list that differs from the last one is a change of its own.
    pub problems: Vec<String>,
}

#[derive(Debug, Clone, Default)]
struct Known {
    hash: String,
    stamp: Option<Stamp>,
    modules: Vec<(PathBuf, Option<Stamp>)>,
}

#[derive(Debug, Clone, Default)]
struct Seen {
    /// Nobody has looked yet.
    first: bool,
    files: HashMap<PathBuf, Known>,
    verdicts: Verdicts,
    problems: Vec<String>,
}

#[derive(Default)]
struct Signals {
    touched: Mutex<HashSet<PathBuf>>,
    wake: Notify,
}

impl Signals {
    fn touch(&self, paths: impl IntoIterator<Item = PathBuf>) {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner).extend(paths);
        self.wake.notify_one();
    }
}

/// A watched folder; one owner asks it for changes.
pub struct FolderWatch {
    options: FolderOptions,
    signals: Arc<Signals>,
    watcher: Option<RecommendedWatcher>,
    elsewhere: HashSet<PathBuf>,
    seen: Seen,
    step: Step,
    next_look: Instant,
    /// What was told during a look, which does not know of it.
    told: Vec<(PathBuf, Told)>,
}

/// Where the watch is; kept outside of [`FolderWatch::next`], whose future is dropped whenever its owner has something else to do.
enum Step {
    /// Nothing is known to have changed.
    Calm,
    /// Events arrive; the look begins when they pause, or at the second time.
    Debounce(Instant, Instant),
    Look(JoinHandle<(Seen, FolderChange)>),
}

#[derive(Debug, Clone)]
enum Told {
    Parsed { modules: Vec<PathBuf>, hash: String },
    Again,
}

impl FolderWatch {
    pub(super) fn new(options: FolderOptions) -> Self {
        let signals = Arc::new(Signals::default());
        let told = signals.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| match event {
            // Reading a file is an event too, and we read them.
            Ok(event) if event.kind.is_access() => {}
            Ok(event) => told.touch(event.paths),
            Err(_) => told.touch([]),
        });
        let watcher = watcher.and_then(|mut watcher| {
            watcher.watch(&options.root, RecursiveMode::Recursive)?;
            Ok(watcher)
        });
        if let Err(e) = &watcher {
            let (folder, seconds) = (options.root.display(), options.rescan.as_secs());
            tracing::warn!("changes of {folder} are only seen every {seconds} s, it cannot be watched: {e}");
        }
        let now = Instant::now();
        Self {
            signals,
            watcher: watcher.ok(),
            elsewhere: HashSet::new(),
            seen: Seen { first: true, ..Seen::default() },
            step: Step::Debounce(now, now),
            next_look: now + options.rescan,
            told: Vec::new(),
            options,
        }
    }

    /// Waits for the next change; the first answer comes at once and names every file. Safe to drop while waiting.
    pub async fn next(&mut self) -> FolderChange {
        loop {
            match &mut self.step {
                Step::Calm => tokio::select! {
                    () = self.signals.wake.notified() => {
                        let now = Instant::now();
                        self.step = Step::Debounce(now + self.options.debounce, now + LONGEST_DEBOUNCE.max(self.options.debounce));
                    }
                    () = sleep_until(self.next_look) => self.look(),
                },
                Step::Debounce(quiet, last) => {
                    let (until, last) = ((*quiet).min(*last), *last);
                    tokio::select! {
                        () = sleep_until(until) => self.look(),
                        () = self.signals.wake.notified() => self.step = Step::Debounce(Instant::now() + self.options.debounce, last),
                    }
                }
                Step::Look(looking) => {
                    let looked = looking.await;
                    self.step = Step::Calm;
                    if let Some(change) = looked.ok().and_then(|(seen, change)| self.looked(seen, change)) {
                        return change;
                    }
                }
            }
        }
    }

    fn look(&mut self) {
        let touched = std::mem::take(&mut *self.signals.touched.lock().unwrap_or_else(PoisonError::into_inner));
        let (options, seen) = (self.options.clone(), self.seen.clone());
        self.next_look = Instant::now() + self.options.rescan;
        self.step = Step::Look(tokio::task::spawn_blocking(move || look(&options, seen, &touched)));
    }

    fn looked(&mut self, seen: Seen, change: FolderChange) -> Option<FolderChange> {
        let news = self.seen.first || change.problems != self.seen.problems;
        self.seen = seen;
        for (path, told) in std::mem::take(&mut self.told) {
            self.apply(&path, told);
        }
        (news || !change.changed.is_empty() || !change.removed.is_empty()).then_some(change)
    }

    /// What a parse found out: the modules a file imported, and the hash of what was parsed.
    pub fn parsed(&mut self, path: &Path, modules: &[PathBuf], hash: &str) {
        for folder in modules.iter().filter_map(|m| m.parent()) {
            if !folder.starts_with(&self.options.root)
                && self.elsewhere.insert(folder.to_path_buf())
                && let Some(watcher) = &mut self.watcher
                && let Err(e) = watcher.watch(folder, RecursiveMode::NonRecursive)
            {
                tracing::debug!("{} cannot be watched: {e}", folder.display());
            }
        }
        self.tell(path, Told::Parsed { modules: modules.to_vec(), hash: hash.to_owned() });
    }

    /// Names the file as changed once more, changed or not.
    pub fn again(&mut self, path: &Path) {
        self.tell(path, Told::Again);
        self.signals.touch([path.to_path_buf()]);
    }

    fn tell(&mut self, path: &Path, told: Told) {
        if matches!(self.step, Step::Look(_)) {
            self.told.push((path.to_path_buf(), told.clone()));
        }
        self.apply(path, told);
    }

    fn apply(&mut self, path: &Path, told: Told) {
        let Some(known) = self.seen.files.get_mut(path) else { return };
        match told {
            Told::Parsed { modules, hash } => {
                // Without stamps the next look compares the content, should it have changed during the parse.
                known.stamp = None;
                known.modules = modules.into_iter().filter(|m| m != path).map(|m| (m, None)).collect();
                known.hash = hash;
            }
            Told::Again => known.hash.clear(),
        }
    }
}

fn look(options: &FolderOptions, mut seen: Seen, touched: &HashSet<PathBuf>) -> (Seen, FolderChange) {
    let found = scan(options, &mut seen.verdicts);
    let mut change = FolderChange { problems: found.problems.clone(), ..FolderChange::default() };
    let mut files = HashMap::with_capacity(found.files.len());
    for file in found.files {
        let before = seen.files.remove(&file.path);
        let modules: Vec<_> = before.iter().flat_map(|k| &k.modules).map(|(m, _)| (m.clone(), Stamp::of(m))).collect();
        let same = before.as_ref().is_some_and(|k| {
            k.stamp == Some(file.stamp)
                && k.modules == modules
                && !touched.contains(&file.path)
                && !modules.iter().any(|(m, _)| touched.contains(m))
        });
        let hash = match &before {
            Some(known) if same => known.hash.clone(),
            _ => source_hash(&file.path, &modules.iter().map(|(m, _)| m.clone()).collect::<Vec<_>>()),
        };
        if before.is_none_or(|k| k.hash != hash) {
            change.changed.push(file.path.clone());
        }
        let stamp = Some(file.stamp);
        files.insert(file.path, Known { hash, stamp, modules });
    }
    change.removed = seen.files.into_keys().collect();
    change.removed.sort();
    let seen = Seen { first: false, files, verdicts: seen.verdicts, problems: found.problems };
    (seen, change)
}
