//! Transactions, group commit, errors by kind, migrations.

use std::time::Duration;

use tradewind_store::{Error, Migrated, Mode, Options, Result, SchemaState, Store, Transaction, Tx, params};

use crate::backend::{Backend, START, stories};

stories!(
    a_failed_transaction_leaves_nothing_and_its_neighbours_stay,
    two_handles_wait_for_each_other_and_see_each_other,
    readers_cannot_write,
    migrates_from_nothing_and_again_and_resets,
    refuses_a_schema_of_a_newer_release_unless_it_will_reset_it,
    now_is_the_clock_of_the_database,
);

/// Adds to a counter in `meta`, then does what it is told.
struct Add {
    key: &'static str,
    then: Then,
}

#[derive(Clone, Copy)]
enum Then {
    Keep,
    Fail,
    Panic,
    BreakCheck,
}

impl Transaction for Add {
    type Out = i64;
    const NAME: &'static str = "add";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64> {
        let upsert = "INSERT INTO meta (key, value) VALUES (?, '1')
            ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(meta.value AS INTEGER) + 1 AS TEXT) RETURNING CAST(value AS INTEGER)";
        let row = tx.row(upsert, params![self.key]).await?.expect("an upsert returns its row");
        match self.then {
            Then::Keep => {}
            Then::Fail => return Err(Error::invalid("this test", "told to fail")),
            Then::Panic => panic!("told to panic"),
            Then::BreakCheck => {
                let job = "INSERT INTO job (job_type, state, lease_until, hostname, start_date, latest_heartbeat) VALUES ('x', 'odd', 0, '', 0, 0)";
                tx.exec(job, params![]).await?;
            }
        }
        row.get(0)
    }
}

struct Read(&'static str);

impl Transaction for Read {
    type Out = Option<String>;
    const NAME: &'static str = "read";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<String>> {
        let row = tx.row("SELECT value FROM meta WHERE key = ?", params![self.0]).await?;
        row.map(|row| row.get(0)).transpose()
    }
}

async fn a_failed_transaction_leaves_nothing_and_its_neighbours_stay() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    let mut waiting = Vec::new();
    for number in 0..60 {
        let then = [Then::Keep, Then::Fail, Then::Panic, Then::BreakCheck][number % 4];
        let store = store.clone();
        waiting.push(tokio::spawn(async move { store.run(Add { key: "n", then }).await }));
    }
    let (mut kept, mut refused) = (Vec::new(), [0; 3]);
    for task in waiting {
        match task.await.expect("no task panics") {
            Ok(value) => kept.push(value),
            Err(Error::Invalid { .. }) => refused[0] += 1,
            Err(Error::Panicked { transaction: "add", message }) if message == "told to panic" => refused[1] += 1,
            Err(Error::Constraint { name }) if name == "job_state" => refused[2] += 1,
            Err(other) => panic!("{other}"),
        }
    }
    kept.sort_unstable();
    assert_eq!(kept, (1..=15).collect::<Vec<_>>(), "each success saw the others and no failure");
    assert_eq!(refused, [15, 15, 15]);
    assert_eq!(store.run(Read("n")).await.unwrap().as_deref(), Some("15"));
}

async fn two_handles_wait_for_each_other_and_see_each_other() {
    let backend = Backend::fresh().await;
    let other = backend.second().await;
    let mut watch = backend.store.watch(Duration::from_millis(1)).await.unwrap();
    backend.store.run(Add { key: "own", then: Then::Keep }).await.unwrap();
    let unchanged = tokio::time::timeout(Duration::from_millis(20), watch.changed()).await;
    assert!(unchanged.is_err(), "own commits are not news");
    other.run(Add { key: "other", then: Then::Keep }).await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), watch.changed()).await.expect("another handle's commit is news").unwrap();
    let mut tasks = Vec::new();
    for number in 0..100 {
        let store = if number % 2 == 0 { backend.store.clone() } else { other.clone() };
        tasks.push(tokio::spawn(async move { store.run(Add { key: "both", then: Then::Keep }).await.unwrap() }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(other.run(Read("both")).await.unwrap().as_deref(), Some("100"));
}

async fn readers_cannot_write() {
    struct Sneak;
    impl Transaction for Sneak {
        type Out = u64;
        const NAME: &'static str = "sneak";
        const MODE: Mode = Mode::Read;

        async fn run(&self, tx: &mut Tx<'_>) -> Result<u64> {
            tx.exec("DELETE FROM meta", params![]).await
        }
    }
    let backend = Backend::fresh().await;
    assert!(matches!(backend.store.run(Sneak).await, Err(Error::Unavailable { .. })));
}

async fn migrates_from_nothing_and_again_and_resets() {
    let backend = Backend::empty().await;
    let store = &backend.store;
    let needed = store.schema().await.unwrap().needed;
    assert_eq!(store.schema().await.unwrap(), SchemaState { found: 0, needed });
    let told = store.check().await.unwrap_err().to_string();
    assert!(told.contains("tradewind db migrate"), "{told}");
    let other = backend.second().await;
    let (one, two) = tokio::join!(store.migrate(), other.migrate());
    let mut applied = [one.unwrap().applied, two.unwrap().applied].concat();
    let count = applied.len();
    applied.sort_unstable();
    applied.dedup();
    assert_eq!((count, applied.len()), (usize::try_from(needed).unwrap(), count), "one of two migrating at once does each");
    store.check().await.unwrap();
    let again = store.migrate().await.unwrap();
    assert_eq!(again, Migrated { applied: vec![], state: SchemaState { found: needed, needed } });
    store.run(Add { key: "gone", then: Then::Keep }).await.unwrap();
    let applied = store.reset().await.unwrap().applied;
    assert_eq!((applied[0], applied.len()), ("initial", count));
    assert_eq!(store.run(Read("gone")).await.unwrap(), None);
}

async fn refuses_a_schema_of_a_newer_release_unless_it_will_reset_it() {
    struct Future;
    impl Transaction for Future {
        type Out = u64;
        const NAME: &'static str = "future";
        const MODE: Mode = Mode::Write;

        async fn run(&self, tx: &mut Tx<'_>) -> Result<u64> {
            tx.exec("INSERT INTO schema_migration (number, name, applied_at) VALUES (99, 'future', 0)", params![]).await
        }
    }
    let backend = Backend::fresh().await;
    backend.store.run(Future).await.unwrap();
    for refused in [Store::open(&backend.url, Options::default()).await.map(drop), backend.store.migrate().await.map(drop)] {
        assert!(matches!(refused, Err(Error::SchemaTooNew { found: 99, known: 1.. })), "{refused:?}");
    }
    let store = Store::open(&backend.url, Options { any_schema: true, ..Options::default() }).await.unwrap();
    store.reset().await.unwrap();
    store.check().await.unwrap();
}

#[tokio::test]
async fn errors_of_opening_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let missing = format!("sqlite:///{}/no/such/folder/a.db", folder.path().display());
    let told = Store::open(&missing, Options::default()).await.unwrap_err().to_string();
    assert!(told.contains("no/such/folder/a.db") && told.contains("folder exists"), "{told}");
    let garbage = folder.path().join("garbage.db");
    std::fs::write(&garbage, "this is not a database, it is a text that is long enough to be read as a header of one, or so".repeat(9))
        .unwrap();
    let told = Store::open(&format!("sqlite:///{}", garbage.display()), Options::default()).await.unwrap_err();
    assert!(matches!(told, Error::Corrupt { .. }), "{told}");
}

#[tokio::test]
async fn the_file_is_private_and_a_closed_store_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let backend = Backend::fresh().await;
    let mode = std::fs::metadata(backend.folder.path().join("test.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let left = backend.store.clone();
    backend.store.close().await;
    assert!(matches!(left.run(Add { key: "n", then: Then::Keep }).await, Err(Error::Closed)));
}

async fn now_is_the_clock_of_the_database() {
    struct Now;
    impl Transaction for Now {
        type Out = i64;
        const NAME: &'static str = "now";
        const MODE: Mode = Mode::Read;

        async fn run(&self, tx: &mut Tx<'_>) -> Result<i64> {
            Ok(tx.now().as_microsecond())
        }
    }
    let backend = Backend::fresh().await;
    backend.clock.advance_seconds(3);
    assert_eq!(backend.store.run(Now).await.unwrap(), START + 3_000_000);
}

#[tokio::test]
async fn a_lock_of_another_process_is_waited_for_within_a_bound() {
    let backend = Backend::fresh().await;
    let impatient = Options { busy: Duration::from_millis(30), ..Options::default() };
    let store = Store::open(&backend.url, impatient).await.unwrap();
    let other = rusqlite::Connection::open(backend.folder.path().join("test.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = store.run(Add { key: "n", then: Then::Keep }).await;
    assert!(matches!(&refused, Err(error @ Error::Busy { .. }) if error.is_transient()), "{refused:?}");
    assert_eq!(store.run(Read("n")).await.unwrap(), None, "readers are not held up");
    let patient = backend.store.clone();
    let waiting = tokio::spawn(async move { patient.run(Add { key: "n", then: Then::Keep }).await });
    tokio::task::yield_now().await;
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), 1);
}

#[tokio::test]
async fn many_may_open_and_migrate_a_file_that_is_not_there_yet() {
    let folder = tempfile::tempdir().unwrap();
    let url = tradewind_store::DatabaseUrl::of_sqlite(&folder.path().join("new.db"));
    let opening = (0..8).map(|_| {
        let url = url.clone();
        // A thread and a runtime each, so that they open at the same moment as processes would.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async { Store::open(&url, Options::default()).await?.migrate().await })
        })
    });
    let opened: Vec<_> = opening.collect::<Vec<_>>().into_iter().map(|thread| thread.join().expect("no panic")).collect();
    let opened: Vec<Migrated> = opened.into_iter().map(|migrated| migrated.expect("it opens and migrates")).collect();
    let applied: usize = opened.iter().map(|migrated| migrated.applied.len()).sum();
    assert_eq!(i64::try_from(applied).unwrap(), opened[0].state.needed, "each once");
}
