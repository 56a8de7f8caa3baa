//! The operations, one file per resource.

pub mod catalog;
pub mod clear;
pub mod config;
pub mod dag_runs;
pub mod dags;
pub mod event_logs;
pub mod events;
pub mod logs;
pub mod marks;
pub mod monitor;
pub mod patch_tasks;
pub mod sign_in;
pub mod static_lists;
pub mod task_instances;
pub mod tasks;
pub mod trigger;
pub mod xcom;
