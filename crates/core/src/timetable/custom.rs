//! Timetables that are classes of the user's. They run in Python, elsewhere and earlier: what they said is kept as an [`Ahead`], a chain of runs
//! to come, from which the next one is read without asking anybody.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{DataInterval, NextRun, Restriction, Schedule, Timetable, TimetableError};

/// Runs that one answer names for the scheduler; more are asked for when a quarter of them is left.
pub const ASKED_AHEAD: u32 = 32;
/// An answer is taken as given now for so long: asking again takes time as well.
const FRESH: SignedDuration = SignedDuration::from_secs(10);
/// Runs that one answer names at most.
pub const ASKED_AT_MOST: u32 = 10_000;

/// A class of the user's.
#[derive(Clone, Debug, PartialEq)]
pub struct Custom {
    pub classpath: String,
    /// What its `serialize` gave.
    pub data: Value,
    pub can_be_scheduled: bool,
    pub periodic: bool,
    pub active_runs_limit: Option<u32>,
    /// What it said of the runs to come; `None`: nobody has asked.
    pub(super) ahead: Option<Arc<Ahead>>,
}

impl Custom {
    pub(super) fn new(classpath: String, data: Value) -> Custom {
        Custom { classpath, data, can_be_scheduled: true, periodic: true, active_runs_limit: None, ahead: None }
    }

    pub(super) fn next(
        &self,
        last: Option<DataInterval>,
        restriction: Restriction,
        now: Timestamp,
    ) -> Result<Option<NextRun>, TimetableError> {
        if !self.can_be_scheduled {
            return Ok(None);
        }
        let not_asked = || TimetableError::NotAsked { classpath: self.classpath.clone() };
        let ahead = self.ahead.as_ref().ok_or_else(not_asked)?;
        ahead.next(last, restriction.catchup, now).ok_or_else(not_asked)
    }

    /// The chain that it said, when it was asked.
    #[must_use]
    pub fn ahead(&self) -> Option<&Ahead> {
        self.ahead.as_deref()
    }
}

/// What is asked of a class. The same words go to Python (`docs/reference/python-frames.md`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Question {
    /// The runs after `last`: up to `count`, and when `until` is given not beyond the first that may start after it.
    Runs {
        last: Option<DataInterval>,
        earliest: Option<Timestamp>,
        latest: Option<Timestamp>,
        catchup: bool,
        count: u32,
        #[serde(default)]
        until: Option<Timestamp>,
    },
    /// The data interval of a run by hand.
    Manual { run_after: Timestamp },
}

impl Question {
    /// The runs after `last`.
    #[must_use]
    pub fn runs(last: Option<DataInterval>, restriction: Restriction, count: u32, until: Option<Timestamp>) -> Question {
        let Restriction { earliest, latest, catchup } = restriction;
        Question::Runs { last, earliest, latest, catchup, count: count.clamp(1, ASKED_AT_MOST), until }
    }
}

/// What came back: a chain, an interval, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Answer {
    Runs(Ahead),
    Manual { interval: DataInterval },
    Failed { error: String },
}

/// Why an answer of Python's is none, in words.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    #[error("the answer cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    #[error("it gave {what} where {expected} was asked for")]
    Kind { what: &'static str, expected: &'static str },
    #[error("run {index} ends at {end}, before it starts at {start}")]
    Backwards { index: usize, start: Timestamp, end: Timestamp },
    #[error("the run for {this} does not come after the one for {before}")]
    NotLater { before: Timestamp, this: Timestamp },
    #[error("the run for {this} lies before the start date {earliest}")]
    TooEarly { earliest: Timestamp, this: Timestamp },
    #[error("it gave {given} runs where at most {count} were asked for")]
    TooMany { given: usize, count: u32 },
}

impl Answer {
    /// Reads what Python said, and holds it against what was asked: a chain goes forward, and does not begin before the start date.
    ///
    /// # Errors
    /// It does not; in words for whoever wrote the class.
    pub fn read(value: Value, asked: &Question) -> Result<Answer, AnswerError> {
        let answer: Answer = serde_json::from_value(value)?;
        match (&answer, asked) {
            (Answer::Failed { .. }, _) => {}
            (Answer::Manual { interval }, Question::Manual { .. }) => in_order(0, *interval)?,
            (Answer::Runs(ahead), Question::Runs { last, earliest, count, .. }) => ahead.check(*last, *earliest, *count)?,
            (Answer::Manual { .. }, Question::Runs { .. }) => {
                return Err(AnswerError::Kind { what: "an interval", expected: "runs" });
            }
            (Answer::Runs(_), Question::Manual { .. }) => return Err(AnswerError::Kind { what: "runs", expected: "an interval" }),
        }
        Ok(answer)
    }
}

fn in_order(index: usize, interval: DataInterval) -> Result<(), AnswerError> {
    let DataInterval { start, end } = interval;
    if end < start { Err(AnswerError::Backwards { index, start, end }) } else { Ok(()) }
}

/// The runs after an interval, as a class said them at one time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ahead {
    from: Option<DataInterval>,
    runs: Vec<AheadRun>,
    /// There is none behind the last one.
    ended: bool,
    /// When it was said.
    at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct AheadRun {
    start: Timestamp,
    end: Timestamp,
    run_after: Timestamp,
    /// When the class names its runs itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run_id: Option<String>,
}

impl AheadRun {
    fn interval(&self) -> DataInterval {
        DataInterval { start: self.start, end: self.end }
    }

    fn run(&self) -> NextRun {
        NextRun { logical_date: self.start, interval: self.interval(), run_after: self.run_after }
    }
}

impl Ahead {
    fn check(&self, last: Option<DataInterval>, earliest: Option<Timestamp>, count: u32) -> Result<(), AnswerError> {
        if self.runs.len() > count as usize {
            return Err(AnswerError::TooMany { given: self.runs.len(), count });
        }
        let mut before = last.map(|last| last.start);
        for (index, run) in self.runs.iter().enumerate() {
            in_order(index, run.interval())?;
            if let Some(before) = before.filter(|before| run.start <= *before) {
                return Err(AnswerError::NotLater { before, this: run.start });
            }
            if let Some(earliest) = earliest.filter(|earliest| run.start < *earliest) {
                return Err(AnswerError::TooEarly { earliest, this: run.start });
            }
            before = Some(run.start);
        }
        Ok(())
    }

    /// How many runs it names behind an interval; `None`: it does not know that interval.
    #[must_use]
    pub fn left(&self, last: Option<DataInterval>) -> Option<usize> {
        self.place(last).map(|place| self.runs.len() - place)
    }

    /// Whether it knows that nothing comes behind what it names.
    #[must_use]
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// The id that the class gives to a run.
    #[must_use]
    pub fn run_id(&self, run: &NextRun) -> Option<&str> {
        self.runs.iter().find(|ahead| ahead.run() == *run).and_then(|ahead| ahead.run_id.as_deref())
    }

    /// All runs, in order.
    pub fn runs(&self) -> impl Iterator<Item = NextRun> {
        self.runs.iter().map(AheadRun::run)
    }

    fn place(&self, last: Option<DataInterval>) -> Option<usize> {
        if last == self.from {
            return Some(0);
        }
        let place = self.runs.iter().position(|run| Some(run.interval()) == last)?;
        Some(place + 1)
    }

    /// The run behind an interval, `Some(None)` when there is none to come, `None` when the class has to be asked.
    ///
    /// Without catchup, what a class says depends on when it is asked: of several runs that are due it would name the newest. So an answer that was
    /// given before a second one became due is of no use.
    fn next(&self, last: Option<DataInterval>, catchup: bool, now: Timestamp) -> Option<Option<NextRun>> {
        let place = self.place(last)?;
        let Some(run) = self.runs.get(place) else { return self.ended.then_some(None) };
        if !catchup && run.run_after <= now && now.duration_since(self.at) > FRESH {
            let is_old = match self.runs.get(place + 1) {
                Some(following) => following.run_after <= now && self.at < following.run_after,
                None => !self.ended && self.at < run.run_after,
            };
            if is_old {
                return None;
            }
        }
        Some(Some(run.run()))
    }
}

impl Timetable {
    /// The class of the user's that decides, if one does.
    #[must_use]
    pub fn custom(&self) -> Option<&Custom> {
        match &self.schedule {
            Schedule::Custom(custom) => Some(custom),
            _ => None,
        }
    }

    /// The same timetable, knowing what its class said; any other is left as it is.
    #[must_use]
    pub fn with_ahead(mut self, ahead: Option<Ahead>) -> Timetable {
        if let Schedule::Custom(custom) = &mut self.schedule {
            custom.ahead = ahead.map(Arc::new);
        }
        self
    }
}
