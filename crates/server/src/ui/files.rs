//! The built files.

use axum::http::{HeaderMap, header};

/// One file, as built and in the compressed forms that were made with it.
pub struct File {
    /// Relative to the app's root: `assets/index-4f2a.js`.
    pub path: &'static str,
    pub plain: &'static [u8],
    pub gzip: Option<&'static [u8]>,
    pub brotli: Option<&'static [u8]>,
}

/// Files, sorted by path.
#[derive(Clone, Copy)]
pub struct Bundle(&'static [File]);

/// What was there when the program was built; empty when the app was not built before it.
pub const fn built() -> Bundle {
    const FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/ui_files.rs"));
    Bundle(FILES)
}

impl Bundle {
    pub fn get(self, path: &str) -> Option<&'static File> {
        self.0.iter().find(|file| file.path == path)
    }
}

impl File {
    /// The bytes in the best form that a client takes, and the name of the form.
    pub fn accepted(&self, headers: &HeaderMap) -> (&'static [u8], Option<&'static str>) {
        let takes = |coding: &str| {
            headers
                .get_all(header::ACCEPT_ENCODING)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .flat_map(|line| line.split(','))
                .filter_map(|entry| {
                    let (name, rest) = entry.split_once(';').unwrap_or((entry, ""));
                    (name.trim() == coding).then(|| rest.replace(' ', ""))
                })
                .any(|weight| !matches!(weight.as_str(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        };
        match (self.brotli, self.gzip) {
            (Some(bytes), _) if takes("br") => (bytes, Some("br")),
            (_, Some(bytes)) if takes("gzip") => (bytes, Some("gzip")),
            _ => (self.plain, None),
        }
    }

    pub fn kind(&self) -> &'static str {
        match self.path.rsplit_once('.').map_or("", |(_, ending)| ending) {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "html" => "text/html; charset=utf-8",
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "json" => "application/json",
            "woff2" => "font/woff2",
            _ => "application/octet-stream",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_client_gets_the_best_form_it_takes() {
        let file = File { path: "assets/a.js", plain: b"plain", gzip: Some(b"gz"), brotli: Some(b"br") };
        let asked = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(text));
            file.accepted(&headers)
        };
        assert_eq!(asked("gzip, deflate, br;q=1.0"), (&b"br"[..], Some("br")));
        assert_eq!(asked("gzip, br;q=0"), (&b"gz"[..], Some("gzip")));
        assert_eq!(asked("identity"), (&b"plain"[..], None));
        assert_eq!(file.accepted(&HeaderMap::new()), (&b"plain"[..], None));
        assert_eq!(file.kind(), "text/javascript; charset=utf-8");
    }

    #[test]
    fn what_was_built_is_whole() {
        let bundle = built();
        if bundle.0.is_empty() {
            return;
        }
        let page = std::str::from_utf8(bundle.get("index.html").expect("a page").plain).unwrap();
        let mut named = 0;
        for path in page.split('"').filter_map(|text| text.strip_prefix("./")) {
            assert!(bundle.get(path).is_some(), "{path} is named by index.html");
            named += 1;
        }
        assert!(named >= 3, "{page}");
        assert!(!page.contains("<style"), "the policy forbids inline styles");
        assert!(!page.contains("style=\""), "the policy forbids inline styles");
    }
}
