//! A database that cannot be used: each is told with what to do, by a code that is not 0, and never with the password.

use std::time::Duration;

use tradewind_testkit::{Database, Kind, PASSWORD, PASSWORD_IN_URL};

use crate::home::{Answer, Home};

const CONFIGURATION: i32 = 4;
const DATABASE: i32 = 5;

/// Calls the program with the database of a URL; a role that runs instead of refusing is ended by a deadline of its own.
fn call(home: &Home, url: &str, further: &[(&str, &str)], arguments: &[&str]) -> Answer {
    let mut command = home.command();
    command.env("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", url).envs(further.iter().copied());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).args(arguments);
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let until = std::time::Instant::now() + Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() {
        if std::time::Instant::now() > until {
            child.kill().unwrap();
            panic!("{arguments:?} runs on {url}, and should refuse it");
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
    let answer = Answer::of(child.wait_with_output().unwrap(), home.path());
    assert!(!answer.err.contains(PASSWORD) && !answer.err.contains(PASSWORD_IN_URL), "no password in {}", answer.err);
    answer
}

fn refuses(url: &str, code: i32, words: &[&str]) {
    for arguments in [&["scheduler"][..], &["api-server", "--port", "0"], &["dag-processor"], &["db", "check"]] {
        let home = Home::new();
        let answer = call(&home, url, &[], arguments);
        assert_eq!(answer.code, Some(code), "{arguments:?} on {url}: {answer:?}");
        for word in words {
            assert!(answer.err.contains(word), "{arguments:?}: `{word}` is missing in {}", answer.err);
        }
    }
}

fn servers() -> [Database; 2] {
    [Database::new(Kind::Postgres), Database::new(Kind::MariaDb)]
}

#[test]
fn a_url_that_cannot_be_read() {
    refuses("oracle://air:s3cret@db/air", CONFIGURATION, &["`oracle` is unknown", "postgresql://user:password@host"]);
    refuses("postgresql://air:s3cret@db", CONFIGURATION, &["names no database", "air:***@db"]);
    refuses("mysql://air@db/air?sslmod=on", CONFIGURATION, &["`sslmod` is unknown"]);
}

#[test]
fn a_server_that_is_not_there() {
    for database in servers() {
        let nowhere = database.url.replace(&format!(":{}/", database.port), ":1/");
        refuses(&nowhere, DATABASE, &["127.0.0.1:1", "runs and can be reached", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]);
    }
}

#[test]
fn a_wrong_password_and_a_missing_database() {
    for database in servers() {
        refuses(&database.url.replace(PASSWORD_IN_URL, "wrong"), DATABASE, &["check user and password"]);
        let missing = call(&Home::new(), &database.url.replace(&database.name, "not_there"), &[], &["scheduler"]);
        assert_eq!(missing.code, Some(DATABASE), "{missing:?}");
        assert!(missing.err.contains("CREATE DATABASE") || missing.err.contains("GRANT"), "{missing:?}");
    }
}

#[test]
fn tables_that_are_missing_or_too_new() {
    for database in servers() {
        refuses(&database.url, DATABASE, &["run `tradewind db migrate`"]);
        let home = Home::new();
        assert_eq!(call(&home, &database.url, &[], &["db", "migrate"]).code, Some(0));
        assert_eq!(call(&home, &database.url, &[], &["db", "check"]).code, Some(0));
        database.as_owner("INSERT INTO schema_migration (number, name, applied_at) VALUES (999, 'x', 0)");
        refuses(&database.url, DATABASE, &["newer release"]);
    }
    let home = Home::new();
    let sqlite = format!("sqlite:///{}/tradewind.db", home.path().display());
    let empty = call(&home, &sqlite, &[], &["scheduler"]);
    assert!(empty.code == Some(DATABASE) && empty.err.contains("tradewind db migrate"), "{empty:?}");
}

#[test]
fn arguments_of_the_driver() {
    const ARGS: &str = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONNECT_ARGS";
    let database = Database::new(Kind::Postgres);
    let home = Home::new();
    let with = |args: &str| call(&home, &database.url, &[(ARGS, args)], &["db", "migrate"]);
    assert_eq!(with(r#"{"connect_timeout": 5, "keepalives": 1, "sslmode": "prefer"}"#).code, Some(0));
    let required = with(r#"{"sslmode": "require"}"#);
    assert!(required.code == Some(DATABASE) && required.err.contains("TLS"), "the server has none: {required:?}");
    let unknown = with(r#"{"sslmod": "require"}"#);
    assert!(unknown.code != Some(0) && unknown.err.contains("sql_alchemy_connect_args") && unknown.err.contains("`sslmod`"), "{unknown:?}");
    let broken = with("{'sslmode': 'require'}");
    assert!(broken.code == Some(CONFIGURATION) && broken.err.contains("it is no JSON (line 1, column 2)"), "{broken:?}");
    std::fs::create_dir_all(home.path().join("config")).unwrap();
    let text =
        "import ssl\nquick = {'connect_timeout': 5}\nsecure = {'sslmode': 'require'}\ncontext = {'ssl': ssl.create_default_context()}\n";
    std::fs::write(home.path().join("config/airflow_local_settings.py"), text).unwrap();
    assert_eq!(with("airflow_local_settings.quick").code, Some(0));
    assert!(with("airflow_local_settings.secure").err.contains("TLS"));
    let context = with("airflow_local_settings.context");
    assert!(context.code == Some(CONFIGURATION) && context.err.contains("ssl.SSLContext"), "{context:?}");
    let missing = with("airflow_local_settings.none");
    assert!(missing.code == Some(CONFIGURATION) && missing.err.contains("has no attribute 'none'"), "{missing:?}");
}
