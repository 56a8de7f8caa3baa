//! Who connects, and who waits for it.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::{sleep, timeout};

use crate::child::{Arrived, Children};
use crate::conn::Conn;
use crate::host::HELLO;
use crate::supervise::Tasks;

/// Accepts connections and leads each to whoever waits for it.
pub async fn listen(listener: UnixListener, children: Children) {
    let greeters = Tasks::default();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => greeters.spawn("python greeter", greet(stream, children.clone())),
            Err(e) => {
                tracing::warn!("cannot accept a connection of a Python process: {e}");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn greet(stream: UnixStream, children: Children) {
    let peer = stream.peer_cred().ok();
    let own = rustix::process::getuid().as_raw();
    if peer.is_some_and(|p| p.uid() != own) {
        return;
    }
    let mut conn = Conn::new(stream);
    let (hello, pipe) = match timeout(HELLO, conn.hello()).await {
        Ok(Ok(hello)) => hello,
        Ok(Err(e)) => return tracing::warn!("a Python process began wrongly: {e}"),
        Err(_) => return tracing::warn!("a Python process connected and said nothing"),
    };
    let pid = peer.and_then(|p| p.pid()).unwrap_or(hello.pid);
    if !children.arrived(&hello.id, Arrived { conn, pid, pipe }) {
        // Its start was given up. It must not run now: another may have been started in its place.
        tracing::warn!(process.role = hello.role, process.id = hello.id, "a Python process came too late and is ended");
        if let Some(pid) = Pid::from_raw(pid) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}
