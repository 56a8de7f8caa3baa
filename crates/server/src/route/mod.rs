//! The operations, one file per resource.

pub mod monitor;
pub mod sign_in;
