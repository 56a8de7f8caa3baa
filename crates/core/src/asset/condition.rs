//! The condition, as `docs/reference/dag-form.md` writes it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Name and URI of an asset. Two assets are the same when both are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AssetKey {
    pub name: String,
    pub uri: String,
    #[serde(default = "super::asset")]
    pub group: String,
}

/// An asset that is defined elsewhere: by name or by URI.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetRef {
    Name(String),
    Uri(String),
}

/// A name under which tasks report assets that are known only at run time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AliasKey {
    pub name: String,
    #[serde(default = "super::asset")]
    pub group: String,
}

/// What has to be updated before a DAG runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Asset(AssetKey),
    AssetRef(AssetRef),
    Alias(AliasKey),
}

/// Why a value is no condition.
#[derive(Debug, thiserror::Error)]
#[error("the condition of assets cannot be read: {0}")]
pub struct ConditionError(#[source] serde_json::Error);

/// An asset that was updated since the last run, with the aliases that it has ever been reported under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrived<'a> {
    pub name: &'a str,
    pub uri: &'a str,
    pub aliases: &'a [String],
}

impl Condition {
    /// Reads the object of the form.
    ///
    /// # Errors
    /// An object that is none of `all`, `any`, `asset`, `asset_ref`, `alias`.
    pub fn read(value: &Value) -> Result<Condition, ConditionError> {
        Condition::deserialize(value).map_err(ConditionError)
    }

    /// The condition of a timetable in the form; `None`: assets do not start runs of the DAG.
    ///
    /// # Errors
    /// As [`Condition::read`].
    pub fn of_timetable(timetable: &Value) -> Result<Option<Condition>, ConditionError> {
        timetable.get("condition").filter(|condition| !condition.is_null()).map(Condition::read).transpose()
    }

    /// Whether the assets that have come are enough. `all` of nothing never is: an empty list of assets starts no runs.
    pub fn is_met(&self, arrived: &[Arrived<'_>]) -> bool {
        match self {
            Condition::All(of) => !of.is_empty() && of.iter().all(|part| part.is_met(arrived)),
            Condition::Any(of) => of.iter().any(|part| part.is_met(arrived)),
            leaf => arrived.iter().any(|asset| leaf.means(asset)),
        }
    }

    /// Whether any part of it waits for this asset.
    pub fn concerns(&self, asset: &Arrived<'_>) -> bool {
        self.leaves().iter().any(|leaf| leaf.means(asset))
    }

    /// The parts that name something, in order, possibly repeated.
    pub fn leaves(&self) -> Vec<&Condition> {
        match self {
            Condition::All(of) | Condition::Any(of) => of.iter().flat_map(Condition::leaves).collect(),
            leaf => vec![leaf],
        }
    }

    /// Whether this part itself names the asset.
    pub(super) fn means(&self, asset: &Arrived<'_>) -> bool {
        match self {
            Condition::All(_) | Condition::Any(_) => false,
            Condition::Asset(key) => key.name == asset.name && key.uri == asset.uri,
            Condition::AssetRef(AssetRef::Name(name)) => name == asset.name,
            Condition::AssetRef(AssetRef::Uri(uri)) => uri == asset.uri,
            Condition::Alias(alias) => asset.aliases.contains(&alias.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn asset(name: &str) -> Value {
        json!({"asset": {"name": name, "uri": format!("s3://{name}"), "group": "asset"}})
    }

    fn met(condition: &Value, names: &[&str]) -> bool {
        let uris: Vec<String> = names.iter().map(|name| format!("s3://{name}")).collect();
        let arrived: Vec<_> = names.iter().zip(&uris).map(|(name, uri)| Arrived { name, uri, aliases: &[] }).collect();
        Condition::read(condition).expect("a condition").is_met(&arrived)
    }

    #[test]
    fn all_wants_each_and_any_wants_one() {
        let both = json!({"all": [asset("a"), {"any": [asset("b"), asset("c")]}]});
        assert!(!met(&both, &["a"]));
        assert!(!met(&both, &["b", "c"]));
        assert!(met(&both, &["c", "a"]));
        assert!(met(&asset("a"), &["a", "other"]));
        assert!(!met(&json!({"all": []}), &["a"]), "an empty list of assets never fires");
        assert!(!met(&json!({"any": []}), &["a"]));
    }

    #[test]
    fn references_look_at_one_half_of_the_key_and_aliases_at_neither() {
        assert!(met(&json!({"asset_ref": {"name": "a"}}), &["a"]));
        assert!(met(&json!({"asset_ref": {"uri": "s3://a"}}), &["a"]));
        assert!(!met(&json!({"asset_ref": {"uri": "a"}}), &["a"]));
        let alias = Condition::read(&json!({"alias": {"name": "daily", "group": "asset"}})).unwrap();
        let under = ["daily".to_owned()];
        assert!(alias.is_met(&[Arrived { name: "x", uri: "y", aliases: &under }]));
        assert!(!alias.is_met(&[Arrived { name: "daily", uri: "daily", aliases: &[] }]));
    }

    #[test]
    fn the_same_name_with_another_uri_is_another_asset() {
        let wanted = Condition::read(&asset("a")).unwrap();
        assert!(!wanted.is_met(&[Arrived { name: "a", uri: "s3://b", aliases: &[] }]));
    }

    #[test]
    fn what_is_no_condition_is_refused_in_words() {
        let error = Condition::read(&json!({"some": []})).unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string);
        assert!(error.to_string().contains("unknown variant `some`"), "{error} {source:?}");
        assert!(Condition::of_timetable(&json!({"type": "null"})).unwrap().is_none());
    }

    fn conditions() -> impl Strategy<Value = Condition> {
        let leaf =
            (0..4_u8).prop_map(|n| Condition::Asset(AssetKey { name: n.to_string(), uri: n.to_string(), group: "asset".to_owned() }));
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Condition::All),
                prop::collection::vec(inner, 0..4).prop_map(Condition::Any),
            ]
        })
    }

    proptest! {
        #[test]
        fn more_assets_never_undo_a_condition(condition in conditions(), some in 0..16_u8, more in 0..16_u8) {
            let names = ["0", "1", "2", "3"];
            let of = |bits: u8| -> Vec<Arrived<'static>> {
                names.iter().enumerate().filter(|(n, _)| bits & (1 << n) != 0)
                    .map(|(_, name)| Arrived { name, uri: name, aliases: &[] }).collect()
            };
            prop_assert!(!condition.is_met(&[]));
            if condition.is_met(&of(some)) {
                prop_assert!(condition.is_met(&of(some | more)));
            }
        }

        #[test]
        fn it_is_written_as_it_was_read(condition in conditions()) {
            let written = serde_json::to_value(&condition).unwrap();
            prop_assert_eq!(Condition::read(&written).unwrap(), condition);
        }
    }
}
