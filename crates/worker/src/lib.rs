//! The worker: claims attempts and supervises their processes.
//!
//! *Authority:* an attempt runs here only after its claim was won, and ends before this worker's lease could have ended.
//! *States:* of the worker: registering, working, draining, stopped; of an attempt: starting, running, reported or being ended, gone.
//! *Clock:* the machine's monotonic clock for every deadline; wall time only in reports and log lines.
//! *May be lost:* hints, heartbeats, this process. Results are not: they wait on disk until they are answered.

mod attempt;
mod beat;
mod clock;
mod crew;
mod journal;
mod log;
mod log_server;
mod options;
mod outbox;
mod processor;
pub mod remote;
mod requests;
mod sensitive;
mod stop;
mod triggerer;
mod worker;

pub use journal::reports_in;
pub use log_server::serve_logs;
pub use options::WorkerOptions;
pub use processor::{Processor, ProcessorOptions};
pub use triggerer::{Triggerer, TriggererOptions};
pub use worker::{Worker, WorkerHandle};
