//! One file per command group.

pub mod cheat_sheet;
pub mod config;
pub mod dags;
pub mod db;
pub mod find;
pub mod in_process;
pub mod info;
pub mod jobs;
pub mod roles;
pub mod tasks;
pub mod users;
pub mod version;
