//! Reading requests: bodies and queries with findings in the shape of the reference.

pub mod accept;
pub mod body;
pub mod bulk;
pub mod check;
pub mod cursor;
pub mod filters;
pub mod query;
