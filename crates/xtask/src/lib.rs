//! Checks that are ours: what no linter knows about this house.

pub mod corpus;
pub mod tidy;
