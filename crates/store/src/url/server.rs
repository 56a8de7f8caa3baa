//! The part of a URL that names a server, with the options of the drivers that Airflow's users have.

use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;

use crate::{Dialect, Secret};

/// A database on a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl {
    /// A name or an address; `None` with a socket.
    pub host: Option<String>,
    pub port: Option<u16>,
    /// A Unix socket: for MySQL the file, for PostgreSQL its folder.
    pub socket: Option<PathBuf>,
    pub user: Option<String>,
    pub password: Option<Secret>,
    pub database: String,
    pub tls: Tls,
    pub connect_timeout: Option<Duration>,
    /// PostgreSQL: `-c name=value` of `options`.
    pub settings: Vec<(String, String)>,
    /// PostgreSQL: whether statements are prepared by name; `None`: found out when the database is opened.
    pub prepared: Option<bool>,
    pub application_name: Option<String>,
}

/// How the connection is encrypted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    pub mode: TlsMode,
    /// Certificates of those who may sign the server's.
    pub root: Option<PathBuf>,
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
}

/// From least to most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsMode {
    Off,
    /// When the server has it.
    #[default]
    Prefer,
    Require,
    /// With a certificate that is signed by a known authority.
    VerifyCa,
    /// And that names the host.
    VerifyFull,
}

/// Options that say nothing here: what they set is so, or is of no use.
const IGNORED: [&str; 22] = [
    "async_fallback",
    "autocommit",
    "auth_plugin",
    "binary_prefix",
    "channel_binding",
    "client_encoding",
    "client_flag",
    "fallback_application_name",
    "gssencmode",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "local_infile",
    "read_timeout",
    "sslcompression",
    "tcp_user_timeout",
    "use_pure",
    "use_unicode",
    "write_timeout",
    "collation",
];

impl ServerUrl {
    /// Reads what stands after `://`; the reason of a refusal never holds the password.
    pub(super) fn parse(dialect: Dialect, rest: &str) -> Result<Self, String> {
        let (place, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (login, place) = place.rsplit_once('@').map_or((None, place), |(login, place)| (Some(login), place));
        let (address, database) = place.split_once('/').unwrap_or((place, ""));
        let mut url = Self {
            host: None,
            port: None,
            socket: None,
            user: None,
            password: None,
            database: decoded(database)?,
            tls: Tls::default(),
            connect_timeout: None,
            settings: Vec::new(),
            prepared: None,
            application_name: None,
        };
        if let Some(login) = login {
            let (user, password) = login.split_once(':').map_or((login, None), |(user, password)| (user, Some(password)));
            url.user = Some(decoded(user)?).filter(|user| !user.is_empty());
            url.password = password.map(decoded).transpose()?.map(Secret);
        }
        let (host, port) = host_and_port(address)?;
        url.port = port;
        url.set_host(dialect, &host);
        for (name, value) in form_urlencoded::parse(options.as_bytes()) {
            url.option(dialect, &name, &value)?;
        }
        if url.database.is_empty() {
            return Err("it names no database: write its name after the host, as in `.../host:port/database`".to_owned());
        }
        if url.host.is_none() && url.socket.is_none() {
            url.host = Some("localhost".to_owned());
        }
        Ok(url)
    }

    /// A host that begins with a slash is the folder of PostgreSQL's socket.
    fn set_host(&mut self, dialect: Dialect, host: &str) {
        if host.starts_with('/') && dialect == Dialect::Postgres {
            self.socket = Some(PathBuf::from(host));
        } else if !host.is_empty() {
            self.host = Some(host.to_owned());
        }
    }

    pub(super) fn option(&mut self, dialect: Dialect, name: &str, value: &str) -> Result<(), String> {
        match name {
            "user" => self.user = Some(value.to_owned()),
            "password" | "passwd" => self.password = Some(Secret(value.to_owned())),
            "dbname" | "database" | "db" => self.database = value.to_owned(),
            "port" => self.port = Some(port(value)?),
            "host" => {
                let (host, port) = if value.starts_with('/') { (value.to_owned(), None) } else { host_and_port(value)? };
                self.port = port.or(self.port);
                self.set_host(dialect, &host);
            }
            "unix_socket" | "unixsocket" => self.socket = Some(PathBuf::from(value)),
            "connect_timeout" => self.connect_timeout = Some(seconds(name, value)?),
            "application_name" => self.application_name = Some(value.to_owned()),
            "sslmode" | "ssl_mode" | "ssl-mode" | "ssl" => self.tls.mode = tls_mode(name, value)?,
            "ssl_disabled" if is_yes(value) => self.tls.mode = TlsMode::Off,
            "ssl_disabled" => {}
            "ssl_verify_cert" if is_yes(value) => self.tls.mode = TlsMode::VerifyCa,
            "ssl_verify_identity" | "ssl_check_hostname" if is_yes(value) => self.tls.mode = TlsMode::VerifyFull,
            "ssl_verify_cert" | "ssl_verify_identity" | "ssl_check_hostname" => {}
            "sslrootcert" | "ssl_ca" | "ssl-ca" => self.root(dialect, value),
            "sslcert" | "ssl_cert" | "ssl-cert" => self.tls.certificate = Some(PathBuf::from(value)),
            "sslkey" | "ssl_key" | "ssl-key" => self.tls.key = Some(PathBuf::from(value)),
            "charset" if !["utf8mb4", "utf8"].contains(&value.to_ascii_lowercase().as_str()) => {
                return Err(format!("`charset={value}`: texts are kept as `utf8mb4`; write that, or leave it out"));
            }
            "charset" => {}
            "options" => self.settings.extend(settings(value)?),
            "prepared_statement_cache_size" | "statement_cache_size" | "prepare_threshold" => {
                self.prepared = Some(!["0", "none", "None"].contains(&value));
            }
            "target_session_attrs" if ["any", "read-write", "primary"].contains(&value) => {}
            name if IGNORED.contains(&name) => {}
            name => return Err(unknown(name)),
        }
        Ok(())
    }

    /// As libpq and the clients of MySQL do: who names an authority wants it asked.
    fn root(&mut self, dialect: Dialect, value: &str) {
        self.tls.root = Some(PathBuf::from(value));
        if dialect == Dialect::Mysql && self.tls.mode == TlsMode::Prefer {
            self.tls.mode = TlsMode::VerifyCa;
        }
    }

    /// Where it is, for messages: without user and password.
    pub(crate) fn place(&self) -> String {
        match (&self.socket, &self.host, self.port) {
            (Some(socket), ..) => format!("the socket {}", socket.display()),
            (None, Some(host), Some(port)) => format!("{host}:{port}"),
            (None, host, _) => host.clone().unwrap_or_default(),
        }
    }
}

fn unknown(name: &str) -> String {
    format!(
        "the option `{name}` is unknown; known are sslmode, sslrootcert, sslcert, sslkey, ssl_mode, ssl_ca, ssl_cert, ssl_key, charset, unix_socket, host, \
        port, connect_timeout, application_name, options and prepared_statement_cache_size"
    )
}

fn decoded(text: &str) -> Result<String, String> {
    percent_decode_str(text)
        .decode_utf8()
        .map(|text| text.into_owned())
        .map_err(|_| "a part of it is percent-encoded and is no UTF-8".to_owned())
}

/// `host:port`, `[::1]:port`, an encoded path of a socket, or nothing.
fn host_and_port(address: &str) -> Result<(String, Option<u16>), String> {
    if address.contains(',') {
        return Err("it names several hosts: name one (an address that moves with the primary)".to_owned());
    }
    let (host, number) = match address.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None => address.split_once(':').map_or((address, None), |(host, number)| (host, Some(number))),
    };
    Ok((decoded(host)?, number.filter(|number| !number.is_empty()).map(port).transpose()?))
}

/// Does not repeat the text: a password with an unencoded sign in it may stand there.
fn port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| {
        "the port is no number between 1 and 65535; when the password has `@`, `:`, `/` or `?` in it, write them as %40, %3A, %2F and %3F".to_owned()
    })
}

fn seconds(name: &str, value: &str) -> Result<Duration, String> {
    value.parse().map(Duration::from_secs).map_err(|_| format!("`{name}={value}`: a whole number of seconds is wanted"))
}

fn is_yes(value: &str) -> bool {
    ["1", "true", "yes", "on"].contains(&value.to_ascii_lowercase().as_str())
}

fn tls_mode(name: &str, value: &str) -> Result<TlsMode, String> {
    Ok(match value.to_ascii_lowercase().replace('_', "-").as_str() {
        "disable" | "disabled" | "false" | "0" => TlsMode::Off,
        "allow" | "prefer" | "preferred" => TlsMode::Prefer,
        "require" | "required" | "true" | "1" => TlsMode::Require,
        "verify-ca" => TlsMode::VerifyCa,
        "verify-full" | "verify-identity" => TlsMode::VerifyFull,
        _ => return Err(format!("`{name}={value}`: use disable, prefer, require, verify-ca or verify-full")),
    })
}

/// `-c a=b -c c=d`, as psycopg passes them on.
fn settings(value: &str) -> Result<Vec<(String, String)>, String> {
    let words: Vec<&str> = value.split_whitespace().collect();
    let mut found = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let pair = if word == "-c" {
            words.next().unwrap_or("")
        } else {
            word.strip_prefix("-c").or_else(|| word.strip_prefix("--")).unwrap_or("")
        };
        match pair.split_once('=') {
            Some((name, value)) => found.push((name.to_owned(), value.to_owned())),
            None => return Err(format!("`options={value}`: use `-c name=value`")),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DatabaseUrl;

    fn server(text: &str) -> ServerUrl {
        DatabaseUrl::parse(text).unwrap().server.expect("a server")
    }

    #[test]
    fn every_form_that_airflow_takes() {
        for scheme in ["postgresql", "postgres", "postgresql+psycopg2", "postgres+psycopg2", "postgresql+asyncpg", "postgresql+psycopg"] {
            let url = server(&format!("{scheme}://air:p%40ss%2Fword@db.example:5433/air%20flow?sslmode=require"));
            assert_eq!((url.host.as_deref(), url.port, url.user.as_deref()), (Some("db.example"), Some(5433), Some("air")));
            assert_eq!(
                (url.password.unwrap().0.as_str(), url.database.as_str(), url.tls.mode),
                ("p@ss/word", "air flow", TlsMode::Require)
            );
        }
        for scheme in ["mysql", "mysql+mysqldb", "mysql+pymysql", "mysql+mysqlconnector", "mysql+aiomysql", "mariadb", "mariadb+pymysql"] {
            let url = server(&format!("{scheme}://air@[::1]:3307/air?charset=utf8mb4&ssl_ca=/ca.pem"));
            assert_eq!((url.host.as_deref(), url.port, url.password), (Some("::1"), Some(3307), None));
            assert_eq!(url.tls, Tls { mode: TlsMode::VerifyCa, root: Some(PathBuf::from("/ca.pem")), ..Tls::default() });
        }
    }

    #[test]
    fn sockets_and_defaults() {
        let url = server("postgresql:///air?host=/var/run/postgresql&user=air");
        assert_eq!((url.socket, url.host, url.user.as_deref()), (Some(PathBuf::from("/var/run/postgresql")), None, Some("air")));
        assert_eq!(server("postgresql://air@%2Fvar%2Frun/air").socket, Some(PathBuf::from("/var/run")));
        assert_eq!(server("mysql+mysqldb://air:x@/air?unix_socket=/run/mysqld.sock").socket, Some(PathBuf::from("/run/mysqld.sock")));
        assert_eq!(server("mysql://air@/air").host.as_deref(), Some("localhost"));
    }

    #[test]
    fn options_of_the_drivers() {
        let url = server("postgresql://a@b/c?options=-csearch_path%3Dair&prepared_statement_cache_size=0&connect_timeout=3&keepalives=1");
        assert_eq!(url.settings, [("search_path".to_owned(), "air".to_owned())]);
        assert_eq!((url.prepared, url.connect_timeout), (Some(false), Some(Duration::from_secs(3))));
        let error = |text: &str| DatabaseUrl::parse(text).unwrap_err().to_string();
        assert!(error("postgresql://a@b/c?sslmod=require").contains("`sslmod` is unknown"));
        assert!(error("postgresql://a@b").contains("names no database"));
        assert!(error("mysql://a@b/c?charset=latin1").contains("utf8mb4"));
        assert!(error("postgresql://a@b,c/d").contains("several hosts"));
    }
}
