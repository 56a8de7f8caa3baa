//! The API over a temporary database, without a socket.

#![recursion_limit = "256"]

mod contract;
mod harness;
mod seed;

mod access;
mod alerts;
mod answers;
mod assets;
mod backfills;
mod bulk;
mod catalog;
mod cursors;
mod dag_runs;
mod dags;
mod dependencies;
mod grid;
mod history;
mod hitl;
mod keyed;
mod live;
mod log_lines;
mod logs;
mod many_dags;
mod monitor;
mod openapi;
mod reasons;
mod schedule;
mod serving;
mod sign_in;
mod task_instances;
mod ui;
mod ui_pages;
mod unpause;
mod xcom;
