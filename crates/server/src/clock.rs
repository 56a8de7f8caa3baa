//! The server's clock. Rows take their times from the database; this one is for tokens and waiting.

use jiff::Timestamp;

/// The time now.
pub fn now() -> Timestamp {
    Timestamp::now()
}
