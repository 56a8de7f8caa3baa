//! The operations, one file per resource.

pub mod bulk_runs;
pub mod catalog;
pub mod clear;
pub mod config;
pub mod connections;
pub mod dag_runs;
pub mod dags;
pub mod dependencies;
pub mod event_logs;
pub mod events;
pub mod keyed;
pub mod logs;
pub mod marks;
pub mod monitor;
pub mod patch_tasks;
pub mod pools;
pub mod sign_in;
pub mod static_lists;
pub mod task_instances;
pub mod tasks;
pub mod trigger;
pub mod unpause;
pub mod variables;
pub mod xcom;
