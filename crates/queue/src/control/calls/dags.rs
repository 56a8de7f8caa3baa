//! DAGs: what is known of one, pausing it.

use serde_json::{Value, json};
use tradewind_store::list::change::SetPaused;
use tradewind_store::list::dag::{DagView, GetDag};

use super::Params;
use crate::changes::Change;
use crate::control::{Inner, frames};
use crate::service::CallError;

impl Inner {
    pub(super) async fn dag_get(&self, params: &Params) -> Result<Value, CallError> {
        let dag = self.store.run(GetDag { dag_id: params.need("dag_id")? }).await?;
        Ok(dag.map_or_else(|| json!({"found": false}), |dag| json!({"found": true, "dag": view(&dag)})))
    }

    /// `asked_by` stands in the event log.
    pub(super) async fn dag_pause(&self, params: &Params, asked_by: &str) -> Result<Value, CallError> {
        let dag_id: String = params.need("dag_id")?;
        if self.store.run(GetDag { dag_id: dag_id.clone() }).await?.is_none() {
            return Err(CallError::NotFound(format!("there is no DAG {dag_id}")));
        }
        let wanted = SetPaused { dag_ids: vec![dag_id], is_paused: params.need("is_paused")?, user: asked_by.to_owned() };
        let changed = self.store.run(wanted).await?;
        let any = !changed.is_empty();
        for dag_id in changed {
            self.changes.send(Change::Dag { dag_id });
        }
        Ok(json!({"changed": any}))
    }
}

fn view(dag: &DagView) -> Value {
    let time = |micros: Option<i64>| frames::time(micros.and_then(|micros| jiff::Timestamp::from_microsecond(micros).ok()));
    json!({
        "dag_id": dag.dag_id, "dag_display_name": dag.dag_display_name, "is_paused": dag.is_paused, "is_stale": dag.is_stale,
        "fileloc": dag.fileloc, "relative_fileloc": dag.relative_fileloc, "owners": dag.owners, "description": dag.description,
        "timetable_summary": dag.timetable_summary, "timetable_description": dag.timetable_description,
        "max_active_tasks": dag.max_active_tasks, "max_active_runs": dag.max_active_runs, "has_import_errors": dag.has_import_errors,
        "last_parsed_time": time(dag.last_parsed), "next_dagrun": time(dag.next_logical_date),
        "next_dagrun_data_interval_start": time(dag.next_interval_start), "next_dagrun_data_interval_end": time(dag.next_interval_end),
        "next_dagrun_create_after": time(dag.next_run_after),
        "tags": serde_json::from_str::<Value>(&dag.tags).unwrap_or(Value::Null),
    })
}
