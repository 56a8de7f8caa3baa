//! Runs that updates of assets make.

use tradewind_metrics::names;
use tradewind_queue::Change;
use tradewind_store::step::{AssetDue, AssetDues, AssetRunOutcome, CreateAssetRun, Queued};
use uuid::Uuid;

use crate::Error;
use crate::scheduler::Scheduler;

impl Scheduler {
    /// Makes a run for each DAG whose condition is met by what is queued for it. Any number of schedulers may try: the rows say whose run it is.
    pub(crate) async fn create_asset_runs(&mut self) -> Result<(), Error> {
        for due in self.store.run(AssetDues).await? {
            let Some(step) = self.asset_run(&due).await? else { continue };
            let dag_id = due.dag_id;
            match self.store.run(step).await? {
                AssetRunOutcome::Created { run_id, events, .. } => {
                    tracing::info!(dag.id = dag_id, run.id = run_id, events, "made by updates of assets");
                    names::ASSET_RUNS.count(1, &[]);
                    self.changes.send(Change::RunState { dag_id, run_id, state: "queued".into() });
                    self.todo.start_runs = true;
                }
                // The next look sees the new version.
                AssetRunOutcome::Stale => self.todo.due = true,
                AssetRunOutcome::NotMet | AssetRunOutcome::Full | AssetRunOutcome::Gone => {}
                AssetRunOutcome::Fenced => return Err(Error::Fenced),
            }
        }
        Ok(())
    }

    /// The transaction for a DAG; `None`: its condition is not met.
    async fn asset_run(&mut self, due: &AssetDue) -> Result<Option<CreateAssetRun>, Error> {
        let version = match self.graphs.get(due.version_id).await {
            Ok(version) => version,
            Err(Error::Store(error)) => return Err(error.into()),
            Err(error) => {
                tracing::error!(dag.id = due.dag_id, "updates of assets start no run: {error}");
                return Ok(None);
            }
        };
        let arrived: Vec<_> = due.queued.iter().map(Queued::arrived).collect();
        let Some(condition) = version.condition.as_ref().filter(|condition| condition.is_met(&arrived)) else { return Ok(None) };
        let limit = version.timetable.active_runs_limit().unwrap_or(u32::MAX);
        Ok(Some(CreateAssetRun {
            owner: self.proof()?,
            dag_id: due.dag_id.clone(),
            version_id: due.version_id,
            condition: condition.clone(),
            suffix: suffix(),
            max_open: version.graph.form().max_active_runs.min(limit),
        }))
    }
}

/// Eight letters that tell runs of one instant apart: the random end of an id.
fn suffix() -> String {
    let id = Uuid::now_v7().simple().to_string();
    id[id.len() - 8..].to_owned()
}
