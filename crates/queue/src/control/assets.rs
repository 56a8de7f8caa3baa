//! What tasks say of assets: in the result of an attempt, and to attempts that ask.

use serde_json::{Map, Value, json};
use tradewind_core::asset::{AssetForm, AssetRef};
use tradewind_metrics::names;
use tradewind_store::step::{Emitted, EventSource, NewAssetEvent, NewAssetEvents, Updated};
use tradewind_store::table::asset_event::AssetEvent;

use super::running::Facts;
use super::{Inner, frames};
use crate::changes::Change;

/// The events of `asset_events` of a result frame, or what is wrong with them.
pub(super) fn updates(frame: &Value) -> Result<Vec<NewAssetEvent>, String> {
    let Some(entries) = frame.as_array() else {
        return if frame.is_null() { Ok(Vec::new()) } else { Err("`asset_events` is not a list".to_owned()) };
    };
    entries
        .iter()
        .enumerate()
        .map(|(position, entry)| update(entry).map_err(|what| format!("`asset_events[{position}]`: {what}")))
        .collect()
}

fn update(entry: &Value) -> Result<NewAssetEvent, String> {
    let what = match (entry.get("asset"), entry.get("asset_ref")) {
        (Some(asset), None) => Updated::Asset(serde_json::from_value::<AssetForm>(asset.clone()).map_err(|error| error.to_string())?),
        (None, Some(asset)) => Updated::Ref(serde_json::from_value::<AssetRef>(asset.clone()).map_err(|error| error.to_string())?),
        _ => return Err("it has neither an `asset` nor an `asset_ref`".to_owned()),
    };
    let extra = match entry.get("extra") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(extra)) => extra.clone(),
        Some(other) => return Err(format!("its `extra` is {other}, which is no object")),
    };
    let aliases = entry.get("aliases").cloned().unwrap_or_else(|| json!([]));
    let aliases = serde_json::from_value(aliases).map_err(|error| format!("its `aliases`: {error}"))?;
    Ok(NewAssetEvent { what, extra: Value::Object(extra).to_string(), aliases })
}

/// The events of a task that has succeeded, as they are written with its state.
pub(super) fn of_task(facts: &Facts, events: &[NewAssetEvent]) -> NewAssetEvents {
    let source = EventSource {
        dag_id: facts.run.dag_id.to_string(),
        run_id: facts.run.run_id.to_string(),
        task_id: facts.task.task_id.to_string(),
        map_index: facts.task.map_index,
    };
    NewAssetEvents { key: facts.attempt_id.to_string(), source: Some(source), events: events.to_vec() }
}

impl Inner {
    /// Tells what became of the events of a task.
    pub(super) fn tell_assets(&self, facts: &Facts, reported: usize, emitted: &Emitted) {
        if reported > emitted.events.len() {
            let (task, run) = (&facts.task, &facts.run);
            tracing::warn!(
                dag.id = &*run.dag_id,
                task.id = &*task.task_id,
                "an outlet refers to an asset that no DAG defines: it has no event"
            );
        }
        names::ASSET_UPDATES.count(emitted.events.len() as u64, &[]);
        if !emitted.events.is_empty() {
            self.changes.send(Change::Assets { dag_ids: emitted.dags.clone() });
        }
    }
}

/// An event as tasks get it.
pub(super) fn event(event: &AssetEvent) -> Value {
    let object = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_else(|_| json!({}));
    json!({
        "id": event.id, "timestamp": frames::time(Some(event.timestamp)), "extra": object(&event.extra),
        "asset": {"name": event.name, "uri": event.uri, "group": event.group, "extra": object(&event.asset_extra)},
        "source_dag_id": event.source_dag_id, "source_run_id": event.source_run_id, "source_task_id": event.source_task_id,
        "source_map_index": event.source_map_index, "aliases": event.aliases,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_name_an_asset_or_a_reference() {
        let found = updates(&json!([
            {"asset": {"name": "a", "uri": "s3://a"}, "extra": {"rows": 3}, "aliases": ["daily"]},
            {"asset_ref": {"name": "b"}},
        ]))
        .unwrap();
        assert_eq!((found[0].extra.as_str(), found[0].aliases.as_slice()), (r#"{"rows":3}"#, ["daily".to_owned()].as_slice()));
        assert_eq!(found[1].what, Updated::Ref(AssetRef::Name("b".to_owned())));
        assert!(updates(&Value::Null).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_event_is_named() {
        assert!(updates(&json!([{"extra": {}}])).unwrap_err().contains("`asset_events[0]`: it has neither"));
        let error = updates(&json!([{"asset_ref": {"uri": "x"}, "extra": 3}])).unwrap_err();
        assert!(error.contains("its `extra` is 3"), "{error}");
        assert!(updates(&json!("x")).is_err());
    }
}
