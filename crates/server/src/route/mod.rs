//! The operations, one file per resource.

pub mod config;
pub mod dags;
pub mod events;
pub mod monitor;
pub mod sign_in;
pub mod static_lists;
