//! Forms of DAG versions, read once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tradewind_core::form::DagForm;
use tradewind_store::Store;
use tradewind_store::table::dag_form::VersionForm;

/// Forms kept at most; all are dropped when there are more, which is rare and cheap.
const KEPT: usize = 1_000;

/// See the module.
pub struct Forms {
    store: Store,
    kept: Mutex<HashMap<i64, Arc<DagForm>>>,
}

impl Forms {
    pub fn new(store: Store) -> Self {
        Self { store, kept: Mutex::default() }
    }

    /// The form of a version; `None` when there is none or it cannot be read.
    ///
    /// # Errors
    /// What the database says.
    pub async fn get(&self, version_id: Option<i64>) -> tradewind_store::Result<Option<Arc<DagForm>>> {
        let Some(version_id) = version_id else { return Ok(None) };
        if let Some(form) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&version_id) {
            return Ok(Some(form.clone()));
        }
        let Some(text) = self.store.run(VersionForm { version_id }).await? else { return Ok(None) };
        let form = match DagForm::from_json(&text) {
            Ok(form) => Arc::new(form),
            Err(error) => {
                tracing::error!(version.id = version_id, "the form of a DAG version cannot be read: {error}");
                return Ok(None);
            }
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(version_id, form.clone());
        Ok(Some(form))
    }
}
