//! How an attempt gets from queued to a worker: which workers there are, and how many attempts each takes at once.
//!
//! The executors here run their workers in this process. They hold no state of their own: what runs is told by rows alone.

mod local;
mod select;

pub use local::{ExecutorHandle, LocalExecutor};
pub use select::{ExecutorError, select};
