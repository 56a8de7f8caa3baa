//! The domain of Tradewind as values: no I/O, no async, no clock. Time comes in as an argument.

pub mod alert;
pub mod asset;
pub mod connection_uri;
pub mod deadline;
pub mod deps;
pub mod form;
pub mod graph;
pub mod lease;
pub mod mapping;
pub mod outcome;
pub mod plan;
pub mod protocol;
pub mod python_json;
pub mod retry;
pub mod run_id;
pub mod state;
pub mod timetable;
pub mod trigger_rule;
pub mod weight;

#[cfg(test)]
extern crate self as tradewind_core;

#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod common;
