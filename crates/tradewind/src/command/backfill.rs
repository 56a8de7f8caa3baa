//! `backfill`: run a range of a schedule (again), look at such runs, pause and cancel them.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{ArgAction, Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use serde_json::{Map, Value};
use tradewind_queue::backfills::{self, Wanted};
use tradewind_server::params;
use tradewind_store::Store;
use tradewind_store::list::backfill::{ListBackfills, ORDER};
use tradewind_store::step::{BackfillOutcome, Reprocess};
use tradewind_store::table::backfill::{Backfill as Row, BackfillAct, BackfillChanged, ChangeBackfill, GetBackfill, GetBackfillProgress};

use crate::command::find::{self, ALL, by};
use crate::context::{Context, actor};
use crate::failure::missing;
use crate::output::{Cell, OutputArgs, Rows};
use crate::time;

/// Commands of `backfill`.
#[derive(Debug, Subcommand)]
pub enum Backfill {
    /// Run the dates of a range that have no run; with a behaviour, those again that have one.
    #[command(
        after_help = "Examples:\n  tradewind backfill create --dag-id my_dag --from-date 2024-01-01 --to-date 2024-01-31 --dry-run\n  tradewind backfill create --dag-id my_dag --from-date 2024-01-01 --to-date 2024-01-31 --reprocess-behavior failed"
    )]
    Create(Create),
    /// List backfills, the newest first.
    #[command(after_help = "Example:\n  tradewind backfill list --dag-id my_dag")]
    List {
        /// Only those of this DAG.
        #[arg(long)]
        dag_id: Option<String>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Show a backfill and how far it is.
    #[command(after_help = "Example:\n  tradewind backfill get 7")]
    Get {
        /// Number of the backfill.
        backfill_id: i64,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Let no further run of a backfill start.
    #[command(after_help = "Example:\n  tradewind backfill pause 7")]
    Pause {
        /// Number of the backfill.
        backfill_id: i64,
    },
    /// Let the runs of a backfill start again.
    #[command(after_help = "Example:\n  tradewind backfill unpause 7")]
    Unpause {
        /// Number of the backfill.
        backfill_id: i64,
    },
    /// End a backfill: runs that wait fail, those that run go on.
    #[command(after_help = "Example:\n  tradewind backfill cancel 7")]
    Cancel {
        /// Number of the backfill.
        backfill_id: i64,
    },
}

/// Which runs that are there are run again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Behavior {
    None,
    Completed,
    Failed,
}

impl From<Behavior> for Reprocess {
    fn from(behavior: Behavior) -> Reprocess {
        match behavior {
            Behavior::None => Reprocess::None,
            Behavior::Completed => Reprocess::Completed,
            Behavior::Failed => Reprocess::Failed,
        }
    }
}

/// Arguments of `backfill create`.
#[derive(Debug, Args)]
pub struct Create {
    /// Id of the DAG.
    #[arg(long)]
    pub dag_id: String,
    /// First logical date.
    #[arg(long)]
    pub from_date: String,
    /// Last logical date.
    #[arg(long)]
    pub to_date: String,
    /// JSON object that the runs get as their conf.
    #[arg(long)]
    pub dag_run_conf: Option<String>,
    /// Print the dates that would run, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The newest date first.
    #[arg(long)]
    pub run_backwards: bool,
    /// Runs of the backfill that may run at once, apart from the limit of the DAG.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_active_runs: u32,
    /// Which runs that are there are run again.
    #[arg(long, value_enum, default_value_t = Behavior::None)]
    pub reprocess_behavior: Behavior,
    /// Runs that are run again go on with the newest version of the DAG, which is the default.
    #[arg(long, action = ArgAction::SetTrue, overrides_with = "no_run_on_latest_version")]
    pub run_on_latest_version: bool,
    /// Runs that are run again keep the version of the DAG that they had.
    #[arg(long, action = ArgAction::SetTrue)]
    pub no_run_on_latest_version: bool,
}

impl Backfill {
    pub async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        let store = cx.store().await?;
        match self {
            Backfill::Create(create) => return create.run(cx, &store).await,
            Backfill::List { dag_id, output } => {
                let list = ListBackfills { dag_id, active: None, order: by(ORDER, "id", true), page: ALL };
                output.print(&rows(store.run(list).await?.rows))?;
            }
            Backfill::Get { backfill_id, output } => get(&store, backfill_id, output).await?,
            Backfill::Pause { backfill_id } => change(&store, backfill_id, BackfillAct::Pause).await?,
            Backfill::Unpause { backfill_id } => change(&store, backfill_id, BackfillAct::Unpause).await?,
            Backfill::Cancel { backfill_id } => change(&store, backfill_id, BackfillAct::Cancel).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Create {
    pub async fn run(self, cx: &Context, store: &Store) -> anyhow::Result<ExitCode> {
        let zone = &cx.settings.core.default_timezone;
        let dag = find::dag(store, &self.dag_id).await?;
        let form = find::form(store, &dag).await?;
        let conf = conf(self.dag_run_conf.as_deref())?;
        params::check(&form.params, &conf).map_err(|problem| anyhow::anyhow!(problem))?;
        let wanted = Wanted {
            from_date: time::parse(&self.from_date, zone)?,
            to_date: time::parse(&self.to_date, zone)?,
            conf,
            reprocess: self.reprocess_behavior.into(),
            max_active_runs: self.max_active_runs,
            run_backwards: self.run_backwards,
            latest_version: !self.no_run_on_latest_version,
            user: actor(),
            dry_run: self.dry_run,
        };
        match backfills::create(store, None, &form, wanted).await? {
            BackfillOutcome::Planned(dates) => planned(&dates),
            BackfillOutcome::Created(made) => {
                println!("Backfill {} of DAG {} is made; `tradewind backfill get {}` shows how far it is.", made.id, made.dag_id, made.id);
                if dag.is_paused {
                    eprintln!("The DAG is paused: the runs wait until it is unpaused.");
                }
            }
            BackfillOutcome::Active { id } => {
                bail!("DAG {:?} has a backfill already: {id}; wait for its end, or `tradewind backfill cancel {id}`", self.dag_id)
            }
            BackfillOutcome::NoDag => return Err(missing(format!("there is no DAG {:?}", self.dag_id))),
            BackfillOutcome::StaleDag => bail!("no file has DAG {:?} any more", self.dag_id),
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn planned(dates: &[Timestamp]) {
    match dates {
        [] => eprintln!("No date would run: all have runs that stay as they are; see --reprocess-behavior."),
        [_] => eprintln!("1 date would run:"),
        many => eprintln!("{} dates would run:", many.len()),
    }
    for date in dates {
        println!("{}", time::iso(*date));
    }
}

fn conf(text: Option<&str>) -> anyhow::Result<Map<String, Value>> {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(Map::new()) };
    match serde_json::from_str(text).with_context(|| format!("the conf is no JSON: {text}"))? {
        Value::Object(conf) => Ok(conf),
        _ => bail!("the conf is a JSON object, such as {{\"day\": \"2024-01-31\"}}, not {text}"),
    }
}

async fn change(store: &Store, id: i64, act: BackfillAct) -> anyhow::Result<()> {
    match store.run(ChangeBackfill { id, act, user: actor() }).await? {
        BackfillChanged::Done(_, ended) => {
            if act == BackfillAct::Cancel {
                eprintln!("{} run(s) that waited have failed.", ended.len());
            }
            Ok(())
        }
        BackfillChanged::Completed => bail!("backfill {id} has ended already"),
        BackfillChanged::NoBackfill => Err(no_backfill(id)),
    }
}

fn no_backfill(id: i64) -> anyhow::Error {
    missing(format!("there is no backfill {id}; `tradewind backfill list` shows all"))
}

async fn get(store: &Store, id: i64, output: OutputArgs) -> anyhow::Result<()> {
    let found = store.run(GetBackfill { id }).await?.ok_or_else(|| no_backfill(id))?;
    let counts = store.run(GetBackfillProgress { id }).await?;
    eprintln!(
        "{} queued, {} running, {} success, {} failed; {} date(s) without a run",
        counts.queued, counts.running, counts.success, counts.failed, counts.skipped
    );
    Ok(output.print(&rows(vec![found]))?)
}

fn rows(backfills: Vec<Row>) -> Rows {
    let mut rows = Rows::new([
        "id",
        "dag_id",
        "from_date",
        "to_date",
        "reprocess_behavior",
        "max_active_runs",
        "is_paused",
        "created_at",
        "completed_at",
    ]);
    for row in backfills {
        rows.push([
            row.id.into(),
            row.dag_id.into(),
            time::iso(row.from_date).into(),
            time::iso(row.to_date).into(),
            row.reprocess_behavior.into(),
            row.max_active_runs.into(),
            row.is_paused.into(),
            time::iso(row.created_at).into(),
            Cell::from(row.completed_at.map(time::iso)),
        ]);
    }
    rows
}
