//! The page and its session.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::json;

use crate::harness::{Answer, Harness, PASSWORD};

async fn sign_in(harness: &Harness, path: &str) -> Answer {
    harness.post(path, json!({"username": "user", "password": PASSWORD})).await
}

fn cookie(answer: &Answer) -> String {
    answer.headers[header::SET_COOKIE].to_str().unwrap().to_owned()
}

fn with_cookie(method: Method, path: &str, cookie: &str, site: &'static str) -> Request<Body> {
    let pair = cookie.split(';').next().unwrap();
    let request = Request::builder().method(method).uri(path).header(header::COOKIE, pair);
    let request = request.header("sec-fetch-site", site).header(header::CONTENT_TYPE, "application/json");
    request.body(Body::from("{}")).unwrap()
}

#[tokio::test]
async fn a_session_is_a_cookie_that_scripts_and_other_sites_cannot_use() {
    let harness = Harness::start().await.with_token(None);
    let answer = sign_in(&harness, "/auth/session").await;
    assert_eq!(answer.expect(201), json!({"username": "user", "role": "USER"}));
    let set = cookie(&answer);
    for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/;"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Secure"), "plain http");
    harness.send(with_cookie(Method::GET, "/api/v2/plugins", &set, "same-origin")).await.expect(200);

    let change = |site| with_cookie(Method::PATCH, "/api/v2/dags/none", &set, site);
    harness.send(change("cross-site")).await.expect(403);
    assert_ne!(harness.send(change("same-origin")).await.status, 403);

    harness.send(with_cookie(Method::DELETE, "/auth/session", &set, "cross-site")).await.expect(403);
    let out = harness.send(with_cookie(Method::DELETE, "/auth/session", &set, "same-origin")).await;
    out.expect(204);
    assert!(cookie(&out).contains("Max-Age=0"));
    harness.send(with_cookie(Method::GET, "/api/v2/plugins", &set, "same-origin")).await.expect(403);
}

#[tokio::test]
async fn the_cookie_belongs_to_the_base_path_and_to_https_where_that_is_used() {
    let harness = Harness::with(|options| (options.base_path, options.https) = ("/flows".into(), true)).await;
    let set = cookie(&sign_in(&harness, "/flows/auth/session").await);
    assert!(set.contains("; Path=/flows/;") && set.ends_with("; Secure"), "{set}");
    let login = harness.get("/flows/api/v2/auth/login?next=/flows/dags").await;
    assert_eq!(login.headers["location"], "/flows/auth/login?next=%2Fflows%2Fdags");
}

#[tokio::test]
async fn every_path_that_is_no_api_path_is_the_page() {
    let harness = Harness::with(|options| (options.base_path, options.instance_name) = ("/flows".into(), "A <b>".into())).await;
    for path in ["/flows", "/flows/", "/flows/dags/some%20dag/grid", "/flows/auth/login"] {
        let answer = harness.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.headers["cache-control"], "no-store");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(answer.text.contains("A &lt;b&gt;"), "{}", answer.text);
        assert!(answer.text.contains("\"/flows/"), "{}", answer.text);
    }
    harness.get("/flows/api/v2/nope").await.expect(404);
    assert_eq!(harness.get("/flows/assets/none.js").await.status, 404);
    assert_eq!(harness.post("/flows/dags", json!({})).await.status, 405);
    let root = harness.get("/").await;
    assert_eq!((root.status.as_u16(), root.headers["location"].to_str().unwrap()), (307, "/flows/"));
}
