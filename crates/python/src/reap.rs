//! Orphans: descendants whose parent has gone come to this process (subreaper) and are reaped here.
//!
//! Children that `std` or `tokio` started are not touched: an orphan of ours is known by its hello, or lives in a session or
//! process group that a host began. One reaper per program, however many hosts there are.

use std::collections::HashSet;
use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};

use rustix::process::{Pid, WaitId, WaitIdOptions, getpid, set_child_subreaper, waitid};
use tokio::signal::unix::{SignalKind, signal};

use crate::child::{Children, Exit};
use crate::process::{Proc, read, snapshot};

#[derive(Default)]
struct Hosts {
    /// Pids of hosts, living and dead: their children carry them as process group.
    groups: HashSet<i32>,
    children: Vec<Children>,
}

static HOSTS: OnceLock<Mutex<Hosts>> = OnceLock::new();

fn with<T>(act: impl FnOnce(&mut Hosts) -> T) -> T {
    let hosts = HOSTS.get_or_init(Mutex::default);
    act(&mut hosts.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Makes orphaned descendants children of this process, so that none escapes a kill.
///
/// # Errors
/// The kernel refuses.
pub fn become_subreaper() -> io::Result<()> {
    Ok(set_child_subreaper(Some(getpid()))?)
}

/// A host was started; its process is `tokio`'s to reap.
pub(crate) fn host_started(pid: i32) {
    with(|hosts| hosts.groups.insert(pid));
}

/// Reaps orphans whenever a child of this process ends, and tells `children` of theirs.
pub(crate) async fn run(children: Children) {
    with(|hosts| hosts.children.push(children));
    let Ok(mut ended) = signal(SignalKind::child()) else {
        tracing::error!("cannot listen for SIGCHLD: orphaned processes of tasks will stay as zombies");
        return;
    };
    while ended.recv().await.is_some() {
        let _ = tokio::task::spawn_blocking(reap).await;
    }
}

fn reap() {
    let own = getpid().as_raw_nonzero().get();
    // Zero where the leader of the session is outside the pid namespace.
    let session = read(own).map_or(0, |p| p.sid);
    let zombies = snapshot().into_iter().filter(|p| p.state == 'Z' && p.ppid == own);
    for zombie in zombies {
        if with(|hosts| ours(hosts, &zombie, session))
            && let Some(pid) = Pid::from_raw(zombie.pid)
            && let Ok(Some(status)) = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOHANG)
        {
            let exit = Exit { code: status.exit_status(), signal: status.terminating_signal() };
            let known = with(|hosts| hosts.children.clone());
            known.iter().any(|children| children.reaped(zombie.pid, exit));
        }
    }
}

fn ours(hosts: &Hosts, zombie: &Proc, session: i32) -> bool {
    let is_host = hosts.groups.contains(&zombie.pid);
    let foreign = zombie.sid != session || hosts.groups.contains(&zombie.pgid);
    !is_host && foreign
}
