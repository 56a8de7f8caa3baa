//! Reasons: a code and values for whoever words them in another language, and English for a terminal.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Dep;
use crate::state::{RunState, TaskState};
use crate::trigger_rule::{Counts, TriggerRule};

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $code:literal of $dep:ident $({ $($field:ident: $type:ty),+ $(,)? })? => $words:expr;)+) => {
        /// Why a condition is not met.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Reason { $($(#[$doc])* $variant $({ $($field: $type),+ })?,)+ }

        impl Reason {
            /// Every code there is, with the names of its values.
            pub const CODES: &[(&str, &[&str])] = &[$(($code, &[$($(stringify!($field)),+)?]),)+];

            /// The stable code.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self { $(Reason::$variant $({ $($field: _),+ })? => $code,)+ }
            }

            /// The condition that is not met.
            #[must_use]
            pub const fn dep(&self) -> Dep {
                match self { $(Reason::$variant $({ $($field: _),+ })? => Dep::$dep,)+ }
            }

            /// What the words are about, by name.
            #[must_use]
            pub fn values(&self) -> Map<String, Value> {
                let values = match self { $(Reason::$variant $({ $($field),+ })? => json!({ $($(stringify!($field): $field),+)? }),)+ };
                match values {
                    Value::Object(values) => values,
                    _ => Map::new(),
                }
            }
        }

        impl fmt::Display for Reason {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&match self { $(Reason::$variant $({ $($field),+ })? => String::from($words),)+ })
            }
        }
    };
}

reasons! {
    RunQueued = "run_queued" of DagrunRunning { run_id: String } => format!("the dag run `{run_id}` is queued: it has not started");
    RunEnded = "run_ended" of DagrunRunning { run_id: String, state: RunState } => format!("the dag run `{run_id}` has ended: its state is `{state}`");
    UnknownTask = "unknown_task" of UnknownTask { dag_id: String, task_id: String } => format!("the DAG `{dag_id}` has no task `{task_id}`");
    TaskEnded = "task_ended" of TaskInstanceState { state: TaskState } => format!("it has ended: its state is `{state}`");
    TaskUnderWay = "task_under_way" of TaskInstanceState { state: TaskState } => format!("it is under way: its state is `{state}`");
    BeforeStartDate = "before_start_date" of LogicalDate { date: Timestamp } => format!("the logical date of the run is before the task's start date {date}");
    AfterEndDate = "after_end_date" of LogicalDate { date: Timestamp } => format!("the logical date of the run is after the task's end date {date}");
    OutsideDates = "outside_dates" of LogicalDate => "the logical date of the run is outside the task's dates";
    NotMapped = "not_mapped" of TaskMapped { task_id: String, map_index: i32 } => format!("`{task_id}` is not a mapped task: it has no map index {map_index}");
    NotYetExpanded = "not_yet_expanded" of TaskMapped { task_id: String } => format!("`{task_id}` has not been expanded yet");
    NoSuchIndex = "no_such_index" of TaskMapped { task_id: String, size: usize, map_index: i32 } =>
        format!("`{task_id}` was expanded into {size} instances; none has map index {map_index}");
    RetryAt = "retry_at" of NotInRetryPeriod { at: Timestamp } => format!("it waits to be retried at {at}");
    LooksAgainAt = "looks_again_at" of ReadyToReschedule { at: Timestamp } => format!("it looks again at {at}");
    /// What the trigger rule sees: the instances before it, and those around it (setups of its scope, or the work of a teardown) that are not done.
    TriggerRule = "trigger_rule" of TriggerRule {
        rule: TriggerRule, upstream: Tally, in_the_way: Vec<Blocker>, more: usize, setups: Option<Tally>, work: Option<Tally>,
    } => rule_in_words(*rule, upstream, in_the_way, *more, setups.as_ref(), work.as_ref());
    TooManyInstances = "too_many_instances" of MappedTaskUpstream { limit: u32 } => format!("it would be expanded into more than {limit} instances");
    SourcePending = "source_pending" of MappedTaskUpstream { task_ids: Vec<String> } =>
        format!("it is expanded over what {} gives, which has not ended", quoted(task_ids));
    SourceSkipped = "source_skipped" of MappedTaskUpstream { task_ids: Vec<String> } =>
        format!("it is expanded over what {} gives, which was skipped", quoted(task_ids));
    SourceFailed = "source_failed" of MappedTaskUpstream { task_ids: Vec<String> } =>
        format!("it is expanded over what {} gives, which failed or gave nothing", quoted(task_ids));
    /// `key` is the argument of the task that asks for it.
    PastMissing = "past_missing" of PreviousDagrunState { key: &'static str, run_id: String, task_id: String } =>
        format!("{key} is set, but the run before this one (`{run_id}`) has no instance of `{task_id}`");
    PastTask = "past_task" of PreviousDagrunState { key: &'static str, run_id: String, task_id: String, state: Option<TaskState> } =>
        format!("{key} is set, and `{task_id}` of the run before this one (`{run_id}`) is {}; it must be success or skipped", named(*state));
    PastDownstream = "past_downstream" of PreviousDagrunState { run_id: String, task_id: String, after: String, state: Option<TaskState> } =>
        format!(
            "wait_for_downstream is set, and `{after}`, which follows `{task_id}`, is {} in the run before this one (`{run_id}`); it must be success or skipped",
            named(*state)
        );
    BranchedAway = "branched_away" of NotPreviouslySkipped => "a task before it chose another way";
    PoolFull = "pool_full" of PoolSlots { pool: String, takes: i64, free: i64, slots: i64, holding: i64, waiting: i64 } => {
        let takes = if *takes == 1 { "1 slot".to_owned() } else { format!("{takes} slots") };
        format!("it takes {takes} of the pool `{pool}`, which has {free} of {slots} free; {holding} task instance(s) hold it, {waiting} wait for it")
    };
    PoolMissing = "pool_missing" of PoolSlots { pool: String } => format!("there is no pool `{pool}`; create it, or change the task");
    PoolTooSmall = "pool_too_small" of PoolSlots { pool: String, takes: i64 } =>
        format!("it takes {takes} slots, more than the pool `{pool}` has in all; enlarge the pool, or change the task");
    MaxActiveTasks = "max_active_tasks" of DagConcurrency { limit: i64 } => format!("{limit} tasks of this run are active already (max_active_tasks)");
    MaxActiveTisPerDag = "max_active_tis_per_dag" of MaxActiveTisPerDag { active: i64 } =>
        format!("{active} instances of the task are active in all runs, as many as max_active_tis_per_dag allows");
    MaxActiveTisPerDagrun = "max_active_tis_per_dagrun" of MaxActiveTisPerDagrun { active: i64 } =>
        format!("{active} instances of the task are active in this run, as many as max_active_tis_per_dagrun allows");
    Parallelism = "parallelism" of Parallelism { active: i64, limit: u32 } =>
        format!("{active} attempts are queued or running in the whole installation, of {limit} ([core] parallelism)");
    DagPaused = "dag_paused" of DagNotPaused { dag_id: String } => format!("the DAG `{dag_id}` is paused");
    BackfillPaused = "backfill_paused" of DagNotPaused { backfill_id: i64 } =>
        format!("the backfill {backfill_id}, to which the run belongs, is paused");
    FileGone = "file_gone" of DagHasFile { dag_id: String, file: String } => format!("no file has the DAG `{dag_id}` now; it was in {file}");
    /// `error` is the last line of the import error.
    FileBroken = "file_broken" of DagHasFile { dag_id: String, file: String, error: String } =>
        format!("no file has the DAG `{dag_id}` now; its file {file} cannot be read: {error}");
    NotDue = "not_due" of RunAfter { at: Timestamp } => format!("it is not to start before {at}");
    NoRunsAllowed = "no_runs_allowed" of MaxActiveRuns => "the DAG may have no run at all: its max_active_runs is 0";
    /// Of the runs that run and of those whose turn is before, some ids.
    MaxActiveRuns = "max_active_runs" of MaxActiveRuns { limit: i64, running: i64, running_ids: Vec<String>, earlier: i64, earlier_ids: Vec<String> } => {
        let mut text = format!("{} of the DAG {} running, of {limit} (max_active_runs): {}", runs(*running), are(*running), some(running_ids));
        match earlier {
            0 => {}
            1 => text.push_str(&format!("; 1 queued run has its turn before: {}", some(earlier_ids))),
            more => text.push_str(&format!("; {more} queued runs have their turn before: {}", some(earlier_ids))),
        }
        text
    };
    SchedulerNever = "scheduler_never" of SchedulerAlive => "no scheduler is alive: there has never been one";
    SchedulerSilent = "scheduler_silent" of SchedulerAlive { seconds: i64 } =>
        format!("no scheduler is alive: the last one gave a sign {seconds} s ago");
    WorkerNever = "worker_never" of WorkerAlive { queue: String } => format!("it is in the queue `{queue}`, and no worker is alive: there has never been one");
    WorkerSilent = "worker_silent" of WorkerAlive { queue: String, seconds: i64 } =>
        format!("it is in the queue `{queue}`, and no worker is alive: the last one gave a sign {seconds} s ago");
    WorkerBusy = "worker_busy" of WorkerFree { queue: String, others: i64 } => {
        let others = match others {
            ..=0 => "no other waits there".to_owned(),
            1 => "1 other waits there".to_owned(),
            more => format!("{more} others wait there"),
        };
        format!("it waits for a worker to take it from the queue `{queue}`; {others}")
    };
    /// `triggerer` is the host of the process that has the trigger.
    TriggerRuns = "trigger_runs" of TriggerFires { trigger: String, triggerer: String } =>
        format!("it waits for the trigger `{trigger}`, which the triggerer on {triggerer} runs");
    TriggerUntaken = "trigger_untaken" of TriggerFires { trigger: String } =>
        format!("it waits for the trigger `{trigger}`, which no triggerer has taken yet");
    TriggererNever = "triggerer_never" of TriggererAlive { trigger: String } =>
        format!("it waits for the trigger `{trigger}`, and no triggerer is alive: there has never been one");
    TriggererSilent = "triggerer_silent" of TriggererAlive { trigger: String, seconds: i64 } =>
        format!("it waits for the trigger `{trigger}`, and no triggerer is alive: the last one gave a sign {seconds} s ago");
    AnybodyAsked = "anybody_asked" of PeopleAnswer { subject: String } => format!("it waits for an answer of anybody: {subject}");
    PeopleAsked = "people_asked" of PeopleAnswer { subject: String, names: Vec<String> } =>
        format!("it waits for an answer of {}: {subject}", some(names));
}

/// Runs and people named in a text.
const NAMED: usize = 5;

/// How many of some task instances are in which state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub total: u32,
    pub success: u32,
    pub failed: u32,
    pub upstream_failed: u32,
    pub skipped: u32,
    pub removed: u32,
    /// Those that are not finished.
    pub open: u32,
}

impl From<Counts> for Tally {
    fn from(counts: Counts) -> Tally {
        let Counts { total, success, failed, upstream_failed, skipped, removed, .. } = counts;
        Tally { total, success, failed, upstream_failed, skipped, removed, open: total - counts.done() }
    }
}

/// A task instance that the trigger rule waits for, or does not like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blocker {
    pub task_id: String,
    pub map_index: i32,
    pub state: Option<TaskState>,
}

impl fmt::Display for Blocker {
    /// `b[3] is running`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let index = if self.map_index < 0 { String::new() } else { format!("[{}]", self.map_index) };
        write!(f, "`{}{index}` is {}", self.task_id, named(self.state))
    }
}

fn named(state: Option<TaskState>) -> &'static str {
    state.map_or("without a state", TaskState::as_str)
}

fn quoted(ids: &[String]) -> String {
    ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
}

fn some(ids: &[String]) -> String {
    quoted(&ids[..ids.len().min(NAMED)]) + if ids.len() > NAMED { " ..." } else { "" }
}

fn runs(count: i64) -> String {
    if count == 1 { "1 run".to_owned() } else { format!("{count} runs") }
}

const fn are(count: i64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn rule_in_words(
    rule: TriggerRule,
    upstream: &Tally,
    in_the_way: &[Blocker],
    more: usize,
    setups: Option<&Tally>,
    work: Option<&Tally>,
) -> String {
    let mut text = format!("trigger rule `{rule}`: {}", in_words(upstream, "upstream task instance"));
    if !in_the_way.is_empty() {
        let names: Vec<String> = in_the_way.iter().map(Blocker::to_string).collect();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        text.push_str(&format!(" ({}{more})", names.join(", ")));
    }
    for (around, thing) in [(setups, "setup"), (work, "task instance to clean up after")] {
        if let Some(around) = around {
            text.push_str(&format!("; {}", in_words(around, thing)));
        }
    }
    text
}

/// `of 3 things: 1 succeeded, 2 not finished`.
fn in_words(tally: &Tally, thing: &str) -> String {
    let parts = [
        (tally.success, "succeeded"),
        (tally.failed, "failed"),
        (tally.upstream_failed, "could not run (upstream_failed)"),
        (tally.skipped, "skipped"),
        (tally.removed, "removed"),
        (tally.open, "not finished"),
    ];
    let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let plural = if tally.total == 1 { "" } else { "s" };
    format!("of {} {thing}{plural}: {}", tally.total, parts.join(", "))
}
