//! Programs of this machine.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program from these folders or from `PATH`.
pub(crate) fn find(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = folders.to_vec();
    places.extend(std::env::split_paths(&path));
    places.extend(["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from));
    places.into_iter().map(|folder| folder.join(name)).find(|file| file.is_file())
}

pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A command; as root, as one of these users (the first that there is), because the servers refuse to run as root.
pub(crate) fn as_user(program: &Path, users: &[&str]) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let user = user(users);
    let mut command = Command::new("setpriv");
    command.args(["--reuid", &user, "--regid", &group(&user), "--clear-groups", "--"]).arg(program);
    command
}

pub(crate) fn user(users: &[&str]) -> String {
    let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let is_known = |user: &&&str| known.lines().any(|line| line.split(':').next() == Some(**user));
    users.iter().find(is_known).map_or_else(|| "nobody".to_owned(), |user| (*user).to_owned())
}

fn group(user: &str) -> String {
    let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let line = known.lines().find(|line| line.split(':').next() == Some(user));
    line.and_then(|line| line.split(':').nth(3)).unwrap_or("65534").to_owned()
}

/// Runs to the end.
///
/// # Panics
/// When it fails, with what it printed.
pub(crate) fn run(command: &mut Command) -> String {
    let done = command.output().unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(done.status.success(), "{command:?} failed:\n{}{}", text(&done.stdout), text(&done.stderr));
    text(&done.stdout)
}

/// A port of this machine that nobody uses now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}
