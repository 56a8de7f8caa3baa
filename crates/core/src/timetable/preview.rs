//! The runs to come.

use super::{DataInterval, NextRun, Restriction, Timetable, TimetableError};
use jiff::Timestamp;

/// Runs one after another that are due by `now`; see [`Timetable::preview`].
#[derive(Debug)]
pub struct Preview<'a> {
    timetable: &'a Timetable,
    last: Option<DataInterval>,
    restriction: Restriction,
    now: Timestamp,
    left: usize,
}

impl<'a> Preview<'a> {
    pub(super) fn new(
        timetable: &'a Timetable,
        last: Option<DataInterval>,
        restriction: Restriction,
        now: Timestamp,
        limit: usize,
    ) -> Preview<'a> {
        Preview { timetable, last, restriction, now, left: limit }
    }
}

impl Iterator for Preview<'_> {
    type Item = Result<NextRun, TimetableError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        match self.timetable.next(self.last, self.restriction, self.now).transpose()? {
            Ok(run) => {
                // A schedule that runs as often as it can would name the present again and again.
                if self.last == Some(run.interval) {
                    self.left = 0;
                    return None;
                }
                self.last = Some(run.interval);
                Some(Ok(run))
            }
            Err(error) => {
                self.left = 0;
                Some(Err(error))
            }
        }
    }
}
