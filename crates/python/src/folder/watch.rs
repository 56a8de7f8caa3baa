//! Changes of the folder: told by the kernel, and looked for behind its back.
//!
//! *Truth:* the content (a hash of the file and its local modules); events and stamps only say where to look.
//! *May be lost:* any event; the periodic look finds what was missed.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;
use tokio::time::{Duration, Instant, sleep_until, timeout};

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
    /// Looked at whatever their stamps say.
    touched: HashSet<PathBuf>,
    due: bool,
    next_look: Instant,
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
        Self {
            signals,
            watcher: watcher.ok(),
            elsewhere: HashSet::new(),
            seen: Seen::default(),
            touched: HashSet::new(),
            due: true,
            next_look: Instant::now() + options.rescan,
            options,
        }
    }

    /// Waits for the next change; the first answer comes at once and names every file. Safe to drop while waiting.
    pub async fn next(&mut self) -> FolderChange {
        loop {
            if !self.due {
                tokio::select! {
                    () = self.signals.wake.notified() => self.debounce().await,
                    () = sleep_until(self.next_look) => {}
                }
                self.due = true;
            }
            let touched = std::mem::take(&mut *self.signals.touched.lock().unwrap_or_else(PoisonError::into_inner));
            self.touched.extend(touched);
            let first = self.seen.verdicts_are_empty();
            let (options, seen, touched) = (self.options.clone(), self.seen.clone(), self.touched.clone());
            let looked = tokio::task::spawn_blocking(move || look(&options, seen, &touched)).await;
            self.due = false;
            self.next_look = Instant::now() + self.options.rescan;
            let Ok((seen, change)) = looked else { continue };
            let news = change.problems != self.seen.problems;
            self.seen = seen;
            self.touched.clear();
            if first || news || !change.changed.is_empty() || !change.removed.is_empty() {
                return change;
            }
        }
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
        if let Some(known) = self.seen.files.get_mut(path) {
            // Without stamps the next look compares the content, should it have changed during the parse.
            known.stamp = None;
            known.modules = modules.iter().filter(|m| *m != path).map(|m| (m.clone(), None)).collect();
            hash.clone_into(&mut known.hash);
        }
    }

    /// Names the file as changed once more, changed or not.
    pub fn again(&mut self, path: &Path) {
        if let Some(known) = self.seen.files.get_mut(path) {
            known.hash.clear();
        }
        self.signals.touch([path.to_path_buf()]);
    }

    async fn debounce(&self) {
        let quiet = async { while timeout(self.options.debounce, self.signals.wake.notified()).await.is_ok() {} };
        let _ = timeout(LONGEST_DEBOUNCE.max(self.options.debounce), quiet).await;
    }
}

impl Seen {
    fn verdicts_are_empty(&self) -> bool {
        self.files.is_empty()
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
    let seen = Seen { files, verdicts: seen.verdicts, problems: found.problems };
    (seen, change)
}
