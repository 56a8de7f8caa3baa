//! What only HTTP has: tokens, several addresses, servers that are silent, limits, logs.

use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tradewind_core::state::TaskState;
use tradewind_queue::remote::{LARGEST, Tokens};
use tradewind_queue::service::{AttemptService, CallError, WorkerId};
use tradewind_worker::remote::Contact;
use tradewind_worker::serve_logs;
use uuid::Uuid;

use crate::plane::{Plane, SECRET, Server, info, remote};
use crate::stories::{report, result};

const MINUTE: Duration = Duration::from_secs(60);

fn now() -> jiff::Timestamp {
    #[expect(clippy::disallowed_methods, reason = "tokens are made for the real time")]
    jiff::Timestamp::now()
}

/// Tokens as the server of a plane makes them.
fn servers_own() -> Tokens {
    Tokens::new(b"key of tokens", MINUTE, Duration::ZERO)
}

async fn post(url: String, token: Option<&str>, body: Value) -> (StatusCode, Value) {
    let request = Client::new().post(url).json(&body);
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    let answer = request.send().await.unwrap();
    let status = answer.status();
    (status, answer.json().await.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_asks_without_the_right_token() {
    let plane = Plane::new().await;
    let serving = plane.serve(Server::default()).await;
    let tokens = servers_own();
    let (mine, attempt) = (Uuid::now_v7(), plane.queue("a").await);
    let beat = format!("{}/execution/workers/1/heartbeat", serving.url());
    let pulse = json!({"running": []});
    let missing = post(beat.clone(), None, pulse.clone()).await;
    assert_eq!(missing, (StatusCode::UNAUTHORIZED, json!({"detail": "Missing auth token"})));
    let user = plane_user_token();
    let other_worker = tokens.worker(WorkerId(2), now());
    let of_attempt = tokens.attempt(mine, WorkerId(1), now());
    let self_made = Tokens::new(SECRET.as_bytes(), MINUTE, Duration::ZERO).worker(WorkerId(1), now());
    for wrong in [user.as_str(), &other_worker, &of_attempt, &self_made, "nonsense"] {
        let refused = post(beat.clone(), Some(wrong), pulse.clone()).await;
        assert_eq!(refused, (StatusCode::FORBIDDEN, json!({"detail": "Invalid auth token"})));
    }
    let call = json!({"method": "variable.get", "params": {"key": "v"}});
    let of_another = post(format!("{}/execution/attempts/{attempt}/call", serving.url()), Some(&of_attempt), call.clone()).await;
    assert_eq!(of_another.0, StatusCode::FORBIDDEN, "an attempt's token is for that attempt alone");
    let worker = tokens.worker(WorkerId(1), now());
    assert_eq!(post(format!("{}/execution/attempts/{mine}/call", serving.url()), Some(&worker), call).await.0, StatusCode::FORBIDDEN);
    // A report for another worker needs the attempt's token as proof.
    let foreign = serde_json::to_value(report(attempt, WorkerId(9), result("success", "1"), None)).unwrap();
    let refused = post(format!("{}/execution/workers/reports", serving.url()), Some(&worker), foreign).await;
    assert_eq!(refused.0, StatusCode::UNPROCESSABLE_ENTITY);
    // Neither works on the API of people.
    let api = Client::new().get(format!("{}/api/v2/dags", serving.url())).bearer_auth(&worker).send().await.unwrap();
    assert_eq!(api.status(), StatusCode::FORBIDDEN);
    serving.stop().await;
}

fn plane_user_token() -> String {
    // A token of a person: the same key, another audience.
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJhbm4iLCJyb2xlIjoiQURNSU4iLCJhdWQiOiJhcGFjaGUtYWlyZmxvdyJ9.c2ln".to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_at_the_start_is_said() {
    let plane = Plane::new().await;
    let serving = plane.serve(Server::default()).await;
    assert!(matches!(remote(&[serving.url()], SECRET).hello().await.unwrap(), Contact::Made(_)));
    let differs = remote(&[serving.url()], "another").hello().await.unwrap_err().to_string();
    assert!(differs.contains("internal_api_secret_key") && differs.contains(&serving.url()), "{differs}");
    let registering = remote(&[serving.url()], "another").register(info()).await.unwrap_err().to_string();
    assert!(registering.contains("internal_api_secret_key"), "{registering}");
    let alone = plane.serve(Server { refusal: Some("set [tradewind] queue = database".to_owned()), ..Server::default() }).await;
    let refused = remote(&[alone.url()], SECRET).hello().await.unwrap_err().to_string();
    assert!(refused.contains("queue = database"), "{refused}");
    alone.stop().await;
    serving.stop().await;
    let Contact::None(why) = remote(&["http://127.0.0.1:1".to_owned()], SECRET).hello().await.unwrap() else { panic!("nobody is there") };
    assert!(why.contains("127.0.0.1:1"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_address_is_asked_when_one_is_dead_or_silent() {
    let plane = Plane::new().await;
    let serving = plane.serve(Server::default()).await;
    // It takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent_url = format!("http://{}", silent.local_addr().unwrap());
    for (first, task) in [("http://127.0.0.1:1".to_owned(), "a"), (silent_url, "b")] {
        let service = remote(&[first, serving.url()], SECRET);
        let id = plane.queue(task).await;
        let worker = loop {
            // The registration may find the silent one first, and gives up on it.
            if let Ok(lease) = service.register(info()).await {
                break lease.worker;
            }
        };
        service.heartbeat(worker, vec![]).await.unwrap();
        assert!(service.claim(worker, id).await.unwrap().is_some());
    }
    // A server that goes away in the middle is left for the other one, and leases live on.
    let second = plane.serve(Server::default()).await;
    let service = remote(&[second.url(), serving.url()], SECRET);
    let worker = service.register(info()).await.unwrap().worker;
    second.stop().await;
    service.heartbeat(worker, vec![]).await.unwrap();
    serving.stop().await;
    let away = service.heartbeat(worker, vec![]).await.unwrap_err();
    assert!(matches!(away, CallError::Unavailable(_)), "{away:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_for_hints_ends_when_the_server_stops() {
    let plane = Plane::new().await;
    let serving = plane.serve(Server::default()).await;
    let service = remote(&[serving.url()], SECRET);
    let worker = service.register(info()).await.unwrap().worker;
    let waiting = tokio::spawn(async move { service.take(worker, vec!["default".to_owned()], 1, 30.0).await });
    let began = std::time::Instant::now();
    serving.stop().await;
    // Nobody, or a refused connection when the stop was faster than the request.
    let ended = tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("it ends").unwrap();
    assert!(ended.is_err() || ended.unwrap().is_empty());
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_made_anew_while_the_attempt_runs() {
    let plane = Plane::new().await;
    // Over as soon as the second ends.
    let serving = plane.serve(Server { token_lifetime: Duration::ZERO, ..Server::default() }).await;
    let service = remote(&[serving.url()], SECRET);
    let id = plane.queue("a").await;
    let (worker, start) = loop {
        // Registration and claim within one second.
        let worker = service.register(info()).await.unwrap().worker;
        if let Ok(Some(start)) = service.claim(worker, id).await {
            break (worker, start);
        }
    };
    let old = start.proof.clone().unwrap();
    let url = format!("{}/execution/attempts/{id}/call", serving.url());
    let call = json!({"method": "variable.get", "params": {"key": "v"}});
    let until = tokio::time::Instant::now() + MINUTE;
    while post(url.clone(), Some(&old), call.clone()).await.0 != StatusCode::FORBIDDEN {
        assert!(tokio::time::Instant::now() < until, "the token ends");
        // Each answer of a worker's request brings a token in place of one that ends soon.
        let _ = service.heartbeat(worker, vec![id]).await;
    }
    let expired = post(url, Some(&old), call).await;
    assert_eq!(expired.1, json!({"detail": "Expired auth token"}));
    // What was shown once is still proof in a report.
    let proven = report(id, worker, result("success", "1"), Some(old));
    let fresh = remote(&[serving.url()], SECRET);
    let reported = loop {
        fresh.register(info()).await.unwrap();
        if let Ok(reported) = fresh.report(proven.clone()).await {
            break reported;
        }
    };
    assert!(reported.accepted);
    assert_eq!(plane.task("a").await.state, Some(TaskState::Success));
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_have_a_largest_size() {
    let plane = Plane::new().await;
    let serving = plane.serve(Server::default()).await;
    let service = remote(&[serving.url()], SECRET);
    let id = plane.queue("a").await;
    let worker = service.register(info()).await.unwrap().worker;
    let start = service.claim(worker, id).await.unwrap().unwrap();
    let huge = "x".repeat(LARGEST);
    let refused = service.call(id, "xcom.set".to_owned(), json!({"key": "k", "value": huge})).await.unwrap_err();
    assert!(matches!(&refused, CallError::Invalid(text) if text.contains("at most")), "{refused:?}");
    // More than the API of people takes, and less than the largest.
    let large = format!("\"{}\"", "x".repeat(20 << 20));
    service.call(id, "xcom.set".to_owned(), json!({"key": "k", "value": large})).await.unwrap();
    // A result that is too large fails the task and says why; it does not stay for ever.
    let reported = service.report(report(id, worker, result("success", &huge), start.proof)).await.unwrap();
    assert_eq!((reported.accepted, reported.state.as_deref()), (true, Some("failed")));
    let token = servers_own().worker(worker, now());
    let url = format!("{}/execution/workers/{}/heartbeat", serving.url(), worker.0);
    let flood = post(url, Some(&token), json!({"running": [], "more": "x".repeat(2 << 20)})).await;
    assert_eq!(flood.0, StatusCode::PAYLOAD_TOO_LARGE);
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_read_with_a_token_for_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("d")).unwrap();
    std::fs::write(folder.path().join("d/a=1.log"), "0123456789").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/log/d/a=1.log", listener.local_addr().unwrap());
    let logs = folder.path().to_owned();
    let serving = tokio::spawn(async move { serve_logs(listener, logs, SECRET).await });
    let ask = async |url: &str, token: &str, range: &str| {
        let answer = Client::new().get(url).bearer_auth(token).header("range", range).send().await.unwrap();
        let place = answer.headers().get("content-range").map(|value| value.to_str().unwrap().to_owned());
        (answer.status().as_u16(), place, answer.text().await.unwrap())
    };
    let tokens = Tokens::new(SECRET.as_bytes(), MINUTE, Duration::ZERO);
    let token = tokens.log("d/a=1.log", now());
    assert_eq!(ask(&url, &token, "bytes=2-4").await, (206, Some("bytes 2-4/10".to_owned()), "234".to_owned()));
    assert_eq!(ask(&url, &token, "bytes=8-99").await, (206, Some("bytes 8-9/10".to_owned()), "89".to_owned()));
    assert_eq!(ask(&url, &token, "bytes=10-").await.0, 416);
    assert_eq!(ask(&url, &token, "words=1").await.0, 400);
    assert_eq!(ask(&format!("{url}.idx"), &token, "bytes=0-9").await.0, 404, "the index is read with the same token");
    for wrong in [tokens.log("d/b=1.log", now()), tokens.join(now()), Tokens::new(b"x", MINUTE, Duration::ZERO).log("d/a=1.log", now())] {
        assert_eq!(ask(&url, &wrong, "bytes=0-9").await.0, 403);
    }
    let out = tokens.log("../secret", now());
    let escaped = url.replace("d/a=1.log", "..%2Fsecret");
    assert_eq!(ask(&escaped, &out, "bytes=0-9").await.0, 400, "nothing outside of the folder");
    serving.abort();
}
