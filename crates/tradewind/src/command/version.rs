//! `version`.

use std::io::Write as _;
use std::process::ExitCode;

/// Prints the version on one line.
pub fn run() -> anyhow::Result<ExitCode> {
    writeln!(std::io::stdout(), "{}", env!("CARGO_PKG_VERSION"))?;
    Ok(ExitCode::SUCCESS)
}
