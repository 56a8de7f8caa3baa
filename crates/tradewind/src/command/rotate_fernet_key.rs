//! `rotate-fernet-key`.

use std::process::ExitCode;

use anyhow::bail;
use serde_json::json;
use tradewind_store::table::connection::RotateFernet;

use crate::context::{Context, audit};

/// Encrypts all variables and connections anew.
pub async fn run(cx: &Context) -> anyhow::Result<ExitCode> {
    if cx.config.get("core", "fernet_key")?.is_some_and(|key| key.trim().is_empty()) {
        bail!("[core] fernet_key is empty: there is no key to encrypt with");
    }
    let store = cx.store_with_keys().await?;
    let (variables, connections) = store.run(RotateFernet).await?;
    audit(&store, "cli_rotate_fernet_key", json!({ "variables": variables, "connections": connections })).await?;
    println!("{variables} variable(s) and {connections} connection(s) encrypted with the first key.");
    Ok(ExitCode::SUCCESS)
}
