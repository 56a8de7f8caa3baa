//! Database URLs in SQLAlchemy's forms.

mod connect_args;
mod server;

use std::path::{Path, PathBuf};

pub use server::{ServerUrl, Tls, TlsMode};

use crate::{Dialect, Error, Result};

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    pub dialect: Dialect,
    /// The file, for SQLite; else empty.
    pub path: PathBuf,
    /// The server, for all others.
    pub server: Option<ServerUrl>,
}

impl DatabaseUrl {
    /// Reads `sqlite:////absolute/path`, `sqlite:///relative/path` (below the current folder), `postgresql://user:password@host:port/database`
    /// and `mysql://` alike, each with any driver (`postgresql+psycopg2`, `mysql+pymysql`) and with the options of that driver.
    ///
    /// # Errors
    /// [`Error::Url`], with the password hidden, for every other form.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = |reason: String| Error::Url { url: hide_password(text), reason };
        let text = text.trim();
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(refuse(format!("it has no `scheme://`; {FORMS}")));
        };
        let dialect = match scheme.split('+').next().unwrap_or(scheme).to_ascii_lowercase().as_str() {
            "sqlite" => return Self::sqlite(rest).map_err(refuse),
            "postgresql" | "postgres" => Dialect::Postgres,
            "mysql" | "mariadb" => Dialect::Mysql,
            name => return Err(refuse(format!("the scheme `{name}` is unknown; {FORMS}"))),
        };
        let server = ServerUrl::parse(dialect, rest).map_err(refuse)?;
        Ok(Self { dialect, path: PathBuf::new(), server: Some(server) })
    }

    fn sqlite(rest: &str) -> Result<Self, String> {
        let path = rest.split('?').next().unwrap_or(rest);
        let Some(path) = path.strip_prefix('/') else {
            let form = "SQLite has no host: write three slashes before a relative path and four before an absolute one";
            return Err(if path.is_empty() { in_memory() } else { form.to_owned() });
        };
        if path.is_empty() || path == ":memory:" {
            return Err(in_memory());
        }
        Ok(Self { dialect: Dialect::Sqlite, path: PathBuf::from(path), server: None })
    }

    /// The URL of a SQLite file.
    pub fn of_sqlite(path: &Path) -> String {
        format!("sqlite:///{}", path.display())
    }
}

const FORMS: &str = "use `sqlite:////absolute/path/to/tradewind.db`, `postgresql://user:password@host:5432/database` or \
    `mysql://user:password@host:3306/database`";

fn in_memory() -> String {
    "a database in memory cannot be shared by the processes of an installation; name a file: `sqlite:////absolute/path`".to_owned()
}

/// The URL without what nobody may read: the password before the host, and one among the options.
fn hide_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (place, options) = rest.split_once('?').map_or((rest, None), |(place, options)| (place, Some(options)));
    let place = match place.rsplit_once('@') {
        Some((user, host)) => format!("{}:***@{host}", user.split(':').next().unwrap_or("")),
        None => place.to_owned(),
    };
    let hidden = options.map(|options| {
        let pairs = options.split('&').map(|pair| match pair.split_once('=') {
            Some((name, _)) if name.to_ascii_lowercase().contains("pass") => format!("{name}=***"),
            _ => pair.to_owned(),
        });
        format!("?{}", pairs.collect::<Vec<_>>().join("&"))
    });
    format!("{scheme}://{place}{}", hidden.unwrap_or_default())
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
        let postgres = error("postgresql+psycopg2://air:s3cret@db/air?sslmode=maybe&password=s3cret");
        assert!(postgres.contains("air:***@db") && postgres.contains("sslmode") && postgres.contains("verify-full"), "{postgres}");
        assert!(!postgres.contains("s3cret"), "{postgres}");
        assert!(error("sqlite://").contains("in memory"));
        assert!(error("sqlite:///:memory:").contains("in memory"));
        assert!(error("sqlite://folder/file.db").contains("three slashes"));
        assert!(error("/var/lib/air.db").contains("scheme"));
        assert!(error("oracle://x/y").contains("`oracle` is unknown"));
        let slipped = error("mysql://air:s3@cret@db:port/air");
        assert!(slipped.contains("port") && !slipped.contains("cret@"), "{slipped}");
    }
}
