//! MariaDB.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::command::{as_user, find, run, user};
use crate::shared::{Recipe, Server, server};
use crate::{CERTIFIED, Certificates, Database, Kind, PASSWORD, PASSWORD_IN_URL, USER};

const USERS: [&str; 1] = ["mysql"];
const MISSING: &str = "MariaDB is not installed: `apt-get install mariadb-server` (or put its programs on PATH)";

/// The shared server of this build.
pub struct MariaDb {
    server: Server,
    tls: bool,
}

impl MariaDb {
    /// # Panics
    /// When it is not installed or does not start.
    pub fn shared(tls: bool) -> &'static Self {
        static PLAIN: OnceLock<MariaDb> = OnceLock::new();
        static TLS: OnceLock<MariaDb> = OnceLock::new();
        let (shared, name) = if tls { (&TLS, "mariadb-tls") } else { (&PLAIN, "mariadb") };
        shared.get_or_init(|| Self {
            server: server(&Recipe {
                name,
                user: user(&USERS),
                prepare: &|folder| prepare(folder, tls),
                serve: &|folder, port| serve(folder, port, tls),
                answers: &|folder, _| client(folder, "mysql").args(["-e", "SELECT 1"]).output().is_ok_and(|asked| asked.status.success()),
                furnish: &|folder, _| {
                    let users = format!("CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}'; CREATE USER '{CERTIFIED}'@'%' REQUIRE X509");
                    run(client(folder, "mysql").args(["-e", &users]));
                },
            }),
            tls,
        })
    }

    pub(crate) fn database(&self, name: &str) -> Database {
        self.sql(
            "mysql",
            &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4; GRANT ALL ON {name}.* TO '{USER}'@'%', '{CERTIFIED}'@'%'"),
        );
        Database {
            name: name.to_owned(),
            url: format!("mysql+mysqldb://{USER}:{PASSWORD_IN_URL}@127.0.0.1:{}/{name}?charset=utf8mb4", self.server.port),
            host: "127.0.0.1".to_owned(),
            port: self.server.port,
            socket: self.server.folder.join("server.sock"),
            kind: Kind::MariaDb,
            tls: self.tls.then(|| Certificates::of(&self.server.folder)),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.server.folder
    }

    /// Writes all of a database into a file of SQL.
    pub(crate) fn dump(&self, name: &str, into: &Path) {
        let mut command = Command::new(program(["mariadb-dump", "mysqldump"]));
        command.args(["--no-defaults", "--user=root", "--skip-comments", "--skip-triggers"]);
        command.arg(format!("--socket={}", self.server.folder.join("server.sock").display()));
        run(command.arg(format!("--result-file={}", into.display())).arg(name));
    }

    pub(crate) fn load(&self, name: &str, from: &Path) {
        run(client(&self.server.folder, name).stdin(File::open(from).expect("the dump of the template")));
    }

    pub(crate) fn sql(&self, database: &str, sql: &str) -> String {
        run(client(&self.server.folder, database).args(["-e", sql]))
    }

    pub(crate) fn drop_database(&self, name: &str) {
        self.sql("mysql", &format!("DROP DATABASE IF EXISTS {name}"));
    }
}

fn program(names: [&str; 2]) -> PathBuf {
    names.iter().find_map(|name| find(name, &[])).unwrap_or_else(|| panic!("{MISSING}: there is no `{}`", names[0]))
}

fn prepare(folder: &Path, tls: bool) {
    let mut command = as_user(&program(["mariadb-install-db", "mysql_install_db"]), &USERS);
    command.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]);
    run(command.arg(format!("--datadir={}", folder.join("data").display())).current_dir("/"));
    if tls {
        Certificates::of(folder).make(&user(&USERS));
    }
}

fn serve(folder: &Path, port: u16, tls: bool) -> Command {
    let mut command = as_user(&program(["mariadbd", "mysqld"]), &USERS);
    command.args([
        "--no-defaults",
        "--bind-address=127.0.0.1",
        "--skip-log-bin",
        "--skip-name-resolve",
        "--innodb-flush-log-at-trx-commit=0",
    ]);
    command.args(["--innodb-buffer-pool-size=64M", "--innodb-log-file-size=32M", "--innodb-doublewrite=0", "--max-connections=300"]);
    command.arg(format!("--datadir={}", folder.join("data").display())).arg(format!("--socket={}", folder.join("server.sock").display()));
    command.arg(format!("--pid-file={}", folder.join("server.pid").display())).arg(format!("--port={port}")).current_dir("/");
    if tls {
        let files = Certificates::of(folder);
        let (certificate, key) = files.server();
        command.arg(format!("--ssl-ca={}", files.authority())).arg(format!("--ssl-cert={certificate}")).arg(format!("--ssl-key={key}"));
        command.arg("--require-secure-transport=ON");
    }
    command
}

fn client(folder: &Path, database: &str) -> Command {
    let mut command = Command::new(program(["mariadb", "mysql"]));
    command.args(["--no-defaults", "--user=root", "--batch", "--skip-column-names"]);
    command.arg(format!("--socket={}", folder.join("server.sock").display())).arg(database);
    command
}
