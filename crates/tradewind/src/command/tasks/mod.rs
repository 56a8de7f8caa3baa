//! `tasks`: look at tasks and task instances, run them again.

mod clear;
pub mod failed_deps;
mod run;
mod states;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use tradewind_store::Store;

use crate::command::dags::tree;
use crate::command::find;
use crate::command::in_process::{TaskRender, TaskTest};
use crate::context::Context;

/// Commands of `tasks`.
#[derive(Debug, Subcommand)]
pub enum Tasks {
    /// List the tasks of a DAG.
    #[command(after_help = "Examples:\n  tradewind tasks list my_dag\n  tradewind tasks list my_dag --tree")]
    List(List),
    /// Print the state of a task instance.
    #[command(after_help = "Example:\n  tradewind tasks state my_dag my_task 2024-01-31")]
    State(states::State),
    /// List the states of all task instances of a run.
    #[command(after_help = "Example:\n  tradewind tasks states-for-dag-run my_dag scheduled__2024-01-31T00:00:00+00:00 -o json")]
    StatesForDagRun(states::StatesForDagRun),
    /// Run one task in this terminal, without a scheduler, and record nothing.
    #[command(
        after_help = "Examples:\n  tradewind tasks test my_dag my_task\n  tradewind tasks test my_dag my_task 2024-01-31 --env-vars '{\"DEBUG\": \"1\"}'"
    )]
    Test(TaskTest),
    /// Print the rendered templates of a task.
    #[command(after_help = "Example:\n  tradewind tasks render my_dag my_task 2024-01-31")]
    Render(TaskRender),
    /// Run a task instance of an existing run now, and wait for its end.
    #[command(after_help = "Example:\n  tradewind tasks run my_dag my_task scheduled__2024-01-31T00:00:00+00:00 --force")]
    Run(run::Run),
    /// Tell why a task instance does not run.
    #[command(after_help = "Example:\n  tradewind tasks failed-deps my_dag my_task scheduled__2024-01-31T00:00:00+00:00")]
    FailedDeps(failed_deps::FailedDeps),
    /// Have task instances run again.
    #[command(
        after_help = "Examples:\n  tradewind tasks clear my_dag --only-failed --yes\n  tradewind tasks clear my_dag -t '^load$' --downstream -s 2024-01-01 -e 2024-01-31"
    )]
    Clear(clear::Clear),
}

/// Arguments of `tasks list`.
#[derive(Debug, Args)]
pub struct List {
    /// Id of the DAG.
    dag_id: String,
    /// Print which task follows which.
    #[arg(short, long)]
    tree: bool,
}

impl Tasks {
    pub async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        match self {
            Tasks::Test(test) => return test.run(cx).await,
            Tasks::Render(render) => return render.run(cx).await,
            _ => {}
        }
        let store = cx.store().await?;
        match self {
            Tasks::Test(_) | Tasks::Render(_) => unreachable!("need no database"),
            Tasks::Run(run) => run.run(cx, &store).await,
            Tasks::List(list) => list.run(&store).await,
            Tasks::State(state) => state.run(cx, &store).await,
            Tasks::StatesForDagRun(states) => states.run(cx, &store).await,
            Tasks::FailedDeps(question) => question.run(cx, &store).await,
            Tasks::Clear(clear) => clear.run(cx, &store).await,
        }
    }
}

impl List {
    async fn run(self, store: &Store) -> anyhow::Result<ExitCode> {
        let dag = find::dag(store, &self.dag_id).await?;
        let graph = find::graph(store, &dag).await?;
        let text = if self.tree {
            tree(&graph)
        } else {
            let mut ids: Vec<&str> = graph.form().tasks.iter().map(|task| task.task_id.as_str()).collect();
            ids.sort_unstable();
            ids.iter().map(|id| format!("{id}\n")).collect()
        };
        std::io::stdout().write_all(text.as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}
