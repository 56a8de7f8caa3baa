//! Metrics: where they go, and those that are read from rows.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};
use tradewind_config::{MetricsAccess, Settings, StatsdStyle};
use tradewind_metrics::{Metric, Options, StatsdOptions, Style, names};
use tradewind_queue::{Change, Changes, HintQueue};
use tradewind_store::Store;
use tradewind_store::list::asset::CountOrphans;
use tradewind_store::list::figures::{CountActive, CountRunning, ReadRunFigures, RunFigures};
use tradewind_store::table::pool::GetPools;

use super::{Parts, Stop};

/// How often what waits is sent, and runs that changed are looked at.
const BEAT: Duration = Duration::from_secs(1);
/// Runs that are looked at with one beat; more are left out.
const RUNS: usize = 5_000;

/// From now on this process tells its figures as configured.
pub fn install(settings: &Settings) -> anyhow::Result<()> {
    let metrics = &settings.metrics;
    let statsd = metrics.statsd.as_ref().map(|statsd| StatsdOptions {
        host: statsd.host.clone(),
        port: statsd.port,
        ipv6: statsd.ipv6,
        prefix: metrics.prefix.clone(),
        legacy: metrics.legacy_names,
        style: match &statsd.style {
            StatsdStyle::Plain => Style::Plain,
            StatsdStyle::Influx => Style::Influx,
            StatsdStyle::Datadog { constant, of_metrics } => Style::Datadog { constant: constant.clone(), of_metrics: *of_metrics },
        },
        disabled_tags: statsd.disabled_tags.iter().cloned().collect(),
    });
    tradewind_metrics::install(&Options {
        prefix: metrics.prefix.clone(),
        prometheus: metrics.access != MetricsAccess::Off,
        statsd,
        allow: metrics.allow.clone(),
        block: metrics.block.clone(),
    })?;
    Ok(())
}

/// The executor of this process.
pub struct ExecutorFigures {
    pub name: &'static str,
    pub slots: usize,
    pub running: Box<dyn Fn() -> usize + Send + Sync>,
}

/// Looks and sends until the process stops.
pub struct Running(JoinHandle<()>);

/// Starts it. `executor`: of a process with a scheduler, which also tells what rows say.
pub fn start(settings: &Settings, parts: &Parts, executor: Option<ExecutorFigures>, stop: &Stop) -> Running {
    let metrics = &settings.metrics;
    let mut sampler = executor.map(|executor| Sampler {
        store: parts.store.clone(),
        queue: parts.queue.clone(),
        executor,
        pools: Every::new(metrics.pool_interval),
        tasks: Every::new(metrics.task_interval),
        runs: Every::new(metrics.run_interval),
        told: HashMap::new(),
    });
    let (changes, stop) = (parts.changes.clone(), stop.clone());
    Running(tokio::spawn(async move {
        tokio::select! {
            () = stop.asked() => {}
            () = beat(&mut sampler, &changes) => {}
        }
        tradewind_metrics::flush();
    }))
}

impl Running {
    /// Waits for its end.
    pub async fn ended(self) {
        if self.0.await.is_err() {
            tracing::error!("the task that tells metrics panicked");
        }
    }
}

async fn beat(sampler: &mut Option<Sampler>, changes: &Changes) {
    let mut changes = changes.subscribe();
    let mut tick = tokio::time::interval(BEAT);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut changed = HashSet::new();
    loop {
        tokio::select! {
            change = changes.recv(), if sampler.is_some() => note(change, &mut changed),
            _ = tick.tick() => {
                if let Some(sampler) = sampler
                    && let Err(error) = sampler.look(std::mem::take(&mut changed)).await
                {
                    tracing::debug!("figures for metrics cannot be read: {error}");
                }
                tradewind_metrics::flush();
            }
        }
    }
}

/// A run that began or ended: DAG, run, state.
type RunState = (String, String, String);

fn note(change: Result<Change, broadcast::error::RecvError>, changed: &mut HashSet<RunState>) {
    if let Ok(Change::RunState { dag_id, run_id, state }) = change
        && matches!(state.as_str(), "running" | "success" | "failed")
        && changed.len() < RUNS
    {
        changed.insert((dag_id, run_id, state));
    }
}

/// A look that is due now and then.
struct Every {
    interval: Option<Duration>,
    last: Option<Instant>,
}

impl Every {
    fn new(interval: Option<Duration>) -> Self {
        Self { interval, last: None }
    }

    fn due(&mut self) -> bool {
        let due = self.interval.is_some_and(|interval| self.last.is_none_or(|last| last.elapsed() >= interval));
        if due {
            self.last = Some(Instant::now());
        }
        due
    }
}

struct Sampler {
    store: Store,
    queue: Arc<dyn HintQueue>,
    executor: ExecutorFigures,
    pools: Every,
    tasks: Every,
    runs: Every,
    /// What the gauges of active task instances say: metric, queue, DAG, task.
    told: HashMap<(&'static str, String, String, String), &'static Metric>,
}

impl Sampler {
    async fn look(&mut self, changed: HashSet<RunState>) -> anyhow::Result<()> {
        self.executor().await?;
        if self.pools.due() {
            self.pools().await?;
        }
        if self.tasks.due() {
            self.tasks().await?;
        }
        if self.runs.due() {
            names::DAGRUNS_RUNNING.set(self.store.run(CountRunning).await? as f64, &[]);
        }
        if !changed.is_empty() {
            let ids: HashSet<(String, String)> = changed.iter().map(|(dag_id, run_id, _)| (dag_id.clone(), run_id.clone())).collect();
            for figures in self.store.run(ReadRunFigures(ids.into_iter().collect())).await? {
                let was = |state: &str| changed.contains(&(figures.dag_id.clone(), figures.run_id.clone(), state.to_owned()));
                tell_run(&figures, was("running"), was(&figures.state));
            }
        }
        Ok(())
    }

    async fn executor(&self) -> anyhow::Result<()> {
        let ExecutorFigures { name, slots, running } = &self.executor;
        let (running, tags) = (running(), |status| [("executor_class_name", *name), ("status", status)]);
        names::EXECUTOR_OPEN_SLOTS.set(slots.saturating_sub(running) as f64, &tags("open"));
        names::EXECUTOR_RUNNING.set(running as f64, &tags("running"));
        names::EXECUTOR_QUEUED.set(self.queue.depth().await? as f64, &tags("queued"));
        Ok(())
    }

    async fn pools(&self) -> anyhow::Result<()> {
        for pool in self.store.run(GetPools { name: None }).await? {
            let tags: &[(&'static str, &str)] = &[("pool_name", &pool.name)];
            if let Some(open) = pool.open_slots() {
                names::POOL_OPEN.set(open as f64, tags);
            }
            names::POOL_QUEUED.set(pool.queued_slots as f64, tags);
            names::POOL_RUNNING.set(pool.running_slots as f64, tags);
            names::POOL_DEFERRED.set(pool.deferred_slots as f64, tags);
            names::POOL_SCHEDULED.set(pool.scheduled_slots as f64, tags);
        }
        names::ASSETS_ORPHANED.set(self.store.run(CountOrphans).await? as f64, &[]);
        Ok(())
    }

    /// Groups that emptied are told to be 0 once.
    async fn tasks(&mut self) -> anyhow::Result<()> {
        let mut counts: HashMap<(&'static str, String, String, String), (&'static Metric, i64)> = HashMap::new();
        for active in self.store.run(CountActive).await? {
            let metric = match active.state.as_str() {
                "scheduled" => &names::TI_SCHEDULED,
                "queued" => &names::TI_QUEUED,
                "running" | "restarting" => &names::TI_RUNNING,
                _ => &names::TI_DEFERRED,
            };
            counts.entry((metric.name, active.queue, active.dag_id, active.task_id)).or_insert((metric, 0)).1 += active.count;
        }
        let tags = |key: &(&'static str, String, String, String)| {
            [("queue", key.1.clone()), ("dag_id", key.2.clone()), ("task_id", key.3.clone())]
        };
        for (key, metric) in self.told.iter().filter(|(key, _)| !counts.contains_key(*key)) {
            metric.forget(&borrowed(&tags(key)));
        }
        for (key, (metric, count)) in &counts {
            metric.set(*count as f64, &borrowed(&tags(key)));
        }
        self.told = counts.into_iter().map(|(key, (metric, _))| (key, metric)).collect();
        Ok(())
    }
}

fn borrowed<'a>(tags: &'a [(&'static str, String); 3]) -> [(&'static str, &'a str); 3] {
    [0, 1, 2].map(|at| (tags[at].0, tags[at].1.as_str()))
}

/// What is known of a run that has begun, or ended.
fn tell_run(run: &RunFigures, began: bool, changed: bool) {
    let tags: &[(&'static str, &str)] = &[("dag_id", &run.dag_id), ("run_type", &run.run_type)];
    let scheduled = run.run_type == "scheduled";
    let between = |from: Option<i64>, to: Option<i64>| Some(Duration::from_micros(u64::try_from(to? - from?).unwrap_or(0)));
    if began
        && scheduled
        && let Some(late) = between(Some(run.run_after), run.start_date)
    {
        names::SCHEDULE_DELAY.time(late, tags);
    }
    let ended = match run.state.as_str() {
        "success" => &names::DAGRUN_SUCCESS,
        "failed" => &names::DAGRUN_FAILED,
        _ => return,
    };
    if !changed {
        return;
    }
    if let Some(took) = between(run.start_date, run.end_date) {
        ended.time(took, tags);
    }
    if scheduled && let Some(late) = between(Some(run.run_after), run.first_queued) {
        names::FIRST_SCHEDULING_DELAY.time(late, tags);
    }
    if let Some(late) = between(run.start_date, run.first_started) {
        names::FIRST_START_DELAY.time(late, tags);
    }
}
