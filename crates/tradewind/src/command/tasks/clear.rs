//! `tasks clear`.

use std::collections::{HashMap, HashSet};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::Timestamp;
use tradewind_core::graph::{Graph, StateFilter, Wanted, select_for_clear};
use tradewind_core::state::TaskState;
use tradewind_store::Store;
use tradewind_store::list::dag::{DagFilter, DagView, ListDags};
use tradewind_store::list::dag_run::{ListRuns, ORDER, RunFilter, RunView};
use tradewind_store::list::filter::Range;
use tradewind_store::list::task_instance::TaskView;
use tradewind_store::step::{ClearTask, ClearTasks};
use tradewind_store::table::event_log::NewEvent;

use super::states::tasks_of;
use crate::command::db::confirmed;
use crate::command::find::{self, ALL, by};
use crate::context::{Context, actor};
use crate::time;

/// Arguments of `tasks clear`.
#[derive(Debug, Args)]
pub struct Clear {
    /// Id of the DAG.
    dag_id: String,
    /// The id is a regular expression; all DAGs it is found in are meant.
    #[arg(short = 'R', long)]
    dag_regex: bool,
    /// Only tasks in whose id this regular expression is found.
    #[arg(short, long)]
    task_regex: Option<String>,
    /// Only runs with a logical date from this time on.
    #[arg(short, long)]
    start_date: Option<String>,
    /// Only runs with a logical date up to this time.
    #[arg(short, long)]
    end_date: Option<String>,
    /// Clear the tasks before them too.
    #[arg(short, long)]
    upstream: bool,
    /// Clear the tasks after them too.
    #[arg(short, long)]
    downstream: bool,
    /// Only task instances that failed.
    #[arg(short = 'f', long)]
    only_failed: bool,
    /// Only task instances that run.
    #[arg(short = 'r', long)]
    only_running: bool,
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
}

impl Clear {
    pub async fn run(self, cx: &Context, store: &Store) -> anyhow::Result<ExitCode> {
        let mut wanted = Vec::new();
        for dag in self.dags(store).await? {
            wanted.extend(self.instances(cx, store, &dag).await?);
        }
        if wanted.is_empty() {
            println!("Nothing to clear.");
            return Ok(ExitCode::SUCCESS);
        }
        if !self.yes {
            let names: Vec<String> = wanted.iter().map(|(task, _)| name(task)).collect();
            eprintln!("You are about to clear these {} task instances:\n{}", names.len(), names.join("\n"));
            if !confirmed("Go on?")? {
                println!("Nothing was cleared.");
                return Ok(ExitCode::FAILURE);
            }
        }
        let cleared = store.run(step(&wanted)).await?;
        println!("{} task instance(s) cleared in {} run(s).", cleared.tasks, cleared.runs.len());
        Ok(ExitCode::SUCCESS)
    }

    async fn dags(&self, store: &Store) -> anyhow::Result<Vec<DagView>> {
        if !self.dag_regex {
            return Ok(vec![find::dag(store, &self.dag_id).await?]);
        }
        let pattern = regex::Regex::new(&self.dag_id).with_context(|| format!("{:?} is no regular expression", self.dag_id))?;
        let all = store.run(ListDags { filter: DagFilter::default(), order: Vec::new(), page: ALL }).await?;
        let dags: Vec<DagView> = all.rows.into_iter().filter(|dag| pattern.is_match(&dag.dag_id)).collect();
        if dags.is_empty() {
            bail!("no DAG matches {:?}", self.dag_id);
        }
        Ok(dags)
    }

    /// The instances of one DAG to clear, with the retries that each gets.
    async fn instances(&self, cx: &Context, store: &Store, dag: &DagView) -> anyhow::Result<Vec<(TaskView, u32)>> {
        let zone = &cx.settings.core.default_timezone;
        let bound = |text: &Option<String>| text.as_ref().map(|text| time::parse(text, zone).map(Timestamp::as_microsecond)).transpose();
        let logical_date = Range { gte: bound(&self.start_date)?, lte: bound(&self.end_date)?, ..Range::default() };
        let filter = RunFilter { dag_ids: vec![dag.dag_id.clone()], logical_date, ..RunFilter::default() };
        let runs = store.run(ListRuns { filter, order: by(ORDER, "id", false), page: ALL }).await?.rows;
        let mut by_version: HashMap<Option<i64>, Vec<&RunView>> = HashMap::new();
        for run in &runs {
            by_version.entry(run.version_id).or_default().push(run);
        }
        let mut instances = Vec::new();
        for runs in by_version.into_values() {
            let graph = find::graph_of_run(store, dag, runs[0]).await?;
            let chosen = self.chosen(&graph)?;
            for task in tasks_of(store, &runs).await? {
                if chosen.contains(task.task_id.as_str()) && self.takes(&task)? {
                    let retries = graph.find(&task.task_id).map_or(0, |ix| graph.task_form(ix).retries);
                    instances.push((task, retries));
                }
            }
        }
        instances.sort_by_key(|(task, _)| task.run_pk);
        Ok(instances)
    }

    /// Ids of the tasks that are meant, with their relatives as asked for.
    fn chosen(&self, graph: &Arc<Graph>) -> anyhow::Result<HashSet<String>> {
        let pattern = self.task_regex.as_deref().unwrap_or("");
        let pattern = regex::Regex::new(pattern).with_context(|| format!("{pattern:?} is no regular expression"))?;
        let tasks = graph.iter().filter(|ix| pattern.is_match(&graph.task(*ix).id)).map(|ix| (ix, None)).collect();
        let wanted = Wanted { tasks, upstream: self.upstream, downstream: self.downstream };
        Ok(select_for_clear(graph, &wanted).into_iter().map(|(ix, _)| graph.task(ix).id.to_string()).collect())
    }

    fn takes(&self, task: &TaskView) -> anyhow::Result<bool> {
        let state: Option<TaskState> = task.state.as_deref().map(str::parse).transpose()?;
        Ok(StateFilter { only_failed: self.only_failed, only_running: self.only_running }.takes(state))
    }
}

fn name(task: &TaskView) -> String {
    let index = if task.map_index >= 0 { format!(" [{}]", task.map_index) } else { String::new() };
    format!("  {} {} {}{index} ({})", task.dag_id, task.run_id, task.task_id, task.state.as_deref().unwrap_or("no state"))
}

fn step(wanted: &[(TaskView, u32)]) -> ClearTasks {
    let tasks = wanted.iter().map(|(task, retries)| ClearTask {
        run_pk: task.run_pk,
        task_id: task.task_id.clone(),
        map_index: task.map_index,
        retries: *retries,
    });
    let events = wanted.iter().map(|(task, _)| NewEvent {
        event: "cli_task_clear".to_owned(),
        dag_id: Some(task.dag_id.clone()),
        run_id: Some(task.run_id.clone()),
        task_id: Some(task.task_id.clone()),
        map_index: Some(task.map_index),
        owner: Some(actor()),
        ..NewEvent::default()
    });
    ClearTasks {
        tasks: tasks.collect(),
        runs: Vec::new(),
        reset_runs: true,
        latest_version: false,
        note: None,
        user: actor(),
        events: events.collect(),
    }
}
