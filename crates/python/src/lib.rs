//! Host of Python processes: the Rust side of `docs/reference/python-frames.md`.
//!
//! *Authority:* starts and restarts the warm host process, owns its socket, and hands out connections to parsers, templates and attempts.
//! *May be lost:* any of those processes, at any time; each loss is a value ([`ParseEnd`], [`Exit`], [`PythonError`]), never a hang.
//! *Clock:* the machine's monotonic clock, for deadlines only.

mod attempt;
mod boot;
mod capture;
mod check;
mod child;
mod conn;
mod error;
mod folder;
mod frame;
mod greet;
mod host;
mod life;
mod parse;
mod place;
mod process;
mod read_buffer;
mod reap;
mod supervise;
mod template;
mod timetable;
mod tree;

pub use attempt::{AttemptHandle, RunRequest};
pub use capture::{Capture, drain};
pub use child::{Exit, ExitWatch};
pub use conn::{Conn, FrameSender};
pub use error::PythonError;
pub use folder::{DagFile, DagFolder, FolderChange, FolderOptions, FolderWatch, IgnoreSyntax, Scan, source_hash};
pub use host::{HostOptions, PythonHost};
pub use life::{Life, MARK, Neighbour};
pub use parse::{ImportError, Lookup, ParseEnd, ParseLimits, ParseOutcome, ParseRequest};
pub use process::{Proc, Target, kill_and_wait, members, signal_members, snapshot, start_time};
pub use read_buffer::ReadBuffer;
pub use reap::become_subreaper;
pub use template::TemplateLimits;
pub use timetable::TimetableRequest;
pub use tree::unpack;
