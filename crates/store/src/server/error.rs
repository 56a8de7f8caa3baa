//! The codes of PostgreSQL, MySQL and MariaDB as our kinds of errors.

use std::io::ErrorKind;

use sqlx::mysql::MySqlDatabaseError;
use sqlx::postgres::PgDatabaseError;

use crate::Error;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => match error.try_downcast_ref::<PgDatabaseError>() {
                Some(error) => postgres(error),
                None => match error.try_downcast_ref::<MySqlDatabaseError>() {
                    Some(error) => mysql(error),
                    None => Self::Statement { detail: error.to_string() },
                },
            },
            // What rustls says of the other end's certificate comes as this kind.
            sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                unavailable(format!("TLS: {error}"), "check the mode of TLS and the certificates that the URL names")
            }
            sqlx::Error::Io(error) => unavailable(error.to_string(), "check that the database server runs and can be reached from here"),
            sqlx::Error::Tls(error) => unavailable(format!("TLS: {error}"), "check sslmode and the certificates of the URL"),
            // The server closed the connection in the middle, or an interrupted statement left it between two messages.
            sqlx::Error::Protocol(detail) => unavailable(detail, "the connection is made anew"),
            sqlx::Error::Configuration(error) => Self::Access { detail: error.to_string(), hint: "check the options of the database URL" },
            other => Self::Statement { detail: other.to_string() },
        }
    }
}

/// Whether an error of a connection attempt says that the server serves nobody now. Silence does not: the network may be cut for us alone.
pub(super) fn says_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound),
        sqlx::Error::Database(error) => match error.try_downcast_ref::<PgDatabaseError>() {
            Some(error) => matches!(error.code(), "57P01" | "57P02" | "57P03"),
            None => error.try_downcast_ref::<MySqlDatabaseError>().is_some_and(|error| error.number() == 1053),
        },
        _ => false,
    }
}

fn unavailable(detail: String, hint: &'static str) -> Error {
    Error::Unavailable { detail, hint }
}

fn postgres(error: &PgDatabaseError) -> Error {
    let detail = error.message().to_owned();
    match error.code() {
        "40001" | "40P01" => Error::Conflict { detail },
        "55P03" | "57014" => Error::Busy { detail },
        "28P01" | "28000" => Error::Access { detail, hint: "check user and password of `[database] sql_alchemy_conn`, and pg_hba.conf" },
        "3D000" => Error::Access { detail, hint: "create it: `CREATE DATABASE name OWNER user ENCODING 'UTF8'`" },
        "42501" => Error::Access { detail, hint: "the user must own the database or its schema: `GRANT ALL ON SCHEMA public TO user`" },
        "53300" => unavailable(detail, "raise max_connections, or lower `[database] sql_alchemy_pool_size`"),
        "53100" => unavailable(detail, "free space on its disk"),
        "25006" => {
            unavailable(detail, "this server takes no changes (a standby, or default_transaction_read_only): point the URL to the primary")
        }
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => unavailable(detail, "the server restarts or has closed the connection"),
        // PgBouncer's own refusals.
        "08P01" if detail.contains("no such database") => {
            Error::Access { detail, hint: "check the name of the database, also in pgbouncer.ini" }
        }
        "08P01" if detail.contains("authentication failed") || detail.contains("no such user") => {
            Error::Access { detail, hint: "check user and password of `[database] sql_alchemy_conn`" }
        }
        code if code.starts_with("08") || code.starts_with("53") => unavailable(detail, "check the log of the database server"),
        code if code.starts_with("23") => Error::Constraint { name: error.constraint().unwrap_or(error.message()).to_owned() },
        _ => Error::Statement { detail },
    }
}

fn mysql(error: &MySqlDatabaseError) -> Error {
    let detail = error.message().to_owned();
    match error.number() {
        1213 | 1205 | 1020 => Error::Conflict { detail },
        1969 | 3024 | 1317 => Error::Busy { detail },
        1044 | 1045 | 1698 | 1130 | 1142 => Error::Access {
            detail,
            hint: "check user and password of `[database] sql_alchemy_conn` and the user's rights: `GRANT ALL ON name.* TO user`",
        },
        1049 => Error::Access { detail, hint: "create it: `CREATE DATABASE name CHARACTER SET utf8mb4`" },
        1040 | 1203 | 1226 => unavailable(detail, "raise max_connections, or lower `[database] sql_alchemy_pool_size`"),
        1290 | 1836 | 1792 => unavailable(detail, "this server takes no changes (read_only): point the URL to the primary"),
        1053 | 1927 | 1077 | 1079 | 1158..=1161 => unavailable(detail, "the server restarts or has closed the connection"),
        1021 | 1114 => unavailable(detail, "free space on its disk"),
        1153 => Error::invalid("a value is too large for the database", format!("{detail}; raise max_allowed_packet")),
        1406 | 1264 => Error::invalid("a value does not fit its column", detail),
        1062 | 1048 | 1364 | 1451 | 1452 | 3819 | 4025 => Error::Constraint { name: constraint(&detail) },
        _ => Error::Statement { detail },
    }
}

/// ``CONSTRAINT `x` failed for ...``, `Check constraint 'x' is violated.` and `Duplicate entry 'a' for key 't.x'` give `x`.
fn constraint(message: &str) -> String {
    let quoted = if let Some((_, key)) = message.split_once("for key ") { key } else { message };
    let name = quoted.split(['\'', '`']).nth(1).unwrap_or(message);
    name.rsplit('.').next().unwrap_or(name).to_owned()
}

/// Whether the server says that the row is there already.
pub(super) fn is_duplicate(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(error) if error.is_unique_violation())
}

/// What a migration that was killed may have done before: the table, column or index is there, or gone.
pub(super) fn is_done_already(error: &sqlx::Error) -> bool {
    let number = match error {
        sqlx::Error::Database(error) => error.try_downcast_ref::<MySqlDatabaseError>().map(MySqlDatabaseError::number),
        _ => None,
    };
    matches!(number, Some(1050 | 1051 | 1060 | 1061 | 1091 | 1826 | 3822))
}

#[cfg(test)]
mod tests {
    use super::constraint;

    #[test]
    fn constraints_have_the_name_that_the_server_gives() {
        assert_eq!(constraint("CONSTRAINT `app_user_role` failed for `air`.`app_user`"), "app_user_role");
        assert_eq!(constraint("Check constraint 'app_user_role' is violated."), "app_user_role");
        assert_eq!(constraint("Duplicate entry 'd-one' for key 'dag_run.dag_run_id'"), "dag_run_id");
    }
}
