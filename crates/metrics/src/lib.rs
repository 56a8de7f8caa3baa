//! What the program measures of itself, under Airflow's names: for Prometheus to fetch, and to a StatsD server.
//!
//! *Authority:* none; figures may be lost, nothing waits for them. [`install`] says once per process where they go; before that, and in
//! programs that never do, recording does nothing. The names are constants of [`names`]:
//!
//! ```
//! use tradewind_metrics::names;
//! names::TI_START.count(1, &[("dag_id", "etl"), ("task_id", "load")]);
//! ```

mod filter;
mod metric;
pub mod names;
mod prometheus;
mod recorder;
mod statsd;

pub use filter::{Filter, PatternError};
pub use metric::{Kind, Metric, Tags};
pub use prometheus::CONTENT_TYPE;
pub use recorder::{Options, Recorder, flush, install, prometheus};
pub use statsd::{StatsdOptions, Style};
