//! `connections`.

use serde_json::{Value, json};

use crate::home::Home;

fn get(home: &Home, conn_id: &str) -> Value {
    let text = home.ok(&["connections", "get", conn_id, "-o", "json"]);
    serde_json::from_str::<Value>(&text).unwrap()[0].clone()
}

#[test]
fn a_connection_is_added_in_three_ways() {
    let home = Home::with_database();
    assert_eq!(
        home.ok(&["connections", "add", "db", "--conn-uri", "postgresql://u:p%40@h:5432/s?a=1"]),
        "Successfully added `conn_id`=db\n"
    );
    assert_eq!(
        get(&home, "db"),
        json!({"conn_id": "db", "conn_type": "postgres", "description": null, "host": "h", "schema": "s", "login": "u", "password": "p@",
            "port": "5432", "extra_dejson": "{\"a\": 1}", "get_uri": "postgres://u:p%40@h:5432/s?__extra__=%7B%22a%22%3A+1%7D"})
    );
    home.ok(&["connections", "add", "api", "--conn-json", "{\"conn_type\": \"http\", \"host\": \"https://h\", \"extra\": {\"k\": [1]}}"]);
    assert_eq!(get(&home, "api")["extra_dejson"], "{\"k\": [1]}");
    home.ok(&["connections", "-a", "--conn_id", "box", "--conn_type", "ssh", "--conn_host", "h", "--conn_port", "22"]);
    assert_eq!(get(&home, "box")["get_uri"], "ssh://h:22");
    assert_eq!(home.ok(&["connections", "list", "-o", "plain"]), "conn_id conn_type\napi     http\nbox     ssh\ndb      postgres\n");
    assert!(home.ok(&["connections", "list", "--show-values", "--conn-id", "box"]).contains("ssh://h:22"));
    assert_eq!(home.ok(&["connections", "delete", "box"]), "Successfully deleted connection with `conn_id`=box\n");
    assert!(home.fails_with(3, &["connections", "delete", "box"]).contains("there is no connection \"box\""));
    assert_eq!(
        home.fails_with(3, &["connections", "get", "box"]),
        "error: there is no connection \"box\"; `tradewind connections list` shows all\n"
    );
}

#[test]
fn wrong_connections_are_refused_without_telling_their_secrets() {
    let home = Home::with_database();
    let refused = |arguments: &[&str]| home.fails(&[&["connections", "add", "x"], arguments].concat());
    assert!(refused(&[]).contains("Must supply either --conn-uri or --conn-json or --conn-type"));
    assert!(refused(&["--conn-uri", "h/x"]).contains("has no type"));
    assert!(refused(&["--conn-json", "{}"]).contains("conn_type is missing"));
    assert!(refused(&["--conn-json", "{\"conn_type\": \"a\", \"hots\": \"h\"}"]).contains("there is no field \"hots\""));
    for wrong in [
        refused(&["--conn-json", "\"swordfish\""]),
        refused(&["--conn-uri", "http://u:swordfish@h:port"]),
        refused(&["--conn-type", "a", "--conn-extra", "\"swordfish\""]),
    ] {
        assert!(!wrong.contains("swordfish"), "{wrong}");
    }
    assert!(home.fails(&["connections", "add", "a b", "--conn-type", "x"]).contains("the id \"a b\" of a connection"));
    home.ok(&["connections", "add", "x", "--conn-type", "http"]);
    assert_eq!(refused(&["--conn-type", "http"]), "error: A connection with `conn_id`=x already exists.\n");
    assert_eq!(home.call(&["connections", "add", "y", "--conn-uri", "a://b", "--conn-type", "c"]).code, Some(2));
}

#[test]
fn a_connection_of_the_environment_goes_first() {
    let home = Home::with_database();
    let mut command = home.command();
    command.args(["connections", "get", "db", "-o", "plain"]).env("AIRFLOW_CONN_DB", "{\"conn_type\": \"http\", \"host\": \"given\"}");
    let out = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(out.contains("http://given"), "{out}");
}

#[test]
fn files_of_each_form_come_back_as_they_went_out() {
    use std::os::unix::fs::MetadataExt as _;
    let home = Home::with_database();
    home.ok(&["connections", "add", "db", "--conn-uri", "postgresql://u:p%40@h:5432/s?a=b", "--conn-description", "Data"]);
    let before = get(&home, "db");
    for name in ["c.json", "c.yaml", "c.env"] {
        assert_eq!(home.ok(&["connections", "export", name]), format!("Connections successfully exported to {name}.\n"));
        assert_eq!(home.path().join(name).metadata().unwrap().mode() & 0o777, 0o600);
        home.ok(&["connections", "delete", "db"]);
        assert_eq!(home.ok(&["connections", "import", name]), "Imported connection db\n");
        let mut after = get(&home, "db");
        if name == "c.env" {
            assert_eq!(after["description"], Value::Null, "a URI has no description");
            after["description"] = before["description"].clone();
        }
        assert_eq!(after, before, "{name}");
        if name == "c.env" {
            assert_eq!(home.ok(&["connections", "export", "-", "--file-format", "env"]), "db=postgres://u:p%40@h:5432/s?a=b\n");
        }
    }
    assert_eq!(home.ok(&["connections", "import", "c.env"]), "Could not import connection db: connection already exists.\n");
    assert_eq!(home.ok(&["connections", "import", "c.json", "--overwrite"]), "Imported connection db\n");
    let json_lines = home.ok(&["connections", "export", "-", "--format", "env", "--serialization-format", "json"]);
    assert!(json_lines.starts_with("db={\"conn_type\": \"postgres\", \"description\": \"Data\""), "{json_lines}");
    assert!(home.fails(&["connections", "export", "c.txt"]).contains("ends in .json, .yaml, .yml or .env"));
}
