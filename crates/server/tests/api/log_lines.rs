//! Logs by lines, searched, followed while they are written, and as a file.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use axum::body::Body;
use axum::http::Method;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::time::timeout;
use tradewind_queue::Change;
use tradewind_queue::attempt_log::{LogFile, Modes};

use crate::harness::Harness;
use crate::seed;

const LOG: &str = "/api/v2/tradewind/dags/alpha/dagRuns/r1/taskInstances/a/logs/1";
/// No step of these tests takes this long, on however busy a machine.
const BOUND: Duration = Duration::from_secs(20);

async fn start(state: &str, text: &str) -> (Harness, PathBuf) {
    let harness = Harness::start().await;
    seed::dag(harness.store(), &seed::chain("alpha")).await;
    seed::dag_run(harness.store(), "alpha", "r1", "running").await;
    seed::task(harness.store(), "alpha", "r1", "a", -1, Some(state)).await;
    let path = harness.folder().join("logs/dag_id=alpha/run_id=r1/task_id=a/attempt=1.log");
    if !text.is_empty() {
        LogFile::append_to(&path, Modes::default()).unwrap().append(text.as_bytes()).unwrap();
    }
    (harness, path)
}

fn line(level: &str, event: &str) -> String {
    json!({"timestamp": "2026-01-01T00:00:00Z", "level": level, "event": event, "logger": "task.stdout", "lineno": 3}).to_string() + "\n"
}

/// Ten lines, one of them an error, one a warning, one no JSON.
fn ten() -> String {
    let of = |n: u64| match n {
        4 => line("warning", "look out"),
        7 => line("ERROR", "it broke"),
        9 => "no JSON\n".to_owned(),
        n => line("info", &format!("step {n}")),
    };
    (1..=10).map(of).collect()
}

fn numbers(answer: &Value) -> Vec<u64> {
    let key = if answer["lines"].is_array() { "lines" } else { "matches" };
    answer[key].as_array().unwrap().iter().map(|line| line["n"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_window_the_last_lines_and_filters() {
    let (harness, path) = start("success", &ten()).await;
    let get = async |query: &str| harness.get(&format!("{LOG}/lines?{query}")).await.expect(200);
    let all = get("").await;
    assert_eq!((numbers(&all), &all["done"], &all["next_line"]), ((1..=10).collect(), &json!(true), &json!(11)));
    let size = std::fs::metadata(&path).unwrap().len();
    assert_eq!((&all["total_lines"], &all["size"], &all["open"], &all["exists"]), (&json!(10), &json!(size), &json!(false), &json!(true)));
    let seventh = json!({
        "n": 7, "timestamp": "2026-01-01T00:00:00Z", "level": "error", "event": "it broke", "logger": "task.stdout", "fields": {"lineno": 3},
    });
    assert_eq!(all["lines"][6], seventh);
    assert_eq!(all["lines"][8], json!({"n": 9, "timestamp": null, "level": null, "event": "no JSON", "logger": null, "fields": {}}));
    let window = get("from=3&limit=2").await;
    assert_eq!(
        (numbers(&window), &window["first_line"], &window["next_line"], &window["done"]),
        (vec![3, 4], &json!(3), &json!(5), &json!(false))
    );
    let tail = get("tail=3").await;
    assert_eq!(
        (numbers(&tail), &tail["before"], &tail["next_line"], &tail["done"]),
        (vec![8, 9, 10], &json!(8), &json!(11), &json!(false))
    );
    let earlier = get("tail=30&before=8").await;
    assert_eq!((numbers(&earlier), &earlier["before"], &earlier["done"]), ((1..=7).collect(), &json!(1), &json!(true)));
    assert_eq!(numbers(&get("level=error,warning").await), [4, 7]);
    assert_eq!(numbers(&get("level=error&level=warning&tail=1").await), [7]);
    assert_eq!(numbers(&get("source=task.stdout&from=8").await), [8, 10]);
    let beyond = get("from=99").await;
    assert_eq!((numbers(&beyond), &beyond["first_line"], &beyond["next_line"]), (vec![], &json!(null), &json!(11)));
    for bad in ["from=0", "limit=0", "tail=x", "before=-1"] {
        harness.get(&format!("{LOG}/lines?{bad}")).await.expect(422);
    }
}

#[tokio::test]
async fn searches_go_on_at_their_cursor_and_errors_are_found() {
    let (harness, _) = start("failed", &ten()).await;
    let get = async |query: &str| harness.get(&format!("{LOG}/search?{query}")).await.expect(200);
    let first = get("q=step&limit=2").await;
    assert_eq!((numbers(&first), &first["next_after"], &first["done"]), (vec![1, 2], &json!(2), &json!(false)));
    let rest = get("q=step&after_line=2").await;
    assert_eq!((numbers(&rest), &rest["done"], &rest["searched_lines"]), (vec![3, 5, 6, 8, 10], &json!(true), &json!(8)));
    assert_eq!(first["matches"][0], json!({"n": 1, "text": "step 1"}));
    assert_eq!(numbers(&get("q=%5Estep%20%5B56%5D&regex=true").await), [5, 6]);
    assert_eq!(numbers(&get("q=NO%20json&ignore_case=true").await), [9]);
    assert_eq!(numbers(&get("q=o&level=error").await), [7]);
    for (bad, kind) in [("", "missing"), ("q=", "value_error"), ("q=(&regex=true", "value_error"), ("q=x&limit=0", "greater_than_equal")] {
        assert_eq!(harness.get(&format!("{LOG}/search?{bad}")).await.expect(422)["detail"][0]["type"], kind, "{bad}");
    }
    let error = harness.get(&format!("{LOG}/first_error")).await.expect(200);
    assert_eq!(error, json!({"n": 7, "text": "it broke", "next_after": 7, "done": true}));
    let next = harness.get(&format!("{LOG}/first_error?after_line=7")).await.expect(200);
    assert_eq!((&next["n"], &next["done"]), (&json!(null), &json!(true)));
}

#[tokio::test]
async fn a_log_that_is_not_there_is_empty_and_a_try_that_was_not_is_404() {
    let (harness, _) = start("running", "").await;
    let none = harness.get(&format!("{LOG}/lines?tail=10")).await.expect(200);
    assert_eq!(
        (&none["exists"], &none["open"], &none["total_lines"], &none["next_line"]),
        (&json!(false), &json!(true), &json!(0), &json!(1))
    );
    assert_eq!(harness.get(&format!("{LOG}/search?q=x")).await.expect(200)["done"], true);
    assert_eq!(harness.get(&format!("{LOG}/first_error")).await.expect(200)["n"], json!(null));
    harness.get(&format!("{LOG}/download")).await.expect(404);
    for path in ["lines", "search?q=x", "first_error", "download", "stream"] {
        harness.get(&format!("{}/{path}", LOG.replace("logs/1", "logs/2"))).await.expect(404);
        harness.get(&format!("{}/{path}", LOG.replace("logs/1", "logs/x"))).await.expect(422);
        harness.with_token(None).get(&format!("{LOG}/{path}")).await.expect(401);
    }
}

#[tokio::test]
async fn the_whole_log_is_downloaded_as_text_or_as_it_is() {
    let failed = json!({"level": "error", "event": "failed", "error_detail": [{"exc_type": "KeyError", "exc_value": "x"}]});
    let text = format!("{}{failed}\n", line("info", "first").repeat(9_000));
    let (harness, _) = start("failed", &text).await;
    let plain = harness.get(&format!("{LOG}/download")).await;
    assert_eq!(plain.headers["content-type"], "text/plain; charset=utf-8");
    assert!(plain.headers["content-disposition"].to_str().unwrap().starts_with("attachment; filename=\"alpha.r1.a.1.log\""));
    assert_eq!(plain.text.lines().count(), 9_002);
    assert!(
        plain.text.starts_with("[2026-01-01T00:00:00Z] INFO task.stdout: first\n") && plain.text.ends_with("ERROR failed\nKeyError: x\n")
    );
    let raw = harness.get(&format!("{LOG}/download?format=ndjson")).await;
    assert!(raw.text == text);
    harness.get(&format!("{LOG}/download?format=pdf")).await.expect(422);
}

/// The events of a stream.
struct Events(Body, String);

impl Events {
    async fn open(harness: &Harness, query: &str, last: Option<&str>) -> Events {
        let mut request = harness.request(Method::GET, &format!("{LOG}/stream?{query}"), None);
        if let Some(last) = last {
            request.headers_mut().insert("last-event-id", last.parse().unwrap());
        }
        let response = harness.open(request).await;
        assert_eq!(response.status(), 200);
        Events(response.into_body(), String::new())
    }

    /// Id, kind and data of the next event; `None` when there is no more.
    async fn next(&mut self) -> Option<(String, String, Value)> {
        loop {
            if let Some((event, rest)) = self.1.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
                let (id, kind, data) = (field("id:"), field("event:"), field("data:"));
                self.1 = rest.to_owned();
                if !kind.is_empty() {
                    return Some((id, kind, serde_json::from_str(&data).unwrap()));
                }
                continue;
            }
            let frame = timeout(BOUND, self.0.frame()).await.expect("an event in time")?.unwrap();
            self.1.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        }
    }

    /// Numbers of lines, until as many have come.
    async fn lines(&mut self, count: usize) -> (String, Vec<u64>) {
        let (mut all, mut last) = (Vec::new(), String::new());
        while all.len() < count {
            let (id, kind, data) = self.next().await.expect("lines");
            assert_eq!(kind, "lines");
            all.extend(numbers(&data));
            last = id;
        }
        (last, all)
    }
}

#[tokio::test]
async fn a_tail_sees_what_is_written_until_the_attempt_ends() {
    let (harness, path) = start("running", &ten()).await;
    let mut all = Events::open(&harness, "from_line=9", None).await;
    let (id, first) = all.lines(2).await;
    assert_eq!(first, [9, 10]);
    let mut new = Events::open(&harness, "", None).await;
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(format!("{}half a ", line("info", "eleven")).as_bytes()).unwrap();
    assert_eq!((all.lines(1).await.1, new.lines(1).await.1), (vec![11], vec![11]));
    file.write_all(b"line\n").unwrap();
    assert_eq!(new.next().await.unwrap().2["lines"][0]["event"], "half a line");
    let mut resumed = Events::open(&harness, "", Some(&id)).await;
    assert_eq!(resumed.lines(2).await.1, [11, 12]);
    seed::run(harness.store(), "UPDATE task_instance SET state = 'success'", vec![]).await;
    harness.changes.send(Change::TaskState {
        dag_id: "alpha".into(),
        run_id: "r1".into(),
        task_id: "a".into(),
        map_index: -1,
        state: Some("success".into()),
        try_number: 1,
    });
    // The process says its last words after its state is known.
    file.write_all(b"the last words").unwrap();
    assert_eq!(resumed.lines(1).await.1, [13]);
    let (_, kind, data) = resumed.next().await.unwrap();
    assert_eq!((kind.as_str(), data), ("end", json!({"state": "success", "next_line": 14})));
    assert!(resumed.next().await.is_none());
    let mut late = Events::open(&harness, "from_byte=0", None).await;
    assert_eq!(late.lines(13).await.1, (1..=13).collect::<Vec<_>>());
    assert_eq!(late.next().await.unwrap().1, "end");
}

#[tokio::test]
async fn a_tail_of_a_log_that_is_cut_off_begins_again_and_one_of_a_server_that_stops_ends() {
    let (harness, path) = start("running", &ten()).await;
    let mut tail = Events::open(&harness, "from_line=1", None).await;
    tail.lines(10).await;
    std::fs::write(&path, "anew\n").unwrap();
    assert_eq!(tail.next().await.unwrap().1, "reset");
    assert_eq!(tail.lines(1).await.1, [1]);
    harness.app.close();
    assert!(tail.next().await.is_none());
}
