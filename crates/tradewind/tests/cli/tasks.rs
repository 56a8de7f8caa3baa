//! `tasks` and `jobs`.

use tradewind_core::state::TaskState;

use crate::home::Home;
use crate::seed;

const RUN: &str = "one";

/// `extract` succeeded, `load` failed, `report` cannot run.
fn home_with_a_failed_run() -> Home {
    let home = Home::with_database();
    seed::dags(&home, vec![seed::etl("etl")], vec![]);
    home.ok(&["dags", "trigger", "etl", "-r", RUN, "-l", "2024-02-01"]);
    let states = [("extract", Some(TaskState::Success)), ("load", Some(TaskState::Failed)), ("report", Some(TaskState::UpstreamFailed))];
    seed::states(&home, &states.map(|(task, state)| (task, -1, state)));
    home
}

fn state(home: &Home, task: &str) -> String {
    home.ok(&["tasks", "state", "etl", task, RUN])
}

#[test]
fn tasks_are_listed_by_id_or_as_a_tree() {
    let home = Home::with_database();
    seed::dags(&home, vec![seed::etl("etl")], vec![]);
    assert_eq!(home.ok(&["tasks", "list", "etl"]), "extract\nload\nreport\n");
    assert!(home.ok(&["tasks", "list", "etl", "--tree"]).starts_with("extract (PythonOperator)\n    load "));
}

#[test]
fn states_are_told_for_one_task_and_for_all() {
    let home = home_with_a_failed_run();
    assert_eq!(home.ok(&["tasks", "state", "etl", "load", "2024-02-01"]), "failed\n");
    assert_eq!(home.ok(&["tasks", "state", "etl", "load", RUN, "--map-index", "4"]), "None\n");
    assert!(
        home.fails_with(3, &["tasks", "state", "etl", "laod", RUN]).contains("has no task \"laod\"; `tradewind tasks list etl` shows all")
    );
    assert!(home.fails_with(3, &["tasks", "state", "etl", "load", "two"]).contains("has no run with id or logical date \"two\""));
    let all = home.ok(&["tasks", "states-for-dag-run", "etl", RUN, "-o", "plain"]);
    let lines: Vec<&str> = all.lines().collect();
    assert!(lines[0].starts_with("dag_id logical_date") && !lines[0].contains("map_index"), "{all}");
    assert_eq!(lines.len(), 4);
    assert!(lines[1].starts_with("etl    2024-02-01T00:00:00+00:00 extract success "), "{all}");
}

#[test]
fn instances_of_mapped_tasks_show_their_index() {
    let home = Home::with_database();
    seed::dags(&home, vec![seed::etl("etl")], vec![]);
    home.ok(&["dags", "trigger", "etl", "-r", RUN]);
    seed::states(&home, &[("load", 0, Some(TaskState::Success)), ("load", 1, None), ("report", -1, None)]);
    let all = home.ok(&["tasks", "states-for-dag-run", "etl", RUN, "-o", "json"]);
    let all: serde_json::Value = serde_json::from_str(&all).unwrap();
    let indexes: Vec<_> = all.as_array().unwrap().iter().map(|task| task["map_index"].as_str()).collect();
    assert_eq!(indexes, [Some("0"), Some("1"), None]);
}

#[test]
fn failed_tasks_are_cleared_and_the_run_goes_on() {
    let home = home_with_a_failed_run();
    let asked = home.call(&["tasks", "clear", "etl", "--only-failed"]);
    assert_eq!((asked.code, asked.out.as_str()), (Some(1), "Nothing was cleared.\n"));
    assert!(asked.err.contains("  etl one load (failed)\n  etl one report (upstream_failed)\n"), "{asked:?}");
    assert_eq!(home.ok(&["tasks", "clear", "etl", "--only-failed", "--yes"]), "2 task instance(s) cleared in 1 run(s).\n");
    assert_eq!([state(&home, "extract"), state(&home, "load"), state(&home, "report")], ["success\n", "None\n", "None\n"]);
    assert_eq!(home.ok(&["tasks", "clear", "etl", "-f", "-y"]), "Nothing to clear.\n");
}

#[test]
fn a_clear_takes_the_tasks_before_and_after_and_minds_the_dates() {
    let home = home_with_a_failed_run();
    assert_eq!(home.ok(&["clear", "etl", "-t", "^load$", "-s", "2024-02-02", "-y"]), "Nothing to clear.\n");
    assert_eq!(
        home.ok(&["tasks", "clear", "etl", "-t", "^load$", "-d", "-e", "2024-02-01", "-y"]),
        "2 task instance(s) cleared in 1 run(s).\n"
    );
    assert_eq!(state(&home, "extract"), "success\n");
    assert_eq!(home.ok(&["tasks", "clear", "-R", "^e", "-t", "^load$", "-u", "-y"]), "2 task instance(s) cleared in 1 run(s).\n");
    assert_eq!(state(&home, "extract"), "None\n");
    assert!(home.fails(&["tasks", "clear", "etl", "-t", "(", "-y"]).contains("is no regular expression"));
}

#[test]
fn living_processes_are_found() {
    let home = home_with_a_failed_run();
    assert_eq!(home.ok(&["jobs", "check", "--job-type", "SchedulerJob"]), "Found one alive job.\n");
    assert_eq!(home.ok(&["jobs", "check", "--hostname", "elsewhere"]), "Found one alive job.\n");
    assert_eq!(home.fails(&["jobs", "check", "--job-type", "TriggererJob"]), "error: No alive jobs found.\n");
    seed::states(&home, &[]);
    assert_eq!(home.ok(&["jobs", "check", "--allow-multiple", "--limit", "10"]), "Found 2 alive jobs.\n");
    assert_eq!(home.fails(&["jobs", "check", "--limit", "10"]), "error: Found 2 alive jobs. Expected only one.\n");
}

#[test]
fn what_a_task_waits_for_is_told_by_name() {
    let home = Home::with_database();
    seed::dags(&home, vec![seed::etl("etl")], vec![]);
    home.ok(&["dags", "trigger", "etl", "-r", RUN, "-l", "2024-02-01"]);
    let queued = home.ok(&["tasks", "failed-deps", "etl", "load", "2024-02-01"]);
    assert!(queued.starts_with("Task instance dependencies not met:\nDagrun Running: the dag run `one` is queued"), "{queued}");
    seed::states(&home, &[("extract", -1, Some(TaskState::Running)), ("load", -1, None), ("report", -1, None)]);
    let waiting = home.ok(&["task_failed_deps", "etl", "load", RUN]);
    assert!(waiting.lines().nth(1).unwrap().starts_with("Trigger Rule: "), "{waiting}");
    let running = home.ok(&["tasks", "failed-deps", "etl", "extract", RUN]);
    assert!(running.contains("Task Instance State: it is under way"), "{running}");
    assert!(home.fails_with(3, &["tasks", "failed-deps", "etl", "nope", RUN]).contains("has no task \"nope\""));
}

#[test]
fn a_run_says_why_it_does_not_go_on() {
    let home = Home::with_database();
    seed::dags(&home, vec![seed::etl("etl")], vec![]);
    home.ok(&["dags", "trigger", "etl", "-r", RUN]);
    home.ok(&["dags", "pause", "etl"]);
    let queued = home.ok(&["dags", "failed-deps", "etl", RUN]);
    let lines: Vec<&str> = queued.lines().collect();
    assert_eq!(lines[..2], ["Dag run dependencies not met:", "Dag Not Paused: the DAG `etl` is paused"], "{queued}");
    assert_eq!(lines[2], "Scheduler Alive: no scheduler is alive: there has never been one");
    home.ok(&["dags", "unpause", "etl"]);
    seed::states(&home, &[("extract", -1, Some(TaskState::Scheduled)), ("load", -1, None), ("report", -1, None)]);
    assert_eq!(
        home.ok(&["dags", "failed-deps", "etl", RUN]),
        format!("Dag run {RUN}: it runs, with 0 task instances under way; nothing keeps it.\n")
    );
    home.ok(&["pools", "set", "default_pool", "0", "closed"]);
    assert!(home.ok(&["dags", "failed-deps", "etl", RUN]).contains("\nPool Slots Available: `extract`: it takes 1 slots, more than"));
    assert!(home.fails_with(3, &["dags", "failed-deps", "etl", "nope"]).contains("no run with id or logical date \"nope\""));
}

#[test]
fn a_full_pool_is_a_reason_and_a_free_one_is_none() {
    let home = Home::with_database();
    seed::dags(&home, vec![seed::etl("etl")], vec![]);
    home.ok(&["dags", "trigger", "etl", "-r", RUN]);
    seed::states(&home, &[("extract", -1, Some(TaskState::Scheduled)), ("load", -1, None), ("report", -1, None)]);
    assert_eq!(home.ok(&["tasks", "failed-deps", "etl", "extract", RUN]), "Task instance dependencies are all met.\n");
    home.ok(&["pools", "set", "default_pool", "0", "closed"]);
    let held = home.ok(&["tasks", "failed-deps", "etl", "extract", RUN]);
    assert!(held.contains("\nPool Slots Available: it takes 1 slots, more than the pool `default_pool` has"), "{held}");
    home.ok(&["pools", "set", "default_pool", "5", "open"]);
    home.ok(&["dags", "pause", "etl"]);
    assert!(home.ok(&["tasks", "failed-deps", "etl", "extract", RUN]).contains("Dag Not Paused: the DAG `etl` is paused"));
}
