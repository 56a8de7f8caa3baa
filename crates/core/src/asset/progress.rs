//! How far a condition is met: for people.

use serde::Serialize;

use super::{Arrived, AssetRef, Condition};

/// One thing that a condition names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Awaited {
    /// `asset`, `asset_ref` or `alias`.
    pub kind: &'static str,
    /// Its name, or its URI where only that is known.
    pub name: String,
    pub uri: Option<String>,
    /// Whether it was updated since the last run.
    pub arrived: bool,
}

/// What a DAG waits for: each thing once, in the order of the condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Progress {
    pub awaited: Vec<Awaited>,
    pub is_met: bool,
}

impl Progress {
    pub fn of(condition: &Condition, arrived: &[Arrived<'_>]) -> Progress {
        let mut awaited: Vec<Awaited> = Vec::new();
        for leaf in condition.leaves() {
            let (kind, name, uri) = match leaf {
                Condition::Asset(key) => ("asset", &key.name, Some(&key.uri)),
                Condition::AssetRef(AssetRef::Name(name)) => ("asset_ref", name, None),
                Condition::AssetRef(AssetRef::Uri(uri)) => ("asset_ref", uri, Some(uri)),
                Condition::Alias(alias) => ("alias", &alias.name, None),
                Condition::All(_) | Condition::Any(_) => continue,
            };
            let one = Awaited { kind, name: name.clone(), uri: uri.cloned(), arrived: arrived.iter().any(|asset| leaf.means(asset)) };
            if !awaited.contains(&one) {
                awaited.push(one);
            }
        }
        Progress { awaited, is_met: condition.is_met(arrived) }
    }

    /// How many of those that are named have come.
    pub fn arrived(&self) -> usize {
        self.awaited.iter().filter(|one| one.arrived).count()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_name_counts_once() {
        let a = json!({"asset": {"name": "a", "uri": "s3://a"}});
        let condition =
            Condition::read(&json!({"all": [a, {"any": [a, {"asset_ref": {"uri": "s3://b"}}]}, {"alias": {"name": "c"}}]})).unwrap();
        let progress = Progress::of(&condition, &[Arrived { name: "a", uri: "s3://a", aliases: &[] }]);
        assert_eq!((progress.arrived(), progress.awaited.len(), progress.is_met), (1, 3, false));
        let names: Vec<_> = progress.awaited.iter().map(|one| (one.kind, one.name.as_str(), one.arrived)).collect();
        assert_eq!(names, [("asset", "a", true), ("asset_ref", "s3://b", false), ("alias", "c", false)]);
    }
}
