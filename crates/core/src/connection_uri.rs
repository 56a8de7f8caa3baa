//! Connections as URIs: `type://login:password@host:port/schema?key=value`, parts percent-encoded.
//!
//! `-` in the scheme stands for `_` in the type. `type://https://host` keeps the second scheme as part of the host. Query values
//! that are JSON become JSON; `?__extra__=` carries any extra as one JSON text.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::python_json;

/// Key of the query that carries the whole extra.
const EXTRA: &str = "__extra__";

/// Everything but letters, digits and `_.-~`.
const QUOTED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~');

/// A connection without its id.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ConnectionUri {
    pub conn_type: String,
    pub host: Option<String>,
    pub login: Option<String>,
    pub password: Option<String>,
    pub schema: Option<String>,
    pub port: Option<u16>,
    /// JSON text.
    pub extra: Option<String>,
}

impl std::fmt::Debug for ConnectionUri {
    /// Without password and extra.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectionUri").field("conn_type", &self.conn_type).field("host", &self.host).field("port", &self.port).finish()
    }
}

/// Why a text is no connection. The text itself is not told: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionUriError {
    /// More than two `://`.
    #[error("the connection URI has more than two `://`; write `:` in a part as %3A and `/` as %2F")]
    TooManySchemes,
    /// Login or port before a second scheme.
    #[error(
        "the connection URI has a login or port before its second `://`; they belong after it: type://https://login:password@host:port"
    )]
    PartBeforeScheme,
    /// The port is no number up to 65535.
    #[error("the port {0:?} of the connection URI is no number from 0 to 65535")]
    Port(String),
}

impl ConnectionUri {
    /// Reads a URI. A host that is not there is an empty text, as is the schema.
    ///
    /// # Errors
    /// See [`ConnectionUriError`].
    pub fn parse(uri: &str) -> Result<ConnectionUri, ConnectionUriError> {
        let schemes = uri.matches("://").count();
        if schemes > 2 {
            return Err(ConnectionUriError::TooManySchemes);
        }
        let (scheme, _) = split_scheme(uri);
        let (protocol, rest) = match (uri.get(scheme.len()..).and_then(|rest| rest.strip_prefix("://")), schemes) {
            (Some(rest), 2) => match rest.split_once("://") {
                Some((before, _)) if before.contains(['@', ':']) => return Err(ConnectionUriError::PartBeforeScheme),
                Some((protocol, rest)) => (Some(protocol.to_ascii_lowercase()), rest.to_owned()),
                None => (None, rest.to_owned()),
            },
            (Some(rest), _) => (None, rest.to_owned()),
            (None, _) => (None, uri.strip_prefix("//").unwrap_or(uri).replace("://", "//")),
        };
        let parts = Parts::split(&rest);
        let host = parts.host();
        Ok(ConnectionUri {
            conn_type: normalised(&scheme.to_ascii_lowercase()),
            host: Some(protocol.map_or_else(|| host.clone(), |protocol| format!("{protocol}://{host}"))),
            login: parts.login.map(decoded),
            password: parts.password.map(decoded),
            schema: Some(decoded(parts.path)),
            port: parts.port()?,
            extra: (!parts.query.is_empty()).then(|| extra_of_query(parts.query)),
        })
    }

    /// Writes the URI.
    #[must_use]
    pub fn format(&self) -> String {
        let mut uri = match self.conn_type.as_str() {
            "" => "//".to_owned(),
            conn_type => format!("{}://", conn_type.to_lowercase().replace('_', "-")),
        };
        let host = self.host.as_deref().unwrap_or_default();
        // A second scheme that equals the type cannot be told from the first, so it stays quoted.
        let (protocol, host) = match host.split_once("://") {
            Some((protocol, host)) if !protocol.eq_ignore_ascii_case(&self.conn_type) => (Some(protocol), host),
            _ => (None, host),
        };
        if let Some(protocol) = protocol {
            uri.push_str(&format!("{protocol}://"));
        }
        let login = quoted(self.login.as_deref().unwrap_or_default());
        let password = self.password.as_deref().filter(|password| !password.is_empty()).map(|password| format!(":{}", quoted(password)));
        let authority = format!("{login}{}", password.unwrap_or_default());
        if !authority.is_empty() {
            uri.push_str(&format!("{authority}@"));
        }
        uri.push_str(&quoted(host));
        if let Some(port) = self.port.filter(|port| *port > 0) {
            let at = if host.is_empty() && authority.is_empty() { "@" } else { "" };
            uri.push_str(&format!("{at}:{port}"));
        }
        let schema = self.schema.as_deref().filter(|schema| !schema.is_empty());
        if let Some(schema) = schema {
            uri.push_str(&format!("/{}", quoted(schema)));
        }
        if let Some(extra) = self.extra.as_deref().filter(|extra| !extra.is_empty()) {
            uri.push_str(if schema.is_some() { "?" } else { "/?" });
            uri.push_str(&query_of_extra(extra));
        }
        uri
    }
}

/// `postgresql` is `postgres`; `-` is `_`.
fn normalised(scheme: &str) -> String {
    match scheme {
        "postgresql" => "postgres".to_owned(),
        scheme => scheme.replace('-', "_"),
    }
}

/// The scheme and what follows its colon; types with `_` count as schemes too, though URIs know no such letter.
fn split_scheme(uri: &str) -> (&str, &str) {
    match uri.split_once(':') {
        Some((scheme, rest))
            if scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.bytes().all(|c| c.is_ascii_alphanumeric() || b"+-._".contains(&c)) =>
        {
            (scheme, rest)
        }
        _ => ("", uri),
    }
}

/// What follows `type://`.
struct Parts<'a> {
    login: Option<&'a str>,
    password: Option<&'a str>,
    /// Host and port.
    place: &'a str,
    path: &'a str,
    query: &'a str,
}

impl<'a> Parts<'a> {
    fn split(rest: &'a str) -> Parts<'a> {
        let rest = rest.split('#').next().unwrap_or_default();
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, authority),
        };
        let (login, password) = match user.map(|user| user.split_once(':')) {
            Some(Some((login, password))) => (Some(login), Some(password)),
            Some(None) => (user, None),
            None => (None, None),
        };
        Parts { login, password, place, path, query }
    }

    fn host(&self) -> String {
        let raw = match self.place.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            Some((inner, _)) => inner,
            None => self.place.split(':').next().unwrap_or_default(),
        };
        let host = decoded(raw);
        // Names of machines have no case; paths and other texts in their place do.
        if host.contains('/') { host } else { host.to_lowercase() }
    }

    fn port(&self) -> Result<Option<u16>, ConnectionUriError> {
        let after = match self.place.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            Some((_, after)) => after.strip_prefix(':').unwrap_or_default(),
            None => self.place.split_once(':').map_or("", |(_, port)| port),
        };
        match after {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| ConnectionUriError::Port(text.to_owned())),
        }
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn quoted(text: &str) -> String {
    utf8_percent_encode(text, QUOTED).to_string()
}

fn quoted_plus(text: &str) -> String {
    quoted(text).replace("%20", "+")
}

fn extra_of_query(query: &str) -> String {
    let decoded_plus = |text: &str| decoded(&text.replace('+', " "));
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut extra = Map::new();
    for (key, value) in pairs {
        let (key, value) = (decoded_plus(key), decoded_plus(value));
        if key == EXTRA {
            return value;
        }
        let value = serde_json::from_str(&value).unwrap_or(Value::String(value));
        extra.insert(key, value);
    }
    python_json::dumps(&Value::Object(extra))
}

/// Plain texts make a query; anything else would come back as something different.
fn query_of_extra(extra: &str) -> String {
    let whole = || format!("{EXTRA}={}", quoted_plus(extra));
    let Ok(Value::Object(map)) = serde_json::from_str::<Value>(extra) else {
        return whole();
    };
    let pairs: Option<Vec<String>> =
        map.iter().map(|(key, value)| Some(format!("{}={}", quoted_plus(key), quoted_plus(value.as_str()?)))).collect();
    match pairs {
        Some(pairs) if !pairs.is_empty() => pairs.join("&"),
        _ => whole(),
    }
}
