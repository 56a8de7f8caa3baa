use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, PASSWORD};

async fn sign_in(harness: &Harness, name: &str, password: &str) -> Answer {
    harness.post("/auth/token", json!({"username": name, "password": password})).await
}

#[tokio::test]
async fn name_and_password_give_a_token_that_opens_the_api() {
    let harness = Harness::start().await.with_token(None);
    let answer = sign_in(&harness, "viewer", PASSWORD).await.expect(201);
    let token = answer["access_token"].as_str().unwrap().to_owned();
    harness.with_token(Some(token)).get("/api/v2/plugins").await.expect(200);
    let cli = harness.post("/auth/token/cli", json!({"username": "op", "password": PASSWORD})).await;
    assert!(cli.expect(201)["access_token"].is_string());
}

#[tokio::test]
async fn a_form_will_do() {
    let harness = Harness::start().await;
    let form = |path: &str| {
        Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("username=admin&password={}", PASSWORD.replace(' ', "+"))))
            .unwrap()
    };
    harness.send(form("/auth/token")).await.expect(201);
    harness.send(form("/auth/token/cli")).await.expect(415);
}

#[tokio::test]
async fn refusals_say_what_is_wrong_and_no_more() {
    let harness = Harness::start().await;
    let invalid = json!({"detail": "Invalid credentials"});
    assert_eq!(sign_in(&harness, "admin", "wrong").await.expect(401), invalid);
    assert_eq!(sign_in(&harness, "nobody", PASSWORD).await.expect(401), invalid);
    sign_in(&harness, "", PASSWORD).await.expect(400);
    let missing = harness.post("/auth/token", json!({"username": "admin"})).await.expect(422);
    assert!(missing["detail"].is_string());
    harness.get("/auth/token").await.expect(403);
}

#[tokio::test]
async fn who_guesses_waits_and_others_do_not() {
    let harness = Harness::start().await;
    for _ in 0..10 {
        sign_in(&harness, "admin", "guess").await.expect(401);
    }
    let answer = sign_in(&harness, "admin", PASSWORD).await;
    answer.expect(429);
    assert!(answer.headers.contains_key("retry-after"));
    sign_in(&harness, "op", PASSWORD).await.expect(201);
}

#[tokio::test]
async fn a_signed_out_token_opens_nothing() {
    let harness = Harness::start().await;
    harness.get("/api/v2/plugins").await.expect(200);
    let out = harness.get("/api/v2/auth/logout").await;
    assert_eq!(out.status, 307);
    assert!(out.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(harness.get("/api/v2/plugins").await.expect(403), json!({"detail": "Invalid JWT token"}));
}

#[tokio::test]
async fn the_cookie_carries_a_token_too() {
    let harness = Harness::start().await;
    let token = sign_in(&harness, "viewer", PASSWORD).await.expect(201)["access_token"].as_str().unwrap().to_owned();
    let request = Request::get("/api/v2/plugins").header(header::COOKIE, format!("_token={token}")).body(Body::empty()).unwrap();
    harness.send(request).await.expect(200);
}

#[tokio::test]
async fn broken_tokens_are_told_apart_from_none() {
    let harness = Harness::start().await.with_token(Some("abc".into()));
    assert_eq!(harness.get("/api/v2/plugins").await.expect(403), json!({"detail": "Invalid JWT token"}));
}

#[tokio::test]
async fn login_leads_to_the_page_and_only_safe_targets() {
    let harness = Harness::start().await;
    let answer = harness.get("/api/v2/auth/login?next=/dags").await;
    assert_eq!((answer.status.as_u16(), answer.headers["location"].to_str().unwrap()), (307, "/auth/login?next=%2Fdags"));
    harness.get("/api/v2/auth/login?next=//evil").await.expect(400);
    let body: Value = harness.post("/auth/token", json!([1])).await.expect(422);
    assert!(body["detail"].is_string());
}
