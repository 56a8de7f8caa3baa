//! The lists of the API: every order and every filter is a statement that each database must take, and answer alike.

use tradewind_core::state::{RunState, TaskState};
use tradewind_store::list::dag::{DagFilter, GetDag, ListDags};
use tradewind_store::list::dag_file::ListDagFiles;
use tradewind_store::list::dag_row::{ListDagRows, RowPage};
use tradewind_store::list::dag_run::{ListRuns, RunFilter, ScrollRuns};
use tradewind_store::list::event_log::{EventFilter, ListEvents};
use tradewind_store::list::filter::{OrderKey, OrderNames, Page, Patterns, Range, order_key};
use tradewind_store::list::grid::ReadGrid;
use tradewind_store::list::history::ReadHistory;
use tradewind_store::list::home::ReadHome;
use tradewind_store::list::keyset::KeysetPage;
use tradewind_store::list::live::ReadNews;
use tradewind_store::list::small::{CountRuns, ListTags, ListVersions, ListWarnings};
use tradewind_store::list::task_instance::{ListTasks, ScrollTasks, TaskFilter};
use tradewind_store::list::{dag, dag_run, event_log, import_error, job, keyed, small, task_instance, xcom};
use tradewind_store::step::{ApplyPlan, PlanOutcome, ReportOutcome};
use tradewind_store::{Store, Value};

use crate::backend::{Backend, START, stories};
use crate::fixture::{admit_one, at, claim_one, dag, plan, report, running_run, schedule, scheduler, sql, task, worker};

stories!(
    every_list_answers_in_every_order,
    every_filter_is_understood,
    pages_by_cursor_miss_nothing_and_repeat_nothing,
    what_the_first_pages_show,
    patterns_have_no_case_and_take_signs_as_they_are,
);

const PAGE: Page = Page { limit: 50, offset: 0 };

fn orders(names: OrderNames) -> Vec<Vec<OrderKey>> {
    let keys = names.iter().flat_map(|(name, _)| [false, true].map(|descending| order_key(names, name, descending).expect("a known name")));
    keys.map(|key| vec![key]).collect()
}

fn like(text: &str) -> Patterns {
    Patterns { contains: Some(text.to_owned()), prefix: Some(text.to_owned()) }
}

fn between() -> Range<i64> {
    Range { gte: Some(0), lt: Some(i64::MAX), ..Range::default() }
}

/// Two DAGs; one has a run that ended, with an XCom, and one that runs.
async fn furnished() -> (Backend, i64) {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "etl_Daily", 16, 16).await;
    dag(store, "other", 16, 16).await;
    sql(store, "INSERT INTO dag_tag (dag_id, name) VALUES ('etl_Daily', 'b'), ('etl_Daily', 'a')").await;
    sql(store, "INSERT INTO dag_file (relative_fileloc, fileloc) VALUES ('d.py', '/dags/d.py')").await;
    let (owner, worker) = (scheduler(store).await, worker(store).await);
    let run = running_run(store, owner, "etl_Daily", "one", at(START)).await;
    running_run(store, owner, "etl_Daily", "two", at(START - 1)).await;
    running_run(store, owner, "other", "three", at(START - 2)).await;
    schedule(store, owner, run, [task("a")]).await;
    let attempt = admit_one(store, owner, run, "a").await;
    claim_one(store, attempt, worker).await;
    let end = tradewind_store::step::Report {
        xcoms: vec![("return_value".to_owned(), "1".to_owned())],
        ..report(attempt, worker, TaskState::Failed, at(START + 5))
    };
    assert!(matches!(store.run(end).await.unwrap(), ReportOutcome::Accepted(_)));
    let last = ApplyPlan { run_end: Some(RunState::Failed), ..plan(owner, run, 1) };
    assert_eq!(store.run(last).await.unwrap(), PlanOutcome::Applied);
    (backend, run)
}

async fn every_list_answers_in_every_order() {
    let (backend, _) = furnished().await;
    let store = &backend.store;
    let mut ids = Vec::new();
    for order in orders(dag::ORDER) {
        let listed = store.run(ListDags { filter: DagFilter::default(), order: order.clone(), page: PAGE }).await.unwrap();
        ids.push((order[0].expression, order[0].descending, listed.rows.iter().map(|dag| dag.dag_id.clone()).collect::<Vec<_>>()));
        assert_eq!(listed.total, 2);
    }
    assert_eq!(ids[0].2, ["etl_Daily", "other"]);
    for order in orders(dag_run::ORDER) {
        assert_eq!(store.run(ListRuns { filter: RunFilter::default(), order, page: PAGE }).await.unwrap().rows.len(), 3);
    }
    for order in orders(task_instance::ORDER) {
        assert_eq!(store.run(ListTasks { filter: TaskFilter::default(), order, page: PAGE }).await.unwrap().rows.len(), 1);
    }
    for order in orders(event_log::ORDER) {
        store.run(ListEvents { filter: EventFilter::default(), order, page: PAGE }).await.unwrap();
    }
    for order in orders(xcom::ORDER) {
        assert_eq!(store.run(xcom::ListXComs { filter: xcom::XComFilter::default(), order, page: PAGE }).await.unwrap().total, 1);
    }
    for order in orders(import_error::ORDER) {
        let list = import_error::ListImportErrors { id: None, filename: None, filenames: like("d"), bundle_name: None, order, page: PAGE };
        store.run(list).await.unwrap();
    }
    for order in orders(job::ORDER) {
        let list = job::ListJobs {
            is_alive: Some(true),
            states: vec!["running".to_owned()],
            job_type: None,
            hostname: Some("host".to_owned()),
            start_date: between(),
            end_date: Range::default(),
            order,
            page: PAGE,
        };
        assert_eq!(store.run(list).await.unwrap().rows.len(), 2);
    }
    keyed_lists(store).await;
}

async fn keyed_lists(store: &Store) {
    for order in orders(keyed::VARIABLE_ORDER) {
        store.run(keyed::ListVariables { keys: like("v"), order, page: PAGE }).await.unwrap();
    }
    for order in orders(keyed::CONNECTION_ORDER) {
        store.run(keyed::ListConnections { ids: like("c"), order, page: PAGE }).await.unwrap();
    }
    for order in orders(keyed::POOL_ORDER) {
        assert_eq!(store.run(keyed::ListPoolNames { names: like("default"), order, page: PAGE }).await.unwrap().total, 1);
    }
    for order in orders(small::WARNING_ORDER) {
        store.run(ListWarnings { dag_id: Some("other".to_owned()), warning_type: None, order, page: PAGE }).await.unwrap();
    }
    for order in orders(small::VERSION_ORDER) {
        store
            .run(ListVersions { dag_id: Some("other".to_owned()), version_number: Some(1), bundle_name: None, order, page: PAGE })
            .await
            .unwrap();
    }
}

async fn every_filter_is_understood() {
    let (backend, run) = furnished().await;
    let store = &backend.store;
    let dags = DagFilter {
        tags: vec!["a".to_owned(), "b".to_owned()],
        all_tags: true,
        dag_id: like("etl"),
        dag_display_name: like("etl"),
        search: Some("L_d".to_owned()),
        exclude_stale: true,
        paused: Some(false),
        has_import_errors: Some(false),
        run_states: vec!["running".to_owned()],
        run_start: between(),
        favorite: Some(("ann".to_owned(), false)),
        ..DagFilter::default()
    };
    let found = store.run(ListDags { filter: dags, order: vec![], page: PAGE }).await.unwrap();
    assert_eq!(
        found.rows.iter().map(|dag| (dag.dag_id.as_str(), dag.tags.replace(' ', ""))).collect::<Vec<_>>(),
        [("etl_Daily", r#"["a","b"]"#.to_owned())]
    );
    let runs = RunFilter {
        dag_ids: vec!["etl_Daily".to_owned()],
        dag_id: like("etl"),
        run_id: like("one"),
        run_types: vec!["manual".to_owned()],
        states: vec!["failed".to_owned()],
        conf_contains: Some("{".to_owned()),
        run_after: between(),
        logical_date: between(),
        start_date: between(),
        end_date: between(),
        updated_at: between(),
        duration: Range { gte: Some(0.0), lt: Some(60.5), ..Range::default() },
        ..RunFilter::default()
    };
    assert_eq!(store.run(ListRuns { filter: runs, order: vec![], page: PAGE }).await.unwrap().rows[0].id, run);
    let tasks = TaskFilter {
        task_ids: vec!["a".to_owned()],
        states: vec![None, Some("failed".to_owned())],
        pool: like("default"),
        try_numbers: vec![1],
        map_indexes: vec![-1],
        duration: Range { lte: Some(1.0), ..Range::default() },
        ..TaskFilter::default()
    };
    assert_eq!(store.run(ListTasks { filter: tasks, order: vec![], page: PAGE }).await.unwrap().total, 1);
    let events =
        EventFilter { when: between(), excluded: vec!["x".to_owned()], dag_ids: like("etl"), owners: like("a"), ..EventFilter::default() };
    store.run(ListEvents { filter: events, order: vec![], page: PAGE }).await.unwrap();
}

async fn pages_by_cursor_miss_nothing_and_repeat_nothing() {
    let (backend, _) = furnished().await;
    let store = &backend.store;
    // Some of them have no such date.
    for (name, descending) in [("end_date", false), ("end_date", true), ("run_after", true), ("state", false)] {
        let order = vec![order_key(dag_run::ORDER, name, descending).expect("a known name")];
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let page = KeysetPage { limit: 1, cursor };
            let scroll = ScrollRuns { filter: RunFilter::default(), order: order.clone(), page };
            let page = store.run(scroll).await.unwrap().expect("a cursor of this order");
            assert_eq!(page.total, 3);
            seen.extend(page.rows.iter().map(|run| run.run_id.clone()));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let at_once = store.run(ListRuns { filter: RunFilter::default(), order, page: PAGE }).await.unwrap();
        assert_eq!(seen, at_once.rows.iter().map(|run| run.run_id.clone()).collect::<Vec<_>>(), "{name} {descending}");
        let ends = if descending { "one" } else { "three" };
        if name == "end_date" {
            assert_eq!(seen.iter().position(|run| run == "one"), Some(if descending { 0 } else { 2 }), "nulls first, {ends}");
        }
    }
    let scroll = ScrollTasks { filter: TaskFilter::default(), order: vec![], page: KeysetPage { limit: 5, cursor: None } };
    assert_eq!(store.run(scroll).await.unwrap().expect("a page").rows.len(), 1);
}

async fn what_the_first_pages_show() {
    let (backend, run) = furnished().await;
    let store = &backend.store;
    let rows =
        ListDagRows { filter: DagFilter::default(), order: vec![], page: RowPage::Offset(PAGE), username: "ann".to_owned(), runs: 1 };
    let rows = store.run(rows).await.unwrap().expect("a page").rows;
    assert_eq!(rows[0].last_runs.iter().map(|run| run.run_id.as_str()).collect::<Vec<_>>(), ["one"]);
    assert_eq!((rows[0].counts.running, rows[0].counts.failed, rows[1].counts.running), (1, 1, 1));
    let grid = ReadGrid { dag_id: "etl_Daily".to_owned(), limit: 10, before: None, run_types: vec![], states: vec![] };
    let grid = store.run(grid).await.unwrap();
    assert_eq!((grid.runs.len(), grid.cells.len(), grid.cells[0].expanded, grid.has_older), (2, 1, false, false));
    let home = ReadHome { since: 0, failures_since: 0, until: i64::MAX, lost_since: 0, failures: 5, errors: 5, next_runs: 5 };
    let home = store.run(home).await.unwrap();
    assert_eq!((home.dags.active, home.tasks_failed, home.failures.len(), home.runs.running), (2, 1, 1, 2));
    let files = store.run(ListDagFiles).await.unwrap();
    assert_eq!(files[0].dag_ids, ["etl_Daily", "other"]);
    let counts = store.run(CountRuns { dag_ids: vec![] }).await.unwrap();
    assert_eq!(counts.iter().map(|count| count.count).sum::<i64>(), 3);
    let history = store.run(ReadHistory { run_pk: run, task_id: "a".to_owned(), map_index: -1 }).await.unwrap();
    assert_eq!(history.attempts.len(), 1);
    let news = ReadNews {
        tasks: vec![("etl_Daily".to_owned(), "one".to_owned(), "a".to_owned(), -1)],
        runs: vec![("other".to_owned(), "three".to_owned())],
        dags: vec!["other".to_owned()],
        since: None,
        alerts_since: None,
        all_dags: false,
    };
    let found = store.run(news.clone()).await.unwrap();
    assert_eq!((found.tasks.len(), found.runs.len(), found.dags.len()), (1, 1, 1));
    let found = store.run(ReadNews { since: Some(0), alerts_since: Some(0), all_dags: true, ..news }).await.unwrap();
    assert_eq!((found.tasks.len(), found.runs.len(), found.dags.len()), (2, 4, 2));
    assert!(store.run(GetDag { dag_id: "other".to_owned() }).await.unwrap().is_some());
    let tags = store.run(ListTags { names: Patterns::default(), descending: true, page: PAGE }).await.unwrap();
    assert_eq!(tags.rows, ["b", "a"]);
    assert_eq!(store.run(job::ReadPulses).await.unwrap().len(), 2);
}

async fn patterns_have_no_case_and_take_signs_as_they_are() {
    let (backend, _) = furnished().await;
    let store = &backend.store;
    let found = async |dag_id: Patterns| {
        store.run(ListDags { filter: DagFilter { dag_id, ..DagFilter::default() }, order: vec![], page: PAGE }).await.unwrap().total
    };
    let contains = |text: &str| Patterns { contains: Some(text.to_owned()), prefix: None };
    assert_eq!(found(contains("DAILY")).await, 1);
    assert_eq!(found(contains("daily|other")).await, 2);
    assert_eq!(found(contains("o\\")).await, 0);
    assert_eq!(found(Patterns { contains: None, prefix: Some("etl_D".to_owned()) }).await, 1);
    assert_eq!(found(Patterns { contains: None, prefix: Some("etl_d".to_owned()) }).await, 0, "a beginning has its case");
    // A blank at the end, an umlaut and a sign beyond the first plane are parts of a name.
    for name in ["other ", "öther", "😀"] {
        dag(store, name, 1, 1).await;
        assert_eq!(sql(store, format!("SELECT dag_id FROM dag WHERE dag_id = '{name}'")).await[0].get::<String>(0).unwrap(), name);
    }
    assert_eq!(sql(store, "SELECT dag_id FROM dag WHERE dag_id = 'other'").await.len(), 1);
    let value: Value = sql(store, "SELECT SUM(max_active_runs) FROM dag").await[0].get(0).unwrap();
    assert_eq!(value, Value::Int(35));
}
