//! What a configuration says that nobody reads: unknown sections and keys, and old names.

use std::fmt;

use crate::config::Config;
use crate::environment::Environment;
use crate::error::{Origin, env_part};
use crate::ini::{DEFAULT_SECTION, Section};
use crate::option::table;

/// Something that is accepted and should be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// No section of this name is known.
    UnknownSection {
        /// Where it is.
        origin: Origin,
        /// Its name.
        section: String,
        /// The known name that is nearest.
        nearest: Option<&'static str>,
    },
    /// No key of this name is known in the section.
    UnknownKey {
        /// Where it is.
        origin: Origin,
        /// The section.
        section: String,
        /// The key.
        key: String,
        /// The known name that is nearest.
        nearest: Option<&'static str>,
    },
    /// An old name. It works.
    OldName {
        /// Where it is.
        origin: Origin,
        /// The old name, `[section] key`.
        old: String,
        /// The name of today, `[section] key`.
        new: String,
        /// Version of Airflow that moved it.
        since: &'static str,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::UnknownSection { origin, section, nearest } => {
                write!(f, "{origin}: there is no section [{section}]")?;
                nearest.map_or(Ok(()), |nearest| write!(f, "; did you mean [{nearest}]?"))
            }
            Warning::UnknownKey { origin, section, key, nearest } => {
                write!(f, "{origin}: section [{section}] has no option {key}")?;
                nearest.map_or(Ok(()), |nearest| write!(f, "; did you mean {nearest}?"))
            }
            Warning::OldName { origin, old, new, since } => write!(f, "{origin}: {old} is called {new} since {since}"),
        }
    }
}

impl Config {
    /// Unknown and old names in the file and in variables `AIRFLOW__SECTION__KEY`, in order of file and variables.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        for section in self.file().into_iter().flat_map(|file| &file.sections).filter(|section| section.name != DEFAULT_SECTION) {
            self.look_at_section(section, &mut warnings);
        }
        for (variable, section, key) in option_variables(self.environment()) {
            self.look_at_variable(variable, &section, &key, &mut warnings);
        }
        warnings
    }

    fn look_at_section(&self, section: &Section, warnings: &mut Vec<Warning>) {
        let origin = |line| Origin::File { path: self.file_path().to_owned(), line };
        let name = section.name.to_lowercase();
        // `[team=section]` belongs to one team.
        if table().is_free_section(&name) || name.contains('=') {
            return;
        }
        let known = table().keys(&name);
        if known.is_empty() {
            let nearest = nearest(&name, table().sections());
            warnings.push(Warning::UnknownSection { origin: origin(section.line), section: name, nearest });
            return;
        }
        for entry in &section.entries {
            if !known.contains(&entry.key.as_str()) && !self.is_variant(&name, &entry.key) {
                let nearest = nearest(&entry.key, known.clone());
                warnings.push(Warning::UnknownKey { origin: origin(entry.line), section: name.clone(), key: entry.key.clone(), nearest });
            } else if let Some(old) = old_name(&name, &entry.key, origin(entry.line)) {
                warnings.push(old);
            }
        }
    }

    fn look_at_variable(&self, variable: &str, section: &str, key: &str, warnings: &mut Vec<Warning>) {
        let origin = Origin::Environment(variable.to_owned());
        let Some(name) = table().sections().into_iter().find(|name| env_part(name) == section) else {
            let section = section.to_lowercase();
            let nearest = nearest(&section, table().sections());
            warnings.push(Warning::UnknownSection { origin, section, nearest });
            return;
        };
        let known = table().keys(name);
        let lower = key.to_lowercase();
        match known.iter().find(|known| env_part(known) == key) {
            Some(key) => warnings.extend(old_name(name, key, origin)),
            None if table().is_free_section(name) || self.is_variant(name, &lower) => {}
            None => {
                let nearest = nearest(&lower, known);
                warnings.push(Warning::UnknownKey { origin, section: name.to_owned(), key: lower, nearest });
            }
        }
    }
}

fn old_name(section: &str, key: &str, origin: Origin) -> Option<Warning> {
    let (to_section, to_key, since) = table().moved(section, key)?;
    Some(Warning::OldName { origin, old: format!("[{section}] {key}"), new: format!("[{to_section}] {to_key}"), since })
}

/// Variables that set options, with section and key in upper case. Those of one team (`TEAM___SECTION__KEY`) are none.
fn option_variables(environment: &Environment) -> impl Iterator<Item = (&str, String, String)> {
    environment.iter().filter_map(|(variable, _)| {
        let rest = variable.strip_prefix("AIRFLOW__").or_else(|| variable.strip_prefix("TRADEWIND__"))?;
        let (section, key) = rest.split_once("__")?;
        (!rest.contains("___")).then(|| (variable, section.to_owned(), key.to_owned()))
    })
}

/// The name that is most like `name`, when one is alike at all.
fn nearest(name: &str, known: Vec<&'static str>) -> Option<&'static str> {
    // Below this, a proposal puzzles more than it helps.
    const ALIKE: f64 = 0.85;
    let scored = known.into_iter().map(|candidate| (strsim::jaro_winkler(name, candidate), candidate));
    scored.filter(|(score, _)| *score >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, candidate)| candidate)
}
