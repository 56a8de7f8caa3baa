//! One suite for every database: each case gets a fresh one of each backend.

mod backend;
mod base;
