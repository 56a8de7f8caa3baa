//! One suite for every database: each case gets a fresh one of each backend.

mod acts;
mod alerts;
mod assets;
mod attempts;
mod backend;
mod backfills;
mod base;
mod calls;
mod crash;
mod deadlines;
mod deferrals;
mod fixture;
mod keepsakes;
mod lists;
mod losses;
mod parse;
mod plans;
mod rules;
mod runs;
mod seats;
mod server;
mod timetables;
mod tls;
mod users;
