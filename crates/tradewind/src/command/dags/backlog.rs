//! What unpausing a DAG starts at once.

use tradewind_store::Store;

use super::runs::next_runs;
use crate::command::find;
use crate::time;

/// Runs counted at most; a longer backlog is told as "more than".
const COUNTED: usize = 10_000;

/// Tells on the standard error how many missed runs a paused DAG will make, so that a long backlog is no surprise. A DAG whose
/// schedule cannot be read says nothing here: unpausing it is no mistake.
pub async fn announce(store: &Store, dag_id: &str) -> anyhow::Result<()> {
    let dag = find::dag(store, dag_id).await?;
    if !dag.is_paused {
        return Ok(());
    }
    let (Ok(runs), now) = (next_runs(store, &dag, COUNTED + 1).await, store.now()) else { return Ok(()) };
    let due = runs.iter().take_while(|run| run.run_after <= now).count();
    if let (Some(first), true) = (runs.first(), due > 1) {
        let count = if due > COUNTED { format!("more than {COUNTED}") } else { due.to_string() };
        eprintln!(
            "Unpausing {dag_id} starts {count} runs, the first for {}; {} at once at most.",
            time::iso(first.logical_date),
            dag.max_active_runs
        );
    }
    Ok(())
}
