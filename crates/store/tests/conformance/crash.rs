//! A process that dies in the middle of writing.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use tradewind_store::{Mode, Options, Result, Store, Transaction, Tx, params};

use crate::backend::{Backend, On, stories};
use crate::fixture::{number, sql};

stories!(what_was_answered_survives_kill_9_and_nothing_is_torn);

/// Set for the process that is to be killed.
const URL: &str = "TRADEWIND_STORE_CRASH_URL";
const NAME: &str = "crash::what_was_answered_survives_kill_9_and_nothing_is_torn::sqlite";
const CALLERS: usize = 8;

/// Raises two counters in two statements: whoever sees them apart sees a torn transaction.
struct Both(usize);

impl Transaction for Both {
    type Out = i64;
    const NAME: &'static str = "both";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<i64> {
        let mut last = 0;
        for side in ["left", "right"] {
            let sql = "INSERT INTO meta (key, value) VALUES (?, '1')
                ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(meta.value AS INTEGER) + 1 AS TEXT) RETURNING CAST(value AS INTEGER)";
            last = tx.row(sql, params![format!("{side} {}", self.0)]).await?.expect("an upsert returns its row").get(0)?;
        }
        Ok(last)
    }
}

/// Writes for longer than it lives, and prints what was answered.
async fn write_until_killed(url: &str) {
    let store = Store::open(url, Options::default()).await.expect("it opens");
    let callers = (0..CALLERS).map(|caller| {
        let store = store.clone();
        tokio::spawn(async move {
            for _ in 0..1_000_000 {
                let value = store.run(Both(caller)).await.expect("it is written");
                println!("answered {caller} {value}");
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.expect("no caller panics");
    }
}

async fn what_was_answered_survives_kill_9_and_nothing_is_torn() {
    if let Ok(url) = std::env::var(URL) {
        return write_until_killed(&url).await;
    }
    let backend = Backend::fresh().await;
    for round in 1..=3 {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", NAME, "--nocapture"])
            .env(URL, &backend.url)
            .stdout(Stdio::piped())
            .spawn()
            .expect("a second process");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let mut answered = [0_i64; CALLERS];
        let mut count = 0;
        for line in lines.map_while(std::result::Result::ok) {
            let words: Vec<_> = line.split(' ').collect();
            if let ["answered", caller, value] = words[..] {
                answered[caller.parse::<usize>().expect("a number")] = value.parse().expect("a number");
                count += 1;
            }
            if count == 300 {
                child.kill().expect("it runs");
            }
        }
        child.wait().expect("it ended");
        assert!(count >= 300, "round {round}: it ended by itself after {count} answers");
        let store = backend.second().await;
        for (caller, answered) in answered.into_iter().enumerate() {
            let kept =
                // A caller may have had no turn before the kill.
                async |side: &str| number(&store, format!("SELECT COALESCE(MAX(CAST(value AS INTEGER)), 0) FROM meta WHERE key = '{side} {caller}'")).await;
            assert_eq!(kept("left").await, kept("right").await, "a torn transaction");
            assert!(kept("left").await >= answered, "round {round}: {answered} was answered");
        }
        if Backend::on() == On::Sqlite {
            assert_eq!(sql(&store, "PRAGMA integrity_check").await[0].get::<String>(0).unwrap(), "ok");
        }
    }
}
