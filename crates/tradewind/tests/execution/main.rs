//! The attempt service: the same stories in the same process and over HTTP, and what only HTTP has.

mod plane;
mod stories;
mod wire;
