//! The OpenAPI document, which the web app's types are made from.

use std::path::Path;

use crate::harness::Harness;

/// `UPDATE=1 cargo test -p tradewind-server --test api openapi` writes it anew; then `npm run types` in `ui/`.
#[tokio::test]
async fn the_document_that_types_are_made_from_is_the_one_that_is_served() {
    let served = Harness::start().await.get("/openapi.json").await.expect(200);
    let text = serde_json::to_string_pretty(&served).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/openapi.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(kept == text, "ui/openapi.json is old: run `make openapi`");
}
