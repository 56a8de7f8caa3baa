//! Cron in a time zone, across changes of the clock.
//!
//! The ticks of an expression in a zone are one set of instants, whoever asks and from where:
//! * each matching time that the clock shows once;
//! * a matching time that it shows twice: the second showing; when the hour field names all hours, both, so that no real hour goes
//!   without;
//! * of the matching times that the clock jumps over: the first, later by the length of the jump (02:30 in New York's gap is 03:30).
//!
//! [`Cron::next`] and [`Cron::prev`] are successor and predecessor in this set.

use super::Cron;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

const TINY: SignedDuration = SignedDuration::from_nanos(1);

impl Cron {
    /// The first tick strictly after an instant; `None` when there is none within 50 years.
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let local = zone.to_datetime(after);
        let regular = match Change::shown_twice(after, local, zone) {
            Some(fold) if fold.before_change(after) => self.next_from_first_showing(local, &fold, zone),
            _ => self.next_civil(local).and_then(|found| self.settle_next(found, after, zone)),
        };
        let moved = Change::just_past(after, zone).and_then(|gap| self.moved(&gap)).filter(|moved| *moved > after);
        earlier(regular, moved)
    }

    /// The last tick strictly before an instant; `None` when there is none within 50 years.
    pub fn prev(&self, before: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let local = zone.to_datetime(before);
        let found = match Change::shown_twice(before, local, zone) {
            Some(fold) if fold.before_change(before) && !self.every_hour() => self.prev_civil(fold.begin())?,
            Some(fold) if !fold.before_change(before) && self.every_hour() => match self.prev_civil(local)? {
                found if found >= fold.begin() => return fold.after.to_timestamp(found).ok(),
                _ => self.prev_civil(fold.end())?,
            },
            _ => self.prev_civil(local)?,
        };
        self.settle_prev(found, before, zone)
    }

    /// The instant itself when it is a tick, else the next tick.
    pub fn at_or_after(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        self.next(at.checked_sub(TINY).ok()?, zone)
    }

    /// The instant itself when it is a tick, else the last tick before it.
    pub fn at_or_before(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        self.prev(at.checked_add(TINY).ok()?, zone)
    }

    /// The jump of the clock that made a tick stand where the expression has none.
    pub fn moved_by(&self, tick: Timestamp, zone: &TimeZone) -> Option<Jump> {
        let gap = Change::just_past(tick, zone).filter(|gap| self.moved(gap) == Some(tick))?;
        let shown = zone.to_datetime(tick);
        // Another tick may stand there by itself.
        (self.civil_from(shown) != Some(shown)).then(|| Jump { meant: gap.before.to_datetime(tick), from: gap.end(), to: gap.begin() })
    }

    /// Behind an instant of the first showing: the rest of it, when every hour counts, then the second showing, then the future.
    fn next_from_first_showing(&self, local: DateTime, fold: &Change, zone: &TimeZone) -> Option<Timestamp> {
        if self.every_hour()
            && let Some(found) = self.next_civil(local).filter(|found| *found < fold.end())
        {
            return fold.before.to_timestamp(found).ok();
        }
        let found = self.civil_from(fold.begin())?;
        if found < fold.end() { fold.after.to_timestamp(found).ok() } else { self.settle_next(found, fold.at, zone) }
    }

    /// The instant of a local time that lies ahead of `after`; for one in a gap the earlier of its moved tick and the first
    /// behind the gap.
    fn settle_next(&self, found: DateTime, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match zone.to_ambiguous_timestamp(found).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(found).ok(),
            AmbiguousOffset::Fold { before, after: offset } => {
                let first = before.to_timestamp(found).ok().filter(|first| self.every_hour() && *first > after);
                first.or_else(|| offset.to_timestamp(found).ok())
            }
            AmbiguousOffset::Gap { before, .. } => {
                let moved = before.to_timestamp(found).ok()?;
                let gap = Change::just_past(moved, zone)?;
                let behind = self.civil_from(gap.begin()).and_then(|found| gap.after.to_timestamp(found).ok());
                earlier(Some(moved), behind)
            }
        }
    }

    /// The last tick at or before a local time that lies behind `before`.
    fn settle_prev(&self, found: DateTime, before: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let regular = match zone.to_ambiguous_timestamp(found).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(found).ok()?,
            AmbiguousOffset::Fold { before: offset, after } => {
                let second = after.to_timestamp(found).ok()?;
                if second < before { second } else { offset.to_timestamp(found).ok()? }
            }
            AmbiguousOffset::Gap { before: offset, .. } => {
                let gap = Change::just_past(offset.to_timestamp(found).ok()?, zone)?;
                return match self.moved(&gap) {
                    Some(moved) if moved < before => Some(moved),
                    _ => self.settle_prev(self.prev_civil(gap.end())?, before, zone),
                };
            }
        };
        let moved = Change::just_past(regular, zone).and_then(|gap| self.moved(&gap));
        Some(moved.filter(|moved| *moved < before).map_or(regular, |moved| moved.max(regular)))
    }

    /// The tick that the first matching time in a gap is moved to.
    fn moved(&self, gap: &Change) -> Option<Timestamp> {
        let first = self.civil_from(gap.end())?;
        if first < gap.begin() { gap.before.to_timestamp(first).ok() } else { None }
    }
}

/// A jump forward of the clock, and a local time that it left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jump {
    /// The time that the expression names.
    pub meant: DateTime,
    /// What the clock showed last before the jump ...
    pub from: DateTime,
    /// ... and first behind it.
    pub to: DateTime,
}

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// A change of the clock. Seen from it, the old time ends at [`Change::end`] and the new begins at [`Change::begin`].
struct Change {
    at: Timestamp,
    before: Offset,
    after: Offset,
}

impl Change {
    /// The change that makes the clock show the local time of `at` twice.
    fn shown_twice(at: Timestamp, local: DateTime, zone: &TimeZone) -> Option<Change> {
        let AmbiguousOffset::Fold { before, after } = zone.to_ambiguous_timestamp(local).offset() else {
            return None;
        };
        let change = if zone.to_offset(at) == before {
            zone.following(at).next()?.timestamp()
        } else {
            zone.preceding(at.checked_add(TINY).ok()?).next()?.timestamp()
        };
        Some(Change { at: change, before, after })
    }

    /// The jump forward that happened no longer before `at` than it is wide; only there may moved ticks lie.
    fn just_past(at: Timestamp, zone: &TimeZone) -> Option<Change> {
        let change = zone.preceding(at.checked_add(TINY).ok()?).next()?.timestamp();
        let before = zone.to_offset(change.checked_sub(TINY).ok()?);
        let after = zone.to_offset(change);
        let width = i64::from(after.seconds()) - i64::from(before.seconds());
        let past = at.duration_since(change).as_secs();
        (past < width).then_some(Change { at: change, before, after })
    }

    fn before_change(&self, at: Timestamp) -> bool {
        at < self.at
    }

    fn end(&self) -> DateTime {
        self.before.to_datetime(self.at)
    }

    fn begin(&self) -> DateTime {
        self.after.to_datetime(self.at)
    }
}
