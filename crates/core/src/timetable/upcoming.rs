//! The runs that a schedule will make, from any instant on.

use jiff::{SignedDuration, Timestamp};

use super::{Ahead, NextRun, Restriction, Schedule, Timetable, TimetableError};

/// Steps on the way to the first run that is asked for; beyond them the way is cut short.
const STEPS: usize = 100_000;

impl Timetable {
    /// Up to `limit` runs that may start at `from` or later, as if none were missed. `planned` is the run that comes next.
    ///
    /// # Errors
    /// As [`Timetable::next`].
    pub fn upcoming(
        &self,
        planned: Option<NextRun>,
        restriction: Restriction,
        from: Timestamp,
        limit: usize,
    ) -> Result<Vec<NextRun>, TimetableError> {
        let restriction = Restriction { catchup: true, ..restriction };
        let mut runs = Vec::new();
        let mut next = self.first_from(planned, restriction, from)?;
        while let Some(run) = next.filter(|_| runs.len() < limit) {
            runs.push(run);
            next = if self.is_periodic() { self.following(run, restriction, from)? } else { None };
        }
        Ok(runs)
    }

    /// The run behind another one; `None` when the schedule does not get on.
    fn following(&self, run: NextRun, restriction: Restriction, now: Timestamp) -> Result<Option<NextRun>, TimetableError> {
        match self.next(Some(run.interval), restriction, now) {
            // Further than its class was asked.
            Err(TimetableError::NotAsked { .. }) => Ok(None),
            next => Ok(next?.filter(|next| next.run_after > run.run_after)),
        }
    }

    fn first_from(&self, planned: Option<NextRun>, restriction: Restriction, from: Timestamp) -> Result<Option<NextRun>, TimetableError> {
        match &self.schedule {
            Schedule::Null | Schedule::Asset { .. } => Ok(None),
            Schedule::Once | Schedule::Continuous => Ok(planned.filter(|run| run.run_after >= from)),
            Schedule::CronTrigger(_) | Schedule::CronDataInterval(_) | Schedule::MultipleCronTrigger(_) => {
                self.first_tick(restriction, from)
            }
            Schedule::DeltaTrigger(_) | Schedule::DeltaDataInterval(_) | Schedule::Events(_) => self.walk_to(planned, restriction, from),
            Schedule::Custom(custom) => {
                let from_chain = || custom.ahead().into_iter().flat_map(Ahead::runs).find(|run| run.run_after >= from);
                Ok(planned.filter(|run| run.run_after >= from).or_else(from_chain))
            }
        }
    }

    /// Ticks of cron are where they are, whatever ran before.
    fn first_tick(&self, restriction: Restriction, from: Timestamp) -> Result<Option<NextRun>, TimetableError> {
        if restriction.earliest.is_some_and(|earliest| earliest > from) {
            return self.next(None, restriction, from);
        }
        let before = from.checked_sub(SignedDuration::from_micros(1)).unwrap_or(from);
        match self.infer_manual(before) {
            Ok(last) => self.next(Some(last), restriction, from),
            // Nothing came before it.
            Err(_) => self.next(None, Restriction { earliest: Some(from), ..restriction }, from),
        }
    }

    /// Distances count from the run before.
    fn walk_to(&self, planned: Option<NextRun>, restriction: Restriction, from: Timestamp) -> Result<Option<NextRun>, TimetableError> {
        let mut next = match planned {
            Some(run) => Some(run),
            None => self.next(None, restriction, from)?,
        };
        for _ in 0..STEPS {
            match next {
                Some(run) if run.run_after < from => next = self.following(run, restriction, from)?,
                found => return Ok(found),
            }
        }
        self.next(Some(self.infer_manual(from)?), restriction, from)
    }
}
