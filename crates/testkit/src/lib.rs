//! Servers of our own for tests: private PostgreSQL and MariaDB on free loopback ports, in temporary folders.
//!
//! The tests of one build share a server of each kind, whatever runner starts them and in however many processes; each test takes a
//! database of its own from it. The server ends a few seconds after its last user. Servers that already run on this machine are never
//! asked and never touched. A server that is not installed fails the test and says which package has it.

mod command;
mod mariadb;
mod pgbouncer;
mod postgres;
mod shared;
mod template;
mod tls;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

pub use mariadb::MariaDb;
pub use pgbouncer::PgBouncer;
pub use postgres::Postgres;
pub use template::Template;
pub use tls::{CERTIFIED, Certificates};

/// The user of the databases.
pub const USER: &str = "tradewind";
/// Its password, with signs that a URL must encode.
pub const PASSWORD: &str = "s3cret p@ss:w/rd?";
/// The same in a URL.
pub const PASSWORD_IN_URL: &str = "s3cret%20p%40ss%3Aw%2Frd%3F";

/// A kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Postgres,
    MariaDb,
}

/// A database for one test; dropped with it.
#[derive(Debug)]
pub struct Database {
    pub name: String,
    /// As a user writes it: over TCP, with a password.
    pub url: String,
    pub host: String,
    pub port: u16,
    /// PostgreSQL: the folder of the socket; MariaDB: the socket.
    pub socket: PathBuf,
    kind: Kind,
    /// Of a server that takes connections with TLS alone.
    tls: Option<Certificates>,
}

impl Database {
    /// A new one on the shared server of its kind, which is started when there is none.
    ///
    /// # Panics
    /// When the server is not installed or does not start, with what it says.
    pub fn new(kind: Kind) -> Self {
        Self::on(kind, false)
    }

    /// A new one on a server that takes connections over TCP with TLS alone. The user [`CERTIFIED`] shows a certificate instead of a password.
    ///
    /// # Panics
    /// As [`Database::new`].
    pub fn with_tls(kind: Kind) -> Self {
        Self::on(kind, true)
    }

    /// The certificates of the server and for its clients.
    ///
    /// # Panics
    /// When the server has no TLS.
    pub fn certificates(&self) -> &Certificates {
        self.tls.as_ref().expect("a database with TLS")
    }

    fn on(kind: Kind, tls: bool) -> Self {
        Self::named(kind, tls, &Self::fresh_name())
    }

    fn fresh_name() -> String {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
    }

    fn named(kind: Kind, tls: bool, name: &str) -> Self {
        match kind {
            Kind::Postgres => Postgres::shared(tls).database(name),
            Kind::MariaDb => MariaDb::shared(tls).database(name),
        }
    }

    /// Runs statements as the owner of the server, and gives what they print.
    ///
    /// # Panics
    /// When one fails.
    pub fn as_owner(&self, sql: &str) -> String {
        match self.kind {
            Kind::Postgres => Postgres::shared(self.tls.is_some()).sql(&self.name, sql),
            Kind::MariaDb => MariaDb::shared(self.tls.is_some()).sql(&self.name, sql),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        match self.kind {
            Kind::Postgres => Postgres::shared(self.tls.is_some()).drop_database(&self.name),
            Kind::MariaDb => MariaDb::shared(self.tls.is_some()).drop_database(&self.name),
        }
    }
}
