//! Which form of an answer a client takes.

use axum::http::{HeaderMap, header};

use crate::error::{ApiError, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    Json,
    Text,
}

/// JSON or plain text, by the `Accept` header; JSON when anything will do.
pub fn accepted(headers: &HeaderMap) -> Result<Accept> {
    for kind in kinds(headers) {
        match kind.as_str() {
            "application/json" | "*/*" | "application/*" => return Ok(Accept::Json),
            "text/plain" | "text/*" => return Ok(Accept::Text),
            _ => {}
        }
    }
    if headers.contains_key(header::ACCEPT) {
        return Err(ApiError::NotAcceptable("Only application/json or text/plain is supported"));
    }
    Ok(Accept::Json)
}

/// Whether the client asks for newline-delimited JSON.
pub fn wants_ndjson(headers: &HeaderMap) -> bool {
    kinds(headers).any(|kind| kind == "application/x-ndjson")
}

fn kinds(headers: &HeaderMap) -> impl Iterator<Item = String> + '_ {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|part| part.split(';').next())
        .map(|kind| kind.trim().to_ascii_lowercase())
}
