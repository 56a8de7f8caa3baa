//! What a change of the clock does to a tick, for people.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::cron::Jump;
use super::{Schedule, Timetable, Zone};

/// Why a tick is not as plain as the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockMark {
    /// The clock jumps over the time that the schedule names.
    Gap { jump: Jump, shown: DateTime },
    /// The clock shows its time twice.
    Repeat { shown: DateTime, second: bool },
}

impl ClockMark {
    /// `gap` or `repeat`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            ClockMark::Gap { .. } => "gap",
            ClockMark::Repeat { .. } => "repeat",
        }
    }
}

impl fmt::Display for ClockMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |at: DateTime| at.strftime(if at.second() == 0 { "%H:%M" } else { "%H:%M:%S" }).to_string();
        match self {
            ClockMark::Gap { jump, shown } => write!(
                f,
                "{} does not exist on {}: the clock jumps from {} to {}; it runs at {}",
                time(jump.meant),
                jump.meant.date(),
                time(jump.from),
                time(jump.to),
                time(*shown)
            ),
            ClockMark::Repeat { shown, second } => {
                let which = if *second { "second" } else { "first" };
                write!(f, "the clock shows {} twice on {}; this is the {which} time", time(*shown), shown.date())
            }
        }
    }
}

impl Timetable {
    /// The zone whose clock the schedule goes by; `None` when it goes by none.
    #[must_use]
    pub fn zone(&self) -> Option<&Zone> {
        match &self.schedule {
            Schedule::CronTrigger(cron) => Some(&cron.zone),
            Schedule::CronDataInterval(cron) => Some(&cron.zone),
            Schedule::MultipleCronTrigger(crons) => crons.triggers().first().map(|cron| &cron.zone),
            _ => None,
        }
    }

    /// What the clock of `zone` does around a tick of this schedule.
    #[must_use]
    pub fn clock_mark(&self, tick: Timestamp, zone: &TimeZone) -> Option<ClockMark> {
        let shown = zone.to_datetime(tick);
        let moved = match &self.schedule {
            Schedule::CronTrigger(cron) => cron.cron.moved_by(tick, cron.zone.rules()),
            Schedule::CronDataInterval(cron) => cron.cron.moved_by(tick, cron.zone.rules()),
            Schedule::MultipleCronTrigger(crons) => crons.triggers().iter().find_map(|cron| cron.cron.moved_by(tick, cron.zone.rules())),
            _ => None,
        };
        if let Some(jump) = moved {
            return Some(ClockMark::Gap { jump, shown });
        }
        match zone.to_ambiguous_timestamp(shown).offset() {
            AmbiguousOffset::Fold { after, .. } => Some(ClockMark::Repeat { shown, second: zone.to_offset(tick) == after }),
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Gap { .. } => None,
        }
    }
}
