//! Errors by kind: what a caller can do about them decides which one it is.

/// Answer of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the database did not do what was asked. One failed commit may answer many callers, so it can be cloned.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    #[error("the database URL `{url}` cannot be used: {reason}")]
    Url { url: String, reason: String },
    /// Other processes held the lock longer than the bound. Trying again later is right.
    #[error(
        "the database is busy: {detail}; another process holds its lock (a long import, a backup, or a shell with an open transaction)"
    )]
    Busy { detail: String },
    /// The database took back the transaction because of another one, again and again. Trying again later is right.
    #[error("the database took the change back because of others at the same rows: {detail}")]
    Conflict { detail: String },
    /// A unique key or a check refused the change. `name` is the check's name or the columns of the key.
    #[error("the change breaks the constraint {name}")]
    Constraint { name: String },
    /// The database cannot be reached, opened or written now.
    #[error("the database is unavailable: {detail}; {hint}")]
    Unavailable { detail: String, hint: &'static str },
    /// The server does not let us in: the password, the name of the database, or a right.
    #[error("the database refuses access: {detail}; {hint}")]
    Access { detail: String, hint: &'static str },
    #[error("the database server is too old: {found}; this program needs {needed}")]
    ServerTooOld { found: String, needed: &'static str },
    #[error("the database file is damaged: {detail}; restore a backup, or salvage it with `sqlite3 FILE .recover`")]
    Corrupt { detail: String },
    #[error("the database has schema {found}, and this program knows up to {known}: a newer release has upgraded it; run that release")]
    SchemaTooNew { found: i64, known: i64 },
    /// There are no tables, or older ones.
    #[error("the database has schema {found}, and this program needs {needed}; run `tradewind db migrate`")]
    SchemaTooOld { found: i64, needed: i64 },
    /// A row holds something else than the code that reads it expects.
    #[error("column `{column}` of {statement}: expected {expected}, found {found}")]
    Column { statement: &'static str, column: String, expected: &'static str, found: String },
    /// The statement has no text for this database.
    #[error("this statement has no text for {dialect}: {statement}")]
    NoDialect { dialect: &'static str, statement: String },
    /// The store was closed, or its thread ended.
    #[error("the database connection of this process is closed")]
    Closed,
    /// The transaction's code panicked; nothing of it was kept.
    #[error("the transaction {transaction} panicked: {message}")]
    Panicked { transaction: &'static str, message: String },
    /// An input that no row may hold, or a value that cannot be written as JSON or read back.
    #[error("{what}: {reason}")]
    Invalid { what: String, reason: String },
    /// A secret cannot be decrypted with the configured keys.
    #[error("{what} cannot be decrypted: {reason}; was `[core] fernet_key` changed or lost?")]
    Decrypt { what: String, reason: &'static str },
    /// Anything else the database says: a defect of ours.
    #[error("the database refused a statement: {detail}")]
    Statement { detail: String },
}

impl Error {
    /// Whether the same call may succeed later without anybody's help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Conflict { .. } | Self::Unavailable { .. })
    }

    /// Whether a unique key or check refused the change.
    pub fn is_constraint(&self) -> bool {
        matches!(self, Self::Constraint { .. })
    }

    /// For wrong inputs and unreadable JSON.
    pub fn invalid(what: impl Into<String>, reason: impl ToString) -> Self {
        Self::Invalid { what: what.into(), reason: reason.to_string() }
    }
}
