//! Database URLs in SQLAlchemy's forms.

use std::path::{Path, PathBuf};

use crate::{Dialect, Error, Result};

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    pub dialect: Dialect,
    /// The file, for SQLite.
    pub path: PathBuf,
}

impl DatabaseUrl {
    /// Reads `sqlite:////absolute/path` and `sqlite:///relative/path` (below the current folder); a driver (`sqlite+pysqlite`) and
    /// options after `?` are taken and ignored.
    ///
    /// # Errors
    /// [`Error::Url`], with the password hidden, for every other form.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = |reason: String| Error::Url { url: hide_password(text), reason };
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(refuse("it has no `scheme://`; use `sqlite:////absolute/path/to/tradewind.db`".to_owned()));
        };
        match scheme.split('+').next().unwrap_or(scheme) {
            "sqlite" => {}
            name @ ("postgresql" | "postgres" | "mysql" | "mariadb") => {
                return Err(refuse(format!("{name} is not supported by this release; use `sqlite:////absolute/path/to/tradewind.db`")));
            }
            name => return Err(refuse(format!("the scheme `{name}` is unknown; use `sqlite:////absolute/path`"))),
        }
        let path = rest.split('?').next().unwrap_or(rest);
        let Some(path) = path.strip_prefix('/') else {
            let form = "SQLite has no host: write three slashes before a relative path and four before an absolute one";
            return Err(refuse(if path.is_empty() { in_memory() } else { form.to_owned() }));
        };
        if path.is_empty() || path == ":memory:" {
            return Err(refuse(in_memory()));
        }
        Ok(Self { dialect: Dialect::Sqlite, path: PathBuf::from(path) })
    }

    /// The URL of a SQLite file.
    pub fn of_sqlite(path: &Path) -> String {
        format!("sqlite:///{}", path.display())
    }
}

fn in_memory() -> String {
    "a database in memory cannot be shared by the processes of an installation; name a file: `sqlite:////absolute/path`".to_owned()
}

fn hide_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match rest.rsplit_once('@') {
        Some((user, host)) => format!("{scheme}://{}:***@{host}", user.split(':').next().unwrap_or("")),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_absolute_and_relative_paths() {
        let path = |text: &str| DatabaseUrl::parse(text).unwrap().path;
        assert_eq!(path("sqlite:////var/lib/air.db"), Path::new("/var/lib/air.db"));
        assert_eq!(path("sqlite:///air.db"), Path::new("air.db"));
        assert_eq!(path("sqlite+pysqlite:////a/b.db?timeout=3"), Path::new("/a/b.db"));
        assert_eq!(path(&DatabaseUrl::of_sqlite(Path::new("/a/b.db"))), Path::new("/a/b.db"));
    }

    #[test]
    fn refuses_what_it_cannot_open_and_hides_the_password() {
        let error = |text: &str| DatabaseUrl::parse(text).unwrap_err().to_string();
        let postgres = error("postgresql+psycopg2://air:s3cret@db/air");
        assert!(postgres.contains("postgresql is not supported") && postgres.contains("air:***@db"), "{postgres}");
        assert!(!postgres.contains("s3cret"), "{postgres}");
        assert!(error("sqlite://").contains("in memory"));
        assert!(error("sqlite:///:memory:").contains("in memory"));
        assert!(error("sqlite://folder/file.db").contains("three slashes"));
        assert!(error("/var/lib/air.db").contains("scheme"));
        assert!(error("oracle://x/y").contains("`oracle` is unknown"));
    }
}
