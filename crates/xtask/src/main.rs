//! `cargo xtask`: tasks of people who work on Tradewind.

use anyhow::Result;
use clap::Parser;
use std::process::ExitCode;
use xtask::tidy;

/// Tasks of people who work on Tradewind.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Task {
    /// Check the rules of the house: edges between crates, lengths, where SQL, clocks and spawns may be.
    Tidy {
        /// Lower the numbers in the list of long files and functions to what they are now.
        #[arg(long)]
        shrink: bool,
    },
}

fn main() -> Result<ExitCode> {
    let Task::Tidy { shrink } = Task::parse();
    let root = tidy::root()?;
    if shrink {
        tidy::shrink(&root)?;
    }
    let findings = tidy::check(&root)?;
    for finding in &findings {
        eprintln!("{finding}");
    }
    if findings.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("\ntidy: {} to mend", findings.len());
    Ok(ExitCode::FAILURE)
}
