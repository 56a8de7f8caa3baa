//! `DAGResponse` and `DAGDetailsResponse`.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use tradewind_core::form::{DagForm, ParamForm};
use tradewind_store::list::dag::DagView;

use super::version::VersionAnswer;
use crate::time::Time;

#[derive(Debug, Serialize)]
pub struct TagAnswer {
    pub name: String,
    pub dag_id: String,
    pub dag_display_name: String,
}

/// The fields both answers begin with.
#[derive(Debug, Serialize)]
pub struct DagHead<'a> {
    pub dag_id: &'a str,
    pub dag_display_name: &'a str,
    pub is_paused: bool,
    pub is_stale: bool,
    pub last_parsed_time: Option<Time>,
    pub last_parse_duration: Option<f64>,
    pub last_expired: Option<Time>,
    pub bundle_name: Option<&'a str>,
    pub bundle_version: Option<&'a str>,
    pub relative_fileloc: Option<&'a str>,
    pub fileloc: &'a str,
    pub description: Option<&'a str>,
    pub timetable_summary: Option<&'a str>,
    pub timetable_description: Option<&'a str>,
    pub timetable_partitioned: bool,
    pub timetable_periodic: bool,
    pub tags: Vec<TagAnswer>,
    pub max_active_tasks: i64,
    pub max_active_runs: Option<i64>,
    pub max_consecutive_failed_dag_runs: i64,
    pub has_task_concurrency_limits: bool,
    pub has_import_errors: bool,
    pub next_dagrun_logical_date: Option<Time>,
    pub next_dagrun_data_interval_start: Option<Time>,
    pub next_dagrun_data_interval_end: Option<Time>,
    pub next_dagrun_run_after: Option<Time>,
    pub allowed_run_types: Option<Vec<&'a str>>,
    pub owners: Vec<&'a str>,
}

impl<'a> DagHead<'a> {
    pub fn new(dag: &'a DagView, form: Option<&DagForm>) -> Self {
        let time = |us: Option<i64>| us.map(Time::from_micros);
        Self {
            dag_id: &dag.dag_id,
            dag_display_name: &dag.dag_display_name,
            is_paused: dag.is_paused,
            is_stale: dag.is_stale,
            last_parsed_time: time(dag.last_parsed),
            last_parse_duration: dag.parse_duration.map(|us| us as f64 / 1e6),
            last_expired: time(dag.last_expired),
            bundle_name: Some(&dag.bundle_name),
            bundle_version: None,
            relative_fileloc: Some(&dag.relative_fileloc),
            fileloc: &dag.fileloc,
            description: dag.description.as_deref(),
            timetable_summary: dag.timetable_summary.as_deref(),
            timetable_description: dag.timetable_description.as_deref(),
            timetable_partitioned: false,
            timetable_periodic: is_periodic(&dag.timetable_type),
            tags: tags(dag),
            max_active_tasks: dag.max_active_tasks,
            max_active_runs: Some(dag.max_active_runs),
            max_consecutive_failed_dag_runs: dag.max_consecutive_failed_dag_runs,
            has_task_concurrency_limits: form.is_some_and(limits_tasks),
            has_import_errors: dag.has_import_errors,
            next_dagrun_logical_date: time(dag.next_logical_date),
            next_dagrun_data_interval_start: time(dag.next_interval_start),
            next_dagrun_data_interval_end: time(dag.next_interval_end),
            next_dagrun_run_after: time(dag.next_run_after),
            allowed_run_types: None,
            owners: dag.owners.split(',').map(str::trim).filter(|owner| !owner.is_empty()).collect(),
        }
    }
}

#[derive(Debug, Serialize)]
pub struct DagAnswer<'a> {
    #[serde(flatten)]
    head: DagHead<'a>,
    is_backfillable: bool,
    file_token: String,
}

impl<'a> DagAnswer<'a> {
    pub fn new(dag: &'a DagView, form: Option<&DagForm>, file_token: String) -> Self {
        Self { head: DagHead::new(dag, form), is_backfillable: is_periodic(&dag.timetable_type), file_token }
    }
}

/// What the details need besides the rows of the list.
pub struct DetailExtras {
    pub is_favorite: bool,
    pub active_runs_count: i64,
    pub file_token: String,
}

#[derive(Debug, Serialize)]
pub struct DetailsAnswer<'a> {
    #[serde(flatten)]
    head: DagHead<'a>,
    catchup: bool,
    dag_run_timeout: Option<String>,
    asset_expression: Option<Value>,
    doc_md: Option<&'a str>,
    start_date: Option<Time>,
    end_date: Option<Time>,
    is_paused_upon_creation: Option<bool>,
    params: Value,
    render_template_as_native_obj: bool,
    template_search_path: Option<Vec<String>>,
    timezone: &'a str,
    last_parsed: Option<Time>,
    default_args: Value,
    rerun_with_latest_version: Option<bool>,
    owner_links: Value,
    is_favorite: bool,
    active_runs_count: i64,
    is_backfillable: bool,
    file_token: String,
    concurrency: i64,
    latest_dag_version: Option<VersionAnswer<'a>>,
}

impl<'a> DetailsAnswer<'a> {
    pub fn new(dag: &'a DagView, form: &'a DagForm, extras: DetailExtras) -> Self {
        let time = |at: Option<Timestamp>| at.map(Time);
        Self {
            head: DagHead::new(dag, Some(form)),
            catchup: form.catchup,
            dag_run_timeout: form.dagrun_timeout.map(iso_duration),
            asset_expression: form.timetable.get("condition").cloned(),
            doc_md: form.doc_md.as_deref(),
            start_date: time(form.start_date),
            end_date: time(form.end_date),
            is_paused_upon_creation: form.is_paused_upon_creation,
            params: params(&form.params),
            render_template_as_native_obj: form.render_template_as_native_obj,
            template_search_path: None,
            timezone: &form.timezone,
            last_parsed: dag.last_parsed.map(Time::from_micros),
            default_args: Value::Object(form.default_args.clone()),
            rerun_with_latest_version: None,
            owner_links: json!(form.owner_links),
            is_favorite: extras.is_favorite,
            active_runs_count: extras.active_runs_count,
            is_backfillable: is_periodic(&dag.timetable_type),
            file_token: extras.file_token,
            concurrency: dag.max_active_tasks,
            latest_dag_version: dag.version.as_ref().map(|version| VersionAnswer::new(version, &dag.dag_display_name)),
        }
    }
}

fn tags(dag: &DagView) -> Vec<TagAnswer> {
    let names: Vec<String> = serde_json::from_str(&dag.tags).unwrap_or_default();
    names.into_iter().map(|name| TagAnswer { name, dag_id: dag.dag_id.clone(), dag_display_name: dag.dag_display_name.clone() }).collect()
}

/// Whether the timetable makes runs again and again by itself.
pub fn is_periodic(timetable_type: &str) -> bool {
    matches!(
        timetable_type,
        "cron_trigger" | "cron_data_interval" | "delta_trigger" | "delta_data_interval" | "multiple_cron_trigger" | "custom"
    )
}

fn limits_tasks(form: &DagForm) -> bool {
    form.tasks.iter().any(|task| task.max_active_tis_per_dag.is_some() || task.max_active_tis_per_dagrun.is_some())
}

/// Params as clients know them: value, description, schema; and where each stands in the DAG file.
pub fn params(params: &indexmap::IndexMap<String, ParamForm>) -> Value {
    let shown: Map<String, Value> = params
        .iter()
        .map(|(name, param)| {
            let schema = if param.schema.is_null() { json!({}) } else { param.schema.clone() };
            let ParamForm { value, description, position, .. } = param;
            (name.clone(), json!({ "value": value, "description": description, "schema": schema, "source": "dag", "position": position }))
        })
        .collect();
    Value::Object(shown)
}

/// `P1DT2H3M4.5S`, as Python's clients read a duration.
pub fn iso_duration(seconds: f64) -> String {
    let whole = seconds.trunc() as i64;
    let (days, rest) = (whole / 86_400, whole % 86_400);
    let (hours, minutes, secs) = (rest / 3_600, rest % 3_600 / 60, rest % 60);
    let micros = ((seconds - seconds.trunc()) * 1e6).round() as i64;
    let mut text = String::from("P");
    if days > 0 {
        text.push_str(&format!("{days}D"));
    }
    let mut time = String::new();
    if hours > 0 {
        time.push_str(&format!("{hours}H"));
    }
    if minutes > 0 {
        time.push_str(&format!("{minutes}M"));
    }
    if micros > 0 {
        time.push_str(&format!("{secs}.{micros:06}S"));
    } else if secs > 0 || (text.len() == 1 && time.is_empty()) {
        time.push_str(&format!("{secs}S"));
    }
    if time.is_empty() { text } else { format!("{text}T{time}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_iso() {
        for (seconds, text) in [(0.0, "PT0S"), (3_600.0, "PT1H"), (90_061.5, "P1DT1H1M1.500000S"), (86_400.0, "P1D")] {
            assert_eq!(iso_duration(seconds), text);
        }
    }
}
