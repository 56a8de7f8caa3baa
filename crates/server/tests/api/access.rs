//! Nothing but health, version and sign-in answers without a token, and roles bound what users may do.

use axum::http::Method;
use serde_json::json;
use tradewind_server::auth::Role;
use tradewind_server::routes;

use crate::harness::Harness;

const OPEN: [&str; 11] = [
    "/auth/token",
    "/auth/token/cli",
    "/auth/session",
    "/auth/logout",
    "/api/v2/auth/login",
    "/api/v2/auth/logout",
    "/api/v2/monitor/health",
    "/health",
    "/metrics",
    "/api/v2/version",
    "/auth/token",
];

/// A path with something in the place of each parameter.
fn concrete(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect();
    parts.join("/")
}

#[tokio::test]
async fn every_route_but_the_open_ones_wants_a_token() {
    let nobody = Harness::start().await.with_token(None);
    let routes = routes::all();
    assert!(routes.len() > 8);
    for route in routes {
        let answer = nobody.send(nobody.request(route.method.clone(), &concrete(route.path), None)).await;
        if OPEN.contains(&route.path) {
            assert_ne!(answer.json_or_null()["detail"], json!("Not authenticated"), "{} {}", route.method, route.path);
        } else {
            assert_eq!(answer.expect(401), json!({"detail": "Not authenticated"}), "{} {}", route.method, route.path);
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
        }
    }
}

#[tokio::test]
async fn a_role_below_the_one_a_route_asks_for_is_forbidden() {
    let harness = Harness::start().await;
    for role in Role::ALL {
        let asking = harness.signed_in(role);
        for route in routes::all() {
            let Some(access) = route.access else { continue };
            if role.may(access) {
                continue;
            }
            let answer = asking.send(asking.request(route.method.clone(), &concrete(route.path), None)).await;
            assert_eq!(answer.expect(403), json!({"detail": "Forbidden"}), "{role:?} {} {}", route.method, route.path);
        }
    }
}

#[test]
fn operations_and_paths_are_unique() {
    let mut seen = std::collections::HashSet::new();
    for route in routes::all() {
        assert!(seen.insert((route.method.clone(), route.path)), "{} {}", route.method, route.path);
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_have_their_own_answers() {
    let harness = Harness::start().await;
    assert_eq!(harness.get("/api/v2/nope").await.expect(404), json!({"error": "API route not found"}));
    assert_eq!(harness.get("/api/v2/version/").await.expect(404), json!({"error": "API route not found"}));
    assert!(harness.get("/api/v1/dags").await.expect(404)["error"].as_str().unwrap().contains("/api/v2"));
    let answer = harness.send(harness.request(Method::PUT, "/api/v2/version", None)).await;
    assert_eq!(answer.expect(405), json!({"detail": "Method Not Allowed"}));
}

#[tokio::test]
async fn a_base_path_is_before_everything() {
    let harness = Harness::with(|options| options.base_path = "/flows/".into()).await;
    harness.get("/flows/api/v2/version").await.expect(200);
    harness.get("/api/v2/version").await.expect(404);
}
