//! Reasons why a task instance or a run does not go on, under the names that users know, with where to look.

mod reason;

use std::fmt;

use jiff::Timestamp;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

pub use reason::{Blocker, Reason, Tally};

/// Links of one reason; more help nobody.
pub const MOST_LINKS: usize = 20;

macro_rules! deps {
    ($($variant:ident = $name:literal, $kind:literal;)+) => {
        /// A condition that a task instance or a run must meet.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Dep { $($variant,)+ }

        impl Dep {
            /// Every condition, in order of declaration.
            pub const ALL: &[Dep] = &[$(Dep::$variant,)+];

            /// The name in interfaces, and the stable code for programs.
            const fn words(self) -> (&'static str, &'static str) {
                match self { $(Dep::$variant => ($name, $kind),)+ }
            }
        }
    };
}

deps! {
    DagrunRunning = "Dagrun Running", "dag_run_state";
    TaskInstanceState = "Task Instance State", "task_instance_state";
    TriggerRule = "Trigger Rule", "trigger_rule";
    PreviousDagrunState = "Previous Dagrun State", "previous_dag_run";
    NotInRetryPeriod = "Not In Retry Period", "retry_wait";
    ReadyToReschedule = "Ready To Reschedule", "reschedule_wait";
    NotPreviouslySkipped = "Not Previously Skipped", "skipped_by_branch";
    LogicalDate = "Logical Date", "task_dates";
    MappedTaskUpstream = "Mapped dependencies have succeeded", "mapped_upstream";
    TaskMapped = "Task has been mapped", "not_expanded";
    PoolSlots = "Pool Slots Available", "pool";
    MaxActiveTisPerDag = "Task Concurrency", "max_active_tis_per_dag";
    MaxActiveTisPerDagrun = "Task Concurrency", "max_active_tis_per_dagrun";
    Parallelism = "Parallelism", "parallelism";
    DagConcurrency = "Max Active Tasks", "max_active_tasks";
    MaxActiveRuns = "Max Active Runs", "max_active_runs";
    RunAfter = "Run After", "run_after";
    DagNotPaused = "Dag Not Paused", "dag_paused";
    DagHasFile = "Dag Has A File", "dag_stale";
    SchedulerAlive = "Scheduler Alive", "no_scheduler";
    WorkerAlive = "Worker Alive", "no_worker";
    WorkerFree = "Worker Free", "worker_busy";
    TriggerFires = "Trigger Fires", "waits_for_trigger";
    TriggererAlive = "Triggerer Alive", "no_triggerer";
    PeopleAnswer = "People Answer", "waits_for_people";
    UnknownTask = "Task", "unknown_task";
}

impl Dep {
    /// The name in interfaces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.words().0
    }

    /// The stable code.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        self.words().1
    }
}

impl fmt::Display for Dep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Where to look; absent parts do not belong to what it leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// `task_instance`, `dag_run`, `dag`, `pool`.
    pub rel: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dag_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub map_index: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
}

impl Link {
    const fn to(rel: &'static str) -> Link {
        Link { rel, dag_id: None, run_id: None, task_id: None, map_index: None, pool: None }
    }

    /// A task instance.
    #[must_use]
    pub fn task_instance(dag_id: &str, run_id: &str, task_id: &str, map_index: i32) -> Link {
        Link { task_id: Some(task_id.to_owned()), map_index: Some(map_index), rel: "task_instance", ..Link::run(dag_id, run_id) }
    }

    /// A dag run.
    #[must_use]
    pub fn run(dag_id: &str, run_id: &str) -> Link {
        Link { dag_id: Some(dag_id.to_owned()), run_id: Some(run_id.to_owned()), ..Link::to("dag_run") }
    }

    /// A DAG.
    #[must_use]
    pub fn dag(dag_id: &str) -> Link {
        Link { dag_id: Some(dag_id.to_owned()), ..Link::to("dag") }
    }

    /// A pool.
    #[must_use]
    pub fn pool(pool: &str) -> Link {
        Link { pool: Some(pool.to_owned()), ..Link::to("pool") }
    }
}

/// A task instance that holds a place under a limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Holder {
    pub dag_id: String,
    pub run_id: String,
    pub task_id: String,
    pub map_index: i32,
    pub state: String,
    pub pool_slots: i64,
    pub since: Option<Timestamp>,
}

/// A condition that is not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    pub reason: Reason,
    /// Of a reason of a run: the task instance that it is about.
    pub instance: Option<(String, i32)>,
    pub since: Option<Timestamp>,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
    /// At most [`MOST_LINKS`].
    pub links: Vec<Link>,
    /// At most [`MOST_LINKS`].
    pub holders: Vec<Holder>,
}

impl Unmet {
    /// A condition and why it is not met.
    #[must_use]
    pub const fn new(reason: Reason) -> Unmet {
        Unmet { reason, instance: None, since: None, until: None, links: Vec::new(), holders: Vec::new() }
    }

    /// The condition.
    #[must_use]
    pub const fn dep(&self) -> Dep {
        self.reason.dep()
    }

    /// The reason in English, behind the task instance that it is about.
    #[must_use]
    pub fn in_words(&self) -> String {
        match &self.instance {
            None => self.reason.to_string(),
            Some((task_id, ..0)) => format!("`{task_id}`: {}", self.reason),
            Some((task_id, map_index)) => format!("`{task_id}[{map_index}]`: {}", self.reason),
        }
    }

    /// With where to look; what is too much is left out.
    #[must_use]
    pub fn see(mut self, links: impl IntoIterator<Item = Link>) -> Unmet {
        let room = MOST_LINKS.saturating_sub(self.links.len());
        self.links.extend(links.into_iter().take(room));
        self
    }

    /// With when it began.
    #[must_use]
    pub fn since(mut self, since: Option<Timestamp>) -> Unmet {
        self.since = since;
        self
    }

    /// With when it ends by itself.
    #[must_use]
    pub fn until(mut self, until: Timestamp) -> Unmet {
        self.until = Some(until);
        self
    }

    /// With who holds the places.
    #[must_use]
    pub fn held_by(mut self, mut holders: Vec<Holder>) -> Unmet {
        holders.truncate(MOST_LINKS);
        self.holders = holders;
        self
    }
}

impl Serialize for Unmet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Unmet", 11)?;
        object.serialize_field("name", self.dep().name())?;
        object.serialize_field("kind", self.dep().kind())?;
        object.serialize_field("reason", &self.in_words())?;
        object.serialize_field("code", self.reason.code())?;
        object.serialize_field("values", &self.reason.values())?;
        object.serialize_field("task_id", &self.instance.as_ref().map(|(task_id, _)| task_id))?;
        object.serialize_field("map_index", &self.instance.as_ref().map(|(_, map_index)| map_index))?;
        object.serialize_field("since", &self.since)?;
        object.serialize_field("until", &self.until)?;
        object.serialize_field("links", &self.links)?;
        object.serialize_field("holders", &self.holders)?;
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_written_with_its_code_and_links() {
        let mut unmet = Unmet::new(Reason::PoolMissing { pool: "p".into() }).see([Link::pool("p"), Link::task_instance("d", "r", "t", -1)]);
        unmet = unmet.see((0..100).map(|n| Link::run("d", &n.to_string()))).until(Timestamp::UNIX_EPOCH);
        assert_eq!(unmet.links.len(), MOST_LINKS);
        unmet.links.truncate(2);
        let expected = serde_json::json!({
            "name": "Pool Slots Available", "kind": "pool", "reason": "there is no pool `p`; create it, or change the task",
            "code": "pool_missing", "values": {"pool": "p"}, "task_id": null, "map_index": null,
            "since": null, "until": "1970-01-01T00:00:00Z",
            "links": [{"rel": "pool", "pool": "p"}, {"rel": "task_instance", "dag_id": "d", "run_id": "r", "task_id": "t", "map_index": -1}],
            "holders": [],
        });
        assert_eq!(serde_json::to_value(&unmet).unwrap(), expected);
        unmet.instance = Some(("t".into(), 3));
        assert!(unmet.in_words().starts_with("`t[3]`: there is no pool"));
    }
}
