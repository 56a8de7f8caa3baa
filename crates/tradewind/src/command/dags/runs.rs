//! `dags list-runs`, `dags state`, `dags next-execution`.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tradewind_core::form::DagForm;
use tradewind_core::timetable::{DataInterval, NextRun, Restriction, Zone, goes_on_from};
use tradewind_queue::timetables::with_runs;
use tradewind_store::Store;
use tradewind_store::list::dag::DagView;
use tradewind_store::list::dag_run::{self, ORDER, RunFilter, RunView};
use tradewind_store::list::filter::Range;
use tradewind_store::step::GetSchedule;

use crate::command::find::{self, ALL, by, shown};
use crate::context::Context;
use crate::output::{Cell, Format, OutputArgs, Rows};
use crate::time;

/// Arguments of `dags list-runs`.
#[derive(Debug, Args)]
pub struct ListRuns {
    /// Id of the DAG.
    #[arg(required_unless_present = "dag_id_option", conflicts_with = "dag_id_option")]
    dag_id: Option<String>,
    /// Id of the DAG, as 2.x has it.
    #[arg(short = 'd', long = "dag-id", id = "dag_id_option", value_name = "DAG_ID")]
    option: Option<String>,
    /// Only runs in this state.
    #[arg(long, value_enum)]
    state: Option<RunState>,
    /// Only runs with a logical date from this time on.
    #[arg(short, long)]
    start_date: Option<String>,
    /// Only runs with a logical date up to this time.
    #[arg(short, long)]
    end_date: Option<String>,
    /// Leave out runs of backfills.
    #[arg(long)]
    no_backfill: bool,
    #[command(flatten)]
    output: OutputArgs,
}

/// States of a run.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RunState {
    Queued,
    Running,
    Success,
    Failed,
}

impl RunState {
    fn stored(self) -> &'static str {
        match self {
            RunState::Queued => "queued",
            RunState::Running => "running",
            RunState::Success => "success",
            RunState::Failed => "failed",
        }
    }
}

impl ListRuns {
    pub async fn run(self, cx: &Context, store: &Store) -> anyhow::Result<ExitCode> {
        let dag_id = self.dag_id.or(self.option).unwrap_or_default();
        find::dag(store, &dag_id).await?;
        let zone = &cx.settings.core.default_timezone;
        let bound = |text: &Option<String>| text.as_ref().map(|text| time::parse(text, zone).map(Timestamp::as_microsecond)).transpose();
        let filter = RunFilter {
            dag_ids: vec![dag_id],
            states: self.state.map(|state| state.stored().to_owned()).into_iter().collect(),
            logical_date: Range { gte: bound(&self.start_date)?, lte: bound(&self.end_date)?, ..Range::default() },
            ..RunFilter::default()
        };
        let runs = store.run(dag_run::ListRuns { filter, order: by(ORDER, "run_after", true), page: ALL }).await?;
        let mut rows = Rows::new(["dag_id", "run_id", "state", "run_after", "logical_date", "start_date", "end_date"]);
        for run in runs.rows.into_iter().filter(|run| !(self.no_backfill && run.run_type == "backfill")) {
            rows.push(row(run));
        }
        self.output.print(&rows)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn row(run: RunView) -> [Cell; 7] {
    [
        run.dag_id.into(),
        run.run_id.into(),
        run.state.into(),
        shown(Some(run.run_after)),
        shown(run.logical_date),
        shown(run.start_date),
        shown(run.end_date),
    ]
}

/// Prints the state of a run and its conf; `None` when there is no such run.
pub async fn state(cx: &Context, store: &Store, dag_id: &str, which: &str) -> anyhow::Result<ExitCode> {
    find::dag(store, dag_id).await?;
    match find::run(store, &cx.settings.core.default_timezone, dag_id, which).await? {
        Some(run) if run.conf.trim() != "{}" => println!("{}, {}", run.state, run.conf),
        Some(run) => println!("{}", run.state),
        None => println!("None"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Arguments of `dags next-execution`.
#[derive(Debug, Args)]
pub struct NextExecution {
    /// Id of the DAG.
    dag_id: String,
    /// How many runs to print.
    #[arg(short, long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    num_executions: u16,
    /// What to print of each run.
    #[arg(long, value_enum, default_value_t = Field::LogicalDate, conflicts_with = "table")]
    field: Field,
    /// Print a table with all times, and when the run begins in the DAG's time zone.
    #[arg(long)]
    table: bool,
}

/// Times of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Field {
    #[value(name = "logical_date")]
    LogicalDate,
    #[value(name = "data_interval.start")]
    Start,
    #[value(name = "data_interval.end")]
    End,
    #[value(name = "run_after")]
    RunAfter,
}

impl NextExecution {
    pub async fn run(self, store: &Store) -> anyhow::Result<ExitCode> {
        let dag = find::dag(store, &self.dag_id).await?;
        if dag.is_paused {
            eprintln!("The DAG is paused: it runs then only if it is unpaused before.");
        }
        let runs = next_runs(store, &dag, usize::from(self.num_executions)).await?;
        if runs.is_empty() {
            eprintln!("No run is to come: {}.", dag.timetable_summary.as_deref().unwrap_or("the DAG has no schedule"));
        }
        if self.table {
            print_table(&dag, &runs)?;
            return Ok(ExitCode::SUCCESS);
        }
        if runs.is_empty() {
            println!("None");
        }
        for run in runs {
            let at = match self.field {
                Field::LogicalDate => run.logical_date,
                Field::Start => run.interval.start,
                Field::End => run.interval.end,
                Field::RunAfter => run.run_after,
            };
            println!("{}", time::iso(at));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The runs to come: the one that the scheduler has noted, and those after it by the timetable.
async fn next_runs(store: &Store, dag: &DagView, count: usize) -> anyhow::Result<Vec<NextRun>> {
    let form = find::form(store, dag).await?;
    let mut runs: Vec<NextRun> = noted(dag).into_iter().collect();
    let last = match runs.last() {
        Some(run) => Some(run.interval),
        None => last_scheduled(store, &form).await?,
    };
    let restriction = Restriction { earliest: form.start_date, latest: form.end_date, catchup: form.catchup };
    let more = u32::try_from(count - runs.len()).unwrap_or(u32::MAX);
    if more == 0 {
        return Ok(runs);
    }
    let timetable = with_runs(store, None, &form, last, restriction, (more, None)).await?;
    for run in timetable.preview(last, restriction, store.now(), count - runs.len()) {
        runs.push(run.with_context(|| format!("the timetable of {} gives no next run", dag.dag_id))?);
    }
    Ok(runs)
}

fn noted(dag: &DagView) -> Option<NextRun> {
    let time = |micros: Option<i64>| Timestamp::from_microsecond(micros?).ok();
    let run_after = time(dag.next_run_after)?;
    let logical_date = time(dag.next_logical_date)?;
    let start = time(dag.next_interval_start).unwrap_or(logical_date);
    let end = time(dag.next_interval_end).unwrap_or(start);
    Some(NextRun { logical_date, interval: DataInterval { start, end }, run_after })
}

/// Where the schedule goes on from.
async fn last_scheduled(store: &Store, form: &DagForm) -> anyhow::Result<Option<DataInterval>> {
    let state = store.run(GetSchedule { dag_id: form.dag_id.clone() }).await?;
    let interval = |pair: Option<(Timestamp, Timestamp)>| pair.map(|(start, end)| DataInterval { start, end });
    Ok(state.and_then(|state| goes_on_from(interval(state.last_automated), interval(state.passed_over), form.start_date)))
}

fn print_table(dag: &DagView, runs: &[NextRun]) -> anyhow::Result<()> {
    let zone = Zone::named(&dag.timezone).map_or(TimeZone::UTC, |zone| zone.rules().clone());
    let mut rows = Rows::new(["logical_date", "data_interval.start", "data_interval.end", "run_after", "run_after_in_zone"]);
    for run in runs {
        let local = run.run_after.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string();
        let times = [run.logical_date, run.interval.start, run.interval.end, run.run_after];
        let mut cells: Vec<Cell> = times.map(|at| Cell::from(time::iso(at))).to_vec();
        cells.push(local.into());
        rows.push(cells);
    }
    OutputArgs { output: Format::Table }.print(&rows)?;
    Ok(())
}
