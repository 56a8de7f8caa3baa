//! What unpausing a DAG starts.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Method;
use serde_json::{Value, json};
use tradewind_core::timetable::NextRun;
use tradewind_queue::Change;
use tradewind_queue::unpause::{self, Preview, UnpauseError, local};

use super::dags::no_dag;
use crate::auth::{Access, User};
use crate::error::{ApiError, Result};
use crate::routes::{Route, route};
use crate::state::App;
use crate::time::Time;

pub fn routes() -> Vec<Route> {
    vec![route(Method::GET, "/api/v2/tradewind/dags/{dag_id}/unpausePreview", "tradewind_unpause_preview", Access::Read, get)]
}

impl From<UnpauseError> for ApiError {
    fn from(error: UnpauseError) -> Self {
        match error {
            UnpauseError::Store(error) => error.into(),
            UnpauseError::Class { error, .. } => error.into(),
            UnpauseError::Restless { .. } => Self::Conflict(error.to_string()),
            UnpauseError::Form { .. } | UnpauseError::Condition { .. } | UnpauseError::Timetable { .. } | UnpauseError::Schedule { .. } => {
                Self::Unprocessable(error.to_string())
            }
        }
    }
}

async fn get(State(app): State<App>, Path(dag_id): Path<String>) -> Result<Json<Value>> {
    let preview = unpause::preview(app.store(), &dag_id).await?.ok_or_else(|| no_dag(&dag_id))?;
    Ok(Json(answer(&preview)))
}

/// Unpauses a DAG so that it makes none of the runs it has missed.
pub async fn from_now(app: &App, user: &User, dag_id: &str) -> Result<()> {
    unpause::from_now(app.store(), dag_id, &user.name).await?.ok_or_else(|| no_dag(dag_id))?;
    app.changes().send(Change::Dag { dag_id: dag_id.to_owned() });
    Ok(())
}

fn answer(preview: &Preview) -> Value {
    let run = |run: Option<NextRun>| {
        run.map(|run| {
            json!({
                "logical_date": Time(run.logical_date),
                "run_after": Time(run.run_after),
                "data_interval_start": Time(run.interval.start),
                "data_interval_end": Time(run.interval.end),
                "local": local(run.logical_date, preview.rules()),
                "run_after_local": local(run.run_after, preview.rules()),
            })
        })
    };
    json!({
        "dag_id": preview.dag_id,
        "is_paused": preview.is_paused,
        "is_stale": preview.is_stale,
        "timezone": preview.zone.name(),
        "timetable_summary": preview.schedule.summary(),
        "catchup": preview.catchup,
        "count": preview.missed.count,
        "exact": preview.missed.exact,
        "first": run(preview.missed.first),
        "last": run(preview.missed.last),
        "next": if preview.missed.count == 0 { run(preview.missed.next) } else { None },
        "max_active_runs": preview.max_active_runs,
        "queued_runs": preview.queued_runs,
        "running_runs": preview.running_runs,
        "past_tasks": preview.past_tasks,
        "waits_for": preview.waits_for,
        "from_now": { "next": run(preview.missed.next) },
        "sentence": preview.sentence(),
    })
}
