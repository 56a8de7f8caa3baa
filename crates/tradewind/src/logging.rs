//! Log lines of the program itself, on the standard error.

use tracing_subscriber::EnvFilter;

/// Starts logging: warnings (what happens too, for a role), or everything that helps with `--verbose`. `TRADEWIND_LOG` overrides both.
pub fn start(verbose: bool, role: bool) {
    let default = match (verbose, role) {
        (true, _) => "debug",
        (false, true) => "info",
        (false, false) => "warn",
    };
    let filter = EnvFilter::try_from_env("TRADEWIND_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
