//! The control plane goes away, and comes back or not.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use serde_json::json;
use tradewind_queue::service::{End, Report, WorkerId};
use uuid::Uuid;

use crate::{Story, alive, eventually};

const TASKS: &str = r#"
@task
def beats():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        with open(HERE + "/beat.new", "w") as f:
            f.write(str(time.time()))
        os.rename(HERE + "/beat.new", HERE + "/beat")
        time.sleep(0.01)
@task
def waits_for_a_sign():
    open(HERE + "/begun", "w").write("x")
    while not os.path.exists(HERE + "/sign"): time.sleep(0.01)
    return get_runtime().variable_get("after the outage")
@task
def good():
    return 1
"#;

#[expect(clippy::disallowed_methods, reason = "compared with times that Python writes")]
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_without_a_lease_ends_its_attempts_before_the_lease_ends() {
    let story = Story::new(3.0, TASKS).await;
    let worker = story.worker();
    let id = story.queue("beats");
    story.file("beat").await;
    let pid = story.service.until("a pid", |s| s.started.get(&id).copied()).await.cast_signed();
    story.service.set_away(true);
    // The last lease was given before this moment.
    let lease_end = now() + story.service.lease;
    eventually("the attempt has gone", || !alive(pid)).await;
    let last: f64 = story.file("beat").await.parse().unwrap();
    assert!(last < lease_end, "a beat {} s after the end of the lease", last - lease_end);

    // When the control plane is back, the worker registers anew and works.
    story.service.set_away(false);
    let report = story.service.report_of(story.queue("good")).await;
    assert_eq!(report.worker, WorkerId(2));
    assert!(story.service.state().reports.iter().all(|(r, _)| r.attempt_id != id), "nobody believes a worker without a lease");
    worker.stop(Duration::from_secs(5)).await;
    story.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_outage_costs_nothing() {
    let story = Story::new(20.0, TASKS).await;
    let worker = story.worker();
    let id = story.queue("waits_for_a_sign");
    story.file("begun").await;
    story.service.set_away(true);
    std::fs::write(story.path("sign"), "x").unwrap();
    // Its call waits; then the control plane is back, and away again when the result comes.
    tokio::time::timeout(Duration::from_millis(500), story.service.report_of(id)).await.unwrap_err();
    story.service.set_away(false);
    let report = story.service.report_of(id).await;
    let End::Result { frame } = report.end else { panic!("{report:?}") };
    assert_eq!(frame["return_value"], "\"value-of-after the outage\"");
    worker.stop(Duration::from_secs(5)).await;
    story.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_waits_on_disk_and_is_delivered_once() {
    let story = Story::new(20.0, TASKS.replace("get_runtime().variable_get(\"after the outage\")", "2").as_str()).await;
    let worker = story.worker();
    let id = story.queue("waits_for_a_sign");
    story.file("begun").await;
    let pid = story.service.until("a pid", |s| s.started.get(&id).copied()).await.cast_signed();
    story.service.set_away(true);
    std::fs::write(story.path("sign"), "x").unwrap();
    // Nothing follows from the answer, so the process does not wait for its result to be safe.
    eventually("the process has ended", || !alive(pid)).await;
    eventually("the result waits on disk", || story.results() == 1).await;
    story.service.set_away(false);
    let report = story.service.report_of(id).await;
    assert!(matches!(&report.end, End::Result { frame } if frame["return_value"] == "2"), "{report:?}");
    eventually("it is removed from disk", || story.results() == 0).await;
    story.service.report_of(story.queue("good")).await;
    worker.stop(Duration::from_secs(5)).await;
    let times = story.service.state().reports.iter().filter(|(r, _)| r.attempt_id == id).count();
    assert_eq!(times, 1);
    story.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_former_life_left_is_reported_first() {
    let story = Story::new(20.0, TASKS).await;
    let left = Uuid::now_v7();
    let end = End::Result { frame: json!({"type": "result", "state": "success"}) };
    let report = Report { attempt_id: left, worker: WorkerId(77), end, end_date: Timestamp::UNIX_EPOCH, proof: None, pid: None };
    std::fs::create_dir_all(story.path("state/results")).unwrap();
    let lines = format!("{}\n{{}}\n", serde_json::to_string(&report).unwrap());
    std::fs::write(story.path("state/results/1-1.results"), lines).unwrap();
    let new = story.queue("good");
    let began = Instant::now();
    let worker = story.worker();
    story.service.report_of(new).await;
    assert!(began.elapsed() < Duration::from_secs(9), "{:?}", began.elapsed());
    worker.stop(Duration::from_secs(5)).await;
    let order: Vec<_> = story.service.state().reports.iter().map(|(r, _)| (r.attempt_id, r.worker)).collect();
    assert_eq!(order, [(left, WorkerId(77)), (new, WorkerId(1))]);
    assert_eq!(story.results(), 0);
    assert!(story.path("state/results/1-1.unreadable").exists(), "what cannot be read is left for a person to look at");
    story.host.stop().await;
}
