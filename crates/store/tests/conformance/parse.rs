//! What parses leave behind.

use jiff::SignedDuration;
use serde_json::json;
use tradewind_store::step::{
    CreateScheduledRun, DueDags, ForgetFiles, GetSchedule, NewRun, NextDue, NextRun, ParsedDag, ParsedFile, PassOver, PassedOver,
    RecordParse, Recorded, ScheduleOutcome,
};
use tradewind_store::table::dag::GetDagHead;
use tradewind_store::table::dag_file::DagFiles;
use tradewind_store::table::dag_form::{FormOf, VersionForm};
use tradewind_store::table::import_error::NewImportError;
use tradewind_store::{Error, Store};

use crate::backend::{Backend, START, stories};
use crate::fixture::{at, manual, number, running_run, scheduler, sql, trigger};

stories!(
    a_new_dag_is_listed_with_its_tags_warnings_and_version,
    the_same_form_changes_nothing_and_a_version_without_runs_is_replaced,
    open_runs_go_over_to_a_new_version_and_ended_ones_keep_theirs,
    a_dag_id_of_another_file_is_an_error_until_that_file_lets_it_go,
    a_broken_file_keeps_its_dags_and_a_file_that_is_gone_does_not,
    due_dags_are_those_with_work_and_full_ones_hide_nobody,
);

fn form(dag_id: &str, more: serde_json::Value) -> ParsedDag {
    let mut form = json!({"format": 1, "dag_id": dag_id, "fileloc": "/dags/a.py", "relative_fileloc": "a.py", "catchup": false,
        "timetable": {"type": "cron_trigger", "cron": "@daily", "timezone": "UTC"}, "tags": ["x", "y"],
        "warnings": [{"type": "deprecated", "message": "old name", "line": 3}],
        "tasks": [{"task_id": "t", "task_type": "EmptyOperator", "task_module": "m", "owner": "ann"}]});
    for (key, value) in more.as_object().expect("an object") {
        form[key] = value.clone();
    }
    ParsedDag::read(form).expect("a form")
}

fn parse(file: &str, source: &str, dags: Vec<ParsedDag>) -> RecordParse {
    let file = ParsedFile {
        relative_fileloc: file.to_owned(),
        fileloc: format!("/dags/{file}"),
        source: source.to_owned(),
        source_hash: format!("hash of {source}"),
        mtime: Some(1),
        size: Some(2),
        parse_duration: 1_500,
    };
    RecordParse { file, dags, errors: vec![], paused_at_creation: false }
}

async fn record(store: &Store, parse: RecordParse) -> Recorded {
    store.run(parse).await.expect("a parse is recorded")
}

async fn errors(store: &Store) -> Vec<String> {
    sql(store, "SELECT stacktrace FROM import_error ORDER BY id").await.iter().map(|row| row.get(0).expect("a text")).collect()
}

async fn a_new_dag_is_listed_with_its_tags_warnings_and_version() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    let parsed = form("d", json!({}));
    let recorded = record(store, parse("a.py", "v1", vec![parsed.clone()])).await;
    assert_eq!(recorded.changed, ["d"]);
    let head = store.run(GetDagHead { dag_id: "d".to_owned() }).await.unwrap().expect("the DAG");
    assert_eq!((head.is_paused, head.is_stale, head.relative_fileloc.as_str()), (false, false, "a.py"));
    let row = &sql(store, "SELECT owners, timetable_type, timetable_summary, timezone FROM dag").await[0];
    assert_eq!((row.get::<String>(0).unwrap().as_str(), row.get::<String>(1).unwrap().as_str()), ("ann", "cron_trigger"));
    assert_eq!(number(store, "SELECT COUNT(*) FROM dag_tag").await, 2);
    assert_eq!(number(store, "SELECT COUNT(*) FROM dag_warning WHERE line = 3").await, 1);
    let version_id = head.version_id.expect("a version");
    assert_eq!(store.run(VersionForm { version_id }).await.unwrap().as_deref(), Some(parsed.text.as_str()));
    assert_eq!(store.run(FormOf { content_hash: parsed.content_hash }).await.unwrap(), Some(parsed.text));
    assert_eq!(store.run(DagFiles { requested: false }).await.unwrap()[0].task_count, 1);
}

async fn the_same_form_changes_nothing_and_a_version_without_runs_is_replaced() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    record(store, parse("a.py", "v1", vec![form("d", json!({}))])).await;
    sql(store, "UPDATE dag SET is_paused = 1, needs_schedule = 0").await;
    let again = record(store, parse("a.py", "v1 with a comment", vec![form("d", json!({}))])).await;
    assert!(again.changed.is_empty());
    assert_eq!(number(store, "SELECT COUNT(*) FROM dag_source").await, 1, "the old source is gone");
    assert_eq!(number(store, "SELECT COUNT(*) FROM dag WHERE needs_schedule = 1").await, 0);
    let changed = record(store, parse("a.py", "v2", vec![form("d", json!({"description": "new"}))])).await;
    assert_eq!(changed.changed, ["d"]);
    assert_eq!(number(store, "SELECT MAX(version_number) FROM dag_version").await, 1, "no run was made with the first");
    assert_eq!(number(store, "SELECT COUNT(*) FROM dag_form").await, 1);
    assert_eq!(number(store, "SELECT COUNT(*) FROM dag WHERE is_paused = 1 AND needs_schedule = 1 AND schedule_seq = 1").await, 1);
}

async fn open_runs_go_over_to_a_new_version_and_ended_ones_keep_theirs() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    record(store, parse("a.py", "v1", vec![form("d", json!({}))])).await;
    let owner = scheduler(store).await;
    let open = running_run(store, owner, "d", "open", at(START)).await;
    let ended = trigger(store, "d", manual("ended", at(START + 1))).await;
    sql(store, format!("UPDATE dag_run SET state = 'success' WHERE id = {ended}")).await;
    let changed = record(store, parse("a.py", "v2", vec![form("d", json!({"description": "new"}))])).await;
    let told: Vec<_> = changed.runs.iter().map(|run| (run.run_pk, run.change_seq, run.owner_job)).collect();
    assert_eq!(told, [(open, 1, Some(owner.job))]);
    assert_eq!(number(store, "SELECT MAX(version_number) FROM dag_version").await, 2);
    assert_eq!(
        number(store, format!("SELECT v.version_number FROM dag_run r JOIN dag_version v ON v.id = r.version_id WHERE r.id = {ended}"))
            .await,
        1
    );
}

async fn a_dag_id_of_another_file_is_an_error_until_that_file_lets_it_go() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    record(store, parse("a.py", "a", vec![form("d", json!({}))])).await;
    let second = parse("b.py", "b", vec![form("d", json!({})), form("e", json!({})), form("e", json!({}))]);
    let recorded = record(store, second.clone()).await;
    assert_eq!(recorded.duplicates, [("d".to_owned(), "a.py".to_owned())]);
    assert_eq!(recorded.changed, ["e"]);
    let told = errors(store).await;
    assert!(told[0].contains("DAG id `d` is used by the file a.py"), "{told:?}");
    assert!(told[1].contains("`e` is used by this file twice"), "{told:?}");
    let first_id = number(store, "SELECT MIN(id) FROM import_error").await;
    record(store, second.clone()).await;
    assert_eq!(number(store, "SELECT MIN(id) FROM import_error").await, first_id, "an error that stays keeps its id");
    let lost = record(store, parse("a.py", "a2", vec![])).await;
    assert_eq!((lost.stale, lost.parse_again), (vec!["d".to_owned()], vec!["/dags/b.py".to_owned()]));
    assert_eq!(store.run(DagFiles { requested: true }).await.unwrap().len(), 1);
    let taken = record(store, parse("b.py", "b", vec![form("d", json!({})), form("e", json!({}))])).await;
    assert_eq!(taken.changed, ["d"]);
    assert!(errors(store).await.is_empty());
    assert!(store.run(DagFiles { requested: true }).await.unwrap().is_empty());
}

async fn a_broken_file_keeps_its_dags_and_a_file_that_is_gone_does_not() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    record(store, parse("a.py", "a", vec![form("d", json!({}))])).await;
    let error = NewImportError { fileloc: "/dags/a.py".to_owned(), stacktrace: "SyntaxError: oh".to_owned(), line: Some(7) };
    let broken = record(store, RecordParse { errors: vec![error], ..parse("a.py", "a broken", vec![]) }).await;
    assert!(broken.stale.is_empty());
    assert_eq!(errors(store).await, ["SyntaxError: oh"]);
    assert_eq!(number(store, "SELECT COUNT(*) FROM dag WHERE has_import_errors = 1 AND is_stale = 0").await, 1);
    let gone = store.run(ForgetFiles { present: vec!["other.py".to_owned()] }).await.unwrap();
    assert_eq!(gone.stale, ["d"]);
    assert!(errors(store).await.is_empty());
    assert!(store.run(DagFiles { requested: false }).await.unwrap().is_empty());
    let back = record(store, parse("a.py", "a", vec![form("d", json!({}))])).await;
    assert_eq!(back.changed, ["d"], "it came back");
    assert_eq!(number(store, "SELECT COUNT(*) FROM dag WHERE has_import_errors = 0 AND is_stale = 0").await, 1);
}

#[tokio::test]
async fn forms_that_cannot_be_used_say_why() {
    let told = |form: serde_json::Value| match ParsedDag::read(form) {
        Err(Error::Invalid { what, reason }) => format!("{what}: {reason}"),
        other => panic!("{other:?}"),
    };
    assert!(told(json!({"format": 1, "dag_id": "d", "fileloc": "f", "catchup": true})).contains("relative_fileloc"));
    let timetable = json!({"type": "cron_trigger", "cron": "nonsense", "timezone": "UTC"});
    let bad = json!({"format": 1, "dag_id": "d", "fileloc": "f", "relative_fileloc": "f", "catchup": true, "timetable": timetable});
    assert!(told(bad).contains("timetable of DAG `d`"));
}

async fn due_dags_are_those_with_work_and_full_ones_hide_nobody() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    let dags = ["a", "b", "c"].map(|id| form(id, json!({"max_active_runs": 1})));
    record(store, parse("a.py", "v1", dags.to_vec())).await;
    let owner = scheduler(store).await;
    let due = async || store.run(DueDags { limit: 10 }).await.unwrap();
    let ids = async || due().await.into_iter().map(|dag| dag.dag_id).collect::<Vec<_>>();
    assert_eq!(ids().await, ["a", "b", "c"], "their schedules are yet to be computed");
    for (dag_id, offset) in [("a", 0), ("b", -5), ("c", 3_600_000_000)] {
        let next = NextRun { run_after: Some(at(START + offset)), ..NextRun::default() };
        let moved = CreateScheduledRun { owner, dag_id: dag_id.to_owned(), schedule_seq: 0, run: None, next, max_open: None };
        assert_eq!(store.run(moved).await.unwrap(), ScheduleOutcome::Moved { schedule_seq: 1 });
    }
    assert_eq!(ids().await, ["b", "a"], "the earliest first");
    assert_eq!(store.run(NextDue).await.unwrap(), Some(at(START - 5)));
    let run = NewRun { run_type: "scheduled".to_owned(), ..manual("scheduled__b", at(START - 5)) };
    let next = NextRun { run_after: Some(at(START - 4)), ..NextRun::default() };
    let tick = CreateScheduledRun { owner, dag_id: "b".to_owned(), schedule_seq: 1, run: Some(run), next, max_open: Some(1) };
    assert!(matches!(store.run(tick).await.unwrap(), ScheduleOutcome::Created { .. }));
    assert_eq!(ids().await, ["a"], "b has its open run");
    sql(store, "UPDATE dag_run SET state = 'success'").await;
    let first = due().await.remove(0);
    assert_eq!((first.dag_id.as_str(), first.last_automated, first.open_runs), ("b", Some((at(START - 5), at(START - 5))), 0));
    sql(store, "UPDATE dag SET is_paused = 1 WHERE dag_id = 'b'").await;
    assert_eq!(ids().await, ["a"]);
    backend.clock.advance(SignedDuration::from_hours(2).as_secs() * 1_000_000);
    assert_eq!(ids().await, ["a", "c"]);
}

#[tokio::test]
async fn passing_over_what_was_missed_is_one_step_against_a_scheduler_at_work() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    record(store, parse("a.py", "v1", vec![form("d", json!({}))])).await;
    sql(store, "UPDATE dag SET is_paused = 1").await;
    let owner = scheduler(store).await;
    let due = NextRun { run_after: Some(at(START - 5)), logical_date: Some(at(START - 5)), ..NextRun::default() };
    let step = |schedule_seq, run, next| CreateScheduledRun { owner, dag_id: "d".to_owned(), schedule_seq, run, next, max_open: None };
    store.run(step(0, None, due)).await.unwrap();
    let state = store.run(GetSchedule { dag_id: "d".to_owned() }).await.unwrap().expect("the DAG");
    assert_eq!((state.is_paused, state.schedule_seq, state.passed_over, state.last_automated), (true, 1, None, None));
    assert!(state.form.is_some_and(|form| form.contains("cron_trigger")));
    let pass = |schedule_seq, next: i64| PassOver {
        dag_id: "d".to_owned(),
        schedule_seq,
        interval: Some((at(START - 5), at(START - 5))),
        next: NextRun { run_after: Some(at(next)), ..NextRun::default() },
        begins_at_once: false,
        user: "ann".to_owned(),
        extra: "{}".to_owned(),
    };
    assert_eq!(store.run(pass(0, START + 10)).await.unwrap(), PassedOver::Stale, "another moved the schedule");
    assert_eq!(store.run(pass(1, START)).await.unwrap(), PassedOver::Stale, "one more run is due by now");
    assert_eq!(number(store, "SELECT COUNT(*) FROM dag WHERE is_paused = 1 AND passed_over_end IS NULL").await, 1);
    assert_eq!(store.run(pass(1, START + 10)).await.unwrap(), PassedOver::Done { was_paused: true });
    // A scheduler that decided before cannot make the run any more.
    let run = NewRun { run_type: "scheduled".to_owned(), ..manual("scheduled__d", at(START - 5)) };
    assert_eq!(store.run(step(1, Some(run), due)).await.unwrap(), ScheduleOutcome::Stale { schedule_seq: 2 });
    assert!(store.run(DueDags { limit: 10 }).await.unwrap().is_empty());
    backend.clock.advance(10);
    let found = store.run(DueDags { limit: 10 }).await.unwrap().remove(0);
    assert_eq!((found.is_paused, found.passed_over), (false, Some((at(START - 5), at(START - 5)))));
    // A new form keeps what was passed over.
    record(store, parse("a.py", "v2", vec![form("d", json!({"description": "new"}))])).await;
    let state = store.run(GetSchedule { dag_id: "d".to_owned() }).await.unwrap().expect("the DAG");
    assert_eq!((state.is_paused, state.passed_over), (false, Some((at(START - 5), at(START - 5)))));
    let nothing = PassOver { interval: None, ..pass(state.schedule_seq, START + 20) };
    assert_eq!(store.run(nothing).await.unwrap(), PassedOver::Done { was_paused: false });
    assert_eq!(number(store, "SELECT passed_over_end FROM dag").await, START - 5);
    assert_eq!(
        number(store, "SELECT COUNT(*) FROM event_log WHERE owner = 'ann' AND event IN ('unpaused', 'missed runs passed over')").await,
        2
    );
    let gone = PassOver { dag_id: "zzz".to_owned(), ..pass(0, START + 20) };
    assert_eq!(store.run(gone).await.unwrap(), PassedOver::NoDag);
}
