//! Where hints of queued attempts wait for a worker.
//!
//! Authority: none. A hint may be lost, repeated or late (invariant 1); the claim on the attempt's row decides. So a queue needs no
//! acknowledgement: taking a hint removes it, and what a dead worker took is published again by the scheduler.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use uuid::Uuid;

use crate::service::Hint;

/// A hint on its way to a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub attempt_id: Uuid,
    pub queue: String,
    /// Higher goes first; equal ones in the order of publishing.
    pub priority: i32,
}

/// Boxed answer, so that the queue can be a trait object.
pub type Waiting<'a, T> = Pin<Box<dyn Future<Output = Result<T, QueueError>> + Send + 'a>>;

/// The queue cannot be reached; nothing is lost, since rows are the truth.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the queue of attempts cannot be reached: {0}")]
pub struct QueueError(pub String);

/// One conformance suite (`tests/conformance.rs`) holds for all of them.
pub trait HintQueue: Send + Sync + 'static {
    /// Publishing an attempt that already waits changes nothing.
    fn publish(&self, hints: Vec<Published>) -> Waiting<'_, ()>;
    /// At most `max` hints of the named queues (of all queues when none is named), highest priority first. Returns empty after `wait` without any.
    fn take<'a>(&'a self, queues: &'a [String], max: usize, wait: Duration) -> Waiting<'a, Vec<Hint>>;
    /// Whether workers of other processes take hints from here, so that one may be lost with any of them.
    fn is_shared(&self) -> bool;
    /// Another process has done something: it may have published.
    fn news(&self);
    /// How many hints wait.
    fn depth(&self) -> Waiting<'_, usize>;
}
