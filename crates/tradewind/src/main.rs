//! The binary: every role and every command of Tradewind.

mod cli;
mod command;
mod connect_args;
mod context;
mod exchange;
mod failure;
mod legacy;
mod logging;
mod output;
mod role;
mod time;

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Many short-lived texts and rows, on several threads: figures in `docs/decisions.md`.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::main(std::env::args_os())
}
