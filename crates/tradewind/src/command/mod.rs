//! One file per command group.

pub mod cheat_sheet;
pub mod config;
pub mod db;
pub mod info;
pub mod version;
