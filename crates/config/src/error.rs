//! What can be wrong with a configuration, said so that it can be mended.

use std::fmt;
use std::path::PathBuf;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag of the command line.
    Flag(String),
    /// An environment variable.
    Environment(String),
    /// A line of the configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// Line, counted from 1.
        line: usize,
    },
    /// The output of a command; says which name in file or environment asks for it.
    Command(String),
    /// The table of options.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(flag) => write!(f, "{flag}"),
            Origin::Environment(variable) => write!(f, "{variable}"),
            Origin::File { path, line } => write!(f, "{}:{line}", path.display()),
            Origin::Command(asked_by) => write!(f, "output of {asked_by}"),
            Origin::Default => write!(f, "default"),
        }
    }
}

/// A value that is not allowed.
#[derive(Debug, thiserror::Error)]
#[error("{origin}: [{section}] {key} = {value}: expected {expected}")]
pub struct NotAllowed {
    /// Where the value is.
    pub origin: Origin,
    /// Section of the option.
    pub section: String,
    /// Key of the option.
    pub key: String,
    /// The value, quoted; `***` for a secret.
    pub value: String,
    /// What is allowed.
    pub expected: String,
}

/// An error of the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Neither `HOME` nor one of our variables says where the home is.
    #[error("there is no home: set TRADEWIND_HOME (or AIRFLOW_HOME, or HOME) to a folder")]
    NoHome,
    /// The file cannot be read.
    #[error("cannot read the configuration file {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A line of the file is not in the form of a configuration file.
    #[error("{}:{line}: {problem}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line, counted from 1.
        line: usize,
        /// What is wrong and what would be right.
        problem: String,
    },
    /// A value is not allowed.
    #[error(transparent)]
    Value(Box<NotAllowed>),
    /// A command that gives a value (`{key}_cmd`) failed.
    #[error("{asked_by}: the command for [{section}] {key} failed: {problem}")]
    Command {
        /// Name in file or environment that asks for the command.
        asked_by: String,
        /// Section of the option.
        section: String,
        /// Key of the option.
        key: String,
        /// How it failed.
        problem: String,
    },
    /// A value is asked of a secrets backend.
    #[error(
        "{asked_by}: [{section}] {key} is to come from a secrets backend, and there is no support for secrets backends; \
         use AIRFLOW__{}__{}_CMD or the value itself",
        env_part(section),
        env_part(key)
    )]
    SecretsBackend {
        /// Name in file or environment that asks.
        asked_by: String,
        /// Section of the option.
        section: String,
        /// Key of the option.
        key: String,
    },
    /// A generated secret cannot be kept.
    #[error("cannot keep the secret {}: {source}", path.display())]
    Secret {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Several of the above.
    #[error("{}", lines(.0))]
    Many(Vec<ConfigError>),
}

impl ConfigError {
    /// One error out of one or many; None when there are none.
    pub(crate) fn from_many(mut errors: Vec<ConfigError>) -> Option<ConfigError> {
        match errors.len() {
            0 | 1 => errors.pop(),
            _ => Some(ConfigError::Many(errors)),
        }
    }
}

/// The result of this crate.
pub type Result<T, E = ConfigError> = std::result::Result<T, E>;

/// A section or key as it stands in the name of an environment variable.
pub(crate) fn env_part(name: &str) -> String {
    name.replace(['.', '-'], "_").to_ascii_uppercase()
}

fn lines(errors: &[ConfigError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
