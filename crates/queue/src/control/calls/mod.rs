//! Requests of a running attempt, by method (`docs/reference/python-frames.md`).

mod assets;
mod dags;
mod hitl;
mod mail;
mod runs;
mod secrets;
mod states;
mod timetables;
mod values;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::running::Facts;
use super::{Control, Inner};
use crate::service::CallError;

impl Control {
    /// What a DAG file may ask for while it is loaded, when there is no attempt yet.
    pub async fn look_up(&self, method: &str, params: Value) -> Result<Value, CallError> {
        let (inner, params) = (&self.inner, Params(params));
        match method {
            "variable.get" => inner.variable_get(&params).await,
            "variable.set" => inner.variable_set(&params).await,
            "variable.delete" => inner.variable_delete(&params).await,
            "variable.keys" => inner.variable_keys(&params).await,
            "connection.get" => inner.connection_get(&params).await,
            "dag.get" => inner.dag_get(&params).await,
            "dag.pause" => inner.dag_pause(&params, "DAG file").await,
            "dag_run.get" => inner.dag_run_get(&params).await,
            "dag_run.count" => inner.dag_run_count(&params).await,
            "dag_run.list" => inner.dag_run_list(&params).await,
            "ti.states" => inner.ti_states(&params).await,
            "ti.count" => inner.ti_count(&params).await,
            "timetable.ask" => inner.timetable_ask(&params),
            "mask" => Ok(json!({})),
            other => Err(CallError::Invalid(format!("`{other}` works only inside a running task, not while a DAG file is loaded"))),
        }
    }
}

impl Inner {
    pub(super) async fn call(&self, attempt_id: Uuid, method: &str, params: Value) -> Result<Value, CallError> {
        let facts = self.facts(attempt_id).await?.ok_or_else(|| CallError::Stale(format!("attempt {attempt_id} is not known")))?;
        let params = Params(params);
        match method {
            "xcom.get" => self.xcom_get(&params).await,
            "xcom.list" => self.xcom_list(&params).await,
            "xcom.set" => self.xcom_set(&facts, &params).await,
            "xcom.delete" => self.xcom_delete(&facts, &params).await,
            "rendered.set" => self.rendered_set(&facts, &params).await,
            "map_label.set" => self.map_label_set(&facts, &params).await,
            "variable.get" => self.variable_get(&params).await,
            "variable.set" => self.variable_set(&params).await,
            "variable.delete" => self.variable_delete(&params).await,
            "variable.keys" => self.variable_keys(&params).await,
            "connection.get" => self.connection_get(&params).await,
            "dag.get" => self.dag_get(&params).await,
            "dag.pause" => self.dag_pause(&params, "task").await,
            "dag_run.get" => self.dag_run_get(&params).await,
            "dag_run.previous" => self.dag_run_previous(&facts, &params).await,
            "dag_run.count" => self.dag_run_count(&params).await,
            "dag_run.list" => self.dag_run_list(&params).await,
            "dag_run.asset_events" => self.dag_run_asset_events(&params).await,
            "asset.get" => self.asset_get(&params).await,
            "asset.events" => self.asset_events(&params).await,
            "dag_run.trigger" => self.dag_run_trigger(&facts, &params).await,
            "ti.states" => self.ti_states(&params).await,
            "ti.count" => self.ti_count(&params).await,
            "ti.previous" => self.ti_previous(&facts, &params).await,
            "timetable.ask" => self.timetable_ask(&params),
            "dag.schedule" => self.dag_schedule(&facts, &params).await,
            "hitl.ask" => self.hitl_ask(&facts, &params).await,
            "mail.enqueue" => self.mail_enqueue(&facts, &params).await,
            "heartbeat" => Ok(json!({})),
            other => Err(CallError::Invalid(format!("`{other}` is not a method of a running attempt"))),
        }
    }
}

/// The refusal of a write by an attempt that is fenced.
fn current(written: bool, facts: &Facts) -> Result<Value, CallError> {
    if written {
        Ok(json!({}))
    } else {
        Err(CallError::Stale(format!("attempt {} is not the current one of task {} any more", facts.attempt_id, facts.task.task_id)))
    }
}

/// Parameters of a call, read by name.
struct Params(Value);

impl Params {
    /// A parameter that must be there.
    fn need<T: DeserializeOwned>(&self, name: &str) -> Result<T, CallError> {
        self.may(name)?.ok_or_else(|| CallError::Invalid(format!("parameter `{name}` is missing")))
    }

    /// A parameter that may be absent or null.
    fn may<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, CallError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                serde_json::from_value(value.clone()).map(Some).map_err(|error| CallError::Invalid(format!("parameter `{name}`: {error}")))
            }
        }
    }

    fn time(&self, name: &str) -> Result<Option<Timestamp>, CallError> {
        self.may(name)
    }
}
