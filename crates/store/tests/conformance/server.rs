//! What only databases on servers have: passwords, addresses, poolers, connections that break.

use std::time::Duration;

use tradewind_store::step::UpTime;
use tradewind_store::{Clock, Error, Options, Store, Watch};
use tradewind_testkit::{Database, Kind, PASSWORD, PASSWORD_IN_URL, PgBouncer, USER};

use crate::backend::{Backend, On, stories, tell};
use crate::fixture::{number, sql};

stories!(
    a_server_tells_since_when_it_is_there,
    connections_that_break_are_made_anew,
    commits_are_told_as_they_happen,
    a_migration_that_was_killed_goes_on,
    the_clock_is_the_servers
);

/// The kinds of servers with a database each.
fn servers() -> [Database; 2] {
    [Database::new(Kind::Postgres), Database::new(Kind::MariaDb)]
}

async fn a_server_tells_since_when_it_is_there() {
    let backend = Backend::fresh().await;
    let up = backend.store.run(UpTime).await.unwrap();
    assert_eq!(up.is_none(), Backend::on() == On::Sqlite);
    assert!(up.is_none_or(|up| up < Duration::from_secs(366 * 24 * 3600)), "{up:?}");
}

fn impatient() -> Options {
    Options { busy: Duration::from_secs(3), ..Options::default() }
}

async fn refusal(url: &str) -> String {
    let error = Store::open(url, impatient()).await.expect_err("it cannot be opened");
    let text = error.to_string();
    assert!(!text.contains(PASSWORD) && !text.contains(PASSWORD_IN_URL), "no password in {text}");
    text
}

#[tokio::test]
async fn what_is_wrong_is_said_with_what_to_do() {
    for database in servers() {
        let wrong = refusal(&database.url.replace(PASSWORD_IN_URL, "wrong")).await;
        assert!(wrong.contains("check user and password") && wrong.contains("127.0.0.1"), "{wrong}");
        let missing = refusal(&database.url.replace(&database.name, "not_there")).await;
        assert!(missing.contains("CREATE DATABASE") || missing.contains("GRANT"), "{missing}");
        let nobody = refusal(&database.url.replace(&format!(":{}/", database.port), ":1/")).await;
        assert!(nobody.contains("127.0.0.1:1") && nobody.contains("runs and can be reached"), "{nobody}");
        let store = Store::open(&database.url, impatient()).await.unwrap();
        let unmigrated = store.check().await.unwrap_err().to_string();
        assert!(unmigrated.contains("tradewind db migrate"), "{unmigrated}");
        store.migrate().await.unwrap();
        store.check().await.unwrap();
        sql(&store, "INSERT INTO schema_migration (number, name, applied_at) VALUES (999, 'x', 0)").await;
        let newer = refusal(&database.url).await;
        assert!(newer.contains("newer release"), "{newer}");
        store.close().await;
    }
}

#[tokio::test]
async fn sockets_and_options_are_ways_in() {
    let [postgres, mariadb] = servers();
    for url in [
        format!("postgresql://{USER}@/{}?host={}&port={}", postgres.name, postgres.socket.display(), postgres.port),
        format!("{}?sslmode=prefer&connect_timeout=5&options=-csearch_path%3Dpublic&keepalives=1", postgres.url),
        format!("mysql+pymysql://{USER}:{PASSWORD_IN_URL}@localhost/{}?unix_socket={}", mariadb.name, mariadb.socket.display()),
        format!("mariadb://{USER}:{PASSWORD_IN_URL}@127.0.0.1:{}/{}?ssl_mode=DISABLED", mariadb.port, mariadb.name),
    ] {
        let store = Store::open(&url, impatient()).await.unwrap_or_else(|error| panic!("{url}: {error}"));
        store.migrate().await.unwrap();
        store.close().await;
    }
}

#[tokio::test]
async fn a_pooler_in_transaction_mode_stands_between() {
    let database = Database::new(Kind::Postgres);
    let bouncer = PgBouncer::before(&database);
    let url = bouncer.url(&database);
    let store = Store::open(&url, Options { max_overflow: 20, ..Options::default() }).await.unwrap();
    store.migrate().await.unwrap();
    // Two processes with more connections than the pooler has: each statement must find itself on any of them.
    let other = Store::open(&url, Options::default()).await.unwrap();
    let mut tasks = Vec::new();
    for round in 0..200_i64 {
        let store = if round % 2 == 0 { store.clone() } else { other.clone() };
        tasks.push(tokio::spawn(async move {
            // Texts of their own, so that names of statements would collide.
            number(&store, format!("SELECT {round} + slots FROM pool WHERE pool = 'default_pool'")).await - round
        }));
    }
    for task in tasks {
        assert_eq!(task.await.unwrap(), 128);
    }
    // Notifications would go to whoever has the connection by then: commits are found by looking.
    let mut watch = store.watch(Duration::from_millis(20)).await.unwrap();
    for _ in 0..3 {
        sql(&other, "UPDATE pool SET slots = slots + 1").await;
        news(&mut watch).await;
        assert!(!store.is_told());
    }
    drop(watch);
    store.close().await;
    other.close().await;
}

async fn news(watch: &mut Watch) {
    tokio::time::timeout(Duration::from_secs(20), watch.changed()).await.expect("another's commit is news").unwrap();
}

async fn commits_are_told_as_they_happen() {
    if Backend::on() != On::Postgres {
        return;
    }
    // Nobody looks by himself in the time of this test.
    const NEVER: Duration = Duration::from_secs(24 * 3600);
    let backend = Backend::fresh().await;
    let database = backend.database.as_ref().expect("a server");
    let (store, few, many) = (&backend.store, backend.second().await, backend.second().await);
    let mut watch = store.watch(NEVER).await.unwrap();
    let mut theirs = many.watch(NEVER).await.unwrap();
    let looks_after_its_debts = tokio::spawn(async move { while theirs.changed().await.is_ok() {} });
    for _ in 0..3 {
        // The first of these may be found because listening has just begun.
        for _ in 0..5 {
            sql(&few, "UPDATE pool SET slots = slots + 1").await;
            news(&mut watch).await;
        }
        assert!(store.is_told());
        sql(&many, "UPDATE pool SET slots = slots + 1").await;
        news(&mut watch).await;
        let broken = database.as_owner(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()",
        );
        assert_ne!(broken.trim(), "0");
    }
    looks_after_its_debts.abort();
}

async fn connections_that_break_are_made_anew() {
    let backend = Backend::fresh().await;
    let Some(database) = &backend.database else { return };
    for _ in 0..3 {
        match Backend::on() {
            On::Postgres => {
                let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
                database.as_owner(sql);
            }
            _ => {
                let list = database
                    .as_owner(&format!("SELECT id FROM information_schema.processlist WHERE db = '{}' AND user = '{USER}'", database.name));
                for id in list.split_whitespace() {
                    database.as_owner(&format!("KILL CONNECTION {id}"));
                }
            }
        }
        assert_eq!(number(&backend.store, "SELECT COUNT(*) FROM pool").await, 1);
    }
}

/// On MySQL and MariaDB each statement commits by itself, so any number of them may have been done.
async fn a_migration_that_was_killed_goes_on() {
    if Backend::on() != On::MariaDb {
        return;
    }
    let backend = Backend::empty().await;
    let database = backend.database.as_ref().expect("a server");
    let script = include_str!("../../migrations/mysql/0001_initial.sql").replace("{collation}", "utf8mb4_nopad_bin");
    let statements: Vec<&str> = script.split(";\n").filter(|statement| !statement.trim().is_empty()).collect();
    for done in [1, statements.len() / 2, statements.len()] {
        database.as_owner(&statements[..done].join(";\n"));
        let migrated = backend.store.migrate().await.unwrap();
        assert_eq!(migrated.state.found, migrated.state.needed);
        assert_eq!(number(&backend.store, "SELECT COUNT(*) FROM pool").await, 1, "after {done} statements");
        let tables =
            database.as_owner(&format!("SELECT table_name FROM information_schema.tables WHERE table_schema = '{}'", database.name));
        for table in tables.split_whitespace() {
            database.as_owner(&format!("DROP TABLE {table}"));
        }
    }
}

async fn the_clock_is_the_servers() {
    let backend = Backend::fresh().await;
    let store = Store::open(&backend.url, Options { clock: Clock::System, ..Options::default() }).await.unwrap();
    store.check().await.unwrap();
    let (before, after) = (store.now(), store.now());
    assert!(after >= before && before.as_microsecond() > crate::backend::START + 1_000_000_000_000);
    store.close().await;
}

#[tokio::test]
async fn a_lock_that_takes_too_long_is_given_up_and_told() {
    for database in servers() {
        let options = Options { statement_timeout: Duration::from_millis(1_000), ..impatient() };
        let store = Store::open(&database.url, options).await.unwrap();
        store.migrate().await.unwrap();
        let slow = if database.url.starts_with("postgres") { "SELECT pg_sleep(20)" } else { "SELECT SLEEP(20)" };
        let began = std::time::Instant::now();
        let refused = store.run(crate::fixture::Statement(slow.to_owned(), vec![])).await;
        // MariaDB ends a sleep early and answers; what counts is that nobody waits for its end.
        assert!(matches!(refused, Err(Error::Busy { .. })) || refused.is_ok(), "{refused:?}");
        assert!(began.elapsed() < Duration::from_secs(19));
        store.close().await;
    }
}

#[tokio::test]
async fn stories_outside_of_a_scope_are_told_on_sqlite() {
    assert_eq!(Backend::on(), On::Sqlite);
    tell(On::Postgres, async { assert_eq!(Backend::on(), On::Postgres) }).await;
}
