//! Events carry rows, and tell what other processes have changed.

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tradewind_queue::Change;
use tradewind_server::auth::Role;
use tradewind_server::serve;
use tradewind_store::params;

use crate::harness::Harness;
use crate::seed;
use crate::serving::Events;

/// A server on a socket, and one watcher.
struct Watched {
    harness: Harness,
    events: Events,
    stop: oneshot::Sender<()>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Watched {
    async fn start() -> Self {
        let harness = Harness::start().await;
        seed::dag(harness.store(), &seed::chain("d")).await;
        seed::dag_run(harness.store(), "d", "r", "running").await;
        seed::task(harness.store(), "d", "r", "a", -1, Some("running")).await;
        let token = harness.app.tokens().issue("viewer", Role::Viewer, 60).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(serve(listener, harness.app.clone(), async move { drop(stopped.await) }));
        let events = Events::open(address, &token, None).await;
        let mut watched = Self { harness, events, stop, server };
        // The server has taken its first look when this comes.
        watched.harness.changes.send(Change::Dag { dag_id: "none".into() });
        assert_eq!(watched.next().await, ("dag".into(), json!({"dag_id": "none", "deleted": true})));
        watched
    }

    async fn next(&mut self) -> (String, Value) {
        let (_, kind, data) = self.events.next().await;
        (kind, serde_json::from_str(&data).unwrap())
    }

    /// What another process would do: rows change, and only that is noticed.
    async fn elsewhere(&self, sql: &'static str) {
        let now = self.harness.store().now();
        seed::run(self.harness.store(), sql, params![now]).await;
        self.harness.changes.send(Change::Elsewhere);
    }

    async fn end(self) {
        drop(self.events);
        self.stop.send(()).unwrap();
        self.server.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn hints_of_this_process_become_events_with_what_the_rows_say() {
    let mut watched = Watched::start().await;
    for state in ["queued", "running"] {
        watched.harness.changes.send(Change::TaskState {
            dag_id: "d".into(),
            run_id: "r".into(),
            task_id: "a".into(),
            map_index: -1,
            state: Some(state.into()),
            try_number: 1,
        });
    }
    let expected = json!({
        "dag_id": "d", "run_id": "r", "task_id": "a", "map_index": -1, "state": "running", "try_number": 1,
        "start_date": "2023-11-14T22:13:22Z", "end_date": null,
    });
    assert_eq!(watched.next().await, ("task_instance".into(), expected));
    watched.harness.changes.send(Change::RunState { dag_id: "d".into(), run_id: "r".into(), state: "running".into() });
    let (kind, run) = watched.next().await;
    assert_eq!((kind.as_str(), &run["state"], &run["start_date"]), ("dag_run", &json!("running"), &json!("2023-11-14T22:13:21Z")));
    watched.harness.patch("/api/v2/dags/d", json!({"is_paused": false})).await.expect(200);
    let (kind, dag) = watched.next().await;
    assert_eq!((kind.as_str(), &dag["dag_id"], &dag["is_paused"]), ("dag", &json!("d"), &json!(false)));
    watched.end().await;
}

#[tokio::test]
async fn what_other_processes_do_is_told_once() {
    let mut watched = Watched::start().await;
    watched.elsewhere("UPDATE task_instance SET state = 'queued', updated_at = ?").await;
    let (kind, task) = watched.next().await;
    assert_eq!((kind.as_str(), &task["state"], &task["task_id"]), ("task_instance", &json!("queued"), &json!("a")));
    // Nothing new: the next event is that of the change after it.
    watched.harness.changes.send(Change::Elsewhere);
    watched.elsewhere("UPDATE dag_run SET note = 'n', updated_at = ?").await;
    let (kind, run) = watched.next().await;
    assert_eq!((kind.as_str(), &run["run_id"], &run["state"]), ("dag_run", &json!("r"), &json!("running")));
    watched.elsewhere("UPDATE dag_run SET state = 'success', end_date = ?").await;
    let (kind, run) = watched.next().await;
    assert_eq!((kind.as_str(), &run["state"], run["end_date"].is_string()), ("dag_run", &json!("success"), true));
    watched.elsewhere("UPDATE dag SET is_stale = 1 WHERE ? > 0").await;
    let (kind, dag) = watched.next().await;
    assert_eq!((kind.as_str(), &dag["is_stale"]), ("dag", &json!(true)));
    watched.end().await;
}

#[tokio::test]
async fn import_errors_and_lost_processes_are_told_without_a_hint() {
    let mut watched = Watched::start().await;
    let lease = watched.harness.store().now().as_microsecond() + 60_000_000;
    let job = "INSERT INTO job (job_type, state, lease_until, hostname, start_date, latest_heartbeat) VALUES ('WorkerJob', 'running', ?, 'h', 1, 1)";
    seed::run(watched.harness.store(), job, params![lease]).await;
    let (kind, came) = watched.next().await;
    assert_eq!((kind.as_str(), &came["kind"], &came["healthy"]), ("job", &json!("worker"), &json!(true)));
    let error = "INSERT INTO import_error (relative_fileloc, fileloc, stacktrace, timestamp) VALUES ('x.py', '/x.py', 'no', 1)";
    seed::run(watched.harness.store(), error, vec![]).await;
    assert_eq!(watched.next().await, ("import_error".into(), json!({"import_errors": 1})));
    seed::run(watched.harness.store(), "UPDATE job SET lease_until = 1", vec![]).await;
    let (kind, gone) = watched.next().await;
    assert_eq!((kind.as_str(), &gone["kind"], &gone["healthy"]), ("job", &json!("worker"), &json!(false)));
    watched.end().await;
}

#[tokio::test]
async fn what_users_do_elsewhere_to_a_run_that_has_ended_is_told() {
    let mut watched = Watched::start().await;
    let store = watched.harness.store();
    seed::run(store, "UPDATE dag_run SET state = 'success', end_date = 1, updated_at = 1", vec![]).await;
    let (now, mark) = (store.now(), "UPDATE task_instance SET state = 'failed', updated_at = ?");
    seed::run(store, mark, params![now]).await;
    let log =
        "INSERT INTO event_log (dttm, event, dag_id, run_id, task_id, map_index) VALUES (?, 'task_instance_failed', 'd', 'r', 'a', -1)";
    watched.elsewhere(log).await;
    let (kind, run) = watched.next().await;
    assert_eq!((kind.as_str(), &run["run_id"], &run["state"]), ("dag_run", &json!("r"), &json!("success")));
    let (kind, task) = watched.next().await;
    assert_eq!((kind.as_str(), &task["task_id"], &task["state"]), ("task_instance", &json!("a"), &json!("failed")));
    watched.end().await;
}

#[tokio::test]
async fn alerts_are_told_whoever_wrote_or_delivered_them() {
    const WRITE: &str = "INSERT INTO alert (unique_key, kind, channel, recipients, group_key, dag_id, facts, state, outcomes, created_at, since, updated_at)
        VALUES ('k' || (SELECT count(*) FROM alert), 'task_failed', 'email', '[]', '', 'd', '{}', 'waiting', '{}', 1, 1, ?)";
    let mut watched = Watched::start().await;
    watched.elsewhere(WRITE).await;
    let (kind, alert) = watched.next().await;
    assert_eq!(kind, "alert");
    let expected = json!({
        "id": 1, "kind": "task_failed", "channel": "email", "state": "waiting", "dag_id": "d", "run_id": null, "task_id": null,
    });
    assert_eq!(alert, expected);
    watched.elsewhere("UPDATE alert SET state = 'sent', updated_at = ?").await;
    let (kind, alert) = watched.next().await;
    assert_eq!((kind.as_str(), &alert["id"], &alert["state"]), ("alert", &json!(1), &json!("sent")));
    // Those of this process come with its hint; what is known is not told again.
    seed::run(watched.harness.store(), WRITE, params![watched.harness.store().now()]).await;
    watched.harness.changes.send(Change::Outbox);
    let (kind, alert) = watched.next().await;
    assert_eq!((kind.as_str(), &alert["id"], &alert["state"]), ("alert", &json!(2), &json!("waiting")));
    watched.end().await;
}
