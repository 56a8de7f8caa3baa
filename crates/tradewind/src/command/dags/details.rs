//! `dags details`.

use std::process::ExitCode;

use serde_json::Value;
use tradewind_core::form::DagForm;
use tradewind_store::Store;
use tradewind_store::list::dag::DagView;

use crate::command::find;
use crate::output::{Cell, Format, OutputArgs, Rows};
use crate::time;

/// Prints all fields of a DAG: one per line as a table, one object as JSON.
pub async fn run(store: &Store, dag_id: &str, output: OutputArgs) -> anyhow::Result<ExitCode> {
    let dag = find::dag(store, dag_id).await?;
    let form = find::form(store, &dag).await?;
    let fields: Vec<(&'static str, Cell)> = of_row(&dag).into_iter().chain(of_form(&form)).collect();
    let (names, cells): (Vec<&'static str>, Vec<Cell>) = fields.into_iter().unzip();
    let mut rows = Rows::new(names);
    rows.push(cells);
    match output.output {
        Format::Table | Format::Plain => output.print(&rows.transposed("property_name", "property_value"))?,
        Format::Json | Format::Yaml => output.print(&rows)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn of_row(dag: &DagView) -> Vec<(&'static str, Cell)> {
    let tags: Vec<String> = serde_json::from_str(&dag.tags).unwrap_or_default();
    vec![
        ("dag_id", dag.dag_id.clone().into()),
        ("dag_display_name", dag.dag_display_name.clone().into()),
        ("is_paused", dag.is_paused.into()),
        ("is_stale", dag.is_stale.into()),
        ("last_parsed_time", find::shown(dag.last_parsed)),
        ("bundle_name", dag.bundle_name.clone().into()),
        ("relative_fileloc", dag.relative_fileloc.clone().into()),
        ("fileloc", dag.fileloc.clone().into()),
        ("description", dag.description.clone().into()),
        ("timetable_summary", dag.timetable_summary.clone().into()),
        ("timetable_description", dag.timetable_description.clone().into()),
        ("timezone", dag.timezone.clone().into()),
        ("tags", tags.join(",").into()),
        ("owners", dag.owners.clone().into()),
        ("max_active_tasks", dag.max_active_tasks.into()),
        ("max_active_runs", dag.max_active_runs.into()),
        ("max_consecutive_failed_dag_runs", dag.max_consecutive_failed_dag_runs.into()),
        ("has_import_errors", dag.has_import_errors.into()),
        ("next_dagrun_logical_date", find::shown(dag.next_logical_date)),
        ("next_dagrun_data_interval_start", find::shown(dag.next_interval_start)),
        ("next_dagrun_data_interval_end", find::shown(dag.next_interval_end)),
        ("next_dagrun_run_after", find::shown(dag.next_run_after)),
        ("latest_dag_version", dag.version.as_ref().map(|version| version.version_number).into()),
    ]
}

fn of_form(form: &DagForm) -> Vec<(&'static str, Cell)> {
    let params: serde_json::Map<String, Value> = form.params.iter().map(|(name, param)| (name.clone(), param.value.clone())).collect();
    vec![
        ("catchup", form.catchup.into()),
        ("start_date", form.start_date.map(time::iso).into()),
        ("end_date", form.end_date.map(time::iso).into()),
        ("dag_run_timeout", form.dagrun_timeout.map(|seconds| seconds.to_string()).into()),
        ("fail_fast", form.fail_fast.into()),
        ("is_paused_upon_creation", form.is_paused_upon_creation.into()),
        ("render_template_as_native_obj", form.render_template_as_native_obj.into()),
        ("params", Value::Object(params).to_string().into()),
        ("default_args", Value::Object(form.default_args.clone()).to_string().into()),
        ("doc_md", form.doc_md.clone().into()),
        ("task_count", i64::try_from(form.tasks.len()).ok().into()),
    ]
}
