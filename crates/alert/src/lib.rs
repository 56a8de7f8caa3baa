//! Alerts: what is told to people, through which channels, and the couriers that deliver what stands in the outbox.
//!
//! *Authority:* the rows of `alert`. *Failure:* a message that cannot be delivered waits in its row; a courier that dies leaves a claim that ends.
//! Nothing here is in the way of scheduling: couriers are tasks of their own, one for each channel, and every call has a deadline.

mod command;
mod courier;
mod links;
mod log;
mod mail;
mod mails;
mod options;
mod outcome;
mod prepared;
mod story;
mod template;
mod test_message;
mod text;
mod time;
mod watch;
mod webhook;

pub use courier::{Courier, couriers};
pub use options::{AlertOptions, Link, OptionsError, policy, secrets};
pub use test_message::{Channel, TestError, channels, tell, test};
pub use watch::{WatchOptions, watch};
