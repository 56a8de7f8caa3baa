//! The server's clock. Rows take their times from the database; this one is for tokens and waiting.

use jiff::Timestamp;

/// The time now.
#[expect(clippy::disallowed_methods, reason = "this is the server's clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
