//! `dags trigger`.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::Timestamp;
use serde_json::{Map, Value};
use tradewind_core::form::DagForm;
use tradewind_core::run_id::{RunType, run_id};
use tradewind_queue::timetables::infer_manual;
use tradewind_server::params;
use tradewind_store::Store;
use tradewind_store::step::{Existing, NewRun, TriggerOutcome, TriggerRun};
use tradewind_store::table::dag_run::DagRun;

use crate::command::find;
use crate::context::{Context, actor};
use crate::failure::missing;
use crate::output::{Cell, OutputArgs, Rows};
use crate::time;

/// Arguments of `dags trigger`.
#[derive(Debug, Args)]
pub struct Trigger {
    /// Id of the DAG.
    dag_id: String,
    /// JSON object that the run gets as its conf.
    #[arg(short, long)]
    conf: Option<String>,
    /// Id of the run; made of the time when it is not given.
    #[arg(short, long)]
    run_id: Option<String>,
    /// Logical date of the run; without one it has none.
    #[arg(short, long, visible_alias = "exec-date", short_alias = 'e')]
    logical_date: Option<String>,
    /// Keep the microseconds of the logical date, as is done anyway.
    #[arg(long)]
    no_replace_microseconds: bool,
    #[command(flatten)]
    output: OutputArgs,
}

impl Trigger {
    pub async fn run(self, cx: &Context, store: &Store) -> anyhow::Result<ExitCode> {
        self.start(cx, store, RunType::Manual).await
    }

    /// A run of the DAG that makes an asset.
    pub async fn materialize(dag_id: String, output: OutputArgs, cx: &Context, store: &Store) -> anyhow::Result<ExitCode> {
        let trigger = Trigger { dag_id, conf: None, run_id: None, logical_date: None, no_replace_microseconds: false, output };
        trigger.start(cx, store, RunType::AssetMaterialization).await
    }

    async fn start(self, cx: &Context, store: &Store, run_type: RunType) -> anyhow::Result<ExitCode> {
        let dag = find::dag(store, &self.dag_id).await?;
        if dag.has_import_errors {
            bail!("DAG {:?} has import errors; `tradewind dags list-import-errors` shows them", self.dag_id);
        }
        let form = find::form(store, &dag).await?;
        let conf = self.conf()?;
        params::check(&form.params, &conf).map_err(|problem| anyhow::anyhow!(problem))?;
        if let Some(run_id) = &self.run_id {
            check_run_id(cx, run_id)?;
        }
        let run = self.new_run(cx, store, &form, conf, run_type).await?;
        let run_id = run.run_id.clone();
        match store.run(TriggerRun { dag_id: self.dag_id.clone(), run }).await? {
            TriggerOutcome::Created(run) => self.output.print(&rows(&run))?,
            TriggerOutcome::Exists(Existing::RunId) => bail!("DAG {:?} has a run {run_id:?} already", self.dag_id),
            TriggerOutcome::Exists(Existing::LogicalDate) => {
                bail!("DAG {:?} has a run with this logical date already; `tradewind tasks clear` runs it again", self.dag_id)
            }
            TriggerOutcome::NoDag => return Err(missing(format!("there is no DAG {:?}", self.dag_id))),
            TriggerOutcome::StaleDag => bail!("no file has DAG {:?} any more", self.dag_id),
        }
        if dag.is_paused {
            eprintln!("The DAG is paused: the run waits until it is unpaused.");
        }
        Ok(ExitCode::SUCCESS)
    }

    fn conf(&self) -> anyhow::Result<Map<String, Value>> {
        let Some(text) = self.conf.as_deref().filter(|text| !text.trim().is_empty()) else {
            return Ok(Map::new());
        };
        match serde_json::from_str(text).with_context(|| format!("--conf is no JSON: {text}"))? {
            Value::Object(conf) => Ok(conf),
            _ => bail!("--conf is a JSON object, such as {{\"day\": \"2024-01-31\"}}, not {text}"),
        }
    }

    async fn new_run(
        &self,
        cx: &Context,
        store: &Store,
        form: &DagForm,
        conf: Map<String, Value>,
        run_type: RunType,
    ) -> anyhow::Result<NewRun> {
        let zone = &cx.settings.core.default_timezone;
        let given = self.logical_date.as_ref().map(|text| time::parse(text, zone)).transpose()?;
        let run_after = given.unwrap_or_else(|| store.now());
        let logical_date = form.manual_date(given, run_after);
        let interval = match logical_date {
            None => None,
            Some(date) => {
                let asked = infer_manual(store, None, form, date).await;
                Some(asked.context("there is no data interval for this logical date")?)
            }
        };
        Ok(NewRun {
            run_id: self.run_id.clone().unwrap_or_else(|| run_id(run_type, run_after, None)),
            run_type: run_type.as_str().to_owned(),
            logical_date,
            data_interval_start: interval.map(|interval| interval.start),
            data_interval_end: interval.map(|interval| interval.end),
            run_after,
            conf: Value::Object(conf).to_string(),
            triggered_by: "cli".to_owned(),
            triggering_user_name: Some(actor()),
            note: None,
        })
    }
}

/// The id follows the configured pattern, hides no path, and does not pose as a run of another type.
fn check_run_id(cx: &Context, id: &str) -> anyhow::Result<()> {
    let pattern = &cx.settings.scheduler.allowed_run_id_pattern;
    let allowed =
        regex::Regex::new(pattern).with_context(|| format!("[scheduler] allowed_run_id_pattern {pattern:?} is no regular expression"))?;
    if !allowed.is_match(id) {
        bail!("the run id {id:?} does not match the pattern {pattern} of [scheduler] allowed_run_id_pattern");
    }
    if id.contains("..") {
        bail!("the run id {id:?} has two dots in a row");
    }
    let others = [RunType::Scheduled, RunType::Backfill, RunType::AssetTriggered, RunType::AssetMaterialization];
    if let Some(kind) = others.iter().find(|kind| id.starts_with(&format!("{}__", kind.as_str()))) {
        bail!("the run id {id:?} is kept for {} runs", kind.as_str());
    }
    Ok(())
}

fn rows(run: &DagRun) -> Rows {
    let mut rows = Rows::new([
        "conf",
        "dag_id",
        "dag_run_id",
        "data_interval_start",
        "data_interval_end",
        "end_date",
        "last_scheduling_decision",
        "logical_date",
        "run_type",
        "start_date",
        "state",
        "triggering_user_name",
    ]);
    let time = |at: Option<Timestamp>| Cell::from(at.map(time::iso));
    rows.push([
        run.conf.clone().into(),
        Cell::from(&*run.dag_id),
        Cell::from(&*run.run_id),
        time(run.data_interval_start),
        time(run.data_interval_end),
        time(run.end_date),
        time(run.last_scheduling_decision),
        time(run.logical_date),
        run.run_type.clone().into(),
        time(run.start_date),
        run.state.to_string().into(),
        run.triggering_user_name.clone().into(),
    ]);
    rows
}
