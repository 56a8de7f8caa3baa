//! Tasks and groups of the form.

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Length, ParamForm, yes};
use crate::asset::Condition;
use crate::trigger_rule::TriggerRule;

/// How a task or group is expanded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapped {
    pub length: Length,
}

/// Where a class is imported from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassRef {
    pub module_path: String,
    pub class_name: String,
}

/// A trigger that a task waits for before anything of it runs. Arguments are JSON texts that only Python reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StartTrigger {
    pub classpath: String,
    pub kwargs: String,
    /// The method that is called with the event.
    pub method: String,
    pub method_kwargs: String,
    #[serde(default)]
    pub timeout: Option<f64>,
}

/// A task. Durations are seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskForm {
    pub task_id: String,
    #[serde(default)]
    pub label: Option<String>,
    #[serde(default)]
    pub task_display_name: Option<String>,
    pub task_type: String,
    #[serde(default)]
    pub operator_name: Option<String>,
    pub task_module: String,
    #[serde(default = "airflow")]
    pub owner: String,
    #[serde(default)]
    pub group: Option<String>,
    #[serde(default)]
    pub downstream: Vec<String>,
    #[serde(default)]
    pub trigger_rule: TriggerRule,
    #[serde(default)]
    pub start_date: Option<Timestamp>,
    #[serde(default)]
    pub end_date: Option<Timestamp>,
    #[serde(default)]
    pub depends_on_past: bool,
    #[serde(default)]
    pub wait_for_downstream: bool,
    #[serde(default)]
    pub ignore_first_depends_on_past: bool,
    #[serde(default)]
    pub wait_for_past_depends_before_skipping: bool,
    #[serde(default)]
    pub retries: u32,
    #[serde(default = "five_minutes")]
    pub retry_delay: f64,
    #[serde(default)]
    pub retry_exponential_backoff: f64,
    #[serde(default)]
    pub max_retry_delay: Option<f64>,
    #[serde(default)]
    pub execution_timeout: Option<f64>,
    /// Airflow 2: from the end of the data interval of a scheduled run.
    #[serde(default)]
    pub sla: Option<f64>,
    #[serde(default = "default_pool")]
    pub pool: String,
    #[serde(default = "one")]
    pub pool_slots: i32,
    #[serde(default = "one")]
    pub priority_weight: i32,
    #[serde(default = "downstream")]
    pub weight_rule: String,
    #[serde(default = "default_queue")]
    pub queue: String,
    #[serde(default)]
    pub executor: Option<String>,
    #[serde(default)]
    pub run_as_user: Option<String>,
    #[serde(default)]
    pub max_active_tis_per_dag: Option<u32>,
    #[serde(default)]
    pub max_active_tis_per_dagrun: Option<u32>,
    #[serde(default)]
    pub is_setup: bool,
    #[serde(default)]
    pub is_teardown: bool,
    #[serde(default)]
    pub on_failure_fail_dagrun: bool,
    #[serde(default)]
    pub instant: bool,
    #[serde(default)]
    pub is_sensor: bool,
    #[serde(default)]
    pub mapped: Option<Mapped>,
    #[serde(default)]
    pub mapped_over_by: bool,
    #[serde(default = "yes")]
    pub do_xcom_push: bool,
    #[serde(default)]
    pub multiple_outputs: bool,
    #[serde(default)]
    pub callbacks: Vec<String>,
    #[serde(default)]
    pub email: Vec<String>,
    #[serde(default = "yes")]
    pub email_on_failure: bool,
    #[serde(default = "yes")]
    pub email_on_retry: bool,
    #[serde(default)]
    pub email_on_success: bool,
    #[serde(default)]
    pub params: IndexMap<String, ParamForm>,
    #[serde(default)]
    pub template_fields: Vec<String>,
    #[serde(default)]
    pub template_fields_renderers: Map<String, Value>,
    #[serde(default)]
    pub templates: Map<String, Value>,
    #[serde(default)]
    pub map_index_template: Option<String>,
    #[serde(default = "white")]
    pub ui_color: String,
    #[serde(default = "black")]
    pub ui_fgcolor: String,
    #[serde(default)]
    pub doc_md: Option<String>,
    #[serde(default)]
    pub extra_links: Vec<String>,
    #[serde(default)]
    pub class_ref: Option<ClassRef>,
    #[serde(default)]
    pub trigger_dag_id: Option<String>,
    #[serde(default)]
    pub start_trigger: Option<StartTrigger>,
    /// What it reads and what it writes: assets, references and aliases.
    #[serde(default)]
    pub inlets: Vec<Condition>,
    #[serde(default)]
    pub outlets: Vec<Condition>,
}

impl TaskForm {
    /// Id without the prefix of its group, for display.
    #[must_use]
    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.task_id)
    }

    /// The name people see.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.task_display_name.as_deref().unwrap_or(&self.task_id)
    }

    /// Operator name people see.
    #[must_use]
    pub fn operator_name(&self) -> &str {
        self.operator_name.as_deref().unwrap_or(&self.task_type)
    }

    /// Whether the same task of the run before matters (`wait_for_downstream` includes it).
    #[must_use]
    pub fn needs_past(&self) -> bool {
        self.depends_on_past || self.wait_for_downstream
    }
}

/// A task group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupForm {
    pub group_id: String,
    #[serde(default)]
    pub parent: Option<String>,
    #[serde(default = "yes")]
    pub prefix_group_id: bool,
    #[serde(default)]
    pub display_name: Option<String>,
    #[serde(default)]
    pub tooltip: Option<String>,
    #[serde(default)]
    pub doc_md: Option<String>,
    #[serde(default = "cornflower")]
    pub ui_color: String,
    #[serde(default = "black")]
    pub ui_fgcolor: String,
    #[serde(default)]
    pub children: Vec<String>,
    #[serde(default)]
    pub mapped: Option<Mapped>,
}

fn airflow() -> String {
    "airflow".to_owned()
}

fn five_minutes() -> f64 {
    300.0
}

fn default_pool() -> String {
    "default_pool".to_owned()
}

fn one() -> i32 {
    1
}

fn downstream() -> String {
    "downstream".to_owned()
}

fn default_queue() -> String {
    "default".to_owned()
}

fn white() -> String {
    "#fff".to_owned()
}

fn black() -> String {
    "#000".to_owned()
}

fn cornflower() -> String {
    "CornflowerBlue".to_owned()
}
