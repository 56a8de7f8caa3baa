//! PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::command::{as_user, find, run, user};
use crate::shared::{Recipe, Server, server};
use crate::{CERTIFIED, Certificates, Database, Kind, PASSWORD, PASSWORD_IN_URL, USER};

const USERS: [&str; 1] = ["postgres"];
const MISSING: &str = "PostgreSQL is not installed: `apt-get install postgresql` (or put its programs on PATH)";

/// The shared server of this build.
pub struct Postgres {
    server: Server,
    tls: bool,
}

impl Postgres {
    /// # Panics
    /// When it is not installed or does not start.
    pub fn shared(tls: bool) -> &'static Self {
        static PLAIN: OnceLock<Postgres> = OnceLock::new();
        static TLS: OnceLock<Postgres> = OnceLock::new();
        let (shared, name) = if tls { (&TLS, "postgres-tls") } else { (&PLAIN, "postgres") };
        shared.get_or_init(|| Self {
            server: server(&Recipe {
                name,
                user: user(&USERS),
                prepare: &|folder| prepare(folder, tls),
                serve: &|folder, port| serve(folder, port, tls),
                answers: &|folder, port| ready(folder, port),
                furnish: &|folder, port| {
                    psql(
                        folder,
                        port,
                        "postgres",
                        &format!("CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'; CREATE ROLE {CERTIFIED} LOGIN"),
                    );
                },
            }),
            tls,
        })
    }

    pub(crate) fn database(&self, name: &str) -> Database {
        self.copy("template0", name)
    }

    pub(crate) fn copy(&self, template: &str, name: &str) -> Database {
        self.sql("postgres", &format!("CREATE DATABASE {name} OWNER {USER} TEMPLATE {template}"));
        Database {
            name: name.to_owned(),
            url: format!("postgresql+psycopg2://{USER}:{PASSWORD_IN_URL}@127.0.0.1:{}/{name}", self.server.port),
            host: "127.0.0.1".to_owned(),
            port: self.server.port,
            socket: self.server.folder.clone(),
            kind: Kind::Postgres,
            tls: self.tls.then(|| Certificates::of(&self.server.folder)),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.server.folder
    }

    pub(crate) fn sql(&self, database: &str, sql: &str) -> String {
        psql(&self.server.folder, self.server.port, database, sql)
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
fn prepare(folder: &Path, tls: bool) {
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
    if tls {
        Certificates::of(folder).make(&user(&USERS));
        let rules = format!(
            "local all all trust\nhostnossl all all all reject\nhostssl all {CERTIFIED} all cert\nhostssl all all all scram-sha-256\n"
        );
        std::fs::write(data.join("pg_hba.conf"), rules).expect("who may connect");
    }
}

fn serve(folder: &Path, port: u16, tls: bool) -> Command {
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
    if tls {
        let files = Certificates::of(folder);
        let (certificate, key) = files.server();
        for (name, value) in [("ssl", "on"), ("ssl_ca_file", &files.authority()), ("ssl_cert_file", &certificate), ("ssl_key_file", &key)] {
            command.arg("-c").arg(format!("{name}={value}"));
        }
    }
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
