//! `variables` and `rotate-fernet-key`.

use crate::home::Home;

const KEY: &str = "81HqDtbqAywKSOumSha3BhWNOdQ26slT6K0YaZeZyPs=";
const OTHER_KEY: &str = "cFcC2eJ7mRMFrGDqnPzpRB8gsXBM1GvSTRJDvH4MrCg=";

#[test]
fn a_variable_is_set_read_and_removed() {
    let home = Home::with_database();
    assert_eq!(home.ok(&["variables", "set", "bucket", "s3://data"]), "Variable bucket created\n");
    assert_eq!(home.ok(&["variables", "get", "bucket"]), "s3://data\n");
    assert_eq!(home.ok(&["variables", "--get", "bucket"]), "s3://data\n");
    home.ok(&["variables", "set", "limits", "--json", "{\"rows\": 10}"]);
    assert_eq!(home.ok(&["variables", "get", "limits"]), "\"{\\\"rows\\\": 10}\"\n");
    assert_eq!(home.ok(&["variables", "get", "limits", "--json"]), "{\"rows\": 10}\n");
    assert_eq!(home.fails_with(3, &["variables", "get", "nope"]), "error: Variable nope does not exist.\n");
    assert_eq!(home.ok(&["variables", "get", "nope", "-d", "x"]), "x\n");
    assert!(home.fails(&["variables", "get", "bucket", "--json"]).contains("is no JSON"));
    assert_eq!(home.ok(&["variables", "list", "-o", "plain"]), "key\nbucket\nlimits\n");
    assert!(home.ok(&["variables", "list", "--show-values"]).contains("bucket | s3://data\n"));
    assert_eq!(home.ok(&["variables", "delete", "bucket"]), "Variable bucket deleted\n");
    assert!(home.fails_with(3, &["variables", "delete", "bucket"]).contains("there is no variable bucket"));
}

#[test]
fn a_variable_of_the_environment_goes_first() {
    let home = Home::with_database();
    home.ok(&["variables", "set", "bucket", "kept"]);
    let output = home.command().args(["variables", "get", "bucket"]).env("AIRFLOW_VAR_BUCKET", "given").output().unwrap();
    assert_eq!(output.stdout, b"given\n");
}

#[test]
fn files_are_imported_as_asked_and_exported() {
    let home = Home::with_database();
    let file = |name: &str, text: &str| std::fs::write(home.path().join(name), text).unwrap();
    file("v.json", "{\"a\": \"1\", \"b\": {\"x\": [1]}, \"c\": {\"value\": \"v\", \"description\": \"what\"}}");
    assert_eq!(home.ok(&["variables", "import", "v.json"]), "3 of 3 variables successfully updated.\n");
    file("more.yaml", "a: other\nd: 5\n");
    assert_eq!(
        home.ok(&["variables", "import", "more.yaml", "-a", "skip"]),
        "1 of 2 variables successfully updated.\nThese variables exist already and were skipped: a\n"
    );
    assert!(home.fails(&["variables", "import", "more.yaml", "-a", "fail"]).contains("exist already: a, d"));
    file("lines.env", "# comment\nE=f=g\n");
    home.ok(&["variables", "-i", "lines.env"]);
    let exported = "{\n    \"E\": \"f=g\",\n    \"a\": 1,\n    \"b\": {\n        \"x\": [\n            1\n        ]\n    },\n    \"c\": {\n        \"value\": \"v\",\n        \"description\": \"what\"\n    },\n    \"d\": 5\n}\n";
    assert_eq!(home.ok(&["variables", "export", "-"]), exported);
    assert_eq!(home.ok(&["variables", "export", "out.json"]), "5 variables successfully exported to out.json\n");
    assert_eq!(std::fs::read_to_string(home.path().join("out.json")).unwrap(), exported);
    file("broken.json", "[1]");
    assert!(home.fails(&["variables", "import", "broken.json"]).contains("an object of names and values"));
    assert!(home.fails(&["variables", "import", "v.txt"]).contains("cannot read v.txt"));
}

#[test]
fn values_are_encrypted_and_the_key_can_be_changed() {
    let home = Home::with_database();
    let cfg = |keys: &str| std::fs::write(home.path().join("airflow.cfg"), format!("[core]\nfernet_key = {keys}\n")).unwrap();
    cfg(KEY);
    home.ok(&["variables", "set", "token", "swordfish"]);
    home.ok(&["connections", "add", "db", "--conn-uri", "http://u:swordfish@h"]);
    let stored: Vec<u8> =
        ["tradewind.db", "tradewind.db-wal"].iter().filter_map(|name| std::fs::read(home.path().join(name)).ok()).flatten().collect();
    assert!(!stored.windows(9).any(|part| part == b"swordfish"), "the database holds a secret in clear");
    cfg(OTHER_KEY);
    assert!(home.fails_with(4, &["variables", "get", "token"]).contains("was `[core] fernet_key` changed or lost?"));
    cfg(&format!("{OTHER_KEY},{KEY}"));
    assert_eq!(home.ok(&["rotate-fernet-key"]), "1 variable(s) and 1 connection(s) encrypted with the first key.\n");
    cfg(OTHER_KEY);
    assert_eq!(home.ok(&["variables", "get", "token"]), "swordfish\n");
    cfg("");
    assert!(home.fails(&["rotate-fernet-key"]).contains("there is no key to encrypt with"));
}
