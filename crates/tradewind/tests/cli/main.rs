//! The program as a process, in a home of its own.

mod basics;
mod home;
