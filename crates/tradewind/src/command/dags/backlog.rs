//! What unpausing a DAG starts at once, and starting from now instead.

use anyhow::{Context as _, bail};
use tradewind_queue::unpause::{self, Preview, local};
use tradewind_store::Store;

use crate::context::actor;
use crate::output::{Cell, Format, OutputArgs, Rows};

/// Tells on the standard error what a paused DAG will start when it is more than one run, so that a long backlog is no surprise. A DAG whose
/// schedule cannot be read says nothing here: unpausing it is no mistake.
pub async fn announce(store: &Store, dag_id: &str) {
    if let Ok(Some(preview)) = unpause::preview(store, dag_id).await
        && preview.is_paused
        && preview.missed.count > 1
    {
        eprintln!("{dag_id}: {}", preview.sentence());
    }
}

/// Prints what unpausing would start, and changes nothing.
pub async fn dry_run(store: &Store, dag_ids: Vec<String>, output: OutputArgs) -> anyhow::Result<()> {
    let mut previews = Vec::new();
    for dag_id in dag_ids {
        let found = unpause::preview(store, &dag_id).await?;
        previews.push(found.with_context(|| format!("there is no DAG {dag_id:?}"))?);
    }
    if output.output == Format::Table {
        for preview in &previews {
            let already = if preview.is_paused { "" } else { " (It is not paused.)" };
            println!("{}: {}{already}", preview.dag_id, preview.sentence());
        }
        return Ok(());
    }
    let mut rows = Rows::new(["dag_id", "is_paused", "count", "exact", "first", "last", "max_active_runs", "queued_runs", "next_from_now"]);
    for preview in &previews {
        rows.push(row(preview));
    }
    Ok(output.print(&rows)?)
}

fn row(preview: &Preview) -> [Cell; 9] {
    let date = |run: Option<tradewind_core::timetable::NextRun>| Cell::from(run.map(|run| local(run.logical_date, preview.rules())));
    let missed = &preview.missed;
    [
        preview.dag_id.clone().into(),
        preview.is_paused.into(),
        i64::try_from(missed.count).ok().into(),
        missed.exact.into(),
        date(missed.first),
        date(missed.last),
        i64::from(preview.max_active_runs).into(),
        i64::from(preview.queued_runs).into(),
        date(missed.next),
    ]
}

/// Unpauses a DAG so that it makes none of the runs it has missed, and tells which.
pub async fn from_now(store: &Store, dag_id: &str) -> anyhow::Result<()> {
    let Some(done) = unpause::from_now(store, dag_id, &actor()).await? else { bail!("there is no DAG {dag_id:?}") };
    let count = unpause::with_separators(done.missed.count);
    let passed_over = match (done.missed.count, done.missed.exact) {
        (0, _) => "it has missed no run".to_owned(),
        (1, _) => "1 missed run is passed over".to_owned(),
        (_, true) => format!("{count} missed runs are passed over"),
        (_, false) => format!("more than {count} missed runs are passed over"),
    };
    let next = match done.missed.next {
        Some(next) => format!("the next run is for {}", local(next.logical_date, done.rules())),
        None => "there is no further run".to_owned(),
    };
    eprintln!("{dag_id}: {passed_over}; {next}.");
    Ok(())
}
