//! The ways an attempt ends.

use std::time::{Duration, Instant};

use tradewind_queue::service::{End, KillReason};

use crate::{Story, alive, eventually};

const TASKS: &str = r#"
@task
def good():
    print("hello from the task")
    return {"x": 41 + 1}
@task
def bad():
    raise ValueError("no such thing")
@task
def leaves():
    os._exit(7)
@task
def crashes():
    os.kill(os.getpid(), signal.SIGSEGV)
@task
def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen(["bash", "-c", "trap '' TERM; sleep 300 & wait"], start_new_session=True)
    # A daemon: its parent is gone, only the mark in its environment tells where it belongs.
    daemon = subprocess.run(["bash", "-c", "setsid sleep 300 >/dev/null 2>&1 & echo $!"], stdout=subprocess.PIPE, text=True).stdout.strip()
    with open(HERE + "/pids.new", "w") as f:
        f.write(f"{os.getpid()} {child.pid} {daemon}")
    os.rename(HERE + "/pids.new", HERE + "/pids")
    while True: time.sleep(1)
@task
def short():
    open(HERE + "/begun", "w").write("x")
    time.sleep(1)
@task
def long():
    open(HERE + "/begun", "w").write("x")
    time.sleep(300)
"#;

#[tokio::test(flavor = "multi_thread")]
async fn success_and_failure_carry_their_result() {
    let story = Story::new(10.0, TASKS).await;
    let worker = story.worker();
    let report = story.service.report_of(story.queue("good")).await;
    let End::Result { frame } = report.end else { panic!("{report:?}") };
    assert_eq!((&frame["state"], frame["return_value"].as_str()), (&"success".into(), Some("{\"x\": 42}")), "{frame}");
    let report = story.service.report_of(story.queue("bad")).await;
    let End::Result { frame } = report.end else { panic!("{report:?}") };
    assert_eq!(frame["state"], "failed");
    assert!(frame["error"]["message"].as_str().unwrap().contains("no such thing"), "{frame}");
    worker.stop(Duration::from_secs(10)).await;
    assert!(story.log("good").contains("hello from the task"), "{}", story.log("good"));
    assert_eq!(story.results(), 0, "answered reports are removed");
    assert_eq!(story.service.state().deregistered.len(), 1);
    story.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_is_reported_in_words() {
    let story = Story::new(10.0, TASKS).await;
    let worker = story.worker();
    for (task, code, killed_by, words) in
        [("leaves", Some(7), None, "exited with code 7 without a result"), ("crashes", None, Some(11), "was killed by signal 11 (SIGSEGV)")]
    {
        let report = story.service.report_of(story.queue(task)).await;
        let End::Died { exit_code, signal, message } = report.end else { panic!("{report:?}") };
        assert_eq!((exit_code, signal, message.as_str()), (code, killed_by, words));
        assert!(story.log(task).contains(words), "{}", story.log(task));
    }
    worker.stop(Duration::from_secs(10)).await;
    story.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeout_ends_the_whole_tree() {
    let story = Story::new(10.0, TASKS).await;
    let worker = story.worker();
    let mut start = story.start("stubborn");
    start.execution_timeout = Some(1.0);
    let id = story.service.queue(start);
    let pids = story.file("pids").await;
    let report = story.service.report_of(id).await;
    let End::TimedOut { message } = report.end else { panic!("{report:?}") };
    assert!(message.contains("execution_timeout of 1 s"), "{message}");
    assert_eq!(pids.split(' ').count(), 3, "{pids}");
    for pid in pids.split(' ') {
        assert!(!alive(pid.parse().unwrap()), "process {pid} of {pids} is still there");
    }
    worker.stop(Duration::from_secs(10)).await;
    story.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_request_comes_with_the_heartbeat() {
    let story = Story::new(1.5, TASKS).await;
    let worker = story.worker();
    let id = story.queue("long");
    story.file("begun").await;
    let pid = story.service.until("a pid", |s| s.started.get(&id).copied()).await;
    story.service.state().kill.push((id, KillReason::StateChanged));
    let report = story.service.report_of(id).await;
    let End::Killed { reason } = report.end else { panic!("{report:?}") };
    assert_eq!(reason, KillReason::StateChanged);
    assert!(!alive(pid.cast_signed()));
    assert!(story.log("long").contains("its state was changed"), "{}", story.log("long"));
    worker.stop(Duration::from_secs(10)).await;
    story.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_lets_short_attempts_finish_and_gives_long_ones_back() {
    let story = Story::new(10.0, TASKS).await;
    let worker = story.worker();
    let short = story.queue("short");
    story.file("begun").await;
    worker.request_stop(Duration::from_secs(30));
    let late = story.queue("good");
    worker.stop(Duration::from_secs(30)).await;
    let report = story.service.report_of(short).await;
    assert!(matches!(&report.end, End::Result { frame } if frame["state"] == "success"), "{report:?}");
    assert!(story.service.state().queued.iter().any(|(id, _)| *id == late), "a stopping worker must claim nothing");

    std::fs::remove_file(story.path("begun")).unwrap();
    story.service.state().queued.clear();
    let worker = story.worker();
    let long = story.queue("long");
    story.file("begun").await;
    let began = Instant::now();
    worker.stop(Duration::from_millis(300)).await;
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    let report = story.service.report_of(long).await;
    assert!(matches!(&report.end, End::NotStarted { message } if message.contains("stopping")), "{report:?}");
    story.host.stop().await;
}

/// A handle that is dropped leaves nothing running.
#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_host_takes_its_processes_along() {
    let story = Story::new(10.0, TASKS).await;
    let worker = story.worker();
    let id = story.queue("long");
    story.file("begun").await;
    let pid = story.service.until("a pid", |s| s.started.get(&id).copied()).await.cast_signed();
    let host = story.host.pid().unwrap();
    drop((worker, story));
    eventually("the host has gone", || !alive(host)).await;
    eventually("the attempt has gone", || !alive(pid)).await;
}
