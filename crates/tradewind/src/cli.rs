//! The command line: groups of commands, and what all of them share.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::command;
use crate::context::Context;
use crate::{failure, legacy, logging};

/// Runs data pipelines: Apache Airflow's job done by one program.
#[derive(Debug, Parser)]
#[command(
    name = "tradewind",
    version,
    max_term_width = 100,
    after_help = format!("{}\nNames of Airflow 1.10 (list_dags, trigger_dag, initdb, ...) are understood too.", failure::HELP)
)]
pub struct Cli {
    /// Say more on the standard error.
    #[arg(short, long, global = true)]
    pub verbose: bool,
    #[command(subcommand)]
    pub command: Command,
}

/// One entry per command group; each has its file under `command`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look at what was told to people, try it again, test the channels.
    #[command(subcommand)]
    Alerts(command::alerts::Alerts),
    /// Look at assets and what makes them.
    #[command(subcommand)]
    Assets(command::assets::Assets),
    /// Run a range of a schedule (again).
    #[command(subcommand)]
    Backfill(command::backfill::Backfill),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(command::config::Config),
    /// Look at connections and change them.
    #[command(subcommand)]
    Connections(command::connections::Connections),
    /// Look at DAGs and their runs, start runs.
    #[command(subcommand)]
    Dags(command::dags::Dags),
    /// Make, check and reset the metadata database.
    #[command(subcommand)]
    Db(command::db::Db),
    /// Start a scheduler on another node when one has died; show which one is active.
    #[command(subcommand)]
    Failover(command::failover::Failover),
    /// Show where things are: paths, versions, database, executor.
    Info(command::info::Info),
    /// Check on running processes.
    #[command(subcommand)]
    Jobs(command::jobs::Jobs),
    /// Look at pools and change them.
    #[command(subcommand)]
    Pools(command::pools::Pools),
    /// Show what installed provider packages offer: connection types, hooks, links, notifiers.
    #[command(subcommand)]
    Providers(command::providers::Providers),
    /// Run Python with the names that DAG files import: their tests, one of them by hand, a debugger.
    #[command(after_help = "Example:\n  tradewind python -m pytest -p tradewind.pytest_plugin tests")]
    Python(command::python::Python),
    /// Encrypt all variables and connections anew with the first key of [core] fernet_key.
    #[command(after_help = "Example:\n  AIRFLOW__CORE__FERNET_KEY=NEW,OLD tradewind rotate-fernet-key")]
    RotateFernetKey,
    /// Look at tasks and their instances, run them again.
    #[command(subcommand)]
    Tasks(command::tasks::Tasks),
    /// Make and change users.
    #[command(subcommand)]
    Users(command::users::Users),
    /// Run everything in one process: scheduler, local workers, DAG processor, web server.
    Standalone(command::roles::Standalone),
    /// Run a scheduler with its local workers.
    Scheduler(command::roles::Scheduler),
    /// Run the web server (REST API).
    #[command(visible_alias = "webserver")]
    ApiServer(command::roles::ApiServer),
    /// Parse DAG files and run callbacks.
    DagProcessor(command::roles::DagProcessor),
    /// Run the triggers of deferred tasks.
    Triggerer(command::roles::Triggerer),
    /// Look at variables and change them.
    #[command(subcommand)]
    Variables(command::variables::Variables),
    /// Run tasks for a control plane elsewhere.
    Worker(command::roles::Worker),
    /// Print the version.
    #[command(after_help = "Example:\n  tradewind version")]
    Version,
    /// List all commands.
    #[command(after_help = "Example:\n  tradewind cheat-sheet")]
    CheatSheet,
}

impl Command {
    /// Whether it runs until it is told to stop.
    fn is_role(&self) -> bool {
        match self {
            Command::Standalone(_)
            | Command::Scheduler(_)
            | Command::ApiServer(_)
            | Command::DagProcessor(_)
            | Command::Triggerer(_)
            | Command::Worker(_) => true,
            Command::Failover(failover) => failover.is_role(),
            _ => false,
        }
    }

    async fn run(self, cx: Context) -> anyhow::Result<ExitCode> {
        match self {
            Command::Alerts(alerts) => alerts.run(&cx).await,
            Command::Assets(assets) => assets.run(&cx).await,
            Command::Backfill(backfill) => backfill.run(&cx).await,
            Command::Config(config) => config.run(&cx),
            Command::Connections(connections) => connections.run(&cx).await,
            Command::Dags(dags) => dags.run(&cx).await,
            Command::Db(db) => db.run(&cx).await,
            Command::Failover(failover) => failover.run(&cx).await,
            Command::Info(info) => info.run(&cx).await,
            Command::Jobs(jobs) => jobs.run(&cx).await,
            Command::Pools(pools) => pools.run(&cx).await,
            Command::Providers(providers) => providers.run(&cx),
            Command::Python(python) => python.run(&cx),
            Command::RotateFernetKey => command::rotate_fernet_key::run(&cx).await,
            Command::Tasks(tasks) => tasks.run(&cx).await,
            Command::Users(users) => users.run(&cx).await,
            Command::Variables(variables) => variables.run(&cx).await,
            Command::Standalone(role) => role.run(cx).await,
            Command::Scheduler(role) => role.run(cx).await,
            Command::ApiServer(role) => role.run(cx).await,
            Command::DagProcessor(role) => role.run(cx).await,
            Command::Worker(role) => role.run(cx).await,
            Command::Triggerer(role) => role.run(cx).await,
            Command::Version | Command::CheatSheet => unreachable!("needs no context"),
        }
    }
}

/// Reads the arguments, runs the command, tells errors on the standard error.
pub fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let (arguments, hint) = legacy::translate(arguments.collect());
    if let Some(hint) = hint {
        eprintln!("{hint}");
    }
    let cli = match parse(arguments) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    logging::start(cli.verbose, cli.command.is_role());
    match run(cli) {
        Ok(code) => code,
        // The reader of a pipe (head, less) may leave early; that is no error.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", chain(&error));
            failure::exit_code(&error)
        }
    }
}

fn parse(arguments: Vec<OsString>) -> Result<Cli, clap::Error> {
    let matches = Cli::command().try_get_matches_from(arguments)?;
    Cli::from_arg_matches(&matches)
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Version => command::version::run(),
        Command::CheatSheet => command::cheat_sheet::run(),
        command => {
            let cx = Context::load()?;
            let mut runtime =
                if command.is_role() { tokio::runtime::Builder::new_multi_thread() } else { tokio::runtime::Builder::new_current_thread() };
            runtime.enable_all().build()?.block_on(command.run(cx))
        }
    }
}

/// The error and what it came from, without saying anything twice.
fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !text.contains(&cause) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&cause);
        }
    }
    text
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_says_what_it_does() {
        fn look(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{} has no help", command.get_name());
            let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let path = command.get_bin_name().unwrap_or_default();
            assert!(
                command.has_subcommands() || path.split(' ').any(|word| word == "help") || examples.contains(path),
                "{path} has no example"
            );
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {} has no help", command.get_name(), argument.get_id());
            }
            command.get_subcommands().for_each(look);
        }
        let mut cli = Cli::command();
        cli.build();
        look(&cli);
    }
}
