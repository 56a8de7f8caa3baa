//! What every queue of hints must do; each kind of queue is run through all of it.

use std::sync::Arc;
use std::time::Duration;

use tradewind_queue::{DatabaseQueue, HintQueue, MemoryQueue, Published};
use tradewind_store::{DatabaseUrl, Options, Store};
use uuid::Uuid;

const SOON: Duration = Duration::from_millis(20);
const LONG: Duration = Duration::from_secs(20);

fn hint(n: u128, queue: &str, priority: i32) -> Published {
    Published { attempt_id: Uuid::from_u128(n), queue: queue.into(), priority }
}

async fn take(queue: &dyn HintQueue, names: &[&str], max: usize, wait: Duration) -> Vec<u128> {
    let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    let hints = queue.take(&names, max, wait).await.expect("the queue answers");
    hints.iter().map(|h| h.attempt_id.as_u128()).collect()
}

async fn conforms(queue: Arc<dyn HintQueue>) {
    // Empty: answers after the wait, not before there is reason to and not never.
    assert_eq!(take(&*queue, &["default"], 5, SOON).await, Vec::<u128>::new());

    // Priority first, then age; several queues are one to a worker that serves them all.
    queue.publish(vec![hint(1, "default", 1), hint(2, "default", 9), hint(3, "big", 5)]).await.unwrap();
    queue.publish(vec![hint(4, "default", 9)]).await.unwrap();
    assert_eq!(queue.depth().await.unwrap(), 4);
    assert_eq!(take(&*queue, &["default", "big"], 3, LONG).await, vec![2, 4, 3]);
    assert_eq!(take(&*queue, &["big"], 3, SOON).await, Vec::<u128>::new());
    assert_eq!(take(&*queue, &["default"], 3, LONG).await, vec![1]);
    assert_eq!(queue.depth().await.unwrap(), 0);

    // A hint that waits already is one hint; taken and published again it is a new one.
    queue.publish(vec![hint(7, "default", 1)]).await.unwrap();
    queue.publish(vec![hint(7, "default", 1)]).await.unwrap();
    assert_eq!(take(&*queue, &["default"], 5, LONG).await, vec![7]);
    queue.publish(vec![hint(7, "default", 1)]).await.unwrap();
    assert_eq!(take(&*queue, &["default"], 5, LONG).await, vec![7]);

    // A worker that waits is woken.
    let waiting = tokio::spawn({
        let queue = queue.clone();
        async move { take(&*queue, &["default"], 1, LONG).await }
    });
    tokio::task::yield_now().await;
    queue.publish(vec![hint(8, "default", 1)]).await.unwrap();
    assert_eq!(waiting.await.unwrap(), vec![8]);

    // Many takers, many hints: each goes to exactly one.
    queue.publish((100..300).map(|n| hint(n, "default", 1)).collect()).await.unwrap();
    let takers: Vec<_> = (0..8)
        .map(|_| {
            let queue = queue.clone();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let got = take(&*queue, &["default"], 7, SOON).await;
                    if got.is_empty() {
                        return mine;
                    }
                    mine.extend(got);
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for taker in takers {
        all.extend(taker.await.unwrap());
    }
    all.sort_unstable();
    assert_eq!(all, (100..300).collect::<Vec<u128>>());

    // Naming no queue means all of them.
    queue.publish(vec![hint(91, "one", 1), hint(92, "two", 2)]).await.unwrap();
    assert_eq!(take(&*queue, &[], 10, Duration::ZERO).await, [92, 91]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory() {
    conforms(Arc::new(MemoryQueue::new())).await;
}

async fn store(folder: &tempfile::TempDir) -> Store {
    let store = Store::open(&DatabaseUrl::of_sqlite(&folder.path().join("queue.db")), Options::default()).await.expect("it opens");
    store.migrate().await.expect("it migrates");
    store
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn database() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    conforms(Arc::new(DatabaseQueue::new(store(&folder).await))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hint_published_by_another_process_is_found() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (here, there) = (DatabaseQueue::new(store(&folder).await), DatabaseQueue::new(store(&folder).await));
    let waiting = tokio::spawn(async move { take(&here, &["default"], 1, LONG).await });
    tokio::task::yield_now().await;
    there.publish(vec![hint(5, "default", 1)]).await.unwrap();
    assert_eq!(waiting.await.unwrap(), vec![5]);
}
