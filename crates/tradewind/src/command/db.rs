//! `db`: make, check and reset the metadata database.

use std::io::{self, BufRead as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Subcommand;
use tradewind_store::{Migrated, Options};

use crate::context::Context;

/// Commands of `db`.
#[derive(Debug, Subcommand)]
pub enum Db {
    /// Make the tables, or bring them up to date. Does nothing when they are.
    #[command(
        visible_aliases = ["init", "upgrade"],
        after_help = "Examples:\n  tradewind db migrate\n  AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=sqlite:////srv/t.db tradewind db migrate"
    )]
    Migrate,
    /// Check that the database answers and has the tables of this version.
    #[command(after_help = "Example:\n  tradewind db check --retry 10 --retry-delay 2")]
    Check {
        /// How often to try again.
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=1000))]
        retry: u32,
        /// Seconds between tries.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(..=3600))]
        retry_delay: u64,
    },
    /// Wait until the tables are those of this version.
    #[command(after_help = "Example:\n  tradewind db check-migrations -t 120")]
    CheckMigrations {
        /// Longest wait in seconds.
        #[arg(short = 't', long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(..=86_400))]
        migration_wait_timeout: u32,
    },
    /// Remove everything in the database and make the tables anew.
    #[command(after_help = "Example:\n  tradewind db reset --yes")]
    Reset {
        /// Do not ask.
        #[arg(short, long)]
        yes: bool,
    },
}

impl Db {
    pub async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        match self {
            Db::Migrate => migrate(cx).await,
            Db::Check { retry, retry_delay } => check(cx, retry, Duration::from_secs(retry_delay)).await,
            Db::CheckMigrations { migration_wait_timeout } => check(cx, migration_wait_timeout, Duration::from_secs(1)).await,
            Db::Reset { yes } => reset(cx, yes).await,
        }
    }
}

async fn migrate(cx: &Context) -> anyhow::Result<ExitCode> {
    let home = &cx.settings.home;
    std::fs::create_dir_all(home).with_context(|| format!("cannot make the home {}", home.display()))?;
    let store = cx.any_store(Options::default()).await?;
    let migrated = store.migrate().await?;
    println!("{}", told(&migrated));
    Ok(ExitCode::SUCCESS)
}

fn told(migrated: &Migrated) -> String {
    match migrated.applied.len() {
        0 => format!("The database is up to date (schema {}).", migrated.state.found),
        n => format!("Applied {n} migration(s): {}. The database has schema {}.", migrated.applied.join(", "), migrated.state.found),
    }
}

async fn check(cx: &Context, retry: u32, delay: Duration) -> anyhow::Result<ExitCode> {
    let mut left = retry;
    loop {
        match cx.store().await {
            Ok(_) => {
                println!("Connection successful.");
                return Ok(ExitCode::SUCCESS);
            }
            Err(error) if left == 0 => return Err(error),
            Err(error) => tracing::warn!("{error:#}; trying again"),
        }
        left -= 1;
        tokio::time::sleep(delay).await;
    }
}

async fn reset(cx: &Context, yes: bool) -> anyhow::Result<ExitCode> {
    let url = cx.settings.database.url.expose();
    if !yes && !confirmed(&format!("This removes everything in {}. Go on?", without_password(url)))? {
        println!("Nothing was removed.");
        return Ok(ExitCode::FAILURE);
    }
    let store = cx.any_store(Options { any_schema: true, ..Options::default() }).await?;
    let migrated = store.reset().await?;
    println!("{}", told(&migrated));
    Ok(ExitCode::SUCCESS)
}

/// Asks on the standard error; anything but a yes is a no.
pub fn confirmed(question: &str) -> io::Result<bool> {
    eprint!("{question} (y/N) ");
    io::stderr().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// A database URL that may be shown.
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((user, host)) => format!("{scheme}://{}:***@{host}", user.split(':').next().unwrap_or("")),
        None => url.to_owned(),
    }
}
