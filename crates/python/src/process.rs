//! Trees of processes, as `/proc` shows them.
//!
//! A tree is more than a process group: a child that called `setsid` is found as a descendant, and one whose parents have gone by
//! the mark in the environment it was started with.

use std::collections::HashSet;
use std::fs;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{Instant, sleep};

/// One line of `/proc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proc {
    pub pid: i32,
    pub ppid: i32,
    pub pgid: i32,
    pub sid: i32,
    /// `R`, `S`, `Z` ...
    pub state: char,
    /// Clock ticks since boot; with the pid it names a process for good.
    pub start: u64,
}

impl Proc {
    pub fn alive(&self) -> bool {
        !matches!(self.state, 'Z' | 'X')
    }
}

/// The tree to be signalled.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its leader: own session and process group, if it has made them.
    pub pid: i32,
    /// Start of the leader, so that a reused number is not mistaken for it.
    pub start: Option<u64>,
    /// `NAME=value` in the environment of processes that belong to it.
    pub mark: Option<String>,
}

/// All processes that can be read; those that vanish while reading are left out.
pub fn snapshot() -> Vec<Proc> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).filter_map(read).collect()
}

/// Start of a process in clock ticks since boot; `None` when there is none.
pub fn start_time(pid: i32) -> Option<u64> {
    read(pid).map(|p| p.start)
}

pub(crate) fn read(pid: i32) -> Option<Proc> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold blanks and parentheses itself.
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split_ascii_whitespace().collect();
    Some(Proc {
        pid,
        state: fields.first()?.chars().next()?,
        ppid: fields.get(1)?.parse().ok()?,
        pgid: fields.get(2)?.parse().ok()?,
        sid: fields.get(3)?.parse().ok()?,
        start: fields.get(19)?.parse().ok()?,
    })
}

/// Resident memory of a process, bytes.
pub(crate) fn resident(pid: i32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
    let pages: u64 = text.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

/// The living processes of the tree.
pub fn members(target: &Target) -> Vec<Proc> {
    let all = snapshot();
    let own = std::process::id().cast_signed();
    let leader = all.iter().find(|p| p.pid == target.pid);
    let reused = leader.is_some_and(|p| target.start.is_some_and(|start| start != p.start));
    let mut found: HashSet<i32> = all
        .iter()
        .filter(|p| {
            let by_number = !reused && [p.pid, p.pgid, p.sid].contains(&target.pid);
            by_number || target.mark.as_deref().is_some_and(|mark| marked(p.pid, mark))
        })
        .map(|p| p.pid)
        .collect();
    found.remove(&own);
    // Descendants: at most as many rounds as the tree is deep, and each round adds one at least.
    loop {
        let more: Vec<i32> =
            all.iter().filter(|p| p.pid != own && found.contains(&p.ppid) && !found.contains(&p.pid)).map(|p| p.pid).collect();
        if more.is_empty() {
            break;
        }
        found.extend(more);
    }
    all.into_iter().filter(|p| p.alive() && found.contains(&p.pid)).collect()
}

pub(crate) fn marked(pid: i32, mark: &str) -> bool {
    fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environ| environ.split(|b| *b == 0).any(|entry| entry == mark.as_bytes()))
}

/// Sends a signal to each living process of the tree; answers how many there were.
pub fn signal_members(target: &Target, signal: Signal) -> usize {
    let members = members(target);
    for member in &members {
        if let Some(pid) = Pid::from_raw(member.pid) {
            // It may have ended since; that is what was wanted.
            let _ = kill_process(pid, signal);
        }
    }
    members.len()
}

/// TERM to the tree, `grace` to end, then KILL until nothing of it is left (at most five seconds more).
///
/// Answers whether the tree is gone.
pub async fn kill_and_wait(target: Target, grace: Duration) -> bool {
    if !grace.is_zero() && gone_within(&target, Signal::TERM, grace, true).await {
        return true;
    }
    gone_within(&target, Signal::KILL, Duration::from_secs(5), false).await
}

/// Looks more and more seldom: most trees end at once, some take a minute.
async fn gone_within(target: &Target, signal: Signal, limit: Duration, once: bool) -> bool {
    let deadline = Instant::now() + limit;
    let mut pause = Duration::from_millis(5);
    let mut first = true;
    loop {
        let (target, again) = (target.clone(), first || !once);
        let look = move || if again { signal_members(&target, signal) } else { members(&target).len() };
        if tokio::task::spawn_blocking(look).await.is_ok_and(|alive| alive == 0) {
            return true;
        }
        first = false;
        if Instant::now() >= deadline {
            return false;
        }
        sleep(pause.min(deadline.saturating_duration_since(Instant::now()))).await;
        pause = (pause * 2).min(Duration::from_millis(100));
    }
}
