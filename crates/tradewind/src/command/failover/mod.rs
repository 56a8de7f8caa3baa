//! `failover`: the controller that starts a scheduler on another node, and who is the active one.

mod init;
mod look;
mod start;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use tradewind_failover::{Mailer, Node, Runner};

use crate::context::Context;
use crate::output::OutputArgs;

/// Commands of `failover`.
#[derive(Debug, Subcommand)]
pub enum Failover {
    /// Show which scheduler works, which ones stand by, and which controller acts. Ends with 1 when no scheduler works.
    #[command(after_help = "Examples:\n  tradewind failover status\n  tradewind failover status -o json")]
    Status(OutputArgs),
    /// Put a section [scheduler_failover] with the usual values into the configuration file, unless it has one.
    #[command(after_help = "Example:\n  tradewind failover init")]
    Init(Init),
    /// Run a command on every node, to see that each can be reached. Ends with 1 when one cannot.
    #[command(after_help = "Example:\n  tradewind failover test-connection")]
    TestConnection,
    /// Say for every node whether a scheduler works there. Ends with 1 when none does.
    #[command(after_help = "Example:\n  tradewind failover is-scheduler-running")]
    IsSchedulerRunning,
    /// Show which controller acts, when it gave a sign of life, and which node has the scheduler.
    #[command(after_help = "Example:\n  tradewind failover metadata")]
    Metadata,
    /// Take the lease from the controller that acts: all of them start from nothing.
    #[command(after_help = "Example:\n  tradewind failover clear-metadata")]
    ClearMetadata,
    /// Send the mail that people get when no scheduler can be started.
    #[command(after_help = "Example:\n  tradewind failover send-test-email")]
    SendTestEmail,
    /// Print the name of this machine, as scheduler_nodes_in_cluster should have it.
    #[command(after_help = "Example:\n  tradewind failover get-current-host")]
    GetCurrentHost,
    /// Run the controller.
    #[command(after_help = "Example:\n  tradewind failover start")]
    Start,
}

/// Arguments of `failover init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Script that sets up the environment of the scheduler; the start command reads it first.
    #[arg(long)]
    venv: Option<std::path::PathBuf>,
}

impl Failover {
    /// Whether it runs until it is told to stop.
    pub fn is_role(&self) -> bool {
        matches!(self, Self::Start)
    }

    pub async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        match self {
            Self::Status(output) => look::status(cx, output).await,
            Self::Init(init) => init::run(cx, init.venv.as_deref()),
            Self::TestConnection => look::test_connection(cx).await,
            Self::IsSchedulerRunning => look::is_scheduler_running(cx).await,
            Self::Metadata => look::metadata(cx).await,
            Self::ClearMetadata => look::clear_metadata(cx).await,
            Self::SendTestEmail => send_test_email(cx).await,
            Self::GetCurrentHost => {
                println!("current host: {}", cx.hostname());
                Ok(ExitCode::SUCCESS)
            }
            Self::Start => start::run(cx).await,
        }
    }
}

fn nodes(cx: &Context) -> anyhow::Result<Vec<Node>> {
    let here = cx.hostname();
    let nodes: Vec<Node> = cx.settings.failover.nodes.iter().map(|name| Node::new(name, &here)).collect();
    anyhow::ensure!(
        !nodes.is_empty(),
        "[scheduler_failover] scheduler_nodes_in_cluster is empty: name the nodes that a scheduler may run on"
    );
    Ok(nodes)
}

fn runner(cx: &Context) -> Runner {
    let failover = &cx.settings.failover;
    Runner { ssh: "ssh".into(), ssh_options: failover.ssh_options.clone(), timeout: failover.command_timeout }
}

fn mailer(cx: &Context) -> anyhow::Result<Mailer> {
    let failover = &cx.settings.failover;
    Ok(Mailer { options: super::alerts::options(cx)?, to: failover.alert_to.clone(), subject: failover.alert_subject.clone() })
}

async fn send_test_email(cx: &Context) -> anyhow::Result<ExitCode> {
    let mailer = mailer(cx)?;
    mailer.test(&cx.store_with_keys().await?).await.map_err(anyhow::Error::msg)?;
    println!("The test message was sent to {}.", mailer.to.join(", "));
    Ok(ExitCode::SUCCESS)
}
