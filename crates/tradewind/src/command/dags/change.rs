//! `dags pause`, `dags unpause`, `dags delete`, `dags reserialize`.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use tradewind_store::Store;
use tradewind_store::list::change::{DagDeleted, DeleteDag, SetPaused};
use tradewind_store::list::dag::{DagFilter, ListDags, ORDER};
use tradewind_store::list::dag_file::RequestReparseOfAll;

use super::backlog;
use crate::command::db::confirmed;
use crate::command::find::{self, ALL, by};
use crate::context::actor;
use crate::failure::missing;
use crate::output::{Cell, OutputArgs, Rows};

/// Arguments of `dags unpause`.
#[derive(Debug, Args)]
pub struct Unpause {
    #[command(flatten)]
    which: Pause,
    /// Print which runs it would start, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Make none of the runs that were missed while the DAG was paused: go on with the first one after now.
    #[arg(long, conflicts_with = "dry_run")]
    from_now: bool,
}

impl Unpause {
    pub async fn run(self, store: &Store) -> anyhow::Result<ExitCode> {
        if self.dry_run {
            backlog::dry_run(store, self.which.dag_ids(store).await?, self.which.output).await?;
            return Ok(ExitCode::SUCCESS);
        }
        let start = if self.from_now { Start::FromNow } else { Start::Missed };
        self.which.change(store, Some(start)).await
    }
}

/// What unpausing starts with.
#[derive(Debug, Clone, Copy)]
enum Start {
    Missed,
    FromNow,
}

/// Arguments of `dags pause`, and those that `dags unpause` shares.
#[derive(Debug, Args)]
pub struct Pause {
    /// Id of the DAG.
    dag_id: String,
    /// The id is a regular expression; all DAGs it matches from their first letter on are meant.
    #[arg(long)]
    treat_dag_id_as_regex: bool,
    /// Do not ask before changing several DAGs.
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    output: OutputArgs,
}

impl Pause {
    pub async fn run(self, store: &Store) -> anyhow::Result<ExitCode> {
        self.change(store, None).await
    }

    /// Pauses, or unpauses with a start.
    async fn change(self, store: &Store, unpause: Option<Start>) -> anyhow::Result<ExitCode> {
        let dag_ids = self.dag_ids(store).await?;
        let verb = if unpause.is_none() { "pause" } else { "unpause" };
        if self.treat_dag_id_as_regex && !self.yes {
            eprintln!("You are about to {verb}:\n  {}", dag_ids.join("\n  "));
            if !confirmed("Go on?")? {
                println!("Nothing was changed.");
                return Ok(ExitCode::FAILURE);
            }
        }
        for dag_id in &dag_ids {
            match unpause {
                Some(Start::Missed) => backlog::announce(store, dag_id).await,
                Some(Start::FromNow) => backlog::from_now(store, dag_id).await?,
                None => {}
            }
        }
        let is_paused = unpause.is_none();
        store.run(SetPaused { dag_ids: dag_ids.clone(), is_paused, user: actor() }).await?;
        let mut rows = Rows::new(["dag_id", "is_paused"]);
        for dag_id in dag_ids {
            rows.push([Cell::from(dag_id), is_paused.into()]);
        }
        self.output.print(&rows)?;
        Ok(ExitCode::SUCCESS)
    }

    async fn dag_ids(&self, store: &Store) -> anyhow::Result<Vec<String>> {
        if !self.treat_dag_id_as_regex {
            return Ok(vec![find::dag(store, &self.dag_id).await?.dag_id]);
        }
        let pattern = regex::Regex::new(&format!("^(?:{})", self.dag_id));
        let pattern = pattern.with_context(|| format!("{:?} is no regular expression", self.dag_id))?;
        let filter = DagFilter { exclude_stale: true, ..DagFilter::default() };
        let dags = store.run(ListDags { filter, order: by(ORDER, "dag_id", false), page: ALL }).await?;
        let found: Vec<String> = dags.rows.into_iter().map(|dag| dag.dag_id).filter(|dag_id| pattern.is_match(dag_id)).collect();
        if found.is_empty() {
            bail!("no DAG matches {:?}", self.dag_id);
        }
        Ok(found)
    }
}

/// Arguments of `dags delete`.
#[derive(Debug, Args)]
pub struct Delete {
    /// Id of the DAG.
    dag_id: String,
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
}

impl Delete {
    pub async fn run(self, store: &Store) -> anyhow::Result<ExitCode> {
        let question = format!("This removes all runs and task instances of DAG {:?}. Go on?", self.dag_id);
        if !self.yes && !confirmed(&question)? {
            println!("Nothing was removed.");
            return Ok(ExitCode::FAILURE);
        }
        match store.run(DeleteDag { dag_id: self.dag_id.clone(), user: actor() }).await? {
            DagDeleted::Done => println!("DAG {} deleted. If its file is still there, it comes back without its history.", self.dag_id),
            DagDeleted::NoDag => return Err(missing(format!("there is no DAG {:?}", self.dag_id))),
            DagDeleted::Busy => bail!("tasks of DAG {:?} run; pause it and wait for their end", self.dag_id),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Asks for all files to be parsed again.
pub async fn reserialize(store: &Store) -> anyhow::Result<ExitCode> {
    let files = store.run(RequestReparseOfAll).await?;
    println!("{files} DAG file(s) will be parsed again by the DAG processor.");
    Ok(ExitCode::SUCCESS)
}
