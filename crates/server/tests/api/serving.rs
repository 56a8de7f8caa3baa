//! The server on a socket of its own.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tradewind_queue::Change;
use tradewind_server::auth::Role;
use tradewind_server::serve;

use crate::harness::Harness;

/// No step of these tests takes this long, on however busy a machine.
const BOUND: Duration = Duration::from_secs(20);

pub struct Events {
    lines: BufReader<TcpStream>,
}

impl Events {
    pub async fn open(address: std::net::SocketAddr, token: &str, last: Option<&str>) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let last = last.map_or_else(String::new, |id| format!("Last-Event-ID: {id}\r\n"));
        let request = format!("GET /api/v2/tradewind/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n{last}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut lines = BufReader::new(stream);
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            timeout(BOUND, lines.read_line(&mut line)).await.unwrap().unwrap();
        }
        Self { lines }
    }

    /// The next event: id, kind, data.
    pub async fn next(&mut self) -> (String, String, String) {
        let (mut id, mut kind, mut data) = (String::new(), String::new(), String::new());
        while id.is_empty() || kind.is_empty() || data.is_empty() {
            let mut line = String::new();
            timeout(BOUND, self.lines.read_line(&mut line)).await.unwrap().unwrap();
            for (name, field) in [("id: ", &mut id), ("event: ", &mut kind), ("data: ", &mut data)] {
                if let Some(value) = line.trim_end().strip_prefix(name) {
                    *field = value.to_owned();
                }
            }
        }
        (id, kind, data)
    }
}

fn state(run_id: &str) -> Change {
    Change::RunState { dag_id: "d".into(), run_id: run_id.into(), state: "success".into() }
}

#[tokio::test]
async fn watchers_see_changes_resume_and_do_not_hold_up_the_end() {
    let harness = Harness::start().await;
    let token = harness.app.tokens().issue("viewer", Role::Viewer, 60).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, harness.app.clone(), async move { drop(stopped.await) }));

    let mut watcher = Events::open(address, &token, None).await;
    harness.changes.send(state("r1"));
    harness.changes.send(state("r2"));
    let (first, kind, data) = watcher.next().await;
    assert_eq!((kind.as_str(), data.as_str()), ("dag_run", r#"{"dag_id":"d","run_id":"r1","state":"success"}"#));
    let mut resumed = Events::open(address, &token, Some(&first)).await;
    assert!(resumed.next().await.2.contains("r2"));
    let mut lost = Events::open(address, &token, Some("another-7")).await;
    assert_eq!(lost.next().await.1, "reset");

    stop.send(()).unwrap();
    timeout(BOUND, server).await.unwrap().unwrap().unwrap();
    let mut rest = String::new();
    timeout(BOUND, watcher.lines.read_to_string(&mut rest)).await.unwrap().unwrap();
    assert!(rest.contains("r2"));
}
