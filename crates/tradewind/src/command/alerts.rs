//! `alerts`: what was told to people, and whether it arrived.

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use tradewind_alert::{AlertOptions, TestError};
use tradewind_store::list::alert::ListAlerts;
use tradewind_store::step::RetryAlerts;
use tradewind_store::table::alert::Alert;

use crate::context::{Context, audit};
use crate::failure::missing;
use crate::output::{Cell, OutputArgs, Rows};

/// Commands of `alerts`.
#[derive(Debug, Subcommand)]
pub enum Alerts {
    /// Send a test message through a channel, at once; ends with 1 and the reason when it is not delivered.
    #[command(after_help = "Examples:\n  tradewind alerts test --to me@example.com\n  tradewind alerts test --channel ops")]
    Test(Test),
    /// List the channels.
    #[command(after_help = "Example:\n  tradewind alerts channels")]
    Channels(OutputArgs),
    /// List alerts, the newest first.
    #[command(after_help = "Examples:\n  tradewind alerts list\n  tradewind alerts list --state failed --limit 200 -o json")]
    List(List),
    /// Try alerts again that failed, or do not let waiting ones wait longer.
    #[command(after_help = "Examples:\n  tradewind alerts retry 1041\n  tradewind alerts retry --all-failed")]
    Retry(Retry),
}

/// Arguments of `alerts test`.
#[derive(Debug, Args)]
pub struct Test {
    /// Name of the channel; `email` is the mail that tasks ask for.
    #[arg(long, default_value = "email")]
    channel: String,
    /// Addresses, separated by commas; a channel of the configuration may know its own.
    #[arg(long)]
    to: Option<String>,
}

/// States of alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum State {
    Waiting,
    Held,
    Sending,
    Sent,
    Grouped,
    Failed,
}

/// Arguments of `alerts list`.
#[derive(Debug, Args)]
pub struct List {
    /// Only alerts in this state.
    #[arg(long, value_enum)]
    state: Option<State>,
    /// Only alerts of this channel.
    #[arg(long)]
    channel: Option<String>,
    /// Only alerts of this DAG.
    #[arg(short, long)]
    dag_id: Option<String>,
    /// At most this many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
    #[command(flatten)]
    output: OutputArgs,
}

/// Arguments of `alerts retry`.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Retry {
    /// Number of the alert, as `alerts list` shows it.
    id: Option<i64>,
    /// All that failed.
    #[arg(long)]
    all_failed: bool,
}

impl Alerts {
    pub async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        match self {
            Self::Test(test) => test.run(cx).await,
            Self::Channels(output) => channels(cx, output),
            Self::List(list) => list.run(cx).await,
            Self::Retry(retry) => retry.run(cx).await,
        }
    }
}

/// The settings of this call; links go to where the server of this configuration would be.
pub(super) fn options(cx: &Context) -> anyhow::Result<AlertOptions> {
    let hostname = cx.hostname();
    let base_url = cx.settings.api.base_url.clone().unwrap_or_else(|| format!("http://localhost:{}", cx.settings.api.port));
    Ok(AlertOptions::from_settings(&cx.settings, &base_url, &hostname)?)
}

impl Test {
    async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        let store = cx.store_with_keys().await?;
        match tradewind_alert::test(&options(cx)?, &store, &self.channel, self.to.as_deref()).await {
            Ok(()) => {
                println!("The test message was delivered through channel {}.", self.channel);
                Ok(ExitCode::SUCCESS)
            }
            Err(error @ TestError::Unknown { .. }) => Err(missing(error.to_string())),
            Err(error @ TestError::NoAddress(_)) => bail!("{error}; name one with --to"),
            Err(error @ TestError::Failed(_)) => Err(error.into()),
        }
    }
}

fn channels(cx: &Context, output: OutputArgs) -> anyhow::Result<ExitCode> {
    let mut rows = Rows::new(["name", "type", "target", "recipients", "events", "dags", "tags", "owners"]);
    for channel in tradewind_alert::channels(&options(cx)?) {
        let lists =
            [channel.recipients, channel.events, channel.dags, channel.tags, channel.owners].map(|list| Cell::from(list.join(", ")));
        let first = [channel.name.into(), channel.r#type.into(), channel.target.into()];
        rows.push(first.into_iter().chain(lists).collect::<Vec<_>>());
    }
    output.print(&rows)?;
    Ok(ExitCode::SUCCESS)
}

impl List {
    async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        let states = self.state.and_then(|state| state.to_possible_value()).map(|value| value.get_name().to_owned());
        let wanted = ListAlerts {
            states: states.into_iter().collect(),
            channel: self.channel,
            dag_id: self.dag_id,
            limit: self.limit,
            ..ListAlerts::default()
        };
        let listed = cx.store().await?.run(wanted).await?;
        let mut rows = Rows::new([
            "id",
            "created_at",
            "channel",
            "kind",
            "state",
            "dag_id",
            "run_id",
            "task_id",
            "recipients",
            "tries",
            "next_try_at",
            "sent_at",
            "last_error",
        ]);
        for alert in listed.rows {
            rows.push(cells(alert));
        }
        self.output.print(&rows)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn cells(alert: Alert) -> Vec<Cell> {
    let recipients = alert.recipients().join(", ");
    vec![
        alert.id.into(),
        alert.created_at.to_string().into(),
        alert.channel.into(),
        alert.kind.into(),
        alert.state.into(),
        alert.dag_id.into(),
        alert.run_id.into(),
        alert.task_id.into(),
        recipients.into(),
        i64::from(alert.tries).into(),
        alert.next_try_at.map(|at| at.to_string()).into(),
        alert.sent_at.map(|at| at.to_string()).into(),
        alert.last_error.into(),
    ]
}

impl Retry {
    async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        let store = cx.store().await?;
        let count = store.run(RetryAlerts { id: self.id }).await?;
        match (self.id, count) {
            (Some(id), 0) => {
                let listed = store.run(ListAlerts { id: Some(id), limit: 1, ..ListAlerts::default() }).await?;
                match listed.rows.first() {
                    None => return Err(missing(format!("there is no alert {id}"))),
                    Some(alert) => bail!("alert {id} is `{}`: there is nothing to try again", alert.state),
                }
            }
            _ => println!("{count} alerts are tried again now."),
        }
        audit(&store, "cli_alerts_retry", json!({ "id": self.id, "count": count })).await?;
        Ok(ExitCode::SUCCESS)
    }
}
