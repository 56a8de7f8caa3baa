//! Events of assets.

use serde_json::{Value, json};
use tradewind_core::asset::AssetRef;
use tradewind_store::table::asset::AssetNamed;
use tradewind_store::table::asset_event::{ConsumedEvents, EventsOf, Whose};
use tradewind_store::table::dag_run::GetDagRun;

use super::Params;
use crate::control::{Inner, assets};
use crate::service::CallError;

/// Events that one call gives at most.
const LIMIT: u32 = 1000;

impl Inner {
    pub(super) async fn asset_events(&self, params: &Params) -> Result<Value, CallError> {
        let (name, uri) = (params.may::<String>("name")?, params.may::<String>("uri")?);
        let whose = match (name, uri, params.may::<String>("alias")?) {
            (None, None, Some(alias)) => Whose::Alias(alias),
            (Some(name), Some(uri), None) => Whose::Asset { name, uri },
            (Some(name), None, None) => Whose::Ref(AssetRef::Name(name)),
            (None, Some(uri), None) => Whose::Ref(AssetRef::Uri(uri)),
            _ => return Err(CallError::Invalid("name an asset by `name` and `uri`, by one of them, or by `alias`".to_owned())),
        };
        let limit = params.may::<u32>("limit")?.map_or(LIMIT, |limit| limit.min(LIMIT));
        let ascending = params.may("ascending")?.unwrap_or(true);
        let events = EventsOf { whose, after: params.time("after")?, before: params.time("before")?, ascending, limit };
        let found = self.store.run(events).await?;
        Ok(json!({"events": found.iter().map(assets::event).collect::<Vec<_>>()}))
    }

    pub(super) async fn asset_get(&self, params: &Params) -> Result<Value, CallError> {
        let Some(asset) = self.store.run(AssetNamed { name: params.need("name")? }).await? else { return Ok(json!({"found": false})) };
        let extra = serde_json::from_str::<Value>(&asset.extra).unwrap_or_else(|_| json!({}));
        Ok(json!({"found": true, "asset": {"name": asset.name, "uri": asset.uri, "group": asset.group_name, "extra": extra}}))
    }

    /// The events that made a run.
    pub(super) async fn dag_run_asset_events(&self, params: &Params) -> Result<Value, CallError> {
        let (dag_id, run_id): (String, String) = (params.need("dag_id")?, params.need("run_id")?);
        let run = self.store.run(GetDagRun { dag_id: dag_id.clone(), run_id: run_id.clone() }).await?;
        let run = run.ok_or_else(|| CallError::NotFound(format!("DAG {dag_id} has no run {run_id}")))?;
        let found = self.store.run(ConsumedEvents { run_pk: run.id }).await?;
        Ok(json!({"events": found.iter().map(assets::event).collect::<Vec<_>>()}))
    }
}
