//! `version`.

use std::io::Write as _;
use std::process::ExitCode;

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Prints the version on one line.
pub fn run() -> anyhow::Result<ExitCode> {
    writeln!(std::io::stdout(), "{}", VERSION)?;
    Ok(ExitCode::SUCCESS)
}
