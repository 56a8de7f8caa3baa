//! Rows as the JSON that Python processes read (`docs/reference/python-frames.md`).

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tradewind_store::table::dag_run::DagRun;
use tradewind_store::table::task_instance::TaskInstance;

/// RFC 3339 in UTC, or null.
pub fn time(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| Value::String(at.to_string()))
}

/// `dag_run` of START and of the calls.
pub fn dag_run(run: &DagRun, dag_version: Option<i64>) -> Value {
    let conf: Value = serde_json::from_str(&run.conf).unwrap_or_else(|_| Value::Object(Map::new()));
    json!({
        "dag_id": run.dag_id, "run_id": run.run_id, "run_type": run.run_type, "state": run.state,
        "logical_date": time(run.logical_date), "data_interval_start": time(run.data_interval_start),
        "data_interval_end": time(run.data_interval_end), "run_after": time(Some(run.run_after)),
        "start_date": time(run.start_date), "end_date": time(run.end_date), "queued_at": time(run.queued_at),
        "conf": conf, "clear_number": run.clear_number, "triggered_by": run.triggered_by,
        "triggering_user_name": run.triggering_user_name, "note": run.note, "dag_version": dag_version,
    })
}

/// `ti` of START.
pub fn task_instance(ti: &TaskInstance, base_url: &str, run: &DagRun) -> Value {
    let page = format!("{base_url}/dags/{}/runs/{}/tasks/{}", run.dag_id, run.run_id, ti.task_id);
    let of_index = if ti.map_index >= 0 { format!("?map_index={}", ti.map_index) } else { String::new() };
    let of_try = format!("{}try={}", if of_index.is_empty() { '?' } else { '&' }, ti.try_number);
    json!({
        "start_date": time(ti.start_date), "queued_at": time(ti.queued_at), "queue": ti.queue, "pool": ti.pool, "pool_slots": ti.pool_slots,
        "priority_weight": ti.priority_weight, "hostname": ti.hostname, "operator": ti.operator, "first_poke_at": time(ti.first_poke_at),
        "log_url": format!("{page}{of_index}{of_try}"), "mark_success_url": format!("{page}{of_index}"),
    })
}

/// The variables that every task process finds in its environment. Empty values are left out.
pub fn environment(run: &DagRun, ti: &TaskInstance, owner: &str, email: &[String]) -> Value {
    let mut env = Map::new();
    let mut set = |key: &str, value: String| {
        if !value.is_empty() {
            env.insert(format!("AIRFLOW_CTX_{key}"), Value::String(value));
        }
    };
    set("DAG_ID", run.dag_id.to_string());
    set("DAG_RUN_ID", run.run_id.to_string());
    set("TASK_ID", ti.task_id.to_string());
    set("TRY_NUMBER", ti.try_number.to_string());
    set("DAG_OWNER", owner.to_owned());
    set("DAG_EMAIL", email.join(","));
    let date = run.logical_date.map(tradewind_core::run_id::iso).unwrap_or_default();
    set("EXECUTION_DATE", date.clone());
    set("LOGICAL_DATE", date);
    if let Some(id) = ti.attempt_id {
        env.insert("TRADEWIND_ATTEMPT_ID".into(), Value::String(id.to_string()));
    }
    Value::Object(env)
}
