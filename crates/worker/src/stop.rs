//! Why an attempt is to be ended.

use std::time::Duration;

use tradewind_queue::service::KillReason;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The control plane wants it.
    Kill(KillReason),
    /// The lease ends: all must be gone before. TERM is given this long.
    LeaseLost(Duration),
    /// This worker stops and its grace is over.
    Drain,
}
