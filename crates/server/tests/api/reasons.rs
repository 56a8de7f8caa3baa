//! The codes of reasons: those of the document and those that the web app has words for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use tradewind_core::deps::{Dep, Reason};

use crate::harness::Harness;

fn enumerated(document: &Value, name: &str) -> BTreeSet<String> {
    let codes = document["components"]["schemas"][name]["enum"].as_array().unwrap_or_else(|| panic!("no enum {name}"));
    codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_document_lists_every_kind_and_code_of_a_reason() {
    let document = Harness::start().await.get("/openapi.json").await.expect(200);
    assert_eq!(enumerated(&document, "DependencyCode"), Reason::CODES.iter().map(|(code, _)| (*code).to_owned()).collect());
    assert_eq!(enumerated(&document, "DependencyKind"), Dep::ALL.iter().map(|dep| dep.kind().to_owned()).collect());
}

/// `UPDATE=1 cargo test -p tradewind-server --test api reasons` writes the list anew.
#[test]
fn the_web_app_is_tested_with_every_reason_and_its_values() {
    let codes: BTreeMap<&str, &[&str]> = Reason::CODES.iter().copied().collect();
    let text = serde_json::to_string_pretty(&codes).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/parts/why/codes.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "ui/src/parts/why/codes.json is old: run `make openapi`");
}
