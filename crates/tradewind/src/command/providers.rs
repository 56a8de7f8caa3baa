//! `providers`: what installed provider packages offer. Their descriptions are Python, so a Python process reads them.

use std::process::{ExitCode, Stdio};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use crate::command::in_process;
use crate::context::Context;
use crate::failure;
use crate::output::{Cell, OutputArgs, Rows};

/// The commands of the group.
#[derive(Debug, Subcommand)]
pub enum Providers {
    /// List installed provider packages.
    #[command(after_help = "Example:\n  tradewind providers list")]
    List(OutputArgs),
    /// Show one package.
    #[command(after_help = "Example:\n  tradewind providers get apache-airflow-providers-postgres --full")]
    Get(Get),
    /// List types of connections and the hooks that serve them.
    #[command(after_help = "Example:\n  tradewind providers hooks")]
    Hooks(OutputArgs),
    /// List links from operators to other systems.
    #[command(after_help = "Example:\n  tradewind providers links")]
    Links(OutputArgs),
    /// List notifiers.
    #[command(after_help = "Example:\n  tradewind providers notifications")]
    Notifications(OutputArgs),
    /// List fields that packages add to the forms of connections.
    #[command(after_help = "Example:\n  tradewind providers widgets")]
    Widgets(OutputArgs),
    /// List types of connections whose forms hide, rename or explain fields.
    #[command(after_help = "Example:\n  tradewind providers behaviours")]
    Behaviours(OutputArgs),
    /// List modules with triggers.
    #[command(after_help = "Example:\n  tradewind providers triggers")]
    Triggers(OutputArgs),
    /// List secrets backends.
    #[command(after_help = "Example:\n  tradewind providers secrets")]
    Secrets(OutputArgs),
    /// List handlers of logs.
    #[command(after_help = "Example:\n  tradewind providers logging")]
    Logging(OutputArgs),
    /// List executors (those of Airflow's own scheduler).
    #[command(after_help = "Example:\n  tradewind providers executors")]
    Executors(OutputArgs),
    /// List message queues.
    #[command(after_help = "Example:\n  tradewind providers queues")]
    Queues(OutputArgs),
    /// List packages that have settings.
    #[command(after_help = "Example:\n  tradewind providers configs")]
    Configs(OutputArgs),
    /// List ways to sign in to the API (those of Airflow's own server).
    #[command(after_help = "Example:\n  tradewind providers auth")]
    Auth(OutputArgs),
    /// List auth managers (those of Airflow's own server).
    #[command(after_help = "Example:\n  tradewind providers auth-managers")]
    AuthManagers(OutputArgs),
}

/// Arguments of `providers get`.
#[derive(Debug, Args)]
pub struct Get {
    /// Name of the package, with or without `apache-airflow-providers-`.
    provider_name: String,
    /// Show everything that the package says of itself.
    #[arg(short, long)]
    full: bool,
    #[command(flatten)]
    output: OutputArgs,
}

impl Providers {
    /// Asks Python and prints what it says.
    pub fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        let (kind, columns, output): (_, &[&'static str], _) = match self {
            Providers::Get(get) => return get.run(cx),
            Providers::List(output) => ("list", &["package_name", "description", "version"], output),
            Providers::Hooks(output) => {
                ("hooks", &["connection_type", "class", "conn_id_attribute_name", "package_name", "hook_name", "loaded"], output)
            }
            Providers::Links(output) => ("links", &["extra_link_class_name"], output),
            Providers::Notifications(output) => ("notifications", &["notification_class_name"], output),
            Providers::Widgets(output) => ("widgets", &["connection_parameter_name", "class", "package_name", "field_type"], output),
            Providers::Behaviours(output) => ("behaviours", &["connection_type", "field_behaviour"], output),
            Providers::Triggers(output) => ("triggers", &["package_name", "class", "integration_name"], output),
            Providers::Secrets(output) => ("secrets", &["secrets_backend_class_name"], output),
            Providers::Logging(output) => ("logging", &["logging_class_name"], output),
            Providers::Executors(output) => ("executors", &["executor_class_name"], output),
            Providers::Queues(output) => ("queues", &["queue_class_name"], output),
            Providers::Configs(output) => ("configs", &["provider_config", "package_name"], output),
            Providers::Auth(output) => ("auth", &["api_auth_backend_module"], output),
            Providers::AuthManagers(output) => ("auth-managers", &["auth_manager_class_name"], output),
        };
        let found: Vec<Map<String, Value>> = serde_json::from_value(ask(cx, &[kind])?)?;
        let mut rows = Rows::new(columns);
        for one in &found {
            rows.push(columns.iter().map(|column| cell(one.get(*column))).collect::<Vec<_>>());
        }
        output.print(&rows)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Get {
    fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        let found: Map<String, Value> = serde_json::from_value(ask(cx, &["get", "--name", &self.provider_name])?)?;
        let mut rows = Rows::new(["key", "value"]);
        for (key, value) in &found {
            let short = ["package-name", "description", "version"].contains(&key.as_str());
            if self.full || short {
                rows.push([Cell::from(key.as_str()), cell(Some(value))]);
            }
        }
        self.output.print(&rows)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn cell(value: Option<&Value>) -> Cell {
    match value {
        None | Some(Value::Null) => Cell::Null,
        Some(Value::String(text)) => Cell::from(text.as_str()),
        Some(Value::Bool(value)) => Cell::from(*value),
        Some(other) => Cell::from(other.to_string()),
    }
}

/// The answer of the Python side; exit code 3 says that what was named is not there.
fn ask(cx: &Context, words: &[&str]) -> anyhow::Result<Value> {
    let mut command = in_process::python(cx, "tradewind.providers")?;
    command.args(words).stdin(Stdio::null()).stdout(Stdio::piped());
    let output = in_process::spawn(&mut command)?.wait_with_output()?;
    match output.status.code() {
        Some(0) => serde_json::from_slice(&output.stdout).context("the answer of tradewind.providers is no JSON"),
        Some(3) => {
            let name = words.last().unwrap_or(&"");
            Err(failure::missing(format!("no provider package {name:?} is installed; `tradewind providers list` shows those that are")))
        }
        _ => bail!("provider packages cannot be read; the messages above say why"),
    }
}
