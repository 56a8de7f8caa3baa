//! Triggers that need no Python: moments, files, runs and tasks of other DAGs. Their classes are those of the standard provider, and so are their events.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;
use tradewind_core::state::TaskState;
use tradewind_queue::control::{Control, Fire};
use tradewind_queue::service::CallError;

use super::Shared;
use super::files::FileTrigger;

/// A clock that is set is noticed within this.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
/// Shortest wait between two looks, whatever a trigger asks for.
const SHORTEST_POKE: f64 = 0.1;

/// See the module.
pub enum Native {
    Moment(Moment),
    File(FileTrigger),
    Workflow(Workflow),
    Runs(Runs),
}

impl Native {
    /// The trigger of a class and its arguments (JSON text); `None`: it is for Python.
    pub fn of(classpath: &str, kwargs: &str) -> Option<Self> {
        let kwargs: Value = serde_json::from_str(kwargs).ok()?;
        match classpath.strip_prefix("airflow.providers.standard.triggers.")? {
            "temporal.DateTimeTrigger" => Moment::of(&kwargs).map(Self::Moment),
            "file.FileTrigger" => serde_json::from_value(kwargs).ok().map(Self::File),
            "external_task.WorkflowTrigger" => serde_json::from_value(plain(kwargs)).ok().map(Self::Workflow),
            "external_task.DagStateTrigger" => {
                let mut runs: Runs = serde_json::from_value(plain(kwargs.clone())).ok()?;
                runs.given = kwargs;
                Some(Self::Runs(runs))
            }
            _ => None,
        }
    }

    /// Waits for it.
    pub async fn run(self, shared: &Shared) -> Fire {
        match self {
            Self::Moment(moment) => moment.run(shared).await,
            Self::File(file) => file.run().await,
            Self::Workflow(workflow) => workflow.run(&shared.control).await,
            Self::Runs(runs) => runs.run(&shared.control).await,
        }
    }
}

/// Pause between two looks.
pub fn pause(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(SHORTEST_POKE)).unwrap_or(LONGEST_SLEEP)
}

/// A moment of the database's clock.
pub struct Moment {
    at: Timestamp,
    /// As it was given; it is the payload.
    given: Value,
    end_from_trigger: bool,
}

impl Moment {
    fn of(kwargs: &Value) -> Option<Self> {
        let given = kwargs["moment"].clone();
        Some(Self { at: moment(&given)?, given, end_from_trigger: kwargs["end_from_trigger"] == true })
    }

    async fn run(self, shared: &Shared) -> Fire {
        loop {
            let left = Duration::try_from(self.at.duration_since(shared.store.now())).unwrap_or(Duration::ZERO);
            if left.is_zero() {
                break;
            }
            sleep(left.min(LONGEST_SLEEP)).await;
        }
        if self.end_from_trigger {
            return Fire::End { state: TaskState::Success, xcoms: Vec::new() };
        }
        Fire::Event { payload: self.given.to_string() }
    }
}

/// The moment of a datetime as XComs have it.
fn moment(value: &Value) -> Option<Timestamp> {
    let seconds = value["__data__"]["timestamp"].as_f64()?;
    if !value["__classname__"].as_str()?.ends_with("datetime.datetime") && value["__classname__"] != "pendulum.datetime.DateTime" {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a float of seconds holds microseconds of our times")]
    Timestamp::from_microsecond((seconds * 1e6).round() as i64).ok()
}

/// Values without the marks of their Python types, moments as texts.
fn plain(value: Value) -> Value {
    if let Some(at) = moment(&value) {
        return json!(at);
    }
    match value {
        Value::Object(mut map) if map.contains_key("__classname__") => plain(map.remove("__data__").unwrap_or_default()),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, plain(value))).collect(),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        other => other,
    }
}

/// Tasks, a task group or runs of another DAG in certain states.
#[derive(Deserialize)]
pub struct Workflow {
    external_dag_id: String,
    run_ids: Option<Vec<String>>,
    #[serde(default)]
    logical_dates: Vec<Timestamp>,
    external_task_ids: Option<Vec<String>>,
    external_task_group_id: Option<String>,
    #[serde(default)]
    failed_states: Vec<String>,
    #[serde(default)]
    skipped_states: Vec<String>,
    allowed_states: Vec<String>,
    poke_interval: f64,
}

/// State by run and task.
type States = HashMap<String, HashMap<String, Option<String>>>;

impl Workflow {
    async fn run(self, control: &Control) -> Fire {
        loop {
            match self.look(control).await {
                Ok(Some(status)) => return Fire::Event { payload: json!({"status": status}).to_string() },
                Ok(None) => {}
                Err(CallError::Unavailable(error)) => tracing::debug!("a trigger looks again: {error}"),
                Err(error) => return Fire::Failed { message: error.to_string(), traceback: None },
            }
            sleep(pause(self.poke_interval)).await;
        }
    }

    async fn look(&self, control: &Control) -> Result<Option<&'static str>, CallError> {
        let wanted = self.run_ids.as_ref().map_or(self.logical_dates.len(), Vec::len).max(1);
        if !self.failed_states.is_empty() && self.count(control, &self.failed_states, false).await? > 0 {
            return Ok(Some("failed"));
        }
        if !self.skipped_states.is_empty() && self.count(control, &self.skipped_states, false).await? > 0 {
            return Ok(Some("skipped"));
        }
        Ok((self.count(control, &self.allowed_states, true).await? >= wanted).then_some("success"))
    }

    /// Runs in which the tasks (all, or any of them) are in one of the states.
    async fn count(&self, control: &Control, states: &[String], all: bool) -> Result<usize, CallError> {
        let dates = (!self.logical_dates.is_empty()).then_some(&self.logical_dates);
        if self.external_task_ids.is_none() && self.external_task_group_id.is_none() {
            let params = json!({"dag_id": self.external_dag_id, "logical_dates": dates, "run_ids": self.run_ids, "states": states});
            let found = control.look_up("dag_run.count", params).await?;
            return Ok(found["count"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0));
        }
        let params = json!({"dag_id": self.external_dag_id, "task_ids": self.external_task_ids, "group_id": self.external_task_group_id,
            "logical_dates": dates, "run_ids": self.run_ids});
        let found = control.look_up("ti.states", params).await?;
        let found: States = serde_json::from_value(found["states"].clone()).unwrap_or_default();
        let is_in = |state: &Option<String>| state.as_ref().is_some_and(|state| states.contains(state));
        let fits = |run: &HashMap<String, Option<String>>| if all { run.values().all(is_in) } else { run.values().any(is_in) };
        Ok(found.values().filter(|run| !run.is_empty() && fits(run)).count())
    }
}

/// Runs of a DAG in certain states.
#[derive(Deserialize)]
pub struct Runs {
    dag_id: String,
    states: Vec<String>,
    run_ids: Option<Vec<String>>,
    logical_dates: Option<Vec<Timestamp>>,
    poll_interval: f64,
    /// The arguments as they were given.
    #[serde(skip)]
    given: Value,
}

impl Runs {
    async fn run(self, control: &Control) -> Fire {
        loop {
            match self.look(control).await {
                Ok(Some(payload)) => return Fire::Event { payload },
                Ok(None) => {}
                Err(CallError::Unavailable(error)) => tracing::debug!("a trigger looks again: {error}"),
                Err(error) => return Fire::Failed { message: error.to_string(), traceback: None },
            }
            sleep(pause(self.poll_interval)).await;
        }
    }

    async fn look(&self, control: &Control) -> Result<Option<String>, CallError> {
        let listed = self.run_ids.as_ref().map_or_else(|| self.logical_dates.as_ref().map_or(0, Vec::len), Vec::len);
        let of_runs = |states: Option<&Vec<String>>| json!({"dag_id": self.dag_id, "run_ids": self.run_ids, "logical_dates": self.logical_dates, "states": states});
        let found = control.look_up("dag_run.count", of_runs(Some(&self.states))).await?;
        if found["count"].as_u64().unwrap_or(0) < u64::try_from(listed.max(1)).unwrap_or(u64::MAX) {
            return Ok(None);
        }
        let runs = control.look_up("dag_run.list", of_runs(None)).await?;
        let mut data = self.given.clone();
        for run in runs["dag_runs"].as_array().into_iter().flatten() {
            if let Some(run_id) = run["run_id"].as_str() {
                data[run_id] = run["state"].clone();
            }
        }
        let class = "airflow.providers.standard.triggers.external_task.DagStateTrigger";
        Ok(Some(json!({"__classname__": "builtins.tuple", "__version__": 1, "__data__": [class, data]}).to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "airflow.providers.standard.triggers";

    #[test]
    fn standard_triggers_are_known_by_class_and_arguments() {
        let zone = r#"{"__classname__":"builtins.tuple","__version__":1,"__data__":["UTC","pendulum.tz.timezone.Timezone",1,true]}"#;
        let date =
            format!(r#"{{"__classname__":"datetime.datetime","__version__":2,"__data__":{{"timestamp":1704067200.5,"tz":{zone}}}}}"#);
        let at = Native::of(&format!("{BASE}.temporal.DateTimeTrigger"), &format!(r#"{{"moment":{date},"end_from_trigger":true}}"#));
        let Some(Native::Moment(moment)) = at else { panic!("a moment") };
        assert_eq!((moment.at.to_string().as_str(), moment.end_from_trigger), ("2024-01-01T00:00:00.5Z", true));
        let kwargs = format!(
            r#"{{"external_dag_id":"d","run_ids":null,"logical_dates":[{date}],"external_task_ids":["t"],"external_task_group_id":null,
            "failed_states":["failed"],"skipped_states":[],"allowed_states":["success"],"poke_interval":2.0,"soft_fail":false}}"#
        );
        let Some(Native::Workflow(flow)) = Native::of(&format!("{BASE}.external_task.WorkflowTrigger"), &kwargs) else { panic!("a flow") };
        assert_eq!((flow.logical_dates.len(), flow.external_task_ids), (1, Some(vec!["t".to_owned()])));
        assert!(Native::of("my.triggers.DateTimeTrigger", "{}").is_none());
        assert!(Native::of(&format!("{BASE}.temporal.DateTimeTrigger"), "{}").is_none(), "arguments that are not ours are Python's matter");
    }
}
