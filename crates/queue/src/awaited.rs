//! What a DAG that is scheduled by assets waits for: which have come since its last run, and which have not.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;
use tradewind_core::asset::{Awaited, Condition, Progress};
use tradewind_core::form::DagForm;
use tradewind_store::Store;
use tradewind_store::step::{GetSchedule, Queued, QueuedFor};

use crate::unpause::UnpauseError;

/// See the module.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    pub dag_id: String,
    pub is_paused: bool,
    /// As the form has it.
    pub condition: Value,
    pub progress: Progress,
    /// Since when an asset has been queued, by its name.
    pub since: HashMap<String, Timestamp>,
    /// Runs that are queued or running.
    pub open_runs: u32,
    pub max_active_runs: u32,
}

/// What a DAG waits for; `None`: there is no such DAG, or it does not wait for assets.
///
/// # Errors
/// The database, or a form that cannot be read.
pub async fn awaited(store: &Store, dag_id: &str) -> Result<Option<Waiting>, UnpauseError> {
    let Some(state) = store.run(GetSchedule { dag_id: dag_id.to_owned() }).await? else { return Ok(None) };
    let Some(text) = &state.form else { return Ok(None) };
    let form = DagForm::from_json(text).map_err(|error| UnpauseError::Form { dag_id: dag_id.to_owned(), error })?;
    let condition =
        Condition::of_timetable(&form.timetable).map_err(|error| UnpauseError::Condition { dag_id: dag_id.to_owned(), error })?;
    let Some(condition) = condition else { return Ok(None) };
    let queued = store.run(QueuedFor { dag_ids: vec![dag_id.to_owned()] }).await?;
    let arrived: Vec<_> = queued.iter().map(|(_, queued)| queued.arrived()).collect();
    Ok(Some(Waiting {
        dag_id: dag_id.to_owned(),
        is_paused: state.is_paused,
        condition: form.timetable.get("condition").cloned().unwrap_or_default(),
        progress: Progress::of(&condition, &arrived),
        since: queued.iter().map(|(_, Queued { name, created_at, .. })| (name.clone(), *created_at)).collect(),
        open_runs: state.queued_runs + state.running_runs,
        max_active_runs: form.max_active_runs,
    }))
}

impl Waiting {
    /// Why no run is made, in English.
    pub fn sentence(&self) -> String {
        let (arrived, total) = (self.progress.arrived(), self.progress.awaited.len());
        let counted = if total == 1 { format!("{arrived} of 1 asset has") } else { format!("{arrived} of {total} assets have") };
        let head = format!("{counted} been updated since the last run.");
        if self.is_paused {
            return format!("{head} The DAG is paused: no run is made, and further updates do not count.");
        }
        if !self.progress.is_met {
            let missing: Vec<String> =
                self.progress.awaited.iter().filter(|one| !one.arrived).map(|Awaited { name, .. }| format!("`{name}`")).collect();
            if missing.is_empty() {
                return format!("{head} An empty list of assets starts no run.");
            }
            return format!("{head} Not yet: {}.", missing.join(", "));
        }
        if self.open_runs >= self.max_active_runs {
            return format!(
                "{head} {} of {} runs are open: the next one is made when one has ended.",
                self.open_runs, self.max_active_runs
            );
        }
        format!("{head} A run is about to be made.")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use tradewind_core::asset::Arrived;

    fn waiting(names: &[&str]) -> Waiting {
        let asset = |name: &str| json!({"asset": {"name": name, "uri": name}});
        let condition = json!({"all": [asset("a"), asset("b")]});
        let arrived: Vec<_> = names.iter().map(|name| Arrived { name, uri: name, aliases: &[] }).collect();
        Waiting {
            dag_id: "d".to_owned(),
            is_paused: false,
            progress: Progress::of(&Condition::read(&condition).unwrap(), &arrived),
            condition,
            since: HashMap::new(),
            open_runs: 0,
            max_active_runs: 1,
        }
    }

    #[test]
    fn the_sentence_says_what_is_missing_first() {
        assert_eq!(waiting(&["a"]).sentence(), "1 of 2 assets have been updated since the last run. Not yet: `b`.");
        assert!(waiting(&["a", "b"]).sentence().ends_with("A run is about to be made."));
        assert!(Waiting { open_runs: 1, ..waiting(&["a", "b"]) }.sentence().contains("1 of 1 runs are open"));
        assert!(Waiting { is_paused: true, ..waiting(&["a"]) }.sentence().contains("further updates do not count"));
    }
}
