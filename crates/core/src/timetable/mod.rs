//! When a DAG runs. Values only: the last run, the DAG's dates and the present come in, the next run comes out.
//!
//! *Invariant:* the next run is strictly later than the last one (in logical date), whatever the clock does in the DAG's zone.

mod by_cron;
mod by_delta;
mod by_list;
mod clock_mark;
pub mod cron;
mod custom;
mod delta;
mod form;
mod missed;
mod preview;
mod upcoming;
mod zone;

pub use by_cron::{CronInterval, CronTrigger, MultipleCrons, RunImmediately};
pub use by_delta::{DeltaInterval, DeltaTrigger};
pub use by_list::Events;
pub use clock_mark::ClockMark;
pub use cron::{Cron, CronError};
pub use custom::{ASKED_AHEAD, ASKED_AT_MOST, Ahead, Answer, AnswerError, Custom, Question};
pub use delta::{CalendarDelta, Delta};
pub use missed::{Missed, goes_on_from};
pub use preview::Preview;
pub use zone::Zone;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The stretch of data a run is about; empty (`start == end`) for schedules that only trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DataInterval {
    pub start: Timestamp,
    pub end: Timestamp,
}

impl DataInterval {
    /// An empty interval.
    pub fn exact(at: Timestamp) -> DataInterval {
        DataInterval { start: at, end: at }
    }
}

/// What the DAG allows: its dates (both inclusive, for the logical date) and whether missed runs are made up for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restriction {
    pub earliest: Option<Timestamp>,
    pub latest: Option<Timestamp>,
    pub catchup: bool,
}

/// A run to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextRun {
    pub logical_date: Timestamp,
    pub interval: DataInterval,
    /// Not before this instant.
    pub run_after: Timestamp,
}

impl NextRun {
    fn exact(at: Timestamp) -> NextRun {
        NextRun { logical_date: at, interval: DataInterval::exact(at), run_after: at }
    }

    /// A run about an interval, when that is over.
    fn of_interval(start: Timestamp, end: Timestamp) -> NextRun {
        NextRun { logical_date: start, interval: DataInterval { start, end }, run_after: end }
    }
}

/// Why a timetable is refused, or gives no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TimetableError {
    #[error("cron expression `{expression}`: {reason}")]
    Cron { expression: String, reason: CronError },
    #[error("cron expression `{expression}` matches no time within 50 years of {from}")]
    NoTick { expression: String, from: Timestamp },
    #[error("time zone `{name}` is unknown; an IANA name such as Asia/Seoul or an offset such as +09:00 is expected")]
    Zone { name: String },
    #[error("schedule `{delta}` does not lead forward in time")]
    DeltaNotPositive { delta: String },
    #[error("interval `{delta}` is negative")]
    IntervalNegative { delta: String },
    #[error("{at} cannot be moved by `{delta}`: the result is outside the calendar or a part is not a whole number")]
    DeltaRange { delta: String, at: Timestamp },
    #[error("schedule `{schedule}` has missed so many runs since {from} that the newest cannot be found; give the DAG a later start_date")]
    TooManyMissed { schedule: String, from: Timestamp },
    #[error("MultipleCronTriggerTimetable needs at least one cron expression")]
    NoCrons,
    #[error("the timetable {classpath} has not been asked yet; it runs in Python, where a DAG processor asks it")]
    NotAsked { classpath: String },
}

/// What decides when a DAG runs, with texts for people.
#[derive(Clone, Debug, PartialEq)]
pub struct Timetable {
    pub schedule: Schedule,
    summary: Option<String>,
    description: Option<String>,
}

/// The kinds of timetables.
#[derive(Clone, Debug, PartialEq)]
pub enum Schedule {
    /// Never by itself.
    Null,
    Once,
    /// A run after the other.
    Continuous,
    CronTrigger(CronTrigger),
    CronDataInterval(CronInterval),
    DeltaTrigger(DeltaTrigger),
    DeltaDataInterval(DeltaInterval),
    MultipleCronTrigger(MultipleCrons),
    Events(Events),
    /// Made by assets only. The condition belongs to whoever counts asset events.
    Asset {
        condition: serde_json::Value,
    },
    /// A class of the user's, which runs in Python.
    Custom(Custom),
}

impl From<Schedule> for Timetable {
    fn from(schedule: Schedule) -> Timetable {
        Timetable { schedule, summary: None, description: None }
    }
}

impl Default for Timetable {
    fn default() -> Timetable {
        Schedule::Null.into()
    }
}

impl Timetable {
    /// The run after `last_automated` (the interval of the newest run made by this timetable), or `None` when there is none
    /// to come. `now` matters where missed runs are skipped.
    pub fn next(
        &self,
        last_automated: Option<DataInterval>,
        restriction: Restriction,
        now: Timestamp,
    ) -> Result<Option<NextRun>, TimetableError> {
        let now = whole_micros(now);
        let next = match &self.schedule {
            Schedule::Null | Schedule::Asset { .. } => return Ok(None),
            Schedule::Custom(custom) => custom.next(last_automated, restriction, now)?,
            Schedule::Once => by_list::once(last_automated, restriction, now),
            Schedule::Continuous => by_list::continuous(last_automated, restriction, now),
            Schedule::CronTrigger(cron) => cron.next(last_automated, restriction, now)?,
            Schedule::CronDataInterval(cron) => cron.next(last_automated, restriction, now)?,
            Schedule::DeltaTrigger(delta) => Some(delta.next(last_automated, restriction, now)?),
            Schedule::DeltaDataInterval(delta) => delta.next(last_automated, restriction, now)?,
            Schedule::MultipleCronTrigger(crons) => crons.next(last_automated, restriction, now)?,
            Schedule::Events(events) => events.next(last_automated, restriction, now),
        };
        let last_allowed = |next: &NextRun| match self.schedule {
            Schedule::Continuous => next.interval.end,
            _ => next.logical_date,
        };
        Ok(next.filter(|next| restriction.latest.is_none_or(|latest| last_allowed(next) <= latest)))
    }

    /// The data interval of a run that somebody starts by hand for `run_after`. A class of the user's has to be asked instead.
    pub fn infer_manual(&self, run_after: Timestamp) -> Result<DataInterval, TimetableError> {
        match &self.schedule {
            Schedule::CronTrigger(cron) => cron.infer_manual(run_after),
            Schedule::CronDataInterval(cron) => cron.infer_manual(run_after),
            Schedule::DeltaTrigger(delta) => delta.infer_manual(run_after),
            Schedule::DeltaDataInterval(delta) => delta.infer_manual(run_after),
            Schedule::MultipleCronTrigger(crons) => crons.infer_manual(run_after),
            Schedule::Events(events) => Ok(events.infer_manual(run_after)),
            Schedule::Custom(custom) => Err(TimetableError::NotAsked { classpath: custom.classpath.clone() }),
            Schedule::Null | Schedule::Once | Schedule::Continuous | Schedule::Asset { .. } => Ok(DataInterval::exact(run_after)),
        }
    }

    /// Whether time alone can make runs.
    pub fn can_be_scheduled(&self) -> bool {
        match &self.schedule {
            Schedule::Null | Schedule::Asset { .. } => false,
            Schedule::Custom(custom) => custom.can_be_scheduled,
            _ => true,
        }
    }

    /// Whether there are ticks to go back over (a backfill needs them).
    pub fn is_periodic(&self) -> bool {
        match &self.schedule {
            Schedule::Once | Schedule::Continuous => false,
            Schedule::Custom(custom) => custom.can_be_scheduled && custom.periodic,
            _ => self.can_be_scheduled(),
        }
    }

    /// An upper bound of running runs that the timetable itself sets.
    pub fn active_runs_limit(&self) -> Option<u32> {
        match &self.schedule {
            Schedule::Continuous => Some(1),
            Schedule::Custom(custom) => custom.active_runs_limit,
            _ => None,
        }
    }

    /// The text of the schedule column: the expression, `@once`, `1 day, 0:00:00`.
    pub fn summary(&self) -> String {
        if let Some(summary) = &self.summary {
            return summary.clone();
        }
        match &self.schedule {
            Schedule::Null => "None".to_owned(),
            Schedule::Once => "@once".to_owned(),
            Schedule::Continuous => "@continuous".to_owned(),
            Schedule::CronTrigger(cron) => cron.cron.to_string(),
            Schedule::CronDataInterval(cron) => cron.cron.to_string(),
            Schedule::DeltaTrigger(delta) => delta.delta.to_string(),
            Schedule::DeltaDataInterval(delta) => delta.delta.to_string(),
            Schedule::MultipleCronTrigger(crons) => crons.triggers().iter().map(|c| c.cron.to_string()).collect::<Vec<_>>().join(", "),
            Schedule::Events(events) => events.description(),
            Schedule::Asset { .. } => "Asset".to_owned(),
            Schedule::Custom(custom) => custom.classpath.rsplit('.').next().unwrap_or(&custom.classpath).to_owned(),
        }
    }

    /// The schedule in words.
    pub fn description(&self) -> String {
        if let Some(description) = &self.description {
            return description.clone();
        }
        match &self.schedule {
            Schedule::Null => "Never, external triggers only".to_owned(),
            Schedule::Once => "Once, as soon as possible".to_owned(),
            Schedule::Continuous => "As frequently as possible, but only one run at a time".to_owned(),
            Schedule::CronTrigger(cron) => cron.cron.description(),
            Schedule::CronDataInterval(cron) => cron.cron.description(),
            Schedule::DeltaTrigger(delta) => format!("Every {}", delta.delta),
            Schedule::DeltaDataInterval(delta) => format!("Every {}", delta.delta),
            Schedule::MultipleCronTrigger(crons) => crons.triggers().iter().map(|c| c.cron.description()).collect::<Vec<_>>().join("; "),
            Schedule::Events(events) => events.description(),
            Schedule::Asset { .. } => "Triggered by assets".to_owned(),
            Schedule::Custom(custom) => format!("By the class {}", custom.classpath),
        }
    }

    /// The runs to come, one after another, as if each were made as soon as it may: what unpausing starts.
    pub fn preview(&self, from: Option<DataInterval>, restriction: Restriction, now: Timestamp, limit: usize) -> Preview<'_> {
        Preview::new(self, from, restriction, now, limit)
    }
}

/// Rows hold microseconds; finer parts of the present would make an instant that no row equals.
fn whole_micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}
