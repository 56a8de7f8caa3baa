//! Keeps other sites from acting with the browser's cookie.
//!
//! The cookie is `SameSite=Strict`. Behind that, a request that changes something and is signed in by the cookie alone must come from
//! our own pages, which browsers tell (`Sec-Fetch-Site`, else `Origin`). Who sends neither is no browser and has no cookie of a victim.

use axum::http::{HeaderMap, Method, header};

/// Whether a cookie may sign this request in.
pub fn allows_cookie(method: &Method, headers: &HeaderMap) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = text(header::HOST.as_str());
            origin.split_once("://").is_some_and(|(_, rest)| Some(rest) == host)
        }
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn allowed(method: &Method, pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        allows_cookie(method, &headers)
    }

    #[test]
    fn only_our_own_pages_change_things_by_cookie() {
        assert!(allowed(&Method::POST, &[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(!allowed(&Method::POST, &[("sec-fetch-site", "cross-site")]));
        assert!(!allowed(&Method::PATCH, &[("sec-fetch-site", "same-site")]));
        assert!(allowed(&Method::POST, &[("origin", "http://flows:8080"), ("host", "flows:8080")]));
        assert!(!allowed(&Method::DELETE, &[("origin", "http://evil"), ("host", "flows:8080")]));
        assert!(!allowed(&Method::DELETE, &[("origin", "null"), ("host", "flows:8080")]));
        assert!(allowed(&Method::POST, &[]), "no browser");
        assert!(allowed(&Method::GET, &[("sec-fetch-site", "cross-site")]), "reads change nothing");
    }
}
