//! `JobResponse`.

use serde::Serialize;
use tradewind_store::list::job::JobView;

use crate::time::Time;

/// A process of ours.
#[derive(Debug, Serialize)]
pub struct JobAnswer<'a> {
    pub id: i64,
    pub dag_id: Option<()>,
    pub state: &'a str,
    pub job_type: &'a str,
    pub start_date: Time,
    pub end_date: Option<Time>,
    pub latest_heartbeat: Time,
    pub executor_class: Option<()>,
    pub hostname: &'a str,
    pub unixname: Option<&'a str>,
    pub dag_display_name: Option<()>,
}

impl<'a> JobAnswer<'a> {
    pub fn new(job: &'a JobView) -> Self {
        Self {
            id: job.id,
            dag_id: None,
            state: &job.state,
            job_type: &job.job_type,
            start_date: Time::from_micros(job.start_date),
            end_date: job.end_date.map(Time::from_micros),
            latest_heartbeat: Time::from_micros(job.latest_heartbeat),
            executor_class: None,
            hostname: &job.hostname,
            unixname: job.unixname.as_deref(),
            dag_display_name: None,
        }
    }
}
