//! One file per command group.

pub mod alerts;
pub mod assets;
pub mod backfill;
pub mod cheat_sheet;
pub mod config;
pub mod connections;
pub mod dags;
pub mod db;
pub mod failover;
pub mod find;
pub mod in_process;
pub mod info;
pub mod jobs;
pub mod pools;
pub mod providers;
pub mod python;
pub mod roles;
pub mod rotate_fernet_key;
pub mod tasks;
pub mod users;
pub mod variables;
pub mod version;
