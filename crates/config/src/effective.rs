//! All values at once: for `config list`, and for DAG code that asks `airflow.configuration.conf`.

use std::collections::BTreeMap;

use crate::config::{Config, Found};
use crate::error::{Origin, Result};
use crate::ini::DEFAULT_SECTION;
use crate::option::table;

/// Keys of the control plane. User code does not get them, and nothing that it does needs them.
const WITHHELD: [(&str, &str); 9] = [
    ("core", "fernet_key"),
    ("core", "internal_api_secret_key"),
    ("core", "asset_manager_kwargs"),
    ("database", "sql_alchemy_conn"),
    ("database", "sql_alchemy_conn_async"),
    ("database", "sql_alchemy_engine_args"),
    ("database", "sql_alchemy_connect_args"),
    ("api", "secret_key"),
    ("api_auth", "jwt_secret"),
];

/// An option with its value; the error of one option does not hide the others.
#[derive(Debug)]
pub struct Effective {
    /// Section, current name.
    pub section: String,
    /// Key, current name.
    pub key: String,
    /// The value; `Ok(None)` when it is not set and has no default.
    pub found: Result<Option<Found>>,
}

impl Config {
    /// Every known option, in the order of the table, and what the file sets beyond it.
    pub fn effective(&self) -> Vec<Effective> {
        let mut names: Vec<(String, String)> =
            table().options().iter().map(|spec| (spec.section.to_owned(), spec.key.to_owned())).collect();
        for section in self.file().into_iter().flat_map(|file| &file.sections).filter(|section| section.name != DEFAULT_SECTION) {
            let name = section.name.to_lowercase();
            for key in section.entries.iter().map(|entry| entry.key.as_str()) {
                if table().get(&name, key).is_none() && table().moved(&name, key).is_none() && !self.is_variant(&name, key) {
                    names.push((name.clone(), key.to_owned()));
                }
            }
        }
        let look_up = |(section, key): (String, String)| Effective { found: self.find(&section, &key), section, key };
        names.into_iter().map(look_up).collect()
    }

    /// `section.key` to value, for Python processes: every value that is set or has a default, under its current name and the
    /// old ones. The keys of the control plane are left out, and what cannot be read is too, with a log line.
    pub fn for_python(&self) -> BTreeMap<String, String> {
        let mut map = BTreeMap::new();
        for Effective { section, key, found } in self.effective() {
            if WITHHELD.contains(&(section.as_str(), key.as_str())) {
                continue;
            }
            let value = match found {
                Ok(Some(found)) => found.value,
                Ok(None) => continue,
                Err(error) => {
                    tracing::warn!(section, key, %error, "an option cannot be read and is left out for DAG code");
                    continue;
                }
            };
            for old in table().get(&section, &key).into_iter().flat_map(|spec| &spec.old_names) {
                map.insert(format!("{}.{}", old.section, old.key), value.clone());
            }
            map.insert(format!("{section}.{key}"), value);
        }
        map
    }

    /// True for `{key}_cmd` and `{key}_secret` of a sensitive option.
    pub(crate) fn is_variant(&self, section: &str, key: &str) -> bool {
        let base = key.strip_suffix("_cmd").or_else(|| key.strip_suffix("_secret"));
        base.is_some_and(|base| {
            let (section, base) = table().moved(section, base).map_or((section, base), |(section, key, _)| (section, key));
            table().get(section, base).is_some_and(|spec| spec.sensitive)
        })
    }
}

impl Effective {
    /// True when somebody set the value: it is not the table's.
    pub fn is_set(&self) -> bool {
        matches!(&self.found, Ok(Some(found)) if found.origin != Origin::Default)
    }
}
