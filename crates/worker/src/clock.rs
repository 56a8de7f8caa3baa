//! Wall time, for reports and log lines only.

use jiff::Timestamp;

#[expect(clippy::disallowed_methods, reason = "this is the worker's clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
