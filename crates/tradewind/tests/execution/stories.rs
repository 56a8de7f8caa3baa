//! What holds whichever way a worker reaches the control plane.

use jiff::Timestamp;
use serde_json::{Value, json};
use tradewind_core::state::TaskState;
use tradewind_queue::service::{AttemptService, CallError, End, KillReason, Report, WorkerId};
use tradewind_store::step::{DeadJobs, MarkTask, MarkTasks};
use uuid::Uuid;

use crate::plane::{LEASE, Plane, Way, info};

/// Each story, both ways.
macro_rules! both_ways {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            #[tokio::test(flavor = "multi_thread")]
            async fn in_process() {
                super::$story(super::Way::InProcess).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn http() {
                super::$story(super::Way::Http).await;
            }
        }
    )+};
}

both_ways!(
    an_attempt_from_hint_to_report,
    only_one_worker_wins_a_claim,
    what_is_fenced_changes_nothing,
    errors_are_told_apart,
    a_lease_that_ended_is_not_renewed,
    a_heartbeat_names_what_is_to_end_and_what_was_forgotten,
    a_former_life_reports,
    waiting_for_hints_has_an_end,
);

pub fn result(state: &str, value: &str) -> End {
    End::Result { frame: json!({"type": "result", "state": state, "return_value": value, "end_date": "2024-01-01T00:00:01Z"}) }
}

pub fn report(attempt_id: Uuid, worker: WorkerId, end: End, proof: Option<String>) -> Report {
    Report { attempt_id, worker, end, end_date: "2024-01-01T00:00:01Z".parse::<Timestamp>().unwrap(), proof, pid: None }
}

async fn call(service: &dyn AttemptService, attempt: Uuid, method: &str, params: Value) -> Result<Value, CallError> {
    service.call(attempt, method.to_owned(), params).await
}

fn xcom(task: &str) -> Value {
    json!({"dag_id": "d", "run_id": "r", "task_id": task, "key": "k"})
}

async fn an_attempt_from_hint_to_report(way: Way) {
    let plane = Plane::new().await;
    let (service, _serving) = plane.reach(way).await;
    let id = plane.queue("a").await;
    let lease = service.register(info()).await.unwrap();
    assert!((lease.seconds - LEASE.as_secs_f64()).abs() < 1e-9);
    let hints = service.take(lease.worker, vec!["default".to_owned()], 8, 5.0).await.unwrap();
    assert_eq!(hints.iter().map(|hint| hint.attempt_id).collect::<Vec<_>>(), [id]);
    let start = service.claim(lease.worker, id).await.unwrap().expect("nobody else is there");
    assert_eq!((start.attempt_id, start.source_hash.as_str()), (id, "hash"));
    assert_eq!(start.frame["task_id"], "a");
    match way {
        Way::InProcess => assert_eq!((start.path.as_str(), start.secrets.len()), ("/dags/team/d.py", 1)),
        // Files lie below another folder there, and the keys of the control plane stay where they are.
        Way::Http => assert_eq!((start.path.as_str(), start.secrets.len()), ("/srv/dags/team/d.py", 0)),
    }
    service.started(lease.worker, id, 77).await.unwrap();
    service.vouch(lease.worker, id).await.unwrap();
    assert_eq!(plane.task("a").await.pid, Some(77));
    call(&*service, id, "xcom.set", json!({"key": "k", "value": "[1, \"\u{1F300}\"]"})).await.unwrap();
    let got = call(&*service, id, "xcom.get", xcom("a")).await.unwrap();
    assert_eq!(got, json!({"found": true, "value": "[1, \"\u{1F300}\"]"}));
    call(&*service, id, "variable.set", json!({"key": "v", "value": "1"})).await.unwrap();
    assert_eq!(call(&*service, id, "variable.get", json!({"key": "v"})).await.unwrap()["value"], "1");
    let beat = service.heartbeat(lease.worker, vec![id]).await.unwrap();
    assert!(beat.kill.is_empty());
    let reported = service.report(report(id, lease.worker, result("success", "5"), start.proof)).await.unwrap();
    assert_eq!((reported.accepted, reported.state.as_deref()), (true, Some("success")));
    assert_eq!(plane.task("a").await.state, Some(TaskState::Success));
    service.deregister(lease.worker).await.unwrap();
    assert!(matches!(service.heartbeat(lease.worker, vec![]).await, Err(CallError::Stale(_))));
}

async fn only_one_worker_wins_a_claim(way: Way) {
    let plane = Plane::new().await;
    let (service, _serving) = plane.reach(way).await;
    let (other, _others) = plane.reach(way).await;
    let id = plane.queue("a").await;
    let (one, two) = (service.register(info()).await.unwrap().worker, other.register(info()).await.unwrap().worker);
    let (first, second) = tokio::join!(service.claim(one, id), other.claim(two, id));
    let won = [first.unwrap(), second.unwrap()];
    assert_eq!(won.iter().flatten().count(), 1);
    let again = [service.claim(one, id).await.unwrap(), other.claim(two, id).await.unwrap()];
    assert_eq!(
        again.iter().map(Option::is_some).collect::<Vec<_>>(),
        won.iter().map(Option::is_some).collect::<Vec<_>>(),
        "asked again, the same one wins"
    );
    assert!(service.claim(one, Uuid::now_v7()).await.unwrap().is_none(), "a hint of nothing");
}

async fn what_is_fenced_changes_nothing(way: Way) {
    let plane = Plane::new().await;
    let (service, _serving) = plane.reach(way).await;
    let id = plane.queue("a").await;
    let worker = service.register(info()).await.unwrap().worker;
    let start = service.claim(worker, id).await.unwrap().unwrap();
    for accepted in [true, false] {
        let reported = service.report(report(id, worker, result("success", "1"), start.proof.clone())).await.unwrap();
        assert_eq!(reported.accepted, accepted, "a repeated report is answered, and changes nothing");
    }
    let late = call(&*service, id, "xcom.set", json!({"key": "k", "value": "1"})).await;
    assert!(matches!(late, Err(CallError::Stale(_))), "{late:?}");
    assert!(matches!(service.vouch(worker, id).await, Err(CallError::Stale(_))));
    let stranger = Uuid::now_v7();
    assert!(matches!(call(&*service, stranger, "variable.get", json!({"key": "v"})).await, Err(CallError::Stale(_))));
    assert!(!service.report(report(stranger, worker, result("success", "1"), None)).await.unwrap().accepted);
}

async fn errors_are_told_apart(way: Way) {
    let plane = Plane::new().await;
    let (service, _serving) = plane.reach(way).await;
    let id = plane.queue("a").await;
    let worker = service.register(info()).await.unwrap().worker;
    service.claim(worker, id).await.unwrap().unwrap();
    let missing = call(&*service, id, "dag_run.trigger", json!({"dag_id": "nowhere"})).await.unwrap_err();
    assert!(matches!(&missing, CallError::NotFound(text) if text.contains("nowhere")), "{missing:?}");
    let exists = call(&*service, id, "dag_run.trigger", json!({"dag_id": "d", "run_id": "r"})).await.unwrap_err();
    assert!(matches!(&exists, CallError::Conflict(text) if text.contains("has a run r")), "{exists:?}");
    let wrong = call(&*service, id, "no.such", json!({})).await.unwrap_err();
    assert!(matches!(&wrong, CallError::Invalid(text) if text.contains("no.such")), "{wrong:?}");
}

async fn a_lease_that_ended_is_not_renewed(way: Way) {
    let plane = Plane::new().await;
    let (service, _serving) = plane.reach(way).await;
    let id = plane.queue("a").await;
    let worker = service.register(info()).await.unwrap().worker;
    plane.clock.advance_seconds(11);
    service.heartbeat(worker, vec![]).await.unwrap();
    plane.clock.advance_seconds(11);
    service.heartbeat(worker, vec![]).await.unwrap();
    plane.clock.advance_seconds(13);
    assert!(matches!(service.claim(worker, id).await, Err(CallError::Stale(_))), "without a lease nothing is won");
    // Nobody has acted on its end yet.
    service.heartbeat(worker, vec![]).await.unwrap();
    plane.clock.advance_seconds(13);
    assert_eq!(plane.store.run(DeadJobs).await.unwrap().len(), 1);
    assert!(matches!(service.heartbeat(worker, vec![]).await, Err(CallError::Stale(_))));
    let again = service.register(info()).await.unwrap().worker;
    assert!(again != worker && service.claim(again, id).await.unwrap().is_some());
}

async fn a_heartbeat_names_what_is_to_end_and_what_was_forgotten(way: Way) {
    let plane = Plane::new().await;
    let (service, _serving) = plane.reach(way).await;
    let (a, b) = (plane.queue("a").await, plane.queue("b").await);
    let worker = service.register(info()).await.unwrap().worker;
    service.claim(worker, a).await.unwrap().unwrap();
    service.claim(worker, b).await.unwrap().unwrap();
    let tasks = vec![MarkTask { run_pk: plane.run_pk(), task_id: "a".to_owned(), map_index: -1 }];
    let mark = MarkTasks { tasks, state: TaskState::Failed, events: vec![] };
    plane.store.run(mark).await.unwrap();
    assert!(service.claim(worker, b).await.unwrap().is_some(), "a claim whose answer was lost is asked again, and won again");
    let beat = service.heartbeat(worker, vec![a, b]).await.unwrap();
    assert_eq!(beat.kill, [(a, KillReason::StateChanged)]);
    assert_eq!(plane.task("b").await.state, Some(TaskState::Running));
    // What a worker does not know of begins anew, and no retry is spent.
    for _ in 0..8 {
        plane.clock.advance_seconds(8);
        service.heartbeat(worker, vec![a]).await.unwrap();
    }
    assert_eq!(plane.task("b").await.state, Some(TaskState::Scheduled));
}

async fn a_former_life_reports(way: Way) {
    let plane = Plane::new().await;
    let (service, _serving) = plane.reach(way).await;
    let id = plane.queue("a").await;
    let former = service.register(info()).await.unwrap().worker;
    let start = service.claim(former, id).await.unwrap().unwrap();
    // The process dies and comes back; its lease has not ended yet.
    let (service, _again) = plane.reach(way).await;
    service.register(info()).await.unwrap();
    let reported = service.report(report(id, former, result("success", "1"), start.proof)).await.unwrap();
    assert!(reported.accepted);
    assert_eq!(plane.task("a").await.state, Some(TaskState::Success));
}

async fn waiting_for_hints_has_an_end(way: Way) {
    let plane = Plane::new().await;
    let (service, _serving) = plane.reach(way).await;
    let worker = service.register(info()).await.unwrap().worker;
    assert!(service.take(worker, vec!["default".to_owned()], 8, 0.05).await.unwrap().is_empty());
    let (taken, id) = tokio::join!(service.take(worker, vec!["default".to_owned()], 8, 20.0), plane.queue("a"));
    assert_eq!(taken.unwrap()[0].attempt_id, id, "a hint that comes meanwhile ends the wait");
}
