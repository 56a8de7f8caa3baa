//! Mail: which server, what the message looks like, and the conversation with the server.

mod compose;
mod server;
mod smtp;

pub use compose::{Envelope, Mail, compose, raw};
pub use server::{MailServer, resolve};
pub use smtp::{Delivery, Session, Trouble};

/// Addresses of a message that are still to be written to: neither delivered nor refused for good.
pub fn open_recipients(recipients: &[String], outcomes: &tradewind_store::table::alert::Outcomes) -> Vec<String> {
    recipients.iter().filter(|address| !outcomes.contains_key(*address)).cloned().collect()
}
