//! The table of options: every name that is known, what values it takes, what it defaults to.
//!
//! `options.tsv` has one row per option: section, key, kind, default (`-` is none), flags, description. Flags: `s` sensitive
//! (`_cmd` and `_secret` work, values are masked), `u` used (acted on; the others are accepted, and DAG code can read
//! them), `r` gone from Airflow 3. `moved.tsv` has one row per old name: old section, old key, section, key, the version
//! that moved it.

mod kind;

use std::collections::HashMap;
use std::sync::LazyLock;

pub use kind::{Kind, parse_bool, parse_float, parse_int, parse_list, parse_octal, parse_timezone};

/// One known option.
#[derive(Debug, Clone)]
pub struct OptionSpec {
    /// Section, lower case.
    pub section: &'static str,
    /// Key, lower case.
    pub key: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// Default before `{home}` is filled in; `{secret}` stands for one that is made on first use.
    pub default: Option<&'static str>,
    /// A secret: `_cmd` and `_secret` variants work, and the value is masked where it is shown.
    pub sensitive: bool,
    /// The program acts on it. Others are accepted, and DAG code can read them.
    pub used: bool,
    /// Airflow 3 has it no more.
    pub removed: bool,
    /// What it does; empty when it has no effect here.
    pub description: &'static str,
    /// Names that it had before, and still answers to.
    pub old_names: Vec<OldName>,
}

/// A name that an option had before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldName {
    /// Section of the old name.
    pub section: &'static str,
    /// Key of the old name.
    pub key: &'static str,
    /// Version of Airflow that moved it.
    pub since: &'static str,
}

/// All options with an index by name.
pub struct Table {
    options: Vec<OptionSpec>,
    by_name: HashMap<(&'static str, &'static str), usize>,
    moved: HashMap<(&'static str, &'static str), (&'static str, &'static str, &'static str)>,
}

/// Sections whose keys are the user's: library options, labels, environment. Any key in them is accepted.
const FREE_SECTIONS: [&str; 13] = [
    "celery_broker_transport_options",
    "celery_result_backend_transport_options",
    "kubernetes",
    "kubernetes_annotations",
    "kubernetes_environment_variables",
    "kubernetes_labels",
    "kubernetes_node_selectors",
    "kubernetes_secrets",
    "kubernetes_executor",
    "elasticsearch_configs",
    "opensearch_configs",
    "policy",
    "hive",
];

/// Sections of provider packages whose options are the package's business.
const PROVIDER_SECTIONS: [&str; 13] = [
    "aws",
    "aws_auth_manager",
    "aws_batch_executor",
    "aws_ecs_executor",
    "azure_remote_logging",
    "databricks",
    "dbt_cloud",
    "edge",
    "imap",
    "keycloak_auth_manager",
    "openlineage",
    "opensearch",
    "yandex",
];

/// The table; read once.
pub fn table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(Table::read);
    &TABLE
}

impl Table {
    fn read() -> Table {
        let mut options: Vec<OptionSpec> = include_str!("options.tsv").lines().map(option_row).collect();
        let by_name: HashMap<_, _> = options.iter().enumerate().map(|(at, spec)| ((spec.section, spec.key), at)).collect();
        let mut moved = HashMap::new();
        for line in include_str!("moved.tsv").lines() {
            let cells: Vec<&'static str> = line.split('\t').collect();
            let &[section, key, to_section, to_key, since] = cells.as_slice() else {
                panic!("moved.tsv: a row has five cells: {line:?}");
            };
            moved.insert((section, key), (to_section, to_key, since));
            let Some(at) = by_name.get(&(to_section, to_key)) else {
                panic!("moved.tsv: [{section}] {key} leads to an unknown option");
            };
            options[*at].old_names.push(OldName { section, key, since });
        }
        Table { options, by_name, moved }
    }

    /// All options, by section, in the order of the table.
    pub fn options(&self) -> &[OptionSpec] {
        &self.options
    }

    /// The option of this current name.
    pub fn get(&self, section: &str, key: &str) -> Option<&OptionSpec> {
        self.by_name.get(&(section, key)).map(|at| &self.options[*at])
    }

    /// Where an old name leads: section, key and the version that moved it.
    pub fn moved(&self, section: &str, key: &str) -> Option<(&'static str, &'static str, &'static str)> {
        self.moved.get(&(section, key)).copied()
    }

    /// True when any key is accepted in this section.
    pub fn is_free_section(&self, section: &str) -> bool {
        FREE_SECTIONS.contains(&section) || PROVIDER_SECTIONS.contains(&section)
    }

    /// Sections that are known, current and old.
    pub fn sections(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.options.iter().map(|spec| spec.section).collect();
        names.extend(self.moved.keys().map(|(section, _)| section));
        names.extend(FREE_SECTIONS);
        names.extend(PROVIDER_SECTIONS);
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Keys that are known in a section, current and old.
    pub fn keys(&self, section: &str) -> Vec<&'static str> {
        let current = self.options.iter().filter(|spec| spec.section == section).map(|spec| spec.key);
        let old = self.moved.keys().filter(|(old, _)| *old == section).map(|(_, key)| *key);
        current.chain(old).collect()
    }
}

fn option_row(line: &'static str) -> OptionSpec {
    let cells: Vec<&'static str> = line.split('\t').collect();
    let &[section, key, kind, default, flags, description] = cells.as_slice() else {
        panic!("options.tsv: a row has six cells: {line:?}");
    };
    OptionSpec {
        section,
        key,
        kind: Kind::parse(kind).unwrap_or_else(|| panic!("options.tsv: [{section}] {key} has an unknown kind {kind:?}")),
        default: (default != "-").then_some(default),
        sensitive: flags.contains('s'),
        used: flags.contains('u'),
        removed: flags.contains('r'),
        description,
        old_names: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_value_of_its_kind() {
        for spec in table().options() {
            if let Some(default) = spec.default.filter(|d| *d != "{secret}") {
                assert!(spec.kind.accepts(default), "[{}] {} = {default:?}: {}", spec.section, spec.key, spec.kind.expected());
            }
        }
    }

    #[test]
    fn every_used_option_is_described_and_no_name_is_there_twice() {
        let table = table();
        assert_eq!(table.by_name.len(), table.options.len());
        for spec in table.options() {
            assert_eq!(spec.used, !spec.description.is_empty(), "[{}] {}", spec.section, spec.key);
        }
    }

    #[test]
    fn no_old_name_is_a_current_one_too() {
        let table = table();
        for (section, key) in table.moved.keys() {
            assert!(table.get(section, key).is_none(), "[{section}] {key} is both old and current");
        }
    }
}
