//! `cargo xtask`: tasks of people who work on Tradewind.

use anyhow::{Context as _, Result};
use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;
use xtask::{corpus, tidy};

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
    /// Load every DAG file of a folder of repositories and say which fail, and why.
    ///
    /// What an installation has and the folder does not (other people's packages, variables, connections, environment variables) is
    /// replaced by stand-ins. Packages that the interpreter has are the real ones. No network and no other programs are allowed.
    Corpus {
        /// A folder with one folder for each repository.
        folder: PathBuf,
        /// The interpreter; it needs Jinja2 and pendulum. [default: `TRADEWIND_PYTHON`, else `.venv/bin/python`]
        #[arg(long)]
        python: Option<PathBuf>,
        /// Processes at a time.
        #[arg(long, default_value_t = 2)]
        jobs: usize,
        /// Name each file that fails, with the last line of its error.
        #[arg(long)]
        failed: bool,
        /// A file with lines `PATH: ERROR`, as the report has them: errors that somebody looked at and found to be their authors' own.
        #[arg(long, value_name = "FILE")]
        looked_at: Option<PathBuf>,
        /// Fail when less than this share of the files is loaded, Python 2 apart.
        #[arg(long, value_name = "PERCENT")]
        at_least: Option<f64>,
    },
}

fn main() -> Result<ExitCode> {
    let root = tidy::root()?;
    let shrink = match Task::parse() {
        Task::Tidy { shrink } => shrink,
        Task::Corpus { folder, python, jobs, failed, looked_at, at_least } => {
            let named = python.or_else(|| std::env::var_os("TRADEWIND_PYTHON").map(PathBuf::from));
            let python = named.unwrap_or_else(|| root.join(".venv/bin/python"));
            let folder = std::path::absolute(folder)?;
            let list = looked_at.map(|list| std::fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display())));
            let list = list.transpose()?.unwrap_or_default();
            let mut report = corpus::load(&root, &folder, &python, jobs)?;
            let untrue = corpus::mark_looked_at(&mut report, &folder, &list);
            print!("{}", report.text(failed));
            for line in &untrue {
                eprintln!("--looked-at: {line}");
            }
            let enough = at_least.is_none_or(|percent| report.percent() >= percent) && untrue.is_empty();
            return Ok(if enough { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
    };
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
