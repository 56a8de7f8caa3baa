//! `DAGRunResponse`.

use serde::Serialize;
use tradewind_store::list::dag_run::RunView;

use super::version::VersionAnswer;
use super::{Stored, duration};
use crate::time::Time;

#[derive(Debug, Serialize)]
pub struct RunAnswer<'a> {
    pub dag_run_id: &'a str,
    pub dag_id: &'a str,
    pub logical_date: Option<Time>,
    pub queued_at: Option<Time>,
    pub start_date: Option<Time>,
    pub end_date: Option<Time>,
    pub duration: Option<f64>,
    pub data_interval_start: Option<Time>,
    pub data_interval_end: Option<Time>,
    pub run_after: Time,
    pub last_scheduling_decision: Option<Time>,
    pub run_type: &'a str,
    pub state: &'a str,
    pub triggered_by: Option<&'a str>,
    pub triggering_user_name: Option<&'a str>,
    pub conf: Stored<'a>,
    pub note: Option<&'a str>,
    pub dag_versions: Vec<VersionAnswer<'a>>,
    pub bundle_version: Option<&'a str>,
    pub dag_display_name: &'a str,
    pub partition_key: Option<&'a str>,
    pub partition_date: Option<Time>,
}

impl<'a> From<&'a RunView> for RunAnswer<'a> {
    fn from(run: &'a RunView) -> Self {
        let time = |us: Option<i64>| us.map(Time::from_micros);
        Self {
            dag_run_id: &run.run_id,
            dag_id: &run.dag_id,
            logical_date: time(run.logical_date),
            queued_at: time(run.queued_at),
            start_date: time(run.start_date),
            end_date: time(run.end_date),
            duration: duration(run.start_date, run.end_date),
            data_interval_start: time(run.data_interval_start),
            data_interval_end: time(run.data_interval_end),
            run_after: Time::from_micros(run.run_after),
            last_scheduling_decision: time(run.last_scheduling_decision),
            run_type: &run.run_type,
            state: &run.state,
            triggered_by: run.triggered_by.as_deref(),
            triggering_user_name: run.triggering_user_name.as_deref(),
            conf: Stored(&run.conf),
            note: run.note.as_deref(),
            dag_versions: run.version.as_ref().map(|version| VersionAnswer::new(version, &run.dag_display_name)).into_iter().collect(),
            bundle_version: None,
            dag_display_name: &run.dag_display_name,
            partition_key: None,
            partition_date: None,
        }
    }
}
