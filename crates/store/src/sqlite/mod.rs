//! SQLite through rusqlite: one writer thread with group commit, a few reader threads.

mod error;
mod job;
mod session;
mod threads;

pub(crate) use job::{Job, Message, Typed};
pub(crate) use session::Session;
pub(crate) use threads::{Threads, start};
