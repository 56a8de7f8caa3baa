//! `tasks run`: one task instance of an existing run, now, by the running scheduler.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use tradewind_core::state::TaskState;
use tradewind_store::Store;
use tradewind_store::step::{ClearTask, ClearTasks};
use tradewind_store::table::event_log::NewEvent;
use tradewind_store::table::job::AliveJobs;
use tradewind_store::table::task_instance::{GetTaskInstance, TaskInstance, TaskKey};

use crate::command::find;
use crate::context::{Context, actor};
use crate::failure::missing;

/// Between looks at the state.
const LOOK: Duration = Duration::from_millis(100);

/// Arguments of `tasks run`.
#[derive(Debug, Args)]
pub struct Run {
    /// Id of the DAG.
    dag_id: String,
    /// Id of the task.
    task_id: String,
    /// Logical date or id of the run.
    logical_date_or_run_id: String,
    /// Map index of a mapped task.
    #[arg(long, default_value_t = -1, allow_negative_numbers = true)]
    map_index: i32,
    /// Run it again even though it has succeeded.
    #[arg(short, long)]
    force: bool,
    /// Longest wait for its end, seconds.
    #[arg(long, default_value_t = 3600)]
    timeout: u64,
}

impl Run {
    /// Clears the task instance so that it runs, and waits for its end; ends with 1 unless it succeeds or is skipped.
    pub async fn run(self, cx: &Context, store: &Store) -> anyhow::Result<ExitCode> {
        let run = find::need_run(store, &cx.settings.core.default_timezone, &self.dag_id, &self.logical_date_or_run_id).await?;
        find::need_task(store, &run, &self.task_id).await?;
        if store.run(AliveJobs { job_type: Some("SchedulerJob".into()) }).await?.is_empty() {
            bail!("no scheduler runs, so nothing would run the task; start `tradewind scheduler`, or use `tradewind tasks test`");
        }
        let key = TaskKey::new(run.id, self.task_id.as_str(), self.map_index);
        let Some(before) = store.run(GetTaskInstance(key.clone())).await? else {
            return Err(missing(format!(
                "run {:?} has no instance of task {:?} with map index {}",
                run.run_id, self.task_id, self.map_index
            )));
        };
        if before.state == Some(TaskState::Success) && !self.force {
            bail!("the task has succeeded in this run already; --force runs it again");
        }
        if before.state.is_some() {
            store.run(self.clear(&before)).await?;
        }
        self.wait(store, key).await
    }

    fn clear(&self, before: &TaskInstance) -> ClearTasks {
        let event = NewEvent {
            event: "cli_task_run".to_owned(),
            dag_id: Some(self.dag_id.clone()),
            task_id: Some(self.task_id.clone()),
            map_index: Some(self.map_index),
            owner: Some(actor()),
            ..NewEvent::default()
        };
        let task = ClearTask {
            run_pk: before.run_pk,
            task_id: self.task_id.clone(),
            map_index: self.map_index,
            retries: before.max_tries.saturating_sub(before.try_number),
        };
        let (user, events) = (actor(), vec![event]);
        ClearTasks { tasks: vec![task], runs: Vec::new(), reset_runs: true, latest_version: false, note: None, user, events }
    }

    async fn wait(&self, store: &Store, key: TaskKey) -> anyhow::Result<ExitCode> {
        let (mut shown, mut waited) = (None, Duration::ZERO);
        while waited < Duration::from_secs(self.timeout) {
            let Some(now) = store.run(GetTaskInstance(key.clone())).await? else { bail!("the task instance is gone") };
            if shown != Some(now.state) {
                writeln!(std::io::stdout(), "{}", now.state.map_or("none", TaskState::as_str))?;
                shown = Some(now.state);
            }
            match now.state {
                Some(TaskState::Success | TaskState::Skipped) => return Ok(ExitCode::SUCCESS),
                Some(state) if state.is_finished() => return Ok(ExitCode::FAILURE),
                _ => {}
            }
            tokio::time::sleep(LOOK).await;
            waited += LOOK;
        }
        bail!("it has not ended within {} s; `tradewind tasks failed-deps` says what it waits for", self.timeout)
    }
}
