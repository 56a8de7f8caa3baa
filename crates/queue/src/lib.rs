//! Where dispatched attempts wait, change hints for owners, and the attempt service.

pub mod service;
