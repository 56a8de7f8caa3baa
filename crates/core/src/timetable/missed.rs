//! What a schedule has missed while nobody followed it, and how it goes on when that is passed over.

use super::{DataInterval, NextRun, Restriction, Schedule, Timetable, TimetableError};
use jiff::Timestamp;

/// Steps beyond the counted ones: an hourly calendar distance for 200 years, a few seconds of work.
const STEP_LIMIT: usize = 2_000_000;

/// Runs that are due and not made: what unpausing starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missed {
    /// At most as many as were to be counted.
    pub count: usize,
    /// Whether `count` is all of them.
    pub exact: bool,
    pub first: Option<NextRun>,
    /// The newest of them, whether or not all were counted.
    pub last: Option<NextRun>,
    /// Where the schedule goes on from when they are passed over; `None`: there is nothing to pass over.
    pub pass_over: Option<DataInterval>,
    /// The run that then comes first.
    pub next: Option<NextRun>,
}

/// Where a schedule goes on from: its newest run, or what somebody passed over, whichever is later. What was passed over is forgotten when the
/// start date moves beyond it.
pub fn goes_on_from(newest: Option<DataInterval>, passed_over: Option<DataInterval>, earliest: Option<Timestamp>) -> Option<DataInterval> {
    let passed_over = passed_over.filter(|interval| earliest.is_none_or(|earliest| earliest <= interval.end));
    match (newest, passed_over) {
        (Some(newest), Some(passed_over)) if passed_over.end > newest.end => Some(passed_over),
        (None, passed_over) => passed_over,
        (newest, _) => newest,
    }
}

impl Timetable {
    /// The runs due by `now`, of which up to `limit` are counted one by one.
    ///
    /// # Errors
    /// As [`Timetable::next`]; or the runs are so many that the newest cannot be found.
    pub fn missed(
        &self,
        last: Option<DataInterval>,
        restriction: Restriction,
        now: Timestamp,
        limit: usize,
    ) -> Result<Missed, TimetableError> {
        let first = self.next(last, restriction, now)?;
        let Some(due) = first.filter(|run| run.run_after <= now) else {
            return Ok(Missed { exact: true, next: first, ..Missed::default() });
        };
        if self.schedule == Schedule::Continuous {
            return self.missed_continuous(due, restriction, now);
        }
        let mut walk = Walk { timetable: self, restriction, now, at: due, steps: 1 };
        while walk.steps < limit && walk.step()? {}
        let (count, exact) = (walk.steps, walk.following()?.is_none());
        if !exact {
            walk.leap()?;
            while walk.step()? {
                if walk.steps > limit.saturating_add(STEP_LIMIT) {
                    return Err(TimetableError::TooManyMissed { schedule: self.summary(), from: due.logical_date });
                }
            }
        }
        let pass_over = Some(walk.at.interval);
        let next = self.next(pass_over, restriction, now)?;
        Ok(Missed { count, exact, first, last: Some(walk.at), pass_over, next })
    }

    /// One run about all the time until now; passed over, one that begins now.
    fn missed_continuous(&self, due: NextRun, restriction: Restriction, now: Timestamp) -> Result<Missed, TimetableError> {
        let pass_over = Some(DataInterval::exact(super::whole_micros(now)));
        let next = self.next(pass_over, restriction, now)?;
        Ok(Missed { count: 1, exact: true, first: Some(due), last: Some(due), pass_over, next })
    }
}

/// A walk over runs that are due.
struct Walk<'a> {
    timetable: &'a Timetable,
    restriction: Restriction,
    now: Timestamp,
    at: NextRun,
    steps: usize,
}

impl Walk<'_> {
    /// The run after this one, if it is due.
    fn following(&self) -> Result<Option<NextRun>, TimetableError> {
        let next = self.timetable.next(Some(self.at.interval), self.restriction, self.now).map_err(|error| match error {
            // As many as a class says at once, and still one that is due.
            TimetableError::NotAsked { .. } => {
                TimetableError::TooManyMissed { schedule: self.timetable.summary(), from: self.at.logical_date }
            }
            error => error,
        })?;
        Ok(next.filter(|next| next.run_after <= self.now && next.interval != self.at.interval))
    }

    fn step(&mut self) -> Result<bool, TimetableError> {
        let following = self.following()?;
        if let Some(next) = following {
            self.at = next;
            self.steps += 1;
        }
        Ok(following.is_some())
    }

    /// Goes on to a run close to the newest one, where the timetable can tell it without the ones between.
    fn leap(&mut self) -> Result<(), TimetableError> {
        let fixed = match &self.timetable.schedule {
            Schedule::DeltaTrigger(delta) => delta.delta.fixed(),
            Schedule::DeltaDataInterval(delta) => delta.delta.fixed(),
            _ => None,
        };
        if let Some(length) = fixed {
            self.leap_by(length.as_micros());
            return Ok(());
        }
        let by_cron =
            matches!(self.timetable.schedule, Schedule::CronTrigger(_) | Schedule::CronDataInterval(_) | Schedule::MultipleCronTrigger(_));
        if by_cron {
            let now = self.restriction.latest.map_or(self.now, |latest| latest.min(self.now));
            let newest = Restriction { catchup: false, ..self.restriction };
            let newest = self.timetable.next(Some(self.at.interval), newest, now)?;
            if let Some(newest) = newest.filter(|run| run.run_after <= self.now) {
                self.at = newest;
            }
        }
        Ok(())
    }

    /// Runs of a fixed distance lie on a grid.
    fn leap_by(&mut self, length: i128) {
        let grid =
            |from: Timestamp, to: Timestamp| i128::from(to.as_microsecond() - from.as_microsecond()).checked_div(length).unwrap_or(0);
        let mut steps = grid(self.at.run_after, self.now);
        if let Some(latest) = self.restriction.latest {
            steps = steps.min(grid(self.at.logical_date, latest));
        }
        let moved = |at: Timestamp| {
            let by = i64::try_from(steps.max(0) * length).ok()?;
            Timestamp::from_microsecond(at.as_microsecond().checked_add(by)?).ok()
        };
        let to = (moved(self.at.logical_date), moved(self.at.interval.start), moved(self.at.interval.end), moved(self.at.run_after));
        if let (Some(logical_date), Some(start), Some(end), Some(run_after)) = to {
            self.at = NextRun { logical_date, interval: DataInterval { start, end }, run_after };
        }
    }
}
