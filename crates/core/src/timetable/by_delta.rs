//! Schedules by distance: every six hours, every month.

use super::{DataInterval, Delta, NextRun, Restriction, TimetableError};
use jiff::Timestamp;

/// Steps of a calendar distance that are counted to reach the present; a step is a day at the least in any real DAG.
const STEP_LIMIT: usize = 100_000;

/// Runs one distance after the other, without alignment.
#[derive(Clone, Debug, PartialEq)]
pub struct DeltaTrigger {
    pub delta: Delta,
    /// The data interval is this long and ends at the run.
    pub interval: Delta,
}

/// Runs about stretches of one distance each, when they are over.
#[derive(Clone, Debug, PartialEq)]
pub struct DeltaInterval {
    pub delta: Delta,
}

impl DeltaTrigger {
    pub(super) fn next(&self, last: Option<DataInterval>, restriction: Restriction, now: Timestamp) -> Result<NextRun, TimetableError> {
        let mut at = match (last, restriction.earliest) {
            (Some(last), _) => self.delta.add(last.end)?,
            (None, Some(earliest)) => earliest,
            (None, None) => now,
        };
        if !restriction.catchup {
            at = at.max(now).max(restriction.earliest.unwrap_or(at));
        }
        Ok(NextRun { logical_date: at, interval: self.infer_manual(at)?, run_after: at })
    }

    pub(super) fn infer_manual(&self, run_after: Timestamp) -> Result<DataInterval, TimetableError> {
        Ok(DataInterval { start: self.interval.subtract(run_after)?, end: run_after })
    }
}

impl DeltaInterval {
    pub(super) fn next(
        &self,
        last: Option<DataInterval>,
        restriction: Restriction,
        now: Timestamp,
    ) -> Result<Option<NextRun>, TimetableError> {
        let mut start = restriction.earliest;
        if !restriction.catchup {
            start = start.max(self.newest_complete(restriction.earliest, now)?);
        }
        let Some(start) = start.max(last.map(|last| last.end)) else {
            return Ok(None);
        };
        Ok(Some(NextRun::of_interval(start, self.delta.add(start)?)))
    }

    /// The start of the newest stretch that is over. Stretches of a fixed length are counted from the epoch; months and years
    /// from the start date, without one from the epoch too.
    fn newest_complete(&self, earliest: Option<Timestamp>, now: Timestamp) -> Result<Option<Timestamp>, TimetableError> {
        if let Some(length) = self.delta.fixed() {
            let length = length.as_micros();
            if length <= 0 {
                return Err(TimetableError::DeltaNotPositive { delta: self.delta.to_string() });
            }
            let start = (i128::from(now.as_microsecond()).div_euclid(length) - 1) * length;
            return Ok(i64::try_from(start).ok().and_then(|start| Timestamp::from_microsecond(start).ok()));
        }
        let mut start = earliest.unwrap_or(Timestamp::UNIX_EPOCH);
        let mut end = self.delta.add(start)?;
        if end > now {
            return Ok(earliest);
        }
        for _ in 0..STEP_LIMIT {
            let next = self.delta.add(end)?;
            if next > now {
                return Ok(Some(start));
            }
            if next <= end {
                break;
            }
            (start, end) = (end, next);
        }
        Err(TimetableError::DeltaNotPositive { delta: self.delta.to_string() })
    }

    pub(super) fn infer_manual(&self, run_after: Timestamp) -> Result<DataInterval, TimetableError> {
        Ok(DataInterval { start: self.delta.subtract(run_after)?, end: run_after })
    }
}
