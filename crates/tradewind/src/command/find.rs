//! Rows by what people type.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tradewind_core::form::DagForm;
use tradewind_core::graph::Graph;
use tradewind_store::Store;
use tradewind_store::list::dag::{DagView, GetDag, GetForms};
use tradewind_store::list::dag_run::{GetRun, ListRuns, ORDER, RunFilter, RunView};
use tradewind_store::list::filter::{OrderKey, Page, Range, order_key};
use tradewind_store::table::dag_form::VersionForm;

use crate::failure::missing;
use crate::output::Cell;
use crate::time;

/// Every row of a list.
pub const ALL: Page = Page { limit: i64::MAX, offset: 0 };

/// A sort key of a list by its name there.
pub fn by(names: tradewind_store::list::filter::OrderNames, name: &str, descending: bool) -> Vec<OrderKey> {
    order_key(names, name, descending).into_iter().collect()
}

/// The DAG of this id.
pub async fn dag(store: &Store, dag_id: &str) -> anyhow::Result<DagView> {
    let found = store.run(GetDag { dag_id: dag_id.to_owned() }).await?;
    found.ok_or_else(|| {
        missing(format!(
            "there is no DAG {dag_id:?}; `tradewind dags list` shows all, `tradewind dags list-import-errors` why one is missing"
        ))
    })
}

/// The newest form of a DAG.
pub async fn form(store: &Store, dag: &DagView) -> anyhow::Result<DagForm> {
    let hash = dag.content_hash.clone().with_context(|| format!("DAG {:?} has no version yet", dag.dag_id))?;
    let forms = store.run(GetForms { content_hashes: vec![hash] }).await?;
    let Some((_, text)) = forms.into_iter().next() else {
        bail!("the form of DAG {:?} is not in the database; `tradewind dags reserialize` parses its file again", dag.dag_id);
    };
    DagForm::from_json(&text).with_context(|| format!("the form of DAG {:?} cannot be read", dag.dag_id))
}

/// The graph of a DAG's newest form.
pub async fn graph(store: &Store, dag: &DagView) -> anyhow::Result<Arc<Graph>> {
    let form = form(store, dag).await?;
    Graph::new(Arc::new(form)).with_context(|| format!("the tasks of DAG {:?} make no graph", dag.dag_id))
}

/// The graph that a run was made with; that of the DAG when the run has none.
pub async fn graph_of_run(store: &Store, dag: &DagView, run: &RunView) -> anyhow::Result<Arc<Graph>> {
    let stored = match run.version_id {
        Some(version_id) => store.run(VersionForm { version_id }).await?,
        None => None,
    };
    match stored {
        Some(text) => Ok(Graph::new(Arc::new(DagForm::from_json(&text)?))?),
        None => graph(store, dag).await,
    }
}

/// The run of this id, or of this logical date.
pub async fn run(store: &Store, zone: &TimeZone, dag_id: &str, text: &str) -> anyhow::Result<Option<RunView>> {
    let by_id = store.run(GetRun { dag_id: dag_id.to_owned(), run_id: text.to_owned() }).await?;
    let date = match (by_id, time::parse(text, zone)) {
        (Some(run), _) => return Ok(Some(run)),
        (None, Ok(date)) => date.as_microsecond(),
        (None, Err(_)) => return Ok(None),
    };
    let exactly = Range { gte: Some(date), lte: Some(date), ..Range::default() };
    let filter = RunFilter { dag_ids: vec![dag_id.to_owned()], logical_date: exactly, ..RunFilter::default() };
    let found = store.run(ListRuns { filter, order: by(ORDER, "id", true), page: Page { limit: 1, offset: 0 } }).await?;
    Ok(found.rows.into_iter().next())
}

/// The run that must be there.
pub async fn need_run(store: &Store, zone: &TimeZone, dag_id: &str, text: &str) -> anyhow::Result<RunView> {
    let found = run(store, zone, dag_id, text).await?;
    found.ok_or_else(|| {
        missing(format!("DAG {dag_id:?} has no run with id or logical date {text:?}; `tradewind dags list-runs {dag_id}` shows all"))
    })
}

/// That the DAG of a run has this task; the error names what there is.
pub async fn need_task(store: &Store, run: &RunView, task_id: &str) -> anyhow::Result<()> {
    let dag = dag(store, &run.dag_id).await?;
    let graph = graph_of_run(store, &dag, run).await?;
    match graph.find(task_id) {
        Some(_) => Ok(()),
        None => Err(missing(format!("DAG {:?} has no task {task_id:?}; `tradewind tasks list {}` shows all", run.dag_id, run.dag_id))),
    }
}

/// A stored time as results show it.
pub fn shown(micros: Option<i64>) -> Cell {
    micros.and_then(|micros| Timestamp::from_microsecond(micros).ok()).map(time::iso).into()
}
