//! One server for many test processes.
//!
//! Who needs it first starts it, under an exclusive lock of `start.lock`; every user holds a shared lock of `users.lock` until its process
//! ends. A guardian, a small shell script, looks every few seconds whether nobody holds them any more; then it ends the server by its
//! number and removes the folder. Locks end with their process, however that ends.

use std::fs::{self, File, OpenOptions};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock, statvfs};

/// How long a server may take to answer for the first time, on a busy machine.
const START: Duration = Duration::from_secs(60);

/// A running server.
pub(crate) struct Server {
    pub(crate) folder: PathBuf,
    pub(crate) port: u16,
    _user: File,
}

/// What is done for a kind of server.
pub(crate) struct Recipe<'a> {
    pub(crate) name: &'a str,
    /// Owner of the folder, when we are root.
    pub(crate) user: String,
    /// Makes what the server needs in the folder.
    pub(crate) prepare: &'a dyn Fn(&Path),
    /// The server's command with its port.
    pub(crate) serve: &'a dyn Fn(&Path, u16) -> Command,
    /// Whether it answers.
    pub(crate) answers: &'a dyn Fn(&Path, u16) -> bool,
    /// What to do once it does.
    pub(crate) furnish: &'a dyn Fn(&Path, u16),
}

/// The shared server; started when there is none.
pub(crate) fn server(recipe: &Recipe<'_>) -> Server {
    // Builds in different folders do not meet.
    let build = std::env::current_exe().ok().and_then(|exe| exe.parent().map(|folder| folder.to_string_lossy().into_owned()));
    let mark = hash(build.unwrap_or_default().as_bytes());
    let base = place().join(format!("tradewind-testkit-{}-{mark:016x}", rustix::process::geteuid().as_raw()));
    let folder = base.join(recipe.name);
    fs::create_dir_all(&base).expect("a folder for test servers");
    let start = lock_file(&base.join(format!("{}.start.lock", recipe.name)));
    flock(&start, FlockOperation::LockExclusive).expect("the lock of the start");
    let user = lock_file(&base.join(format!("{}.users.lock", recipe.name)));
    flock(&user, FlockOperation::LockShared).expect("the lock of users");
    let port = match running(&folder).filter(|port| (recipe.answers)(&folder, *port)) {
        Some(port) => port,
        None => begin(recipe, &base, &folder),
    };
    drop(start);
    Server { folder, port, _user: user }
}

/// Where servers live: in memory where there is room, since they make and drop tables all the time, and wait for the disk with each.
fn place() -> PathBuf {
    const ROOM: u64 = 1 << 30;
    let memory = PathBuf::from("/dev/shm");
    let room = statvfs(&memory).map_or(0, |about| about.f_bavail * about.f_frsize);
    if room >= ROOM && std::env::var_os("TMPDIR").is_none() { memory } else { std::env::temp_dir() }
}

/// FNV-1a.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |mark, byte| (mark ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

pub(crate) fn lock_file(path: &Path) -> File {
    OpenOptions::new().create(true).truncate(false).write(true).open(path).expect("a lock file")
}

/// The port of the server that says it is ready.
fn running(folder: &Path) -> Option<u16> {
    fs::read_to_string(folder.join("ready")).ok()?.trim().parse().ok()
}

fn begin(recipe: &Recipe<'_>, base: &Path, folder: &Path) -> u16 {
    if folder.exists() {
        end_by_number(folder);
        fs::remove_dir_all(folder).expect("what a server before left behind is removed");
    }
    fs::create_dir(folder).expect("a folder of the server");
    if crate::command::is_root() {
        crate::command::run(Command::new("chown").arg(format!("{}:", recipe.user)).arg(folder));
    }
    (recipe.prepare)(folder);
    let port = crate::command::free_port();
    let log = File::create(folder.join("server.log")).expect("a log");
    let mut command = (recipe.serve)(folder, port);
    // A group of its own: a Ctrl-C at the test runner ends it by way of the guardian, not in the middle.
    command.process_group(0).stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log);
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    fs::write(folder.join("pid"), child.id().to_string()).expect("its number is written down");
    guard(recipe.name, base);
    wait(recipe, folder, port, &mut child);
    (recipe.furnish)(folder, port);
    fs::write(folder.join("ready"), port.to_string()).expect("it is ready");
    port
}

fn wait(recipe: &Recipe<'_>, folder: &Path, port: u16, child: &mut Child) {
    let until = Instant::now() + START;
    while !(recipe.answers)(folder, port) {
        let ended = child.try_wait().ok().flatten();
        if ended.is_some() || Instant::now() > until {
            let log = fs::read_to_string(folder.join("server.log")).unwrap_or_default();
            panic!("the private {} does not answer ({ended:?}); its log:\n{log}", recipe.name);
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

fn end_by_number(folder: &Path) {
    if let Ok(pid) = fs::read_to_string(folder.join("pid")) {
        let ours = fs::read_to_string(format!("/proc/{}/cmdline", pid.trim())).unwrap_or_default();
        // The number may be another process's by now: ours names its folder.
        if ours.contains(&*folder.to_string_lossy()) {
            drop(Command::new("kill").args(["-9", pid.trim()]).status());
        }
    }
}

fn guard(name: &str, base: &Path) {
    let script = r#"
        cd "$2" || exit
        while sleep 5; do
            exec 8>"$1.start.lock" 9>"$1.users.lock"
            if flock -n -x 8 && flock -n -x 9; then
                pid=$(cat "$1/pid")
                if grep -q "$2/$1" "/proc/$pid/cmdline" 2>/dev/null; then
                    kill -TERM "$pid" 2>/dev/null; sleep 1; kill -KILL "$pid" 2>/dev/null
                fi
                rm -rf "$1"
                exit
            fi
            exec 8>&- 9>&-
        done"#;
    let mut command = Command::new("sh");
    command.args(["-c", script, "guardian", name]).arg(base).process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    drop(command.spawn().expect("a guardian of the server"));
}
