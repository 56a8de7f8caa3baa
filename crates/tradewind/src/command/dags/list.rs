//! `dags list`, `dags list-import-errors`, `dags report`.

use std::process::ExitCode;

use clap::Args;
use tradewind_store::Store;
use tradewind_store::list::dag::{DagFilter, DagView, ListDags, ORDER};
use tradewind_store::list::dag_file::ListDagFiles;
use tradewind_store::list::import_error::{self, ListImportErrors};

use crate::command::find::{ALL, by, shown};
use crate::output::{Cell, OutputArgs, Rows};

/// Arguments of `dags list`.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    output: OutputArgs,
    /// Columns to print, separated by commas.
    #[arg(long, value_delimiter = ',', default_value = "dag_id,fileloc,owners,is_paused,bundle_name,bundle_version")]
    columns: Vec<String>,
    /// Only DAGs of this bundle.
    #[arg(short = 'B', long)]
    bundle_name: Option<String>,
}

const COLUMNS: [&str; 16] = [
    "dag_id",
    "dag_display_name",
    "fileloc",
    "relative_fileloc",
    "owners",
    "is_paused",
    "is_stale",
    "bundle_name",
    "bundle_version",
    "description",
    "tags",
    "timetable_summary",
    "next_dagrun_logical_date",
    "next_dagrun_run_after",
    "last_parsed_time",
    "has_import_errors",
];

impl List {
    pub async fn run(self, store: &Store) -> anyhow::Result<ExitCode> {
        let filter = DagFilter { exclude_stale: true, bundle_name: self.bundle_name.clone(), ..DagFilter::default() };
        let dags = store.run(ListDags { filter, order: by(ORDER, "dag_id", false), page: ALL }).await?;
        let mut rows = Rows::new(COLUMNS);
        for dag in dags.rows {
            rows.push(row(dag));
        }
        self.output.print(&rows.select(&self.columns)?)?;
        if errors(store).await?.total > 0 {
            eprintln!("Error: Failed to load all files. For details, run `tradewind dags list-import-errors`");
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn row(dag: DagView) -> [Cell; 16] {
    let tags: Vec<String> = serde_json::from_str(&dag.tags).unwrap_or_default();
    [
        dag.dag_id.into(),
        dag.dag_display_name.into(),
        dag.fileloc.into(),
        dag.relative_fileloc.into(),
        dag.owners.into(),
        dag.is_paused.into(),
        dag.is_stale.into(),
        dag.bundle_name.into(),
        Cell::Null,
        dag.description.into(),
        tags.join(",").into(),
        dag.timetable_summary.into(),
        shown(dag.next_logical_date),
        shown(dag.next_run_after),
        shown(dag.last_parsed),
        dag.has_import_errors.into(),
    ]
}

type ImportErrors = tradewind_store::list::filter::Listed<import_error::ImportErrorView>;

async fn errors(store: &Store) -> anyhow::Result<ImportErrors> {
    let all = ListImportErrors {
        id: None,
        filename: None,
        filenames: Default::default(),
        bundle_name: None,
        order: by(import_error::ORDER, "filename", false),
        page: ALL,
    };
    Ok(store.run(all).await?)
}

/// Lists files that could not be read.
pub async fn import_errors(store: &Store, output: OutputArgs) -> anyhow::Result<ExitCode> {
    let errors = errors(store).await?;
    let mut rows = Rows::new(["bundle_name", "filepath", "error"]);
    for error in errors.rows {
        rows.push([error.bundle_name.into(), error.filename.into(), Cell::from(error.stacktrace)]);
    }
    output.print(&rows)?;
    Ok(if errors.total > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Lists files with what parsing them took.
pub async fn report(store: &Store, output: OutputArgs) -> anyhow::Result<ExitCode> {
    let mut rows = Rows::new(["file", "duration", "dag_num", "task_num", "dags"]);
    for file in store.run(ListDagFiles).await? {
        let duration = file.parse_duration.map(|micros| format!("{:.6}", std::time::Duration::from_micros(micros).as_secs_f64()));
        let counts: [Cell; 2] = [file.dag_count.into(), file.task_count.into()];
        let [dags, tasks] = counts;
        rows.push([file.relative_fileloc.into(), duration.into(), dags, tasks, Cell::from(file.dag_ids.join(","))]);
    }
    output.print(&rows)?;
    Ok(ExitCode::SUCCESS)
}
