//! What can go wrong between us and Python.

use std::io;
use std::path::PathBuf;

use crate::child::Exit;

/// An act of the host that failed. None of these is a fault of user code.
#[derive(Debug, thiserror::Error)]
pub enum PythonError {
    /// The interpreter cannot run our side; the text says what to do about it.
    #[error("{0}")]
    Unusable(String),
    #[error("cannot start the Python interpreter {}", .python.display())]
    Spawn { python: PathBuf, source: io::Error },
    #[error("cannot {act} {}", .path.display())]
    Folder { act: &'static str, path: PathBuf, source: io::Error },
    #[error("connection to a Python process failed")]
    Connection(#[source] io::Error),
    #[error("a frame of a Python process is not as agreed: {0}")]
    Frame(String),
    /// The process that was asked for never came.
    #[error("the {what} process did not start: {why}")]
    NotStarted { what: &'static str, why: String },
    #[error("the {what} process ended before it answered: {exit}")]
    Ended { what: &'static str, exit: Exit },
    #[error("the Python host has been stopped")]
    Stopped,
}

impl PythonError {
    pub(crate) fn folder(act: &'static str, path: &std::path::Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        Self::Folder { act, path, source }
    }
}
