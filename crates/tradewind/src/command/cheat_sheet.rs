//! `cheat-sheet`: all commands with one line each, out of the command line itself.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Command, CommandFactory as _};

use crate::cli::Cli;

/// Prints the list, single commands first, then the groups.
pub fn run() -> anyhow::Result<ExitCode> {
    let mut root = Cli::command();
    root.build();
    let mut out = std::io::stdout().lock();
    let (groups, single): (Vec<&Command>, Vec<&Command>) = visible(&root).partition(|command| command.has_subcommands());
    writeln!(out, "Commands")?;
    for command in single {
        line(&mut out, &format!("{} {}", root.get_name(), command.get_name()), command)?;
    }
    for group in groups {
        writeln!(out, "\n{}", group.get_about().map(ToString::to_string).unwrap_or_default())?;
        for command in visible(group) {
            line(&mut out, &format!("{} {} {}", root.get_name(), group.get_name(), command.get_name()), command)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help")
}

fn line(out: &mut impl std::io::Write, name: &str, command: &Command) -> std::io::Result<()> {
    writeln!(out, "  {name:38} {}", command.get_about().map(ToString::to_string).unwrap_or_default())
}
