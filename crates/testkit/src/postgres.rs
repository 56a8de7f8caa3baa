//! PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::command::{as_user, find, run, user};
use crate::shared::{Recipe, Server, server};
use crate::{Database, Kind, PASSWORD, PASSWORD_IN_URL, USER};

const USERS: [&str; 1] = ["postgres"];
const MISSING: &str = "PostgreSQL is not installed: `apt-get install postgresql` (or put its programs on PATH)";

/// The shared server of this build.
pub struct Postgres(Server);

impl Postgres {
    /// # Panics
    /// When it is not installed or does not start.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(|| {
            Self(server(&Recipe {
                name: "postgres",
                user: user(&USERS),
                prepare: &prepare,
                serve: &serve,
                answers: &|folder, port| ready(folder, port),
                furnish: &|folder, port| {
                    psql(folder, port, "postgres", &format!("CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'"));
                },
            }))
        })
    }

    pub(crate) fn database(&self, name: &str) -> Database {
        self.sql("postgres", &format!("CREATE DATABASE {name} OWNER {USER} TEMPLATE template0"));
        Database {
            name: name.to_owned(),
            url: format!("postgresql+psycopg2://{USER}:{PASSWORD_IN_URL}@127.0.0.1:{}/{name}", self.0.port),
            host: "127.0.0.1".to_owned(),
            port: self.0.port,
            socket: self.0.folder.clone(),
            kind: Kind::Postgres,
        }
    }

    pub(crate) fn sql(&self, database: &str, sql: &str) -> String {
        psql(&self.0.folder, self.0.port, database, sql)
    }

    pub(crate) fn drop_database(&self, name: &str) {
        self.sql("postgres", &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    }
}

fn program(name: &str) -> PathBuf {
    let mut versions: Vec<PathBuf> =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin")).collect();
    versions.sort();
    versions.reverse();
    find(name, &versions).unwrap_or_else(|| panic!("{MISSING}: there is no `{name}`"))
}

/// Local connections of the machine's users are trusted, those over TCP need the password.
fn prepare(folder: &Path) {
    let data = folder.join("data");
    let mut command = as_user(&program("initdb"), &USERS);
    command.args([
        "--username=owner",
        "--auth-local=trust",
        "--auth-host=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]);
    run(command.arg("-D").arg(&data).current_dir("/"));
}

fn serve(folder: &Path, port: u16) -> Command {
    let mut command = as_user(&program("postgres"), &USERS);
    command.arg("-D").arg(folder.join("data")).arg("-p").arg(port.to_string()).current_dir("/");
    for setting in [
        "listen_addresses=127.0.0.1",
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "max_connections=300",
        "shared_buffers=64MB",
        "autovacuum_naptime=10s",
    ] {
        command.arg("-c").arg(setting);
    }
    command.arg("-c").arg(format!("unix_socket_directories={}", folder.display()));
    command
}

fn client(folder: &Path, port: u16, database: &str) -> Command {
    let mut command = Command::new(program("psql"));
    command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "owner", "-d", database]).arg("-h").arg(folder);
    command.arg("-p").arg(port.to_string());
    command
}

fn ready(folder: &Path, port: u16) -> bool {
    let asked = client(folder, port, "postgres").args(["-c", "SELECT 1"]).output();
    asked.is_ok_and(|asked| asked.status.success())
}

fn psql(folder: &Path, port: u16, database: &str, sql: &str) -> String {
    run(client(folder, port, database).args(["-c", sql]))
}
