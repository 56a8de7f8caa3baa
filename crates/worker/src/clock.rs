//! Wall time, for reports and log lines only.

use jiff::Timestamp;

pub fn now() -> Timestamp {
    Timestamp::now()
}
