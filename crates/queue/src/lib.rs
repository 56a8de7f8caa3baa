//! Where dispatched attempts wait, change hints for owners, and the attempt service.

pub mod attempt_log;
pub mod awaited;
pub mod backfills;
pub mod changes;
pub mod control;
pub mod database;
pub mod hint_queue;
pub mod memory;
pub mod remote;
pub mod service;
pub mod timetables;
pub mod unpause;
pub mod why;

pub use changes::{Change, Changes, RunChange, TaskChange};
pub use database::DatabaseQueue;
pub use hint_queue::{HintQueue, Published, QueueError};
pub use memory::MemoryQueue;
