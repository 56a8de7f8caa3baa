//! PgBouncer before the shared PostgreSQL, in transaction mode; ends with its value.

use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::command::{as_user, find, free_port, is_root, run, user};
use crate::{Database, PASSWORD, PASSWORD_IN_URL, USER};

const USERS: [&str; 1] = ["postgres"];

pub struct PgBouncer {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl PgBouncer {
    /// # Panics
    /// When it is not installed or does not start.
    pub fn before(database: &Database) -> Self {
        let program = find("pgbouncer", &[]).expect("PgBouncer is not installed: `apt-get install pgbouncer`");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (port, file) = (free_port(), folder.path().join("pgbouncer.ini"));
        let users = folder.path().join("users.txt");
        fs::write(&users, format!("\"{USER}\" \"{PASSWORD}\"\n")).expect("the list of users");
        let text = format!(
            "[databases]\n* = host={} port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
            auth_type = scram-sha-256\nauth_file = {}\npool_mode = transaction\ndefault_pool_size = 5\nmax_client_conn = 200\n",
            database.host,
            database.port,
            users.display()
        );
        fs::write(&file, text).expect("its settings");
        if is_root() {
            run(std::process::Command::new("chown").arg("-R").arg(format!("{}:", user(&USERS))).arg(folder.path()));
        }
        let log = fs::File::create(folder.path().join("pgbouncer.log")).expect("a log");
        let mut command = as_user(&program, &USERS);
        command.arg(&file).stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log).current_dir("/");
        let child = command.spawn().expect("PgBouncer starts");
        let bouncer = Self { child, port, _folder: folder };
        let until = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "PgBouncer does not listen: {}", bouncer.log());
            std::thread::park_timeout(Duration::from_millis(10));
        }
        bouncer
    }

    /// The way to a database through it.
    pub fn url(&self, database: &Database) -> String {
        format!("postgresql://{USER}:{PASSWORD_IN_URL}@127.0.0.1:{}/{}", self.port, database.name)
    }

    fn log(&self) -> String {
        fs::read_to_string(self._folder.path().join("pgbouncer.log")).unwrap_or_default()
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
