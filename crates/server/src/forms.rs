//! DAG forms, read once per version and kept.
//!
//! A form never changes: it is named by the hash of its text. Lists ask for many at once, so that one read serves a page.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tradewind_core::form::DagForm;
use tradewind_core::graph::Graph;
use tradewind_metrics::names;
use tradewind_store::Store;
use tradewind_store::list::dag::{GetForms, GetVersionHashes};

use crate::error::Result;

/// Several pages of DAGs; a form of a common DAG takes some ten kilobytes.
const KEPT: usize = 512;

/// See the module.
pub struct Forms {
    store: Store,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    by_hash: HashMap<String, Arc<Graph>>,
    hash_of_version: HashMap<i64, String>,
}

impl Forms {
    pub fn new(store: Store) -> Self {
        Self { store, kept: Mutex::default() }
    }

    /// The graph of a content hash; `None` when it is gone or cannot be read by this program.
    pub async fn of_hash(&self, hash: &str) -> Result<Option<Arc<Graph>>> {
        Ok(self.of_hashes(vec![hash.to_owned()]).await?.remove(hash))
    }

    /// The graphs of these content hashes.
    pub async fn of_hashes(&self, hashes: Vec<String>) -> Result<HashMap<String, Arc<Graph>>> {
        let mut found = HashMap::new();
        let mut missing = Vec::new();
        {
            let kept = self.lock();
            for hash in hashes {
                match kept.by_hash.get(&hash) {
                    Some(graph) => {
                        found.insert(hash, graph.clone());
                    }
                    None => missing.push(hash),
                }
            }
        }
        names::API_DAG_BAG_HIT.count(found.len() as u64, &[]);
        names::API_DAG_BAG_MISS.count(missing.len() as u64, &[]);
        if !missing.is_empty() {
            for (hash, text) in self.store.run(GetForms { content_hashes: missing }).await? {
                if let Some(graph) = read(&hash, &text) {
                    self.keep(&hash, &graph);
                    found.insert(hash, graph);
                }
            }
        }
        Ok(found)
    }

    /// The graph of a version (`dag_version.id`).
    pub async fn of_version(&self, version: i64) -> Result<Option<Arc<Graph>>> {
        Ok(self.of_versions(vec![version]).await?.remove(&version))
    }

    /// The graphs of these versions.
    pub async fn of_versions(&self, mut versions: Vec<i64>) -> Result<HashMap<i64, Arc<Graph>>> {
        versions.sort_unstable();
        versions.dedup();
        let (mut hashes, missing): (Vec<(i64, String)>, Vec<i64>) = {
            let kept = self.lock();
            let known = versions.iter().filter_map(|version| Some((*version, kept.hash_of_version.get(version)?.clone()))).collect();
            (known, versions.into_iter().filter(|version| !kept.hash_of_version.contains_key(version)).collect())
        };
        if !missing.is_empty() {
            let read = self.store.run(GetVersionHashes { versions: missing }).await?;
            let mut kept = self.lock();
            if kept.hash_of_version.len() > 16 * KEPT {
                kept.hash_of_version.clear();
            }
            kept.hash_of_version.extend(read.iter().cloned());
            hashes.extend(read);
        }
        let graphs = self.of_hashes(hashes.iter().map(|(_, hash)| hash.clone()).collect()).await?;
        Ok(hashes.into_iter().filter_map(|(version, hash)| Some((version, graphs.get(&hash)?.clone()))).collect())
    }

    fn keep(&self, hash: &str, graph: &Arc<Graph>) {
        let mut kept = self.lock();
        if kept.by_hash.len() >= KEPT {
            kept.by_hash.clear();
            names::API_DAG_BAG_CLEAR.count(1, &[]);
        }
        kept.by_hash.insert(hash.to_owned(), graph.clone());
        names::API_DAG_BAG_SIZE.set(kept.by_hash.len() as f64, &[]);
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn read(hash: &str, text: &str) -> Option<Arc<Graph>> {
    let form = match DagForm::from_json(text) {
        Ok(form) => form,
        Err(error) => {
            tracing::warn!(form.hash = hash, "a stored form cannot be read: {error}");
            return None;
        }
    };
    match Graph::new(Arc::new(form)) {
        Ok(graph) => Some(graph),
        Err(error) => {
            tracing::warn!(form.hash = hash, "a stored form makes no graph: {error}");
            None
        }
    }
}
