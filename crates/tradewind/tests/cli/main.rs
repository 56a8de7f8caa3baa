//! The program as a process, in a home of its own.

mod basics;
mod dags;
mod home;
mod seed;
mod tasks;
mod users;
