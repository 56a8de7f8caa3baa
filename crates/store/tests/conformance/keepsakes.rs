//! Variables, connections and pools.

use tradewind_store::table::connection::{Connection, DeleteConnection, GetConnection, RotateFernet, SetConnection};
use tradewind_store::table::pool::{DeletePool, GetPools, PoolDeleted, SetPool};
use tradewind_store::table::variable::{AllVariables, DeleteVariable, GetVariable, SetVariable, VariableKeys};
use tradewind_store::{Error, Fernet, Options, Secret, Store};

use crate::backend::{Backend, START, stories};
use crate::fixture::{admit_one, at, claim_one, dag, running_run, schedule, scheduler, sql, task, worker};

stories!(
    secrets_are_encrypted_when_there_is_a_key_and_survive_its_rotation,
    variables_keep_their_description_and_are_listed_by_prefix,
    pools_tell_how_much_of_them_is_taken,
);

async fn with_keys(backend: &Backend, keys: &str) -> Store {
    let options = Options { fernet: Fernet::parse(keys).expect("keys"), ..Options::default() };
    Store::open(&backend.url, options).await.expect("it opens")
}

fn variable(key: &str, val: &str) -> SetVariable {
    SetVariable { key: key.to_owned(), val: val.into(), description: None, only_new: false }
}

async fn value(store: &Store, key: &str) -> Result<Option<Secret>, Error> {
    Ok(store.run(GetVariable { key: key.to_owned() }).await?.map(|variable| variable.val))
}

async fn secrets_are_encrypted_when_there_is_a_key_and_survive_its_rotation() {
    let backend = Backend::fresh().await;
    let (old, new) = (Fernet::generate(), Fernet::generate());
    backend.store.run(variable("before", "clear text")).await.unwrap();
    let store = with_keys(&backend, &old).await;
    store.run(variable("v", "s3cret")).await.unwrap();
    let connection = Connection {
        conn_id: "db".to_owned(),
        conn_type: "postgres".to_owned(),
        password: Some("p4ss".into()),
        extra: Some("{\"sslkey\": \"k3y\"}".into()),
        port: Some(5432),
        ..Connection::default()
    };
    assert!(store.run(SetConnection { connection: connection.clone(), only_new: true }).await.unwrap());
    assert!(!store.run(SetConnection { connection: connection.clone(), only_new: true }).await.unwrap());
    assert!(!format!("{connection:?}").contains("p4ss"));
    let kept = format!(
        "{:?}",
        sql(&store, "SELECT v.val || c.password || c.extra FROM variable v, connection c WHERE v.key = 'v'").await[0].get::<String>(0)
    );
    assert!(!kept.contains("s3cret") && !kept.contains("p4ss") && !kept.contains("k3y"), "{kept}");
    assert_eq!(value(&store, "v").await.unwrap(), Some("s3cret".into()));
    assert_eq!(value(&store, "before").await.unwrap(), Some("clear text".into()));
    let told = value(&backend.store, "v").await.unwrap_err().to_string();
    assert!(told.contains("variable `v`") && told.contains("no key is configured"), "{told}");

    let both = with_keys(&backend, &format!("{new},{old}")).await;
    assert_eq!(both.run(RotateFernet).await.unwrap(), (2, 1));
    let only_new = with_keys(&backend, &new).await;
    assert!(only_new.run(AllVariables).await.unwrap().iter().all(|variable| variable.is_encrypted));
    assert_eq!(only_new.run(GetConnection { conn_id: "db".to_owned() }).await.unwrap(), Some(connection));
    assert!(only_new.run(DeleteConnection { conn_id: "db".to_owned() }).await.unwrap());
    assert!(!only_new.run(DeleteConnection { conn_id: "db".to_owned() }).await.unwrap());
}

async fn variables_keep_their_description_and_are_listed_by_prefix() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    let first = SetVariable { description: Some("what it is".to_owned()), only_new: true, ..variable("team_a", "1") };
    assert!(store.run(first.clone()).await.unwrap().is_some());
    assert!(store.run(first).await.unwrap().is_none(), "it is there already");
    let changed = store.run(variable("team_a", "2")).await.unwrap().expect("the variable");
    assert_eq!((changed.val, changed.description.as_deref()), ("2".into(), Some("what it is")));
    store.run(variable("team%b", "3")).await.unwrap();
    store.run(variable("other", "4")).await.unwrap();
    assert_eq!(store.run(VariableKeys { prefix: "team".to_owned() }).await.unwrap(), ["team%b", "team_a"]);
    assert_eq!(store.run(VariableKeys { prefix: "team%".to_owned() }).await.unwrap(), ["team%b"]);
    assert!(store.run(DeleteVariable { key: "other".to_owned() }).await.unwrap());
    assert_eq!(value(store, "other").await.unwrap(), None);
}

async fn pools_tell_how_much_of_them_is_taken() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let pool = SetPool { name: "p".to_owned(), slots: 5, description: None, include_deferred: true, only_new: true };
    assert!(store.run(pool.clone()).await.unwrap());
    assert!(!store.run(pool.clone()).await.unwrap());
    let (owner, worker) = (scheduler(store).await, worker(store).await);
    let run = running_run(store, owner, "d", "one", at(START)).await;
    let of_pool = |name: &str| tradewind_store::step::CreateTask { pool: "p".into(), ..task(name) };
    schedule(store, owner, run, ["a", "b", "c", "e"].map(of_pool)).await;
    let running = admit_one(store, owner, run, "a").await;
    claim_one(store, running, worker).await;
    admit_one(store, owner, run, "b").await;
    sql(store, "UPDATE task_instance SET state = 'deferred' WHERE task_id = 'c'").await;
    let found = store.run(GetPools { name: Some("p".to_owned()) }).await.unwrap().remove(0);
    assert_eq!((found.running_slots, found.queued_slots, found.scheduled_slots, found.deferred_slots), (1, 1, 1, 1));
    assert_eq!((found.occupied_slots(), found.open_slots()), (3, Some(2)));
    assert!(store.run(SetPool { slots: -1, include_deferred: false, only_new: false, ..pool }).await.unwrap());
    let all = store.run(GetPools { name: None }).await.unwrap();
    assert_eq!(
        all.iter().map(|pool| (pool.name.as_str(), pool.open_slots())).collect::<Vec<_>>(),
        [("default_pool", Some(128)), ("p", None)]
    );
    let delete = async |name: &str| store.run(DeletePool { name: name.to_owned() }).await.unwrap();
    assert_eq!(delete("p").await, PoolDeleted::Done);
    assert_eq!(delete("p").await, PoolDeleted::NoPool);
    assert_eq!(delete("default_pool").await, PoolDeleted::Default);
}
