//! MariaDB.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::command::{as_user, find, run, user};
use crate::shared::{Recipe, Server, server};
use crate::{Database, Kind, PASSWORD, PASSWORD_IN_URL, USER};

const USERS: [&str; 1] = ["mysql"];
const MISSING: &str = "MariaDB is not installed: `apt-get install mariadb-server` (or put its programs on PATH)";

/// The shared server of this build.
pub struct MariaDb(Server);

impl MariaDb {
    /// # Panics
    /// When it is not installed or does not start.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<MariaDb> = OnceLock::new();
        SHARED.get_or_init(|| {
            Self(server(&Recipe {
                name: "mariadb",
                user: user(&USERS),
                prepare: &prepare,
                serve: &serve,
                answers: &|folder, _| client(folder, "mysql").args(["-e", "SELECT 1"]).output().is_ok_and(|asked| asked.status.success()),
                furnish: &|folder, _| {
                    run(client(folder, "mysql").args(["-e", &format!("CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}'")]));
                },
            }))
        })
    }

    pub(crate) fn database(&self, name: &str) -> Database {
        self.sql("mysql", &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4; GRANT ALL ON {name}.* TO '{USER}'@'%'"));
        Database {
            name: name.to_owned(),
            url: format!("mysql+mysqldb://{USER}:{PASSWORD_IN_URL}@127.0.0.1:{}/{name}?charset=utf8mb4", self.0.port),
            host: "127.0.0.1".to_owned(),
            port: self.0.port,
            socket: self.0.folder.join("server.sock"),
            kind: Kind::MariaDb,
        }
    }

    pub(crate) fn sql(&self, database: &str, sql: &str) -> String {
        run(client(&self.0.folder, database).args(["-e", sql]))
    }

    pub(crate) fn drop_database(&self, name: &str) {
        self.sql("mysql", &format!("DROP DATABASE IF EXISTS {name}"));
    }
}

fn program(names: [&str; 2]) -> PathBuf {
    names.iter().find_map(|name| find(name, &[])).unwrap_or_else(|| panic!("{MISSING}: there is no `{}`", names[0]))
}

fn prepare(folder: &Path) {
    let mut command = as_user(&program(["mariadb-install-db", "mysql_install_db"]), &USERS);
    command.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]);
    run(command.arg(format!("--datadir={}", folder.join("data").display())).current_dir("/"));
}

fn serve(folder: &Path, port: u16) -> Command {
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
    command
}

fn client(folder: &Path, database: &str) -> Command {
    let mut command = Command::new(program(["mariadb", "mysql"]));
    command.args(["--no-defaults", "--user=root", "--batch", "--skip-column-names"]);
    command.arg(format!("--socket={}", folder.join("server.sock").display())).arg(database);
    command
}
