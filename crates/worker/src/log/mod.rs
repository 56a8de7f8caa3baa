//! The log of an attempt: from the pipe to the file.

mod lines;
mod mask;
mod sink;

pub use lines::{Line, Lines};
pub use mask::Masker;
pub use sink::LogSink;
