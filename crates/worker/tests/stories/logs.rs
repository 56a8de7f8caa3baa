//! What reaches the log, and what does not.

use std::time::{Duration, Instant};

use serde_json::Value;
use tradewind_queue::attempt_log::LogReader;
use tradewind_queue::service::End;

use crate::{Story, eventually};

const TASKS: &str = r#"
@task
def secrets():
    print("given: handed-over-secret")
    print("variable:", get_runtime().variable_get("db_password"), get_runtime().variable_get("city"))
    for n in range(300):
        get_runtime().mask([f"masked-text-{n:04}-x"])
        os.write(1, f"mask: masked-text-{n:04}-x\n".encode())
    import logging
    logging.getLogger("airflow.task").info("logged: %s", "handed-over-secret")
@task
def tells():
    get_runtime().mask(["masked-in-time"])
    raise ValueError("it is handed-over-secret and masked-in-time")
@task
def live():
    print("the first line", flush=True)
    while not os.path.exists(HERE + "/sign"): time.sleep(0.01)
@task
def flood():
    block = b"".join(b"line %09d of the flood" % n + b", and more" * 98 + b"\n" for n in range(1000))
    for _ in range(40): os.write(1, block)
@task
def talks():
    for n in range(2000): print(f"line {n} of the talk")
@task
def waits():
    from airflow.sdk.exceptions import TaskDeferred
    from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
    from datetime import timedelta
    raise TaskDeferred(trigger=TimeDeltaTrigger(timedelta(hours=1)), method_name="x")
@task
def fails():
    raise ValueError("and why: x")
@task
def small():
    print("small")
"#;

#[tokio::test(flavor = "multi_thread")]
async fn secrets_do_not_leave_with_the_error() {
    let story = Story::new(10.0, TASKS).await;
    let worker = story.worker();
    let mut start = story.start("tells");
    start.secrets = vec!["handed-over-secret".to_owned()];
    let report = story.service.report_of(story.service.queue(start)).await;
    let End::Result { frame } = report.end else { panic!("{report:?}") };
    assert_eq!(frame["error"]["message"], "it is *** and ***");
    let traceback = frame["error"]["traceback"].as_str().unwrap();
    assert!(traceback.contains("ValueError: it is *** and ***"), "{traceback}");
    worker.stop(Duration::from_secs(10)).await;
    story.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_do_not_reach_the_log() {
    let story = Story::new(10.0, TASKS).await;
    let worker = story.worker();
    let mut start = story.start("secrets");
    start.secrets = vec!["handed-over-secret".to_owned()];
    let report = story.service.report_of(story.service.queue(start)).await;
    assert!(matches!(&report.end, End::Result { frame } if frame["state"] == "success"), "{report:?}");
    worker.stop(Duration::from_secs(10)).await;
    let log = story.log("secrets");
    let events: Vec<String> = log
        .lines()
        .map(|line| {
            let value: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"));
            assert!(value["timestamp"].is_string() && value["level"].is_string(), "{line}");
            value["event"].as_str().unwrap().to_owned()
        })
        .collect();
    for expected in ["given: ***", "variable: *** value-of-city", "logged: ***"] {
        assert!(events.iter().any(|e| e == expected), "{expected} is not in {events:#?}");
    }
    assert_eq!(events.iter().filter(|e| *e == "mask: ***").count(), 300);
    for secret in ["handed-over-secret", "value-of-db_password", "masked-text"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
    story.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_seen_while_the_task_runs() {
    let story = Story::new(10.0, TASKS).await;
    let worker = story.worker();
    let id = story.queue("live");
    eventually("the first line is in the file", || story.log("live").contains("the first line")).await;
    assert!(story.service.state().reports.is_empty());
    std::fs::write(story.path("sign"), "x").unwrap();
    story.service.report_of(id).await;
    worker.stop(Duration::from_secs(10)).await;
    story.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sees_the_end_of_an_attempt_finds_its_whole_log() {
    let story = Story::new(10.0, TASKS).await;
    let worker = story.worker();
    for (task, last) in [("talks", "line 1999 of the talk"), ("waits", "Pausing task as DEFERRED"), ("fails", "and why: x")] {
        story.service.state().watched = Some((story.path(&format!("logs/{task}.log")), String::new()));
        story.service.report_of(story.queue(task)).await;
        let (_, seen) = story.service.state().watched.clone().unwrap();
        assert!(seen.contains(last), "{task}: {seen}");
    }
    worker.stop(Duration::from_secs(10)).await;
    story.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_output_is_kept_and_slows_nobody() {
    let story = Story::new(10.0, TASKS).await;
    let worker = story.worker();
    story.service.report_of(story.queue("small")).await;
    let flood = story.queue("flood");
    let mut slowest = Duration::ZERO;
    let began = Instant::now();
    loop {
        let one = Instant::now();
        story.service.report_of(story.queue("small")).await;
        slowest = slowest.max(one.elapsed());
        if story.service.state().reports.iter().any(|(r, _)| r.attempt_id == flood) {
            break;
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    worker.stop(Duration::from_secs(30)).await;
    let reader = LogReader::open(&story.path("logs/flood.log")).unwrap();
    let lines = 40 * 1000;
    let count = reader.count().unwrap();
    assert!(count >= lines, "{count} lines of {lines}");
    let one = Instant::now();
    let tail = reader.tail(10, 1 << 20).unwrap();
    assert!(tail.lines.iter().any(|l| l.contains("line 000000999 of the flood")), "{tail:?}");
    println!("flood: {lines} lines (40 MB) in {seconds:.1} s, tail in {:?}; slowest small task meanwhile {slowest:?}", one.elapsed());
    assert!(slowest < Duration::from_secs(3), "{slowest:?}");
    story.host.stop().await;
}
