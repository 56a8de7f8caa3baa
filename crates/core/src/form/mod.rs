//! The JSON form of a DAG, as `docs/reference/dag-form.md` describes it.

mod canonical;
mod length;
mod task;
mod validate;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::asset::AssetForm;
use crate::deadline::DeadlineForm;

pub use canonical::{canonical_text, content_hash};
pub use length::Length;
pub use task::{ClassRef, GroupForm, Mapped, StartTrigger, TaskForm};
pub use validate::Problem;

/// The version of the form that this program reads.
pub const FORMAT: u32 = 1;

/// Why a text is not the form of a DAG.
#[derive(Debug, thiserror::Error)]
pub enum FormError {
    #[error("the form is not JSON: {0}")]
    NotJson(#[source] serde_json::Error),
    #[error("key `{key}` of the form: {message}")]
    Key { key: String, message: String },
    #[error("key `format` of the form is {given}; this program reads format {FORMAT}")]
    Format { given: u32 },
    #[error("DAG `{dag_id}`: {}", join(.problems))]
    Structure { dag_id: String, problems: Vec<Problem> },
}

fn join(problems: &[Problem]) -> String {
    let texts: Vec<_> = problems.iter().map(Problem::to_string).collect();
    texts.join("; ")
}

/// A parameter of a DAG or task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParamForm {
    #[serde(default)]
    pub value: Value,
    #[serde(default = "yes")]
    pub has_value: bool,
    /// Its place in the order of definition, from 0.
    #[serde(default)]
    pub position: u32,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub schema: Value,
}

/// Something the author should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarningForm {
    #[serde(rename = "type")]
    pub kind: String,
    pub message: String,
    #[serde(default)]
    pub line: Option<u32>,
}

/// A DAG.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DagForm {
    pub format: u32,
    pub dag_id: String,
    #[serde(default)]
    pub dag_display_name: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub doc_md: Option<String>,
    pub fileloc: String,
    pub relative_fileloc: String,
    #[serde(default = "utc")]
    pub timezone: String,
    /// The timetable object as it is written; `timetable` reads it.
    #[serde(default = "null_timetable")]
    pub timetable: Value,
    #[serde(default)]
    pub start_date: Option<Timestamp>,
    #[serde(default)]
    pub end_date: Option<Timestamp>,
    pub catchup: bool,
    #[serde(default = "sixteen")]
    pub max_active_tasks: u32,
    #[serde(default = "sixteen")]
    pub max_active_runs: u32,
    #[serde(default)]
    pub max_consecutive_failed_dag_runs: u32,
    /// Seconds from the start of a run.
    #[serde(default)]
    pub dagrun_timeout: Option<f64>,
    #[serde(default)]
    pub fail_fast: bool,
    #[serde(default)]
    pub is_paused_upon_creation: Option<bool>,
    #[serde(default)]
    pub render_template_as_native_obj: bool,
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub owner_links: IndexMap<String, String>,
    #[serde(default)]
    pub params: IndexMap<String, ParamForm>,
    #[serde(default)]
    pub default_args: Map<String, Value>,
    #[serde(default)]
    pub has_on_success_callback: bool,
    #[serde(default)]
    pub has_on_failure_callback: bool,
    #[serde(default)]
    pub deadlines: Vec<DeadlineForm>,
    /// Called for tasks that missed their `sla`.
    #[serde(default)]
    pub has_sla_miss_callback: bool,
    #[serde(default)]
    pub legacy_schedule: bool,
    #[serde(default)]
    pub tasks: Vec<TaskForm>,
    #[serde(default)]
    pub groups: Vec<GroupForm>,
    /// Upstream id, downstream id, text.
    #[serde(default)]
    pub edge_labels: IndexMap<String, IndexMap<String, String>>,
    #[serde(default)]
    pub warnings: Vec<WarningForm>,
    /// The assets that the schedule and the tasks name, with what is known of them.
    #[serde(default)]
    pub assets: Vec<AssetForm>,
}

pub(crate) fn yes() -> bool {
    true
}

fn utc() -> String {
    "UTC".to_owned()
}

fn sixteen() -> u32 {
    16
}

fn null_timetable() -> Value {
    serde_json::json!({"type": "null"})
}

impl DagForm {
    /// The logical date of a run that somebody starts by hand: the given one; else none, as in Airflow 3, or `now` for a DAG that
    /// was written with `schedule_interval`, whose templates (`ds`) count on a date as in Airflow 2.
    #[must_use]
    pub fn manual_date(&self, given: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
        given.or_else(|| self.legacy_schedule.then_some(now))
    }

    /// Whether its runs or their tasks can be late.
    #[must_use]
    pub fn has_deadlines(&self) -> bool {
        !self.deadlines.is_empty() || self.tasks.iter().any(|task| task.sla.is_some())
    }

    /// Reads and checks a form.
    ///
    /// # Errors
    /// Text that is not JSON, a key with a wrong or missing value (named by its path), or a structure that cannot run
    /// (all problems, with the ids).
    pub fn from_json(text: &str) -> Result<DagForm, FormError> {
        Self::from_value(serde_json::from_str(text).map_err(FormError::NotJson)?)
    }

    /// As [`DagForm::from_json`], from a value.
    ///
    /// # Errors
    /// As there.
    pub fn from_value(mut value: Value) -> Result<DagForm, FormError> {
        drop_nulls(&mut value);
        let form: DagForm = serde_path_to_error::deserialize(value)
            .map_err(|error| FormError::Key { key: error.path().to_string(), message: error.into_inner().to_string() })?;
        if form.format != FORMAT {
            return Err(FormError::Format { given: form.format });
        }
        let problems = validate::problems(&form);
        if problems.is_empty() { Ok(form) } else { Err(FormError::Structure { dag_id: form.dag_id, problems }) }
    }

    /// The name people see.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.dag_display_name.as_deref().unwrap_or(&self.dag_id)
    }

    /// The task with this id.
    #[must_use]
    pub fn task(&self, task_id: &str) -> Option<&TaskForm> {
        self.tasks.iter().find(|task| task.task_id == task_id)
    }

    /// Owners of the tasks, each once, in order of their tasks.
    #[must_use]
    pub fn owners(&self) -> Vec<&str> {
        let mut owners: Vec<&str> = Vec::new();
        for task in &self.tasks {
            if !owners.contains(&task.owner.as_str()) {
                owners.push(&task.owner);
            }
        }
        owners
    }
}

/// `null` means the default: a key with it is as good as absent. Values of users (params, templates) keep theirs.
fn drop_nulls(form: &mut Value) {
    let Value::Object(top) = form else { return };
    top.retain(|_, value| !value.is_null());
    for list in ["tasks", "groups"] {
        let Some(Value::Array(items)) = top.get_mut(list) else {
            continue;
        };
        for item in items {
            if let Value::Object(object) = item {
                object.retain(|_, value| !value.is_null());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn minimal(tasks: Value) -> Value {
        json!({"format": 1, "dag_id": "d", "fileloc": "/dags/d.py", "relative_fileloc": "d.py", "catchup": false, "tasks": tasks})
    }

    fn error(value: Value) -> String {
        match DagForm::from_value(value) {
            Ok(form) => format!("no error: {form:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn absent_and_null_keys_take_the_defaults() {
        let task = json!({"task_id": "a", "task_type": "T", "task_module": "m", "pool": null, "retries": null, "do_xcom_push": null});
        let form = DagForm::from_value(minimal(json!([task]))).expect("a form");
        let task = &form.tasks[0];
        assert_eq!(task.pool, "default_pool");
        assert_eq!((task.retries, task.retry_delay, task.pool_slots), (0, 300.0, 1));
        assert!(task.do_xcom_push && !task.multiple_outputs);
        assert_eq!(form.timetable, json!({"type": "null"}));
        assert_eq!((form.max_active_tasks, form.timezone.as_str()), (16, "UTC"));
        assert_eq!(form.display_name(), "d");
    }

    #[test]
    fn unknown_keys_are_no_error() {
        let mut value = minimal(json!([]));
        value["something_new"] = json!({"a": [1]});
        assert!(DagForm::from_value(value).is_ok());
    }

    #[test]
    fn errors_name_the_key() {
        let task = json!({"task_id": "a", "task_type": "T", "task_module": "m", "retries": "three"});
        let text = error(minimal(json!([task])));
        assert!(text.starts_with("key `tasks[0].retries` of the form: invalid type: string \"three\""), "{text}");
        let task = json!({"task_id": "a", "task_type": "T", "task_module": "m", "trigger_rule": "all_sucess"});
        let text = error(minimal(json!([task])));
        assert!(
            text.contains("tasks[0].trigger_rule") && text.contains("`all_sucess` is not a trigger rule; use one of all_success"),
            "{text}"
        );
        let mut value = minimal(json!([]));
        value["format"] = json!(2);
        assert_eq!(error(value), "key `format` of the form is 2; this program reads format 1");
        assert!(error(json!({"format": 1})).contains("missing field `dag_id`"));
    }
}
