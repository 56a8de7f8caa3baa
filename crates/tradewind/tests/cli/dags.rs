//! `dags`.

use serde_json::Value;
use tradewind_store::table::import_error::NewImportError;

use crate::home::Home;
use crate::seed;

fn home_with_etl() -> Home {
    let home = Home::with_database();
    seed::dags(&home, vec![seed::etl("etl")], vec![]);
    home
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn an_empty_list_says_so() {
    assert_eq!(Home::with_database().ok(&["dags", "list"]), "No data found\n");
}

#[test]
fn dags_are_listed_with_the_columns_asked_for() {
    let home = home_with_etl();
    assert_eq!(
        home.ok(&["dags", "list"]),
        "dag_id | fileloc      | owners | is_paused | bundle_name | bundle_version\n\
         =======+==============+========+===========+=============+===============\n\
         etl    | /dags/etl.py | ada    | False     | dags-folder | None\n"
    );
    assert_eq!(home.ok(&["list_dags", "-o", "json", "--columns", "tags,dag_id"]), "[{\"tags\":\"daily\",\"dag_id\":\"etl\"}]\n");
    assert!(home.fails(&["dags", "list", "--columns", "pausd"]).contains("there is no column \"pausd\"; there are dag_id,"));
}

#[test]
fn details_are_a_table_of_properties_or_one_object() {
    let home = home_with_etl();
    let table = home.ok(&["dags", "details", "etl"]);
    assert!(table.contains("\ntimezone                        | Asia/Seoul\n"), "{table}");
    let object = &json(&home.ok(&["dags", "details", "etl", "-o", "json"]))[0];
    assert_eq!((&object["params"], &object["catchup"]), (&Value::from("{\"n\":3}"), &Value::from("False")));
    assert!(home.fails_with(3, &["dags", "details", "nope"]).contains("there is no DAG \"nope\"; `tradewind dags list` shows all"));
}

#[test]
fn a_graph_is_shown_as_dot_and_as_a_tree() {
    let home = home_with_etl();
    assert!(home.ok(&["dags", "show", "etl"]).contains("\t\"extract\" -> \"load\"\n"));
    assert_eq!(
        home.ok(&["dags", "show", "etl", "--tree"]),
        "extract (PythonOperator)\n    load (PythonOperator)\n        report (BashOperator)\n"
    );
    assert_eq!(home.ok(&["dags", "show", "etl", "-s", "etl.dot"]), "File etl.dot saved\n");
    assert!(std::fs::read_to_string(home.path().join("etl.dot")).unwrap().starts_with("digraph \"etl\""));
}

#[test]
fn a_run_is_triggered_once_per_id_and_listed() {
    let home = home_with_etl();
    let made = &json(&home.ok(&["dags", "trigger", "etl", "-r", "one", "-c", "{\"n\": 5}", "-l", "2024-02-01T09:00", "-o", "json"]))[0];
    assert_eq!(made["state"], "queued");
    assert_eq!(made["conf"], "{\"n\":5}");
    assert_eq!(made["logical_date"], "2024-02-01T09:00:00+00:00");
    assert!(home.fails(&["dags", "trigger", "etl", "-r", "one"]).contains("has a run \"one\" already"));
    assert!(home.fails(&["dags", "trigger", "etl", "-e", "2024-02-01T09:00"]).contains("a run with this logical date already"));
    let second = &json(&home.ok(&["dags", "trigger", "etl", "-o", "json"]))[0];
    assert_eq!(second["logical_date"], Value::Null);
    assert!(second["dag_run_id"].as_str().unwrap().starts_with("manual__20"), "{second}");
    let listed = json(&home.ok(&["dags", "list-runs", "etl", "-o", "json"]));
    assert_eq!(
        listed.as_array().unwrap().iter().map(|run| run["run_id"].clone()).collect::<Vec<_>>(),
        [second["dag_run_id"].clone(), "one".into()]
    );
    assert_eq!(json(&home.ok(&["dags", "list-runs", "-d", "etl", "--state", "failed", "-o", "json"])), json("[]"));
    assert_eq!(home.ok(&["dags", "state", "etl", "one"]), "queued, {\"n\":5}\n");
    assert_eq!(home.ok(&["dags", "state", "etl", "2024-02-01T09:00:00+00:00"]), "queued, {\"n\":5}\n");
    assert_eq!(home.ok(&["dags", "state", "etl", "2024-02-02"]), "None\n");
}

#[test]
fn wrong_triggers_are_refused_in_words() {
    let home = home_with_etl();
    let refused = |arguments: &[&str]| home.fails(&[&["dags", "trigger", "etl"], arguments].concat());
    assert!(refused(&["-c", "{"]).contains("--conf is no JSON"));
    assert!(refused(&["-c", "[1]"]).contains("--conf is a JSON object"));
    assert!(refused(&["-c", "{\"n\": \"x\"}"]).contains("Invalid input for param n"));
    assert!(refused(&["-r", "a b"]).contains("does not match the pattern"));
    assert!(refused(&["-r", "scheduled__x"]).contains("is kept for scheduled runs"));
    assert!(refused(&["-l", "tomorrow"]).contains("is no time"));
    assert!(home.fails_with(3, &["dags", "trigger", "nope"]).contains("there is no DAG"));
    assert_eq!(home.ok(&["dags", "list-runs", "etl"]), "No data found\n");
}

#[test]
fn pausing_prints_the_new_value_and_takes_patterns() {
    let home = Home::with_database();
    seed::dags(&home, vec![seed::etl("etl_a"), seed::etl("etl_b"), seed::etl("other")], vec![]);
    assert_eq!(home.ok(&["dags", "pause", "other", "-o", "json"]), "[{\"dag_id\":\"other\",\"is_paused\":\"True\"}]\n");
    let both = home.ok(&["dags", "pause", "--treat-dag-id-as-regex", "etl_.*", "--yes", "-o", "plain"]);
    assert_eq!(both, "dag_id is_paused\netl_a  True\netl_b  True\n");
    assert_eq!(home.ok(&["unpause", "other", "-o", "plain"]), "dag_id is_paused\nother  False\n");
    assert_eq!(
        home.ok(&["dags", "list", "--columns", "dag_id,is_paused", "-o", "plain"]),
        "dag_id is_paused\netl_a  True\netl_b  True\nother  False\n"
    );
    let asked = home.call(&["dags", "unpause", "--treat-dag-id-as-regex", "etl_.*"]);
    assert_eq!((asked.code, asked.out.as_str()), (Some(1), "Nothing was changed.\n"));
}

#[test]
fn unpausing_tells_how_many_missed_runs_it_starts() {
    let home = Home::with_database();
    let mut past = seed::etl("past");
    past["timetable"] = serde_json::json!({"type": "cron_trigger", "cron": "0 2 * * *", "timezone": "Asia/Seoul"});
    past["start_date"] = "2022-06-06T15:00:00Z".into();
    past["end_date"] = "2023-07-22T17:00:00Z".into();
    past["catchup"] = true.into();
    let mut skips = past.clone();
    (skips["dag_id"], skips["catchup"]) = ("skips".into(), false.into());
    seed::dags(&home, vec![past, skips], vec![]);
    let backlog = "Unpausing starts 412 runs, the first for 2022-06-07 02:00 KST, the last for 2023-07-23 02:00 KST; at most 16 at once. \
                   From now on instead: there is no further run.";
    for (dag_id, told) in [("past", format!("past: {backlog}\n")), ("skips", String::new())] {
        home.ok(&["dags", "pause", dag_id]);
        assert_eq!(home.call(&["dags", "unpause", dag_id]).err, told);
        assert_eq!(home.call(&["dags", "unpause", dag_id]).err, "", "it is unpaused already");
    }
    home.ok(&["dags", "pause", "past"]);
    assert_eq!(home.ok(&["dags", "unpause", "past", "--dry-run"]), format!("past: {backlog}\n"));
    let row = json(&home.ok(&["dags", "unpause", "past", "--dry-run", "-o", "json"]))[0].clone();
    assert_eq!(
        (row["is_paused"].as_str(), row["count"].as_str(), row["first"].as_str()),
        (Some("True"), Some("412"), Some("2022-06-07 02:00 KST"))
    );
}

#[test]
fn unpausing_from_now_passes_over_what_was_missed() {
    let home = Home::with_database();
    let mut past = seed::etl("past");
    past["start_date"] = "2022-06-06T15:00:00Z".into();
    past["catchup"] = true.into();
    seed::dags(&home, vec![past], vec![]);
    home.ok(&["dags", "pause", "past"]);
    let done = home.call(&["dags", "unpause", "past", "--from-now", "-o", "plain"]);
    assert_eq!((done.code, done.out.as_str()), (Some(0), "dag_id is_paused\npast   False\n"));
    assert!(done.err.contains(" missed runs are passed over; the next run is for "), "{done:?}");
    let left = home.ok(&["dags", "unpause", "past", "--dry-run"]);
    assert!(left.starts_with("past: Unpausing starts no run at once; the next run is at "), "{left}");
    let told = home.ok(&["dags", "next-execution", "past", "--table"]);
    let next: jiff::Timestamp = home.ok(&["dags", "next-execution", "past"]).trim().parse().unwrap();
    assert!(next > seed::with_store(&home, async |store| store.now()), "{told}");
    assert!(home.call(&["dags", "unpause", "past", "--from-now", "--dry-run"]).err.contains("cannot be used with"));
}

#[test]
fn the_next_executions_follow_the_timetable() {
    let home = home_with_etl();
    let times = home.ok(&["dags", "next-execution", "etl", "-n", "3"]);
    let lines: Vec<&str> = times.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line.ends_with("T17:00:00+00:00")), "02:00 in Seoul is 17:00 UTC: {times}");
    let table = home.ok(&["dags", "next-execution", "etl", "--table"]);
    assert!(table.lines().nth(2).unwrap().ends_with(" 02:00:00 KST"), "{table}");
    let mut never = seed::etl("etl");
    never["timetable"] = serde_json::json!({"type": "null"});
    seed::dags(&home, vec![never], vec![]);
    let answer = home.call(&["dags", "next-execution", "etl"]);
    assert_eq!((answer.code, answer.out.as_str()), (Some(0), "None\n"));
    assert!(answer.err.starts_with("No run is to come"), "{answer:?}");
}

#[test]
fn files_with_errors_are_listed_and_end_with_1() {
    let home = Home::with_database();
    assert_eq!(home.ok(&["dags", "list-import-errors"]), "No data found\n");
    let error = NewImportError { fileloc: "/dags/etl.py".into(), stacktrace: "SyntaxError: bad".into(), line: Some(3) };
    seed::dags(&home, vec![], vec![error]);
    let answer = home.call(&["dags", "list-import-errors", "-o", "json"]);
    assert_eq!(answer.code, Some(1));
    assert_eq!(json(&answer.out)[0]["error"], "SyntaxError: bad");
    let listed = home.call(&["dags", "list"]);
    assert_eq!(listed.code, Some(0));
    assert!(listed.err.contains("Failed to load all files"), "{listed:?}");
}

#[test]
fn files_are_reported_and_can_be_parsed_again() {
    let home = home_with_etl();
    assert_eq!(
        home.ok(&["dags", "report", "-o", "plain"]),
        "file   duration dag_num task_num dags\netl.py 0.012500 1       3        etl\n"
    );
    assert_eq!(home.ok(&["dags", "reserialize"]), "1 DAG file(s) will be parsed again by the DAG processor.\n");
}

#[test]
fn a_deleted_dag_is_gone_with_its_runs() {
    let home = home_with_etl();
    home.ok(&["dags", "trigger", "etl"]);
    let asked = home.call(&["dags", "delete", "etl"]);
    assert_eq!((asked.code, asked.out.as_str()), (Some(1), "Nothing was removed.\n"));
    assert!(home.ok(&["delete_dag", "etl", "-y"]).starts_with("DAG etl deleted"));
    assert!(home.fails_with(3, &["dags", "delete", "etl", "-y"]).contains("there is no DAG"));
}
