//! Connection URIs against the vectors.

use serde_json::{Value, json};
use tradewind_core::connection_uri::{ConnectionUri, ConnectionUriError};

/// Rows where we differ, and why.
const DIFFERENT: [(&str, &str); 1] =
    [("connection_uris-00018", "`_` in a scheme is what people mean by the type; Airflow loses the type and makes a schema of the rest")];

fn text(fields: &Value, key: &str) -> Option<String> {
    fields[key].as_str().map(ToOwned::to_owned)
}

fn from_fields(fields: &Value) -> ConnectionUri {
    ConnectionUri {
        conn_type: text(fields, "conn_type").unwrap_or_default(),
        host: text(fields, "host"),
        login: text(fields, "login"),
        password: text(fields, "password"),
        schema: text(fields, "schema"),
        port: fields["port"].as_u64().map(|port| u16::try_from(port).unwrap()),
        extra: (!fields["extra"].is_null()).then(|| tradewind_core::python_json::dumps(&fields["extra"])),
    }
}

fn to_fields(uri: &ConnectionUri) -> Value {
    let extra = uri.extra.as_deref().map_or(Value::Null, |extra| serde_json::from_str(extra).unwrap());
    json!({
        "conn_type": uri.conn_type, "host": uri.host, "login": uri.login, "password": uri.password, "schema": uri.schema, "port": uri.port,
        "extra": extra
    })
}

#[test]
fn every_row_reads_and_writes_as_recorded() {
    let vectors: Value = serde_json::from_str(include_str!("vectors/connection_uris.json")).unwrap();
    let mut seen = 0;
    for case in vectors["cases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        if DIFFERENT.iter().any(|(different, _)| *different == id) {
            continue;
        }
        let expected = &case["v3"];
        if case["op"] == "parse" {
            let parsed = ConnectionUri::parse(case["uri"].as_str().unwrap()).unwrap();
            assert_eq!(to_fields(&parsed), expected["result"], "{id}");
            assert_eq!(parsed.format(), expected["formatted"], "{id}");
        } else {
            let written = from_fields(&case["fields"]).format();
            assert_eq!(written, expected["uri"], "{id}");
            assert_eq!(to_fields(&ConnectionUri::parse(&written).unwrap()), expected["parsed_back"], "{id}");
        }
        seen += 1;
    }
    assert_eq!(seen, 54);
}

#[test]
fn a_type_with_an_underscore_is_read_from_either_spelling() {
    for uri in ["my_type://h", "my-type://h"] {
        assert_eq!(ConnectionUri::parse(uri).unwrap().conn_type, "my_type");
    }
}

#[test]
fn what_cannot_be_read_is_refused_without_telling_the_text() {
    let error = |uri: &str| ConnectionUri::parse(uri).unwrap_err();
    assert_eq!(error("http://h:port"), ConnectionUriError::Port("port".to_owned()));
    assert_eq!(error("http://h:99999"), ConnectionUriError::Port("99999".to_owned()));
    assert_eq!(error("a://b://c://d"), ConnectionUriError::TooManySchemes);
    assert_eq!(error("a://u:p@https://d"), ConnectionUriError::PartBeforeScheme);
    let shown = format!("{:?}", ConnectionUri::parse("http://u:swordfish@h?token=swordfish").unwrap());
    assert!(!shown.contains("swordfish"), "{shown}");
}
