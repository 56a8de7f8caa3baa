//! Lookup of options: flags, environment, file, commands, defaults, in this order; the current name before old ones at each step.

use std::path::{Path, PathBuf};

use crate::environment::Environment;
use crate::error::{ConfigError, NotAllowed, Origin, Result, env_part};
use crate::ini::{self, IniFile};
use crate::interpolate::interpolate;
use crate::option::{OptionSpec, table};
use crate::{command, option};

/// Prefixes of environment variables that set options; the first that is set counts.
const PREFIXES: [&str; 2] = ["TRADEWIND", "AIRFLOW"];

/// Everything that options are looked up in. Nothing is written, and commands run only when their option is asked for.
#[derive(Debug, Clone)]
pub struct Config {
    home: PathBuf,
    file: IniFile,
    file_exists: bool,
    environment: Environment,
    flags: Vec<Flag>,
}

#[derive(Debug, Clone)]
struct Flag {
    flag: String,
    section: &'static str,
    key: &'static str,
    value: String,
}

/// A value with its origin and the name under which it was found, which may be an old one.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// The value.
    pub value: String,
    /// Where it is.
    pub origin: Origin,
    /// Section as found.
    pub section: String,
    /// Key as found.
    pub key: String,
    /// The value is a secret.
    pub sensitive: bool,
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{}] {} = {} ({})", self.section, self.key, self.shown(), self.origin)
    }
}

impl Found {
    /// The value as a message may show it: quoted, secrets masked.
    pub fn shown(&self) -> String {
        if self.sensitive { "***".to_owned() } else { format!("{:?}", self.value) }
    }

    /// The error that this value is not allowed.
    pub fn not_allowed(&self, expected: impl Into<String>) -> ConfigError {
        ConfigError::Value(Box::new(NotAllowed {
            origin: self.origin.clone(),
            section: self.section.clone(),
            key: self.key.clone(),
            value: self.shown(),
            expected: expected.into(),
        }))
    }
}

/// One name of an option while it is looked up.
#[derive(Clone, Copy)]
struct Name<'a> {
    section: &'a str,
    key: &'a str,
}

impl Config {
    /// Finds the home and reads the configuration file: `TRADEWIND_CONFIG`, else `AIRFLOW_CONFIG`, else `airflow.cfg` in the home.
    /// A file that a variable names must exist; the one in the home need not.
    pub fn load(environment: Environment) -> Result<Config> {
        let home = environment.home()?;
        let named = ["TRADEWIND_CONFIG", "AIRFLOW_CONFIG"].iter().find_map(|name| environment.get(name).filter(|v| !v.is_empty()));
        let path = named.map_or_else(|| home.join("airflow.cfg"), |named| PathBuf::from(environment.expand(named)));
        let (file, file_exists) = match std::fs::read_to_string(&path) {
            Ok(text) => (ini::parse(&path, &text)?, true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => {
                (IniFile { path, sections: Vec::new() }, false)
            }
            Err(source) => return Err(ConfigError::Read { path, source }),
        };
        Ok(Config { home, file, file_exists, environment, flags: Vec::new() })
    }

    /// A value given on the command line; it goes before everything else.
    ///
    /// # Panics
    /// When the table has no such option.
    #[must_use]
    pub fn with_flag(mut self, flag: &str, section: &str, key: &str, value: impl Into<String>) -> Config {
        let spec = table().get(section, key).unwrap_or_else(|| panic!("{flag} stands for an unknown option [{section}] {key}"));
        self.flags.push(Flag { flag: flag.to_owned(), section: spec.section, key: spec.key, value: value.into() });
        self
    }

    /// The home of the product.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The configuration file when there is one.
    pub fn file(&self) -> Option<&IniFile> {
        self.file_exists.then_some(&self.file)
    }

    /// The path of the configuration file, whether it exists or not.
    pub fn file_path(&self) -> &Path {
        &self.file.path
    }

    /// The environment that options are looked up in.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Looks up an option by its current name or an old one. None: it is not set and has no default, or its default is a
    /// secret that is made on first use.
    pub fn find(&self, section: &str, key: &str) -> Result<Option<Found>> {
        let (section, key) = (section.to_lowercase(), key.to_lowercase());
        let (section, key) = match table().moved(&section, &key) {
            Some((section, key, _)) => (section.to_owned(), key.to_owned()),
            None => (section, key),
        };
        let spec = table().get(&section, &key);
        if let Some(found) = self.find_set(Name { section: &section, key: &key }, spec)? {
            return Ok(Some(found));
        }
        Ok(spec.and_then(|spec| self.default_of(spec)).map(|value| Found {
            value,
            origin: Origin::Default,
            section,
            key,
            sensitive: spec.is_some_and(|spec| spec.sensitive),
        }))
    }

    /// The value of an option, as text; see [`Config::find`].
    pub fn get(&self, section: &str, key: &str) -> Result<Option<String>> {
        Ok(self.find(section, key)?.map(|found| found.value))
    }

    /// A boolean option that has a default.
    pub fn get_bool(&self, section: &str, key: &str) -> Result<bool> {
        self.typed(section, key, &option::Kind::Bool, option::parse_bool)
    }

    /// An option that holds JSON; None when it is not set or empty.
    pub fn get_json(&self, section: &str, key: &str) -> Result<Option<serde_json::Value>> {
        let Some(found) = self.find(section, key)?.filter(|found| !found.value.trim().is_empty()) else {
            return Ok(None);
        };
        serde_json::from_str(&found.value).map(Some).map_err(|error| found.not_allowed(format!("JSON ({error})")))
    }

    fn typed<T>(&self, section: &str, key: &str, kind: &option::Kind, parse: fn(&str) -> Option<T>) -> Result<T> {
        let found = self.find(section, key)?.unwrap_or_else(|| panic!("[{section}] {key} has no default"));
        parse(&found.value).ok_or_else(|| found.not_allowed(kind.expected()))
    }

    /// The default with the home filled in; None for no default and for secrets that are made.
    pub(crate) fn default_of(&self, spec: &OptionSpec) -> Option<String> {
        let default = spec.default.filter(|default| *default != "{secret}")?;
        Some(default.replace("{home}", &self.home.to_string_lossy()))
    }

    fn find_set(&self, current: Name<'_>, spec: Option<&OptionSpec>) -> Result<Option<Found>> {
        let sensitive = spec.is_some_and(|spec| spec.sensitive);
        let flag = self.flags.iter().rev().find(|flag| flag.section == current.section && flag.key == current.key);
        if let Some(flag) = flag {
            return Ok(Some(found(current, flag.value.clone(), Origin::Flag(flag.flag.clone()), sensitive)));
        }
        let old = spec.map_or(&[][..], |spec| &spec.old_names);
        let names: Vec<Name<'_>> =
            std::iter::once(current).chain(old.iter().map(|old| Name { section: old.section, key: old.key })).collect();
        for step in [Config::in_environment, Config::in_file, Config::by_command_in_file] {
            for name in &names {
                if let Some(found) = step(self, *name, sensitive)? {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }

    fn in_environment(&self, name: Name<'_>, sensitive: bool) -> Result<Option<Found>> {
        for prefix in PREFIXES {
            let variable = format!("{prefix}__{}__{}", env_part(name.section), env_part(name.key));
            if let Some(value) = self.environment.get(&variable) {
                return Ok(Some(found(name, self.expanded(name, value), Origin::Environment(variable), sensitive)));
            }
            if !sensitive {
                continue;
            }
            let by_command = format!("{variable}_CMD");
            if let Some(line) = self.environment.get(&by_command) {
                return self.run(name, by_command.clone(), line).map(Some);
            }
            let by_secret = format!("{variable}_SECRET");
            if self.environment.get(&by_secret).is_some() {
                return Err(secrets_backend(name, by_secret));
            }
        }
        Ok(None)
    }

    fn in_file(&self, name: Name<'_>, sensitive: bool) -> Result<Option<Found>> {
        let Some(entry) = self.file.entry(name.section, name.key) else {
            return Ok(None);
        };
        let origin = Origin::File { path: self.file.path.clone(), line: entry.line };
        let raw = found(name, entry.value.clone(), origin, sensitive);
        if is_for_a_shell(name) {
            return Ok(Some(raw));
        }
        let value = interpolate(&self.file, name.section, &entry.value).map_err(|expected| raw.not_allowed(expected))?;
        Ok(Some(Found { value: self.environment.expand(&value), ..raw }))
    }

    fn expanded(&self, name: Name<'_>, value: &str) -> String {
        if is_for_a_shell(name) { value.to_owned() } else { self.environment.expand(value) }
    }

    fn by_command_in_file(&self, name: Name<'_>, sensitive: bool) -> Result<Option<Found>> {
        if !sensitive {
            return Ok(None);
        }
        let asked_by = |line: usize, suffix: &str| format!("{}:{line}: {}{suffix}", self.file.path.display(), name.key);
        if let Some(entry) = self.file.entry(name.section, &format!("{}_cmd", name.key)) {
            let line = interpolate(&self.file, name.section, &entry.value).unwrap_or_else(|_| entry.value.clone());
            return self.run(name, asked_by(entry.line, "_cmd"), &line).map(Some);
        }
        match self.file.entry(name.section, &format!("{}_secret", name.key)) {
            Some(entry) => Err(secrets_backend(name, asked_by(entry.line, "_secret"))),
            None => Ok(None),
        }
    }

    fn run(&self, name: Name<'_>, asked_by: String, line: &str) -> Result<Found> {
        let value = command::output(line).map_err(|problem| ConfigError::Command {
            asked_by: asked_by.clone(),
            section: name.section.to_owned(),
            key: name.key.to_owned(),
            problem,
        })?;
        Ok(found(name, value, Origin::Command(asked_by), true))
    }
}

fn found(name: Name<'_>, value: String, origin: Origin, sensitive: bool) -> Found {
    Found { value, origin, section: name.section.to_owned(), key: name.key.to_owned(), sensitive }
}

fn secrets_backend(name: Name<'_>, asked_by: String) -> ConfigError {
    ConfigError::SecretsBackend { asked_by, section: name.section.to_owned(), key: name.key.to_owned() }
}

/// Commands that run on another machine: what they name is there, and `%` is theirs too.
fn is_for_a_shell(name: Name<'_>) -> bool {
    name.section == "scheduler_failover" && name.key.ends_with("_command")
}
