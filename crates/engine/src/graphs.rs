//! Graphs and timetables of DAG versions, read once.

use std::collections::HashMap;
use std::sync::Arc;

use tradewind_core::asset::Condition;
use tradewind_core::form::DagForm;
use tradewind_core::graph::Graph;
use tradewind_core::timetable::Timetable;
use tradewind_metrics::names;
use tradewind_store::Store;
use tradewind_store::table::dag_form::VersionForm;

use crate::Error;

/// Versions kept at most; one costs some kilobytes per ten tasks.
const KEPT: usize = 2_000;

/// A version of a DAG, ready for use.
#[derive(Debug)]
pub struct Version {
    pub graph: Arc<Graph>,
    pub timetable: Timetable,
    /// The assets whose updates make runs.
    pub condition: Option<Condition>,
}

/// See the module.
pub struct Graphs {
    store: Store,
    kept: HashMap<i64, (Arc<Version>, u64)>,
    uses: u64,
}

impl Graphs {
    pub fn new(store: Store) -> Self {
        Self { store, kept: HashMap::new(), uses: 0 }
    }

    /// The version with this number (`dag_version.id`).
    ///
    /// # Errors
    /// The version does not exist, or its form was written by a newer program.
    pub async fn get(&mut self, version_id: i64) -> Result<Arc<Version>, Error> {
        self.uses += 1;
        if let Some((version, used)) = self.kept.get_mut(&version_id) {
            *used = self.uses;
            names::SCHEDULER_DAG_BAG_HIT.count(1, &[]);
            return Ok(version.clone());
        }
        names::SCHEDULER_DAG_BAG_MISS.count(1, &[]);
        let text = self.store.run(VersionForm { version_id }).await?.ok_or(Error::NoVersion { version_id })?;
        let version = Arc::new(compile(version_id, &text)?);
        if self.kept.len() >= KEPT
            && let Some(oldest) = self.kept.iter().min_by_key(|(_, (_, used))| *used).map(|(id, _)| *id)
        {
            self.kept.remove(&oldest);
        }
        self.kept.insert(version_id, (version.clone(), self.uses));
        names::SCHEDULER_DAG_BAG_SIZE.set(self.kept.len() as f64, &[]);
        Ok(version)
    }
}

fn compile(version_id: i64, text: &str) -> Result<Version, Error> {
    let form = DagForm::from_json(text).map_err(|source| Error::Form { version_id, source })?;
    let timetable = serde_json::from_value(form.timetable.clone()).map_err(|source| Error::Timetable { version_id, source })?;
    let condition = Condition::of_timetable(&form.timetable).map_err(|source| Error::Condition { version_id, source })?;
    let graph = Graph::new(Arc::new(form)).map_err(|source| Error::Graph { version_id, source })?;
    Ok(Version { graph, timetable, condition })
}
