//! Log lines of the program itself, on the standard error.

use tracing_subscriber::EnvFilter;

/// Starts logging: warnings, or everything that helps with `--verbose`. `TRADEWIND_LOG` overrides both.
pub fn start(verbose: bool) {
    let default = if verbose { "debug" } else { "warn" };
    let filter = EnvFilter::try_from_env("TRADEWIND_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
