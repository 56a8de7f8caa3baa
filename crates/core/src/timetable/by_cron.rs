//! Schedules by cron: runs at ticks, and runs about the stretches between ticks.

use super::{Cron, CronError, DataInterval, Delta, NextRun, Restriction, TimetableError, Zone};
use jiff::{SignedDuration, Timestamp};

/// What a schedule without start date and without runs does about the tick that has just passed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum RunImmediately {
    /// Takes it when it is at most a tenth of the distance between ticks ago, or five minutes. Also what `False` does: it is
    /// the default value of the parameter, and cannot be told from leaving it out.
    #[default]
    WhenRecent,
    Always,
    /// Takes it when it is at most this long ago.
    Within(SignedDuration),
}

/// Runs at each tick.
#[derive(Clone, Debug, PartialEq)]
pub struct CronTrigger {
    pub cron: Cron,
    pub zone: Zone,
    /// The data interval is this long and ends at the tick.
    pub interval: Delta,
    pub run_immediately: RunImmediately,
}

/// Runs about each stretch between two ticks, when it is over.
#[derive(Clone, Debug, PartialEq)]
pub struct CronInterval {
    pub cron: Cron,
    pub zone: Zone,
}

/// Runs at the ticks of several expressions.
#[derive(Clone, Debug, PartialEq)]
pub struct MultipleCrons {
    triggers: Vec<CronTrigger>,
}

/// Reads an expression; the error carries it.
pub(super) fn parse(expression: &str) -> Result<Cron, TimetableError> {
    expression.parse().map_err(|reason: CronError| TimetableError::Cron { expression: expression.to_owned(), reason })
}

/// Steps of an expression in its zone, with "no such time" as an error.
struct Ticks<'a> {
    cron: &'a Cron,
    zone: &'a Zone,
}

impl Ticks<'_> {
    fn or_none(&self, found: Option<Timestamp>, from: Timestamp) -> Result<Timestamp, TimetableError> {
        found.ok_or_else(|| TimetableError::NoTick { expression: self.cron.to_string(), from })
    }

    fn next(&self, after: Timestamp) -> Result<Timestamp, TimetableError> {
        self.or_none(self.cron.next(after, self.zone.rules()), after)
    }

    fn at_or_after(&self, at: Timestamp) -> Result<Timestamp, TimetableError> {
        self.or_none(self.cron.at_or_after(at, self.zone.rules()), at)
    }

    fn prev(&self, before: Timestamp) -> Option<Timestamp> {
        self.cron.prev(before, self.zone.rules())
    }

    fn at_or_before(&self, at: Timestamp) -> Option<Timestamp> {
        self.cron.at_or_before(at, self.zone.rules())
    }
}

impl CronTrigger {
    fn ticks(&self) -> Ticks<'_> {
        Ticks { cron: &self.cron, zone: &self.zone }
    }

    pub(super) fn next(
        &self,
        last: Option<DataInterval>,
        restriction: Restriction,
        now: Timestamp,
    ) -> Result<Option<NextRun>, TimetableError> {
        let ticks = self.ticks();
        let mut tick = match (last, restriction.earliest) {
            (Some(last), _) => ticks.next(last.end),
            (None, Some(earliest)) => ticks.at_or_after(earliest),
            (None, None) => self.first_without_start(now),
        }?;
        if !restriction.catchup {
            if let Some(newest) = ticks.at_or_before(now) {
                tick = tick.max(newest);
            }
            if let Some(earliest) = restriction.earliest {
                tick = tick.max(ticks.at_or_after(earliest)?);
            }
        }
        Ok(Some(self.run_at(tick)?))
    }

    fn run_at(&self, tick: Timestamp) -> Result<NextRun, TimetableError> {
        Ok(NextRun { logical_date: tick, interval: self.infer_manual(tick)?, run_after: tick })
    }

    fn first_without_start(&self, now: Timestamp) -> Result<Timestamp, TimetableError> {
        let ticks = self.ticks();
        let next = ticks.at_or_after(now);
        let Some(past) = ticks.at_or_before(now) else {
            return next;
        };
        let recent = match (self.run_immediately, &next) {
            (RunImmediately::Always, _) => return Ok(past),
            (RunImmediately::Within(recent), _) => recent,
            (RunImmediately::WhenRecent, Ok(next)) => (next.duration_since(past) / 10).max(SignedDuration::from_mins(5)),
            (RunImmediately::WhenRecent, Err(_)) => SignedDuration::from_mins(5),
        };
        if now.duration_since(past) <= recent { Ok(past) } else { next }
    }

    pub(super) fn infer_manual(&self, run_after: Timestamp) -> Result<DataInterval, TimetableError> {
        Ok(DataInterval { start: self.interval.subtract(run_after)?, end: run_after })
    }
}

impl CronInterval {
    fn ticks(&self) -> Ticks<'_> {
        Ticks { cron: &self.cron, zone: &self.zone }
    }

    pub(super) fn next(
        &self,
        last: Option<DataInterval>,
        restriction: Restriction,
        now: Timestamp,
    ) -> Result<Option<NextRun>, TimetableError> {
        let ticks = self.ticks();
        let earliest = match restriction.earliest {
            Some(earliest) => Some(ticks.at_or_after(earliest)?),
            None => None,
        };
        let earliest = if restriction.catchup { earliest } else { earliest.max(self.newest_complete(now)) };
        let follows = match last {
            Some(last) => Some(self.after(last)?),
            None => None,
        };
        // A bound that is not there is smaller than any.
        let Some(start) = earliest.max(follows) else {
            return Ok(None);
        };
        Ok(Some(NextRun::of_interval(start, ticks.next(start)?)))
    }

    /// Where the next interval starts. When the schedule was changed the old end is no tick; then from the tick before it, so
    /// that intervals stay whole, unless that would go back behind the last run.
    fn after(&self, last: DataInterval) -> Result<Timestamp, TimetableError> {
        let ticks = self.ticks();
        match ticks.at_or_before(last.end) {
            Some(tick) if tick > last.start || last.start == last.end => Ok(tick),
            _ => ticks.at_or_after(last.end),
        }
    }

    fn newest_complete(&self, now: Timestamp) -> Option<Timestamp> {
        let ticks = self.ticks();
        ticks.prev(ticks.at_or_before(now)?)
    }

    pub(super) fn infer_manual(&self, run_after: Timestamp) -> Result<DataInterval, TimetableError> {
        let ticks = self.ticks();
        let end = ticks.at_or_before(run_after);
        let interval = end.and_then(|end| Some(DataInterval { start: ticks.prev(end)?, end }));
        interval.ok_or_else(|| TimetableError::NoTick { expression: self.cron.to_string(), from: run_after })
    }
}

impl MultipleCrons {
    /// At least one expression is needed.
    pub fn new(triggers: Vec<CronTrigger>) -> Result<MultipleCrons, TimetableError> {
        if triggers.is_empty() { Err(TimetableError::NoCrons) } else { Ok(MultipleCrons { triggers }) }
    }

    /// One trigger per expression.
    pub fn triggers(&self) -> &[CronTrigger] {
        &self.triggers
    }

    /// The earliest of the next ticks; with missed ones skipped the newest that has passed, if any has.
    pub(super) fn next(
        &self,
        last: Option<DataInterval>,
        restriction: Restriction,
        now: Timestamp,
    ) -> Result<Option<NextRun>, TimetableError> {
        let mut runs = Vec::with_capacity(self.triggers.len());
        for trigger in &self.triggers {
            runs.extend(trigger.next(last, restriction, now)?);
        }
        let passed = runs.iter().filter(|run| run.run_after <= now).max_by_key(|run| run.run_after);
        if !restriction.catchup && passed.is_some() {
            return Ok(passed.copied());
        }
        Ok(runs.into_iter().min_by_key(|run| run.run_after))
    }

    pub(super) fn infer_manual(&self, run_after: Timestamp) -> Result<DataInterval, TimetableError> {
        self.triggers[0].infer_manual(run_after)
    }
}
