//! Children of the host and of templates: who is awaited, and how they ended.

use std::collections::HashMap;
use std::fmt;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout};

use crate::conn::Conn;
use crate::error::PythonError;

/// How long the parent's word about an exit may come after the exit itself.
const WORD: Duration = Duration::from_secs(2);

/// How a process ended. Both `None`: it is gone, and nobody could tell how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exit {
    pub code: Option<i32>,
    pub signal: Option<i32>,
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.signal, self.code) {
            (Some(signal), _) => match signal_name(signal) {
                Some(name) => write!(f, "killed by signal {signal} ({name})"),
                None => write!(f, "killed by signal {signal}"),
            },
            (None, Some(code)) => write!(f, "exited with code {code}"),
            (None, None) => f.write_str("ended in an unknown way"),
        }
    }
}

fn signal_name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => return None,
    })
}

/// A process that said hello.
pub(crate) struct Arrived {
    pub conn: Conn,
    pub pid: i32,
    pub pipe: Option<OwnedFd>,
}

type Arrival = Result<Arrived, String>;

struct Child {
    parent: String,
    pid: Option<i32>,
    arrive: Option<oneshot::Sender<Arrival>>,
    exit: Option<oneshot::Sender<Exit>>,
}

/// Everybody who is awaited or runs. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Children(Arc<Mutex<HashMap<String, Child>>>);

impl Children {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Child>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Announces a process that `parent` is about to be asked for.
    pub fn expect(&self, id: &str, parent: &str) -> Expected {
        let (arrive, arrived) = oneshot::channel();
        let (exit, exited) = oneshot::channel();
        let child = Child { parent: parent.to_owned(), pid: None, arrive: Some(arrive), exit: Some(exit) };
        self.lock().insert(id.to_owned(), child);
        let children = self.clone();
        Expected { children, id: id.to_owned(), arrived: Some(arrived), exited: Some(exited), came: false }
    }

    /// A process said hello; false: nobody waits for it.
    pub fn arrived(&self, id: &str, arrived: Arrived) -> bool {
        let mut map = self.lock();
        let Some(child) = map.get_mut(id) else { return false };
        child.pid = Some(arrived.pid);
        child.arrive.take().is_some_and(|tx| tx.send(Ok(arrived)).is_ok())
    }

    /// The parent has reaped it. Its hello may still be on the way on another connection, so that is not given up here.
    ///
    /// An attempt that came too late the first time was started twice and ended once: the number tells which it is.
    pub fn exited(&self, id: &str, pid: i32, exit: Exit) {
        let mut map = self.lock();
        let Some(child) = map.get_mut(id).filter(|c| c.pid.is_none_or(|known| known == pid)) else { return };
        if let Some(tx) = child.exit.take() {
            let _ = tx.send(exit);
        }
        if child.arrive.is_none() {
            map.remove(id);
        }
    }

    /// It was reaped here, because its parent had gone.
    pub fn reaped(&self, pid: i32, exit: Exit) -> bool {
        let id = self.lock().iter().find(|(_, c)| c.pid == Some(pid)).map(|(id, _)| id.clone());
        if let Some(id) = &id {
            self.exited(id, pid, exit);
        }
        id.is_some()
    }

    /// The parent has gone: what it had not started yet will never come.
    pub fn parent_gone(&self, parent: &str, why: &str) {
        for child in self.lock().values_mut().filter(|c| c.parent == parent) {
            if let Some(tx) = child.arrive.take() {
                let _ = tx.send(Err(why.to_owned()));
            }
        }
    }
}

/// A process that was asked for.
pub(crate) struct Expected {
    children: Children,
    id: String,
    arrived: Option<oneshot::Receiver<Arrival>>,
    exited: Option<oneshot::Receiver<Exit>>,
    came: bool,
}

impl Expected {
    /// Waits for its hello.
    pub async fn arrive(mut self, what: &'static str, limit: Duration) -> Result<(Arrived, ExitWatch), PythonError> {
        let fail = |why: String| PythonError::NotStarted { what, why };
        let (Some(arrived), Some(mut exited)) = (self.arrived.take(), self.exited.take()) else {
            return Err(fail("it was awaited before".to_owned()));
        };
        let (mut arrived, mut deadline, mut known) = (arrived, Instant::now() + limit, None);
        let arrived = loop {
            tokio::select! {
                biased;
                answer = &mut arrived => match answer {
                    Ok(answer) => break answer.map_err(fail)?,
                    Err(_) => return Err(PythonError::Stopped),
                },
                // Its hello comes on a connection of its own and may be behind.
                exit = &mut exited, if known.is_none() => {
                    known = Some(exit.unwrap_or_default());
                    deadline = Instant::now() + WORD;
                }
                () = sleep_until(deadline) => return Err(match known {
                    Some(exit) => PythonError::Ended { what, exit },
                    None => fail(format!("no word of it within {} s", limit.as_secs_f32())),
                }),
            }
        };
        self.came = true;
        let pid = arrived.pid;
        let pidfd = Pid::from_raw(pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
        #[expect(deprecated, reason = "its successor is an unsafe function; an `OwnedFd` meets what that asks for")]
        let pidfd = pidfd.and_then(|fd| AsyncFd::with_interest(fd, Interest::READABLE).ok());
        let id = self.id.clone();
        let children = self.children.clone();
        Ok((arrived, ExitWatch { children, id, pid, pidfd, exited, known }))
    }
}

impl Drop for Expected {
    fn drop(&mut self) {
        if !self.came {
            self.children.lock().remove(&self.id);
        }
    }
}

/// Waits for the end of one process.
pub struct ExitWatch {
    children: Children,
    id: String,
    pid: i32,
    pidfd: Option<AsyncFd<OwnedFd>>,
    exited: oneshot::Receiver<Exit>,
    known: Option<Exit>,
}

impl ExitWatch {
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Waits until the process has ended. Safe to drop while waiting, and to call again.
    pub async fn wait(&mut self) -> Exit {
        if let Some(exit) = self.known {
            return exit;
        }
        let exit = match &self.pidfd {
            Some(pidfd) => tokio::select! {
                biased;
                exit = &mut self.exited => exit.unwrap_or_default(),
                _ = pidfd.readable() => timeout(WORD, &mut self.exited).await.ok().and_then(Result::ok).unwrap_or_default(),
            },
            // It ended before it could be looked at; only its parent can tell how.
            None => timeout(WORD, &mut self.exited).await.ok().and_then(Result::ok).unwrap_or_default(),
        };
        self.known = Some(exit);
        exit
    }
}

impl Drop for ExitWatch {
    fn drop(&mut self) {
        self.children.lock().remove(&self.id);
    }
}
