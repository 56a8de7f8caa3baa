//! Wall time, for reports and log lines only.

use jiff::Timestamp;

#[expect(clippy::disallowed_methods, reason = "this is the worker's clock")]
/// The time, to the microsecond: as exact as Python's.
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}
