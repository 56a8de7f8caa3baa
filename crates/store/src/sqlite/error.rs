//! SQLite's codes as our kinds of errors.

use rusqlite::ffi::ErrorCode;

use crate::Error;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let detail = error.to_string();
        let rusqlite::Error::SqliteFailure(code, message) = error else { return Self::Statement { detail } };
        match code.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy { detail },
            ErrorCode::ConstraintViolation => Self::Constraint { name: constraint(message.as_deref().unwrap_or(&detail)) },
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Corrupt { detail },
            ErrorCode::DiskFull => Self::Unavailable { detail, hint: "free space on its disk" },
            ErrorCode::CannotOpen => Self::Unavailable { detail, hint: "check that its folder exists and may be written" },
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
                Self::Unavailable { detail, hint: "check who owns the file and its folder" }
            }
            ErrorCode::SystemIoFailure => Self::Unavailable { detail, hint: "check the disk, and that it is not a network share" },
            _ => Self::Statement { detail },
        }
    }
}

/// `UNIQUE constraint failed: a.x, a.y` gives `a.x, a.y`.
fn constraint(message: &str) -> String {
    message.split_once("failed: ").map_or(message, |(_, name)| name).to_owned()
}
