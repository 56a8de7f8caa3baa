//! The program as a process, in a home of its own.

mod basics;
mod connections;
mod dags;
mod databases;
mod failover;
mod home;
mod pools;
mod seed;
mod tasks;
mod users;
mod variables;
