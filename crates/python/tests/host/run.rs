use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::time::{sleep, timeout};
use tradewind_python::{AttemptHandle, Exit, RunRequest, TemplateLimits, snapshot};

use crate::Fixture;

const DAG: &str = r#"
import os, signal, sys, threading, time
from datetime import datetime
from airflow.sdk import DAG, task
with DAG("d", schedule=None, start_date=datetime(2024, 1, 1)) as dag:
    @task
    def parent():
        print("a line of output")
        return os.getppid()
    @task
    def segfault():
        os.kill(os.getpid(), signal.SIGSEGV)
    @task
    def wait():
        time.sleep(60)
    parent(); segfault(); wait()
"#;

fn start(fixture: &Fixture, attempt: &str, task: &str) -> Value {
    json!({"attempt_id": attempt, "token": "t", "dag_id": "d", "run_id": "r", "task_id": task, "map_index": -1, "try_number": 1,
        "max_tries": 0, "should_retry": false, "path": fixture.dags().join("d.py"), "dags_folder": fixture.dags(), "relative_path": "d.py",
        "dag_run": {"dag_id": "d", "run_id": "r", "run_type": "manual", "state": "running", "logical_date": "2024-01-02T00:00:00Z",
            "data_interval_start": "2024-01-02T00:00:00Z", "data_interval_end": "2024-01-02T00:00:00Z", "run_after": "2024-01-02T00:00:00Z",
            "start_date": "2024-01-02T00:00:00Z", "conf": {}, "clear_number": 0},
        "ti": {"start_date": "2024-01-02T00:00:00Z", "queue": "default", "pool": "default_pool", "pool_slots": 1, "priority_weight": 1,
            "hostname": "h", "operator": "_PythonDecoratedOperator"},
        "map_length": null, "execution_timeout": null, "xcom": {}, "config": {}, "env": {}})
}

async fn run(fixture: &Fixture, attempt: &str, task: &str, hash: &str) -> AttemptHandle {
    let (path, dags_folder) = (fixture.dags().join("d.py"), fixture.dags());
    let request = RunRequest {
        attempt_id: attempt,
        start: start(fixture, attempt, task),
        path: &path,
        dags_folder: &dags_folder,
        source_hash: hash,
        env: &json!({}),
    };
    timeout(Duration::from_secs(60), fixture.host.run(request)).await.unwrap().unwrap()
}

/// Answers the requests of an attempt until its result, and lets it end.
async fn finish(handle: &mut AttemptHandle) -> (Value, String, Exit) {
    let talk = async {
        let mut result = Value::Null;
        while let Ok(Some(frame)) = handle.conn.recv().await {
            let answer = match frame["type"].as_str().unwrap() {
                "result" => {
                    result = frame;
                    json!({"type": "ack", "accepted": true, "state": "success"})
                }
                _ if frame["id"].is_null() => continue,
                _ => json!({"type": "response", "id": frame["id"], "result": {}}),
            };
            let _ = handle.conn.sender().send(&answer).await;
        }
        let mut output = String::new();
        handle.pipe.as_mut().unwrap().read_to_string(&mut output).await.unwrap();
        (result, output, handle.exit.wait().await)
    };
    timeout(Duration::from_secs(60), talk).await.unwrap()
}

fn parent_of(frame: &Value) -> i32 {
    frame["return_value"].as_str().expect("a return value").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_of_a_file_share_a_template_until_the_file_changes() {
    let fixture = Fixture::new().await;
    fixture.put("d.py", DAG);
    let mut parents = Vec::new();
    for (attempt, hash) in [("a1", "v1"), ("a2", "v1"), ("a3", "v2")] {
        let mut handle = run(&fixture, attempt, "parent", hash).await;
        let (result, output, exit) = finish(&mut handle).await;
        assert_eq!(result["state"], "success", "{result}");
        assert!(output.contains("a line of output"), "{output}");
        assert_eq!(exit, Exit { code: Some(0), signal: None });
        parents.push(parent_of(&result));
    }
    assert_eq!(parents[0], parents[1], "the second attempt is forked from the same template");
    assert_ne!(parents[1], parents[2], "another content needs another template");
    assert_ne!(Some(parents[0]), fixture.host.pid());
    // The stale template ends by itself.
    for _ in 0..500 {
        if !snapshot().iter().any(|p| p.pid == parents[0] && p.alive()) {
            return fixture.host.stop().await;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("the stale template is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_forked_is_loaded_by_each_attempt() {
    let fixture = Fixture::new().await;
    fixture.put("d.py", &format!("{DAG}\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"));
    let mut handle = run(&fixture, "a1", "parent", "v1").await;
    let (result, _, _) = finish(&mut handle).await;
    assert_eq!(result["state"], "success", "{result}");
    assert_eq!(Some(parent_of(&result)), fixture.host.pid());
    fixture.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_an_attempt_is_known_whoever_dies() {
    let fixture = Fixture::new().await;
    fixture.put("d.py", DAG);
    let mut handle = run(&fixture, "a1", "segfault", "v1").await;
    let (result, _, exit) = finish(&mut handle).await;
    assert_eq!(result, Value::Null);
    assert_eq!(exit, Exit { code: None, signal: Some(11) });
    assert_eq!(exit.to_string(), "killed by signal 11 (SIGSEGV)");

    // The template is killed under a running attempt: the orphan comes to us.
    let mut handle = run(&fixture, "a2", "wait", "v1").await;
    let template = snapshot().into_iter().find(|p| p.pid == handle.pid()).unwrap().ppid;
    kill_process(Pid::from_raw(template).unwrap(), Signal::KILL).unwrap();
    for _ in 0..500 {
        if snapshot().iter().all(|p| p.pid != handle.pid() || p.ppid != template) {
            break;
        }
        sleep(Duration::from_millis(10)).await;
    }
    // The host may have been quicker: it ends what a dead template has left.
    let _ = kill_process(Pid::from_raw(handle.pid()).unwrap(), Signal::KILL);
    let exit = timeout(Duration::from_secs(60), handle.exit.wait()).await.unwrap();
    assert_eq!(exit, Exit { code: None, signal: Some(9) });

    // And the next attempt of the file gets a fresh template.
    let mut handle = run(&fixture, "a3", "parent", "v1").await;
    assert_ne!(parent_of(&finish(&mut handle).await.0), template);
    fixture.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_host_is_started_again() {
    let fixture = Fixture::new().await;
    fixture.put("d.py", DAG);
    let first = fixture.host.pid().unwrap();
    kill_process(Pid::from_raw(first).unwrap(), Signal::KILL).unwrap();
    for _ in 0..1000 {
        if fixture.host.pid().is_some_and(|pid| pid != first) {
            break;
        }
        sleep(Duration::from_millis(10)).await;
    }
    let mut handle = run(&fixture, "a1", "parent", "v1").await;
    assert_eq!(finish(&mut handle).await.0["state"], "success");
    fixture.host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_templates_end_and_their_number_is_bounded() {
    let limits = TemplateLimits { count: 1, idle: Duration::from_millis(300), ..TemplateLimits::default() };
    let fixture = Fixture::with(limits).await;
    fixture.put("d.py", DAG);
    let mut busy = run(&fixture, "a1", "wait", "v1").await;
    // The only template is busy with an older content of the same file, which makes room; another file finds none.
    let other = fixture.put("other.py", DAG);
    let dags_folder = fixture.dags();
    let mut frame = start(&fixture, "a2", "parent");
    frame["path"] = json!(other);
    let request = RunRequest { attempt_id: "a2", start: frame, path: &other, dags_folder: &dags_folder, source_hash: "o", env: &json!({}) };
    let mut handle = fixture.host.run(request).await.unwrap();
    assert_eq!(Some(parent_of(&finish(&mut handle).await.0)), fixture.host.pid());

    let template = snapshot().into_iter().find(|p| p.pid == busy.pid()).unwrap().ppid;
    kill_process(Pid::from_raw(busy.pid()).unwrap(), Signal::KILL).unwrap();
    busy.exit.wait().await;
    drop(busy);
    for _ in 0..1000 {
        if !snapshot().iter().any(|p| p.pid == template && p.alive()) {
            return fixture.host.stop().await;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("the idle template is still there");
}

/// A process whose start was given up must not run when it comes after all.
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_too_late_is_ended() {
    use std::os::unix::process::ExitStatusExt;
    let fixture = Fixture::new().await;
    let folder = std::fs::read_dir(fixture.dir.path().join("run")).unwrap().next().unwrap().unwrap().path();
    let code = "import json, os, socket, sys, time\ns = socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n\
                b = json.dumps({'type': 'hello', 'role': 'attempt', 'id': 'nobody', 'pid': os.getpid()}).encode()\n\
                s.sendall(len(b).to_bytes(4, 'big') + b)\ntime.sleep(60)\n";
    let python = std::env::var_os("TRADEWIND_PYTHON").unwrap_or_else(|| "python3".into());
    let mut child = tokio::process::Command::new(python).args(["-c", code]).arg(folder.join("host.sock")).spawn().unwrap();
    let status = timeout(Duration::from_secs(30), child.wait()).await.unwrap().unwrap();
    assert_eq!(status.signal(), Some(9));
    fixture.host.stop().await;
}
