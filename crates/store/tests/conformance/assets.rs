//! Updates of assets, and the runs that they make.

use serde_json::{Value as Json, json};
use tradewind_core::asset::{AssetForm, AssetRef, Condition};
use tradewind_core::state::TaskState;
use tradewind_store::Store;
use tradewind_store::list::asset::{
    AssetFilter, CountOrphans, DeleteQueued, EventFilter, ListAliases, ListAssetEvents, ListAssets, ListQueued, QueueFilter,
};
use tradewind_store::list::change::{DagDeleted, DeleteDag, DeleteRun, RunDeleted};
use tradewind_store::list::filter::{Page, Patterns};
use tradewind_store::step::{
    AssetDues, AssetRunOutcome, CreateAssetEvent, CreateAssetRun, EventSource, NewAssetEvent, NewAssetEvents, Owner, ParsedDag, ParsedFile,
    RecordParse, Report, ReportOutcome, Updated,
};
use tradewind_store::table::asset::AssetNamed;
use tradewind_store::table::asset_event::{ConsumedEvents, EventsOf, Whose};
use tradewind_store::table::event_log::NewEvent;

use crate::backend::{Backend, START, stories};
use crate::fixture::{admit_one, at, claim_one, number, report, running_run, schedule, scheduler, sql, task, worker};

stories!(
    a_success_updates_its_outlets_once_and_its_consumers_run_once,
    all_wants_each_asset_and_one_run_takes_all_their_events,
    aliases_and_references_lead_to_assets,
    paused_and_full_dags_get_no_run,
    schedulers_that_look_together_make_one_run,
    an_event_by_hand_and_the_queue_by_hand,
    a_new_form_forgets_what_its_schedule_does_not_name,
);

fn asset(name: &str) -> Json {
    json!({"asset": {"name": name, "uri": format!("s3://{name}"), "group": "asset"}})
}

fn form(name: &str) -> AssetForm {
    AssetForm { name: name.to_owned(), uri: format!("s3://{name}"), group: "asset".to_owned(), extra: Default::default() }
}

/// Records a DAG with this schedule by assets, whose task `t` writes and reads these.
async fn parse(store: &Store, dag_id: &str, condition: Option<Json>, outlets: Json, inlets: Json) {
    let timetable = condition.map_or_else(|| json!({"type": "null"}), |condition| json!({"type": "asset", "condition": condition}));
    let form = json!({"format": 1, "dag_id": dag_id, "fileloc": format!("/dags/{dag_id}.py"), "relative_fileloc": format!("{dag_id}.py"),
        "catchup": false, "timetable": timetable, "max_active_runs": 2,
        "assets": [{"name": "a", "uri": "s3://a", "group": "prices", "extra": {"owner": "ann"}}],
        "tasks": [{"task_id": "t", "task_type": "PythonOperator", "task_module": "m", "outlets": outlets, "inlets": inlets}]});
    let file = ParsedFile {
        relative_fileloc: format!("{dag_id}.py"),
        fileloc: format!("/dags/{dag_id}.py"),
        source: form.to_string(),
        source_hash: tradewind_core::form::content_hash(&form),
        mtime: None,
        size: None,
        parse_duration: 1,
    };
    let dags = vec![ParsedDag::read(form).expect("a form")];
    store.run(RecordParse { file, dags, errors: vec![], paused_at_creation: false }).await.expect("a parse is recorded");
}

fn updated(key: &str, names: &[&str]) -> NewAssetEvents {
    let event = |name: &&str| NewAssetEvent { what: Updated::Asset(form(name)), extra: json!({"of": name}).to_string(), aliases: vec![] };
    let source = EventSource { dag_id: "maker".to_owned(), run_id: "one".to_owned(), task_id: "t".to_owned(), map_index: -1 };
    NewAssetEvents { key: key.to_owned(), source: Some(source), events: names.iter().map(event).collect() }
}

struct Scene {
    backend: Backend,
    owner: Owner,
    worker: i64,
    run: i64,
}

impl Scene {
    /// A maker with a running run, and consumers of these conditions.
    async fn new(consumers: &[(&str, Json)]) -> Self {
        let backend = Backend::fresh().await;
        let store = &backend.store;
        parse(store, "maker", None, json!([asset("a")]), json!([])).await;
        for (dag_id, condition) in consumers {
            parse(store, dag_id, Some(condition.clone()), json!([]), json!([])).await;
        }
        let (owner, worker) = (scheduler(store).await, worker(store).await);
        let run = running_run(store, owner, "maker", "one", at(START)).await;
        Self { backend, owner, worker, run }
    }

    fn store(&self) -> &Store {
        &self.backend.store
    }

    /// A task of the maker succeeds with these updates; the DAGs that may have a run to make.
    async fn succeed(&self, task_id: &str, events: NewAssetEvents) -> Vec<String> {
        let store = self.store();
        schedule(store, self.owner, self.run, [task(task_id)]).await;
        let attempt = admit_one(store, self.owner, self.run, task_id).await;
        claim_one(store, attempt, self.worker).await;
        let end = Report { assets: events, ..report(attempt, self.worker, TaskState::Success, at(START)) };
        let ReportOutcome::Accepted(told) = store.run(end.clone()).await.unwrap() else { panic!("accepted") };
        assert!(matches!(store.run(end).await.unwrap(), ReportOutcome::Stale), "a report that comes again writes nothing");
        told.assets.dags
    }

    /// Makes all runs whose time has come; their DAGs.
    async fn make(&self) -> Vec<(String, AssetRunOutcome)> {
        make(self.store(), self.owner).await
    }
}

async fn make(store: &Store, owner: Owner) -> Vec<(String, AssetRunOutcome)> {
    let mut made = Vec::new();
    for due in store.run(AssetDues).await.unwrap() {
        let step = step(store, owner, &due.dag_id).await;
        made.push((due.dag_id, store.run(step).await.unwrap()));
    }
    made
}

async fn step(store: &Store, owner: Owner, dag_id: &str) -> CreateAssetRun {
    let row = &sql(
        store,
        format!(
            "SELECT d.version_id, f.form FROM dag d JOIN dag_version v ON v.id = d.version_id
        JOIN dag_form f ON f.content_hash = v.content_hash WHERE d.dag_id = '{dag_id}'"
        ),
    )
    .await[0];
    let form: Json = serde_json::from_str(&row.get::<String>(1).unwrap()).unwrap();
    let condition = Condition::of_timetable(&form["timetable"]).unwrap().expect("a condition");
    let version_id = row.get(0).unwrap();
    let suffix = crate::fixture::fresh_id().simple().to_string()[24..].to_owned();
    CreateAssetRun { owner, dag_id: dag_id.to_owned(), version_id, condition, suffix, max_open: 2 }
}

fn created(outcome: &AssetRunOutcome) -> (i64, u64) {
    let AssetRunOutcome::Created { run_pk, events, .. } = outcome else { panic!("{outcome:?}") };
    (*run_pk, *events)
}

/// Events that a run took, as their extras say.
async fn taken(store: &Store, run_pk: i64) -> Vec<String> {
    let events = store.run(ConsumedEvents { run_pk }).await.unwrap();
    events.iter().map(|event| serde_json::from_str::<Json>(&event.extra).unwrap()["of"].as_str().unwrap_or("-").to_owned()).collect()
}

async fn a_success_updates_its_outlets_once_and_its_consumers_run_once() {
    let scene = Scene::new(&[("reader", asset("a")), ("other", asset("b"))]).await;
    let store = scene.store();
    assert_eq!(scene.succeed("x", updated("k1", &["a"])).await, ["reader"]);
    let made = scene.make().await;
    assert_eq!(made.len(), 1, "{made:?}");
    let (run_pk, events) = created(&made[0].1);
    assert_eq!((made[0].0.as_str(), events, taken(store, run_pk).await), ("reader", 1, vec!["a".to_owned()]));
    assert!(scene.make().await.is_empty(), "the queue is empty again");
    let row = &sql(
        store,
        format!(
            "SELECT run_id, run_type, triggered_by, run_after, state FROM dag_run WHERE id = {run_pk} AND logical_date IS NULL
        AND data_interval_start IS NULL AND owner_job IS NOT NULL"
        ),
    )
    .await[0];
    let texts: Vec<String> = [1, 2, 4].into_iter().map(|column| row.get(column).unwrap()).collect();
    assert_eq!(texts, ["asset_triggered", "asset", "queued"]);
    let id = tradewind_core::run_id::iso(row.get(3).unwrap());
    assert!(row.get::<String>(0).unwrap().starts_with(&format!("asset_triggered__{id}_")));
    // The author knows the asset better than the task.
    let known = store.run(AssetNamed { name: "a".to_owned() }).await.unwrap().expect("the asset");
    assert_eq!((known.group_name.as_str(), known.extra.as_str()), ("prices", r#"{"owner":"ann"}"#));
    let event = &store
        .run(EventsOf {
            whose: Whose::Asset { name: "a".to_owned(), uri: "s3://a".to_owned() },
            after: None,
            before: None,
            ascending: true,
            limit: 9,
        })
        .await
        .unwrap()[0];
    assert_eq!((event.source_dag_id.as_deref(), event.source_task_id.as_deref(), event.source_map_index), (Some("maker"), Some("t"), -1));
    // A failure updates nothing.
    schedule(store, scene.owner, scene.run, [task("y")]).await;
    let attempt = admit_one(store, scene.owner, scene.run, "y").await;
    claim_one(store, attempt, scene.worker).await;
    let end = Report { assets: updated("k2", &["a"]), ..report(attempt, scene.worker, TaskState::Failed, at(START)) };
    assert!(matches!(store.run(end).await.unwrap(), ReportOutcome::Accepted(told) if told.assets.events.is_empty()));
    assert_eq!(number(store, "SELECT COUNT(*) FROM asset_event").await, 1);
}

async fn all_wants_each_asset_and_one_run_takes_all_their_events() {
    let both = json!({"all": [asset("a"), {"any": [asset("b"), asset("c")]}]});
    let scene = Scene::new(&[("reader", both)]).await;
    let store = scene.store();
    scene.succeed("one", updated("k1", &["a"])).await;
    scene.succeed("two", updated("k2", &["a"])).await;
    assert_eq!(scene.make().await, [("reader".to_owned(), AssetRunOutcome::NotMet)]);
    let waits = store.run(AssetDues).await.unwrap();
    assert_eq!((waits[0].queued.len(), waits[0].queued[0].created_at), (1, at(START)), "queued once, since the first");
    scene.backend.clock.advance_seconds(5);
    scene.succeed("three", updated("k3", &["c", "unknown"])).await;
    let (run_pk, events) = created(&scene.make().await[0].1);
    assert_eq!((events, taken(store, run_pk).await), (3, ["a", "a", "c"].map(str::to_owned).to_vec()));
    assert_eq!(number(store, format!("SELECT run_after FROM dag_run WHERE id = {run_pk}")).await, START + 5_000_000);
    scene.succeed("four", updated("k4", &["b"])).await;
    assert_eq!(scene.make().await, [("reader".to_owned(), AssetRunOutcome::NotMet)], "what a run took does not count again");
    let page = Page { limit: 10, offset: 0 };
    let of_run = EventFilter { run_pk: Some(run_pk), ..EventFilter::default() };
    let listed = store.run(ListAssetEvents { filter: of_run, order: vec![], page }).await.unwrap();
    assert_eq!((listed.total, listed.rows[0].runs[0].dag_id.as_str()), (3, "reader"));
}

async fn aliases_and_references_lead_to_assets() {
    let alias = |name: &str| json!({"alias": {"name": name, "group": "asset"}});
    let scene = Scene::new(&[
        ("by_alias", alias("daily")),
        ("by_name", json!({"asset_ref": {"name": "found"}})),
        ("by_uri", json!({"asset_ref": {"uri": "s3://found"}})),
        ("other", alias("weekly")),
    ])
    .await;
    let store = scene.store();
    let mut events = updated("k1", &["found"]);
    events.events[0].aliases = vec!["daily".to_owned(), "monthly".to_owned()];
    assert_eq!(scene.succeed("x", events).await, ["by_alias", "by_name", "by_uri"]);
    assert_eq!(scene.make().await.iter().map(|made| created(&made.1).1).collect::<Vec<_>>(), [1, 1, 1]);
    let under = EventsOf { whose: Whose::Alias("monthly".to_owned()), after: None, before: None, ascending: false, limit: 9 };
    let found = store.run(under).await.unwrap();
    assert_eq!(found[0].aliases, ["daily", "monthly"]);
    // The asset is known to belong to the alias from now on; a reference to it needs no more than its name.
    let by_name = NewAssetEvent { what: Updated::Ref(AssetRef::Name("found".to_owned())), extra: "{}".to_owned(), aliases: vec![] };
    let nobody = NewAssetEvent { what: Updated::Ref(AssetRef::Uri("s3://nobody".to_owned())), extra: "{}".to_owned(), aliases: vec![] };
    let events = NewAssetEvents { events: vec![nobody, by_name], ..updated("k2", &[]) };
    assert_eq!(scene.succeed("y", events).await, ["by_alias", "by_name", "by_uri"]);
    assert_eq!(number(store, "SELECT COUNT(*) FROM asset_event").await, 2, "a reference to nothing has no event");
    let page = Page { limit: 10, offset: 0 };
    let names = Patterns { contains: Some("AIL".to_owned()), prefix: None };
    let aliases = store.run(ListAliases { ids: vec![], name: names, order: vec![], page }).await.unwrap();
    assert_eq!(aliases.rows.iter().map(|alias| alias.name.as_str()).collect::<Vec<_>>(), ["daily"]);
}

async fn paused_and_full_dags_get_no_run() {
    let scene = Scene::new(&[("reader", asset("a"))]).await;
    let store = scene.store();
    sql(store, "UPDATE dag SET is_paused = 1 WHERE dag_id = 'reader'").await;
    assert!(scene.succeed("one", updated("k1", &["a"])).await.is_empty(), "nothing is queued for a paused DAG");
    sql(store, "UPDATE dag SET is_paused = 0 WHERE dag_id = 'reader'").await;
    scene.succeed("two", updated("k2", &["a"])).await;
    sql(store, "UPDATE dag SET is_paused = 1 WHERE dag_id = 'reader'").await;
    assert!(scene.make().await.is_empty());
    assert_eq!(store.run(step(store, scene.owner, "reader").await).await.unwrap(), AssetRunOutcome::Gone);
    sql(store, "UPDATE dag SET is_paused = 0 WHERE dag_id = 'reader'").await;
    assert_eq!(created(&scene.make().await[0].1).1, 1, "what was queued before waits for its turn");
    scene.succeed("three", updated("k3", &["a"])).await;
    assert_eq!(created(&scene.make().await[0].1).1, 1);
    scene.succeed("four", updated("k4", &["a"])).await;
    scene.succeed("five", updated("k5", &["a"])).await;
    assert!(scene.make().await.is_empty(), "two runs are open, and no more may be");
    assert_eq!(store.run(step(store, scene.owner, "reader").await).await.unwrap(), AssetRunOutcome::Full);
    sql(store, "UPDATE dag_run SET state = 'success' WHERE dag_id = 'reader'").await;
    assert_eq!(created(&scene.make().await[0].1).1, 2, "one run takes what came meanwhile");
}

async fn schedulers_that_look_together_make_one_run() {
    let scene = Scene::new(&[("reader", asset("a"))]).await;
    let store = scene.store().clone();
    let second = scheduler(&store).await;
    for round in 0..8 {
        scene.succeed(&format!("t{round}"), updated(&format!("k{round}"), &["a"])).await;
        let (one, two) = (step(&store, scene.owner, "reader").await, step(&store, second, "reader").await);
        let (first, other) = tokio::join!(store.run(one), store.run(two));
        let outcomes = [first.unwrap(), other.unwrap()];
        let made = outcomes.iter().filter(|outcome| matches!(outcome, AssetRunOutcome::Created { .. })).count();
        assert_eq!((made, outcomes.contains(&AssetRunOutcome::NotMet)), (1, true), "{outcomes:?}");
        sql(&store, "UPDATE dag_run SET state = 'success' WHERE dag_id = 'reader'").await;
    }
    assert_eq!(number(&store, "SELECT COUNT(*) FROM dag_run WHERE dag_id = 'reader'").await, 8);
    assert_eq!(number(&store, "SELECT COUNT(*) FROM dag_run_asset_event").await, 8);
    let stale = CreateAssetRun { version_id: 99, ..step(&store, second, "reader").await };
    assert_eq!(store.run(stale).await.unwrap(), AssetRunOutcome::Stale);
}

fn by_hand(asset_id: i64, key: &str) -> CreateAssetEvent {
    CreateAssetEvent { asset_id, extra: r#"{"of":"hand"}"#.to_owned(), key: key.to_owned(), user: "ann".to_owned() }
}

async fn an_event_by_hand_and_the_queue_by_hand() {
    let scene = Scene::new(&[("reader", json!({"all": [asset("a"), asset("b")]}))]).await;
    let store = scene.store();
    let id = store.run(AssetNamed { name: "a".to_owned() }).await.unwrap().expect("the asset").id;
    let emitted = store.run(by_hand(id, "api/1")).await.unwrap().expect("the asset is there");
    assert_eq!((emitted.events.len(), emitted.dags), (1, vec!["reader".to_owned()]));
    assert!(store.run(by_hand(id, "api/1")).await.unwrap().is_none(), "the same request again writes nothing");
    assert!(store.run(by_hand(99, "api/2")).await.unwrap().is_none());
    assert_eq!(number(store, "SELECT COUNT(*) FROM event_log WHERE event = 'create_asset_event' AND owner = 'ann'").await, 1);
    let queue = |before| QueueFilter { dag_id: Some("reader".to_owned()), asset_id: Some(id), before };
    let queued = store.run(ListQueued(queue(None))).await.unwrap();
    assert_eq!((queued[0].asset_id, queued[0].created_at, queued[0].dag_display_name.as_str()), (id, at(START), "reader"));
    let forget = |before| DeleteQueued { filter: queue(before), event: NewEvent { event: "x".to_owned(), ..NewEvent::default() } };
    assert_eq!(store.run(forget(Some(at(START)))).await.unwrap(), 0, "it was not queued before that");
    assert_eq!(store.run(forget(None)).await.unwrap(), 1);
    scene.succeed("x", updated("k1", &["a", "b"])).await;
    let (run_pk, events) = created(&scene.make().await[0].1);
    assert_eq!(events, 2, "what was forgotten is in no run");
    let page = Page { limit: 10, offset: 0 };
    let all =
        store.run(ListAssets { filter: AssetFilter { only_active: true, ..AssetFilter::default() }, order: vec![], page }).await.unwrap();
    let a = &all.rows[0];
    let uses: Vec<_> = a.uses.iter().map(|one| (one.kind.as_str(), one.dag_id.as_str(), one.task_id.as_deref())).collect();
    assert_eq!(uses, [("outlet", "maker", Some("t")), ("schedule", "reader", None)]);
    assert_eq!((all.total, a.last_event.map(|(_, at)| at)), (2, Some(at(START))));
    let deleted = DeleteRun { dag_id: "reader".to_owned(), run_id: String::new(), user: "ann".to_owned() };
    let run_id: String = sql(store, format!("SELECT run_id FROM dag_run WHERE id = {run_pk}")).await[0].get(0).unwrap();
    assert!(matches!(store.run(DeleteRun { run_id, ..deleted }).await.unwrap(), RunDeleted::Done { .. }));
    assert_eq!(number(store, "SELECT COUNT(*) FROM dag_run_asset_event").await, 0);
    let gone = DeleteDag { dag_id: "reader".to_owned(), user: "ann".to_owned() };
    assert_eq!(store.run(gone).await.unwrap(), DagDeleted::Done);
    assert_eq!(number(store, "SELECT COUNT(*) FROM asset_use WHERE dag_id = 'reader'").await, 0);
    assert_eq!(store.run(CountOrphans).await.unwrap(), 1, "nobody names b any more");
}

async fn a_new_form_forgets_what_its_schedule_does_not_name() {
    let scene = Scene::new(&[("reader", json!({"all": [asset("a"), asset("b"), asset("c")]}))]).await;
    let store = scene.store();
    scene.succeed("x", updated("k1", &["a", "b"])).await;
    let made = number(store, "SELECT MIN(created_at) FROM asset_use WHERE dag_id = 'reader'").await;
    scene.backend.clock.advance_seconds(5);
    parse(store, "reader", Some(json!({"all": [asset("b"), asset("d")]})), json!([]), json!([asset("a")])).await;
    let waits = store.run(AssetDues).await.unwrap();
    assert_eq!(waits[0].queued.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["b"]);
    assert_eq!(number(store, "SELECT COUNT(*) FROM asset_due").await, 1);
    assert_eq!(number(store, "SELECT MIN(created_at) FROM asset_use WHERE dag_id = 'reader'").await, made, "b is named since then");
    parse(store, "reader", None, json!([]), json!([])).await;
    assert_eq!(number(store, "SELECT COUNT(*) FROM asset_queue").await + number(store, "SELECT COUNT(*) FROM asset_due").await, 0);
}
