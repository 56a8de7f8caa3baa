//! Assets: the condition that a DAG waits for, and what has come of it. Values only.
//!
//! *Consumption:* between two runs a DAG collects the assets that were updated. When they meet its condition, one run takes all of them with all
//! their events, and the DAG begins to wait anew.

mod condition;
mod progress;

pub use condition::{AliasKey, Arrived, AssetKey, AssetRef, Condition, ConditionError};
pub use progress::{Awaited, Progress};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An asset as an author defines it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AssetForm {
    pub name: String,
    pub uri: String,
    #[serde(default = "asset")]
    pub group: String,
    #[serde(default)]
    pub extra: Map<String, Value>,
}

impl AssetForm {
    /// An asset of which only the key is known.
    pub fn of(key: &AssetKey) -> AssetForm {
        AssetForm { name: key.name.clone(), uri: key.uri.clone(), group: key.group.clone(), extra: Map::new() }
    }
}

fn asset() -> String {
    "asset".to_owned()
}
