//! `info`: where things are.

use std::process::ExitCode;

use clap::Args;
use tradewind_store::Options;

use crate::command::db::without_password;
use crate::context::Context;
use crate::output::{Cell, OutputArgs, Rows};

/// Arguments of `info`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  tradewind info --anonymize")]
pub struct Info {
    /// Leave out what names people and machines.
    #[arg(long)]
    anonymize: bool,
    #[command(flatten)]
    output: OutputArgs,
}

impl Info {
    pub async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        let settings = &cx.settings;
        let mut rows = Rows::new(["name", "value"]);
        let mut add = |name: &str, value: String| rows.push([Cell::from(name), Cell::from(self.shown(cx, value))]);
        add("version", env!("CARGO_PKG_VERSION").to_owned());
        add("executor", settings.core.executor.name().to_owned());
        add("sql_alchemy_conn", without_password(settings.database.url.expose()));
        add("database", database(cx).await);
        add("home", settings.home.display().to_string());
        add("config_file", settings.config_file.as_ref().map_or("none".to_owned(), |path| path.display().to_string()));
        add("dags_folder", settings.core.dags_folder.display().to_string());
        add("plugins_folder", settings.core.plugins_folder.display().to_string());
        add("base_log_folder", settings.logging.base_log_folder.display().to_string());
        add("default_timezone", settings.core.default_timezone_name.clone());
        add("python", settings.python.executable.as_ref().map_or("python3 on the path".to_owned(), |path| path.display().to_string()));
        add("os", std::env::consts::OS.to_owned());
        add("architecture", std::env::consts::ARCH.to_owned());
        self.output.print(&rows)?;
        Ok(ExitCode::SUCCESS)
    }

    fn shown(&self, cx: &Context, value: String) -> String {
        let user_home = cx.config.environment().get("HOME").filter(|home| !home.is_empty());
        match user_home {
            Some(home) if self.anonymize => value.replace(home, "${HOME}"),
            _ => value,
        }
    }
}

async fn database(cx: &Context) -> String {
    let opened = cx.any_store(Options { any_schema: true, ..Options::default() }).await;
    match opened {
        Ok(store) => match store.schema().await {
            Ok(state) if state.found == 0 => "empty; run `tradewind db migrate`".to_owned(),
            Ok(state) => format!("schema {} of {}", state.found, state.needed),
            Err(error) => error.to_string(),
        },
        Err(error) => format!("{error:#}"),
    }
}
