//! Exit codes by the kind of failure, so that a script can tell them apart.

use std::fmt;
use std::process::ExitCode;

use tradewind_config::ConfigError;

/// What `tradewind --help` says of exit codes.
pub const HELP: &str = "Exit codes: 0 success, 1 error (or the answer is no), 2 wrong usage, 3 what was named does not exist, 4 the configuration is \
                        wrong,\n5 the database cannot be used.";

/// What was named does not exist.
#[derive(Debug)]
struct Missing(String);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Missing {}

/// The configuration is wrong in a way that only its use shows.
#[derive(Debug)]
struct Misconfigured(String);

impl fmt::Display for Misconfigured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misconfigured {}

/// The error for a configuration that cannot be used; `text` names the option and says what would be right.
pub fn misconfigured(text: impl Into<String>) -> anyhow::Error {
    Misconfigured(text.into()).into()
}

/// The error for a name that leads nowhere; `text` says what would be right.
pub fn missing(text: impl Into<String>) -> anyhow::Error {
    Missing(text.into()).into()
}

/// The exit code of a failure.
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    ExitCode::from(number(error))
}

fn number(error: &anyhow::Error) -> u8 {
    use tradewind_store::Error as Store;
    if error.is::<Missing>() || error.chain().any(|cause| cause.is::<Missing>()) {
        return 3;
    }
    if error.chain().any(|cause| cause.is::<ConfigError>() || cause.is::<Misconfigured>()) {
        return 4;
    }
    let database = error.chain().find_map(|cause| cause.downcast_ref::<Store>());
    match database {
        Some(Store::Constraint { .. } | Store::Invalid { .. }) | None => 1,
        Some(Store::Url { .. } | Store::Decrypt { .. }) => 4,
        Some(_) => 5,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn each_kind_has_its_number() {
        let code = |error: anyhow::Error| number(&error);
        assert_eq!(code(anyhow::anyhow!("something")), 1);
        assert_eq!(code(missing("there is no DAG \"x\"")), 3);
        assert_eq!(code(Err::<(), _>(missing("there is no DAG \"x\"")).context("cannot trigger").unwrap_err()), 3);
        assert_eq!(code(ConfigError::NoHome.into()), 4);
        assert_eq!(code(Err::<(), _>(misconfigured("[database] x: wrong")).context("cannot open").unwrap_err()), 4);
        let unavailable = tradewind_store::Error::Closed;
        assert_eq!(code(anyhow::Error::from(unavailable).context("cannot open the metadata database")), 5);
    }
}
