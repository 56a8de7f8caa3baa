//! `python`: the Python of this installation, as DAG files see it: their tests, a file by hand, a debugger.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;

use crate::command::in_process;
use crate::context::Context;

/// Arguments of `python`.
#[derive(Debug, Args)]
pub struct Python {
    /// What comes after `python`: `-m pytest tests`, `dags/my_dag.py`, `-m pdb dags/my_dag.py`. [default: a session]
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

impl Python {
    /// Becomes that process, so that signals and the terminal are its own; comes back only when that cannot be done.
    pub fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        let mut command = in_process::interpreter(cx)?;
        let folder = &cx.settings.core.dags_folder;
        if std::env::var_os("AIRFLOW__CORE__DAGS_FOLDER").is_none() {
            command.env("AIRFLOW__CORE__DAGS_FOLDER", folder);
        }
        let error = command.args(self.arguments).exec();
        Err(anyhow!("cannot start {}: {error}; [tradewind] python names another", command.get_program().to_string_lossy()))
    }
}
