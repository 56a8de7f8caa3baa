//! `TaskInstanceResponse` and `TaskInstanceHistoryResponse`.

use serde::Serialize;
use tradewind_store::list::task_instance::TaskView;
use tradewind_store::list::wait::WaitView;
use uuid::Uuid;

use super::job::JobAnswer;
use super::redact::redact_text;
use super::version::VersionAnswer;
use super::{Stored, duration};
use crate::time::Time;

/// What an answer takes from the DAG's form.
#[derive(Debug, Clone, Copy, Default)]
pub struct TaskNames<'a> {
    pub display_name: Option<&'a str>,
    pub operator_name: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub struct TaskAnswer<'a> {
    pub id: String,
    pub task_id: &'a str,
    pub dag_id: &'a str,
    pub dag_run_id: &'a str,
    pub map_index: i32,
    pub logical_date: Option<Time>,
    pub run_after: Time,
    pub start_date: Option<Time>,
    pub end_date: Option<Time>,
    pub duration: Option<f64>,
    pub state: Option<&'a str>,
    pub try_number: i64,
    pub max_tries: i64,
    pub task_display_name: &'a str,
    pub dag_display_name: &'a str,
    pub hostname: Option<&'a str>,
    pub unixname: Option<&'a str>,
    pub pool: &'a str,
    pub pool_slots: i64,
    pub queue: &'a str,
    pub priority_weight: i64,
    pub operator: &'a str,
    pub operator_name: &'a str,
    pub queued_when: Option<Time>,
    pub scheduled_when: Option<Time>,
    pub pid: Option<i64>,
    pub executor: Option<&'a str>,
    pub executor_config: &'static str,
    pub note: Option<&'a str>,
    pub rendered_map_index: Option<&'a str>,
    pub rendered_fields: Stored<'a>,
    pub trigger: Option<TriggerAnswer<'a>>,
    pub triggerer_job: Option<JobAnswer<'a>>,
    pub dag_version: Option<VersionAnswer<'a>>,
}

/// What a deferred task instance waits for.
#[derive(Debug, Serialize)]
pub struct TriggerAnswer<'a> {
    pub id: i64,
    pub classpath: &'a str,
    /// JSON, without what looks like a secret.
    pub kwargs: String,
    pub created_date: Time,
    pub queue: Option<()>,
    pub triggerer_id: Option<i64>,
}

impl<'a> TriggerAnswer<'a> {
    fn new(wait: &'a WaitView) -> Self {
        Self {
            id: wait.id,
            classpath: &wait.classpath,
            kwargs: redact_text("kwargs", wait.kwargs.as_deref().unwrap_or("{}")),
            created_date: Time::from_micros(wait.created_at),
            queue: None,
            triggerer_id: wait.triggerer.as_ref().map(|job| job.id),
        }
    }
}

fn time(us: Option<i64>) -> Option<Time> {
    us.map(Time::from_micros)
}

/// The id clients see: the attempt's, or one made from the key while there is none.
fn id_of(task: &TaskView) -> String {
    match &task.attempt_id {
        Some(id) => id.clone(),
        None => {
            let key = format!("{}/{}/{}", task.run_pk, task.task_id, task.map_index);
            Uuid::new_v5(&Uuid::NAMESPACE_OID, key.as_bytes()).to_string()
        }
    }
}

impl<'a> TaskAnswer<'a> {
    pub fn new(task: &'a TaskView, names: TaskNames<'a>) -> Self {
        Self {
            id: id_of(task),
            task_id: &task.task_id,
            dag_id: &task.dag_id,
            dag_run_id: &task.run_id,
            map_index: task.map_index,
            logical_date: time(task.logical_date),
            run_after: Time::from_micros(task.run_after),
            start_date: time(task.start_date),
            end_date: time(task.end_date),
            duration: duration(task.start_date, task.end_date),
            state: task.state.as_deref(),
            try_number: task.try_number,
            max_tries: task.max_tries,
            task_display_name: names.display_name.unwrap_or(&task.task_id),
            dag_display_name: &task.dag_display_name,
            hostname: task.hostname.as_deref(),
            unixname: task.unixname.as_deref(),
            pool: &task.pool,
            pool_slots: task.pool_slots,
            queue: &task.queue,
            priority_weight: task.priority_weight,
            operator: &task.operator,
            operator_name: names.operator_name.unwrap_or(&task.operator),
            queued_when: time(task.queued_at),
            scheduled_when: time(task.scheduled_at),
            pid: task.pid,
            executor: task.executor.as_deref(),
            executor_config: "{}",
            note: task.note.as_deref(),
            rendered_map_index: task.rendered_map_index.as_deref(),
            rendered_fields: Stored(task.rendered_fields.as_deref().unwrap_or("{}")),
            trigger: None,
            triggerer_job: None,
            dag_version: task.version.as_ref().map(|version| VersionAnswer::new(version, &task.dag_display_name)),
        }
    }

    /// The same with what it waits for.
    pub fn waiting_for(self, wait: Option<&'a WaitView>) -> Self {
        let triggerer_job = wait.and_then(|wait| wait.triggerer.as_ref()).map(JobAnswer::new);
        Self { trigger: wait.map(TriggerAnswer::new), triggerer_job, ..self }
    }
}

#[derive(Debug, Serialize)]
pub struct TryAnswer<'a> {
    pub task_id: &'a str,
    pub dag_id: &'a str,
    pub dag_run_id: &'a str,
    pub map_index: i32,
    pub start_date: Option<Time>,
    pub end_date: Option<Time>,
    pub duration: Option<f64>,
    pub state: Option<&'a str>,
    pub try_number: i64,
    pub max_tries: i64,
    pub task_display_name: &'a str,
    pub dag_display_name: &'a str,
    pub hostname: Option<&'a str>,
    pub unixname: Option<&'a str>,
    pub pool: &'a str,
    pub pool_slots: i64,
    pub queue: &'a str,
    pub priority_weight: i64,
    pub operator: &'a str,
    pub operator_name: &'a str,
    pub queued_when: Option<Time>,
    pub scheduled_when: Option<Time>,
    pub pid: Option<i64>,
    pub executor: Option<&'a str>,
    pub executor_config: &'static str,
    pub dag_version: Option<VersionAnswer<'a>>,
}

impl<'a> TryAnswer<'a> {
    pub fn new(task: &'a TaskView, names: TaskNames<'a>) -> Self {
        Self {
            task_id: &task.task_id,
            dag_id: &task.dag_id,
            dag_run_id: &task.run_id,
            map_index: task.map_index,
            start_date: time(task.start_date),
            end_date: time(task.end_date),
            duration: duration(task.start_date, task.end_date),
            state: task.state.as_deref(),
            try_number: task.try_number,
            max_tries: task.max_tries,
            task_display_name: names.display_name.unwrap_or(&task.task_id),
            dag_display_name: &task.dag_display_name,
            hostname: task.hostname.as_deref(),
            unixname: task.unixname.as_deref(),
            pool: &task.pool,
            pool_slots: task.pool_slots,
            queue: &task.queue,
            priority_weight: task.priority_weight,
            operator: &task.operator,
            operator_name: names.operator_name.unwrap_or(&task.operator),
            queued_when: time(task.queued_at),
            scheduled_when: time(task.scheduled_at),
            pid: task.pid,
            executor: task.executor.as_deref(),
            executor_config: "{}",
            dag_version: task.version.as_ref().map(|version| VersionAnswer::new(version, &task.dag_display_name)),
        }
    }
}
