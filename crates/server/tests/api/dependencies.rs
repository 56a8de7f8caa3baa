//! Why is it not running? Stories of one reason each.

use serde_json::{Value, json};
use tradewind_store::params;

use crate::harness::Harness;
use crate::seed;

/// A scheduler or worker whose lease runs for `seconds` (or ended that long ago).
async fn job(harness: &Harness, kind: &str, seconds: i64) {
    let now = harness.store().now();
    let until = now + jiff::SignedDuration::from_secs(seconds);
    let sql =
        "INSERT INTO job (job_type, state, lease_until, hostname, start_date, latest_heartbeat) VALUES (?, 'running', ?, 'host', 0, ?)";
    seed::run(harness.store(), sql, params![kind, until, until]).await;
}

/// The DAG `alpha` (`a >> b >> c`), not paused, with a run in this state that began now, and somebody who works.
async fn start(state: &str) -> Harness {
    let harness = Harness::start().await;
    seed::dag(harness.store(), &seed::chain("alpha")).await;
    run(&harness, "UPDATE dag SET is_paused = 0").await;
    seed::dag_run(harness.store(), "alpha", "r1", state).await;
    let now = harness.store().now();
    seed::run(harness.store(), "UPDATE dag_run SET start_date = ?", params![now]).await;
    job(&harness, "SchedulerJob", 60).await;
    job(&harness, "WorkerJob", 60).await;
    harness
}

async fn run(harness: &Harness, sql: &'static str) {
    seed::run(harness.store(), sql, vec![]).await;
}

async fn tasks(harness: &Harness, run_id: &str, states: [(&str, Option<&str>); 3]) {
    for (task, state) in states {
        seed::task(harness.store(), "alpha", run_id, task, -1, state).await;
    }
}

async fn of_task(harness: &Harness, run_id: &str, task: &str) -> Value {
    harness.get(&format!("/api/v2/dags/alpha/dagRuns/{run_id}/taskInstances/{task}/dependencies")).await.expect(200)
}

async fn of_run(harness: &Harness, run_id: &str) -> Value {
    harness.get(&format!("/api/v2/tradewind/dags/alpha/dagRuns/{run_id}/dependencies")).await.expect(200)
}

fn kinds(answer: &Value) -> Vec<&str> {
    answer["dependencies"].as_array().unwrap().iter().map(|unmet| unmet["kind"].as_str().unwrap()).collect()
}

/// The only reason.
#[track_caller]
fn only<'a>(answer: &'a Value, kind: &str) -> &'a Value {
    assert_eq!(kinds(answer), [kind], "{answer:#}");
    &answer["dependencies"][0]
}

fn instance(run_id: &str, task: &str) -> Value {
    json!({"rel": "task_instance", "dag_id": "alpha", "run_id": run_id, "task_id": task, "map_index": -1})
}

#[tokio::test]
async fn what_runs_or_has_ended_waits_for_nothing() {
    let harness = start("running").await;
    tasks(&harness, "r1", [("a", Some("success")), ("b", Some("running")), ("c", None)]).await;
    let ended = of_task(&harness, "r1", "a").await;
    assert_eq!((kinds(&ended), ended["summary"].as_str()), (vec![], Some("it has ended: its state is `success`")));
    assert_eq!(of_task(&harness, "r1", "b").await["summary"], "it is under way: its state is `running`");
    let run = of_run(&harness, "r1").await;
    assert_eq!((kinds(&run), run["summary"].as_str()), (vec![], Some("it runs, with 1 task instance under way; nothing keeps it")));
    self::run(&harness, "UPDATE dag_run SET state = 'failed'").await;
    assert_eq!(of_run(&harness, "r1").await["summary"], "it has ended: its state is `failed`");
    assert_eq!(only(&of_task(&harness, "r1", "c").await, "dag_run_state")["reason"], "the dag run `r1` has ended: its state is `failed`");
    harness.get("/api/v2/dags/alpha/dagRuns/r1/taskInstances/zzz/dependencies").await.expect(404);
    harness.get("/api/v2/tradewind/dags/alpha/dagRuns/zzz/dependencies").await.expect(404);
}

#[tokio::test]
async fn the_trigger_rule_names_the_tasks_in_its_way() {
    let harness = start("running").await;
    tasks(&harness, "r1", [("a", Some("running")), ("b", None), ("c", None)]).await;
    let waiting = of_task(&harness, "r1", "b").await;
    let unmet = only(&waiting, "trigger_rule");
    assert_eq!(unmet["reason"], "trigger rule `all_success`: of 1 upstream task instance: 1 not finished (`a` is running)");
    assert_eq!((&unmet["links"], &unmet["name"]), (&json!([instance("r1", "a")]), &json!("Trigger Rule")));
    assert_eq!(kinds(&of_run(&harness, "r1").await), Vec::<&str>::new(), "what waits for others of the run is no reason of the run");
}

#[tokio::test]
async fn a_full_pool_tells_who_holds_it_and_how_many_wait() {
    let harness = start("running").await;
    tasks(&harness, "r1", [("a", Some("success")), ("b", Some("scheduled")), ("c", None)]).await;
    assert_eq!(of_task(&harness, "r1", "b").await["summary"], "nothing keeps it: it is queued at any moment");
    seed::dag_run(harness.store(), "alpha", "r2", "running").await;
    tasks(&harness, "r2", [("a", Some("running")), ("b", None), ("c", None)]).await;
    run(&harness, "UPDATE pool SET slots = 1").await;
    let held = of_task(&harness, "r1", "b").await;
    let unmet = only(&held, "pool");
    let reason = "it takes 1 slot of the pool `default_pool`, which has 0 of 1 free; 1 task instance(s) hold it, 1 wait for it";
    assert_eq!(unmet["reason"], reason);
    assert_eq!(unmet["links"], json!([{"rel": "pool", "pool": "default_pool"}, instance("r2", "a")]));
    let holder = json!({
        "dag_id": "alpha", "run_id": "r2", "task_id": "a", "map_index": -1, "state": "running", "pool_slots": 1, "since": "2023-11-14T22:13:22Z",
    });
    assert_eq!(unmet["holders"], json!([holder]));
    let of_run = of_run(&harness, "r1").await;
    assert_eq!(only(&of_run, "pool")["reason"], format!("`b`: {reason}"));
    assert_eq!(of_run["dependencies"][0]["links"][0], instance("r1", "b"));
    // Every limit is told, not only the first.
    run(&harness, "UPDATE dag SET max_active_tasks = 0").await;
    assert_eq!(kinds(&of_task(&harness, "r1", "b").await), ["pool", "max_active_tasks"]);
    run(&harness, "UPDATE dag SET is_paused = 1").await;
    assert_eq!(kinds(&of_task(&harness, "r1", "b").await), ["dag_paused", "pool", "max_active_tasks"]);
    for (sql, part) in [("UPDATE pool SET slots = 0", "more than the pool"), ("DELETE FROM pool", "there is no pool `default_pool`")] {
        run(&harness, sql).await;
        let reason = of_task(&harness, "r1", "b").await["dependencies"][1]["reason"].as_str().unwrap().to_owned();
        assert!(reason.contains(part), "{reason}");
    }
}

#[tokio::test]
async fn limits_of_a_task_and_of_the_installation_name_their_holders() {
    let harness = Harness::with(|options| options.parallelism = 2).await;
    let mut form = seed::chain("alpha");
    form["tasks"][1]["max_active_tis_per_dag"] = json!(1);
    seed::dag(harness.store(), &form).await;
    run(&harness, "UPDATE dag SET is_paused = 0").await;
    job(&harness, "SchedulerJob", 60).await;
    for (run_id, b) in [("r1", "scheduled"), ("r2", "running")] {
        seed::dag_run(harness.store(), "alpha", run_id, "running").await;
        tasks(&harness, run_id, [("a", Some("success")), ("b", Some(b)), ("c", None)]).await;
    }
    let now = harness.store().now();
    seed::run(harness.store(), "UPDATE dag_run SET start_date = ?", params![now]).await;
    let held = of_task(&harness, "r1", "b").await;
    let unmet = only(&held, "max_active_tis_per_dag");
    assert_eq!((&unmet["name"], &unmet["holders"][0]["run_id"]), (&json!("Task Concurrency"), &json!("r2")));
    run(&harness, "UPDATE task_instance SET state = 'running' WHERE task_id = 'c'").await;
    let held = of_task(&harness, "r1", "b").await;
    assert_eq!(kinds(&held), ["max_active_tis_per_dag", "parallelism"]);
    let reason = "3 attempts are queued or running in the whole installation, of 2 ([core] parallelism)";
    assert_eq!((&held["dependencies"][1]["reason"], held["dependencies"][1]["holders"].as_array().unwrap().len()), (&json!(reason), 3));
}

#[tokio::test]
async fn a_retry_and_a_reschedule_say_until_when() {
    let harness = start("running").await;
    tasks(&harness, "r1", [("a", Some("up_for_retry")), ("b", None), ("c", None)]).await;
    let later = harness.store().now() + jiff::SignedDuration::from_hours(1);
    let later = jiff::Timestamp::from_microsecond(later.as_microsecond()).unwrap();
    seed::run(harness.store(), "UPDATE task_instance SET retry_at = ?, reschedule_at = ? WHERE task_id = 'a'", params![later, later]).await;
    for (state, kind) in [("up_for_retry", "retry_wait"), ("up_for_reschedule", "reschedule_wait")] {
        seed::run(harness.store(), "UPDATE task_instance SET state = ? WHERE task_id = 'a'", params![state]).await;
        let waits = of_task(&harness, "r1", "a").await;
        assert_eq!(only(&waits, kind)["until"], later.to_string());
        let run = of_run(&harness, "r1").await;
        assert!(only(&run, kind)["reason"].as_str().unwrap().starts_with("`a`: it "));
    }
}

#[tokio::test]
async fn the_run_before_is_named_with_the_task_that_failed_there() {
    let harness = Harness::start().await;
    let mut form = seed::chain("alpha");
    form["tasks"][1]["depends_on_past"] = json!(true);
    form["tasks"][0]["wait_for_downstream"] = json!(true);
    seed::dag(harness.store(), &form).await;
    run(&harness, "UPDATE dag SET is_paused = 0").await;
    job(&harness, "SchedulerJob", 60).await;
    seed::dag_run(harness.store(), "alpha", "first", "failed").await;
    seed::dag_run(harness.store(), "alpha", "second", "running").await;
    let now = harness.store().now();
    seed::run(harness.store(), "UPDATE dag_run SET start_date = ?, logical_date = id * 1000", params![now]).await;
    tasks(&harness, "first", [("a", Some("success")), ("b", Some("failed")), ("c", Some("upstream_failed"))]).await;
    tasks(&harness, "second", [("a", None), ("b", None), ("c", None)]).await;
    let down = of_task(&harness, "second", "a").await;
    let unmet = only(&down, "previous_dag_run");
    assert!(
        unmet["reason"].as_str().unwrap().contains("`b`, which follows `a`, is failed in the run before this one (`first`)"),
        "{unmet}"
    );
    let run_link = json!({"rel": "dag_run", "dag_id": "alpha", "run_id": "first"});
    assert_eq!(unmet["links"], json!([instance("first", "b"), run_link]));
    run(
        &harness,
        "UPDATE task_instance SET state = 'success' WHERE task_id = 'a' AND run_pk = (SELECT id FROM dag_run WHERE run_id = 'second')",
    )
    .await;
    let own = of_task(&harness, "second", "b").await;
    let unmet = only(&own, "previous_dag_run");
    assert!(
        unmet["reason"].as_str().unwrap().starts_with("depends_on_past is set, and `b` of the run before this one (`first`) is failed")
    );
    assert_eq!(unmet["links"][0], instance("first", "b"));
    let of_run = of_run(&harness, "second").await;
    assert_eq!(only(&of_run, "previous_dag_run")["links"][0], instance("second", "b"), "the task that waits first, then what it waits for");
    assert_eq!(of_run["dependencies"][0]["links"][1], instance("first", "b"));
}

#[tokio::test]
async fn a_queued_run_waits_behind_max_active_runs_for_its_turn() {
    let harness = start("running").await;
    run(&harness, "UPDATE dag SET max_active_runs = 1").await;
    for run_id in ["r2", "r3"] {
        seed::dag_run(harness.store(), "alpha", run_id, "queued").await;
    }
    let second = of_run(&harness, "r2").await;
    assert_eq!(only(&second, "max_active_runs")["reason"], "1 run of the DAG is running, of 1 (max_active_runs): `r1`");
    let third = of_run(&harness, "r3").await;
    let unmet = only(&third, "max_active_runs");
    assert!(unmet["reason"].as_str().unwrap().ends_with("; 1 queued run has its turn before: `r2`"), "{unmet}");
    let link = |run_id: &str| json!({"rel": "dag_run", "dag_id": "alpha", "run_id": run_id});
    assert_eq!(unmet["links"], json!([link("r1"), link("r2"), {"rel": "dag", "dag_id": "alpha"}]));
    assert_eq!(kinds(&of_task(&harness, "r3", "a").await), ["dag_run_state", "max_active_runs"]);
    let mapped = harness.get("/api/v2/dags/alpha/dagRuns/r3/taskInstances/a/0/dependencies").await.expect(200);
    assert_eq!(kinds(&mapped), ["dag_run_state", "max_active_runs", "not_expanded"]);
    run(&harness, "UPDATE dag SET max_active_runs = 16").await;
    assert_eq!(of_run(&harness, "r3").await["summary"], "nothing keeps it: it starts at any moment");
}

#[tokio::test]
async fn a_paused_dag_a_later_time_and_a_dag_without_a_file_keep_a_run_queued() {
    let harness = start("queued").await;
    run(&harness, "UPDATE dag SET is_paused = 1").await;
    let paused = of_run(&harness, "r1").await;
    assert_eq!(only(&paused, "dag_paused")["links"], json!([{"rel": "dag", "dag_id": "alpha"}]));
    assert_eq!(kinds(&of_task(&harness, "r1", "a").await), ["dag_run_state", "dag_paused"]);
    run(&harness, "UPDATE dag SET is_paused = 0").await;
    run(&harness, "UPDATE dag_run SET run_after = 4102444800000000").await;
    assert_eq!(only(&of_run(&harness, "r1").await, "run_after")["until"], "2100-01-01T00:00:00Z");
    run(&harness, "UPDATE dag_run SET run_after = 0").await;
    run(&harness, "UPDATE dag SET is_stale = 1, last_expired = 0").await;
    let stale = of_run(&harness, "r1").await;
    let unmet = only(&stale, "dag_stale");
    assert_eq!(
        (&unmet["since"], &unmet["reason"]),
        (&json!("1970-01-01T00:00:00Z"), &json!("no file has the DAG `alpha` now; it was in alpha.py"))
    );
    run(&harness, "INSERT INTO import_error (relative_fileloc, fileloc, stacktrace, timestamp) VALUES ('alpha.py', '/dags/alpha.py', 'Traceback\n  x\nSyntaxError: bad\n', 0)").await;
    let broken = of_run(&harness, "r1").await;
    assert!(only(&broken, "dag_stale")["reason"].as_str().unwrap().ends_with("its file alpha.py cannot be read: SyntaxError: bad"));
}

#[tokio::test]
async fn nobody_at_work_is_a_reason() {
    let harness = start("running").await;
    tasks(&harness, "r1", [("a", Some("queued")), ("b", None), ("c", None)]).await;
    let busy = of_task(&harness, "r1", "a").await;
    assert_eq!(only(&busy, "worker_busy")["reason"], "it waits for a worker to take it from the queue `default`; no other waits there");
    run(&harness, "DELETE FROM job").await;
    let alone = of_task(&harness, "r1", "a").await;
    assert_eq!(only(&alone, "no_worker")["reason"], "it is in the queue `default`, and no worker is alive: there has never been one");
    let run_alone = of_run(&harness, "r1").await;
    assert_eq!(kinds(&run_alone), ["no_scheduler", "no_worker"]);
    job(&harness, "SchedulerJob", -90).await;
    let dead = of_task(&harness, "r1", "b").await;
    assert_eq!(kinds(&dead), ["no_scheduler", "trigger_rule"]);
    assert!(dead["dependencies"][0]["reason"].as_str().unwrap().starts_with("no scheduler is alive: the last one gave a sign 9"), "{dead}");
}

/// A task instance that waits for a trigger, which `triggerer` has.
async fn deferred(harness: &Harness, triggerer: Option<i64>) {
    seed::task(harness.store(), "alpha", "r1", "a", -1, Some("deferred")).await;
    let wait = "INSERT INTO deferral (run_pk, task_id, map_index, try_number, attempt_id, classpath, kwargs, method, method_kwargs, is_encrypted, created_at,
            timeout_at, triggerer)
        SELECT run_pk, task_id, map_index, try_number, attempt_id, 'pkg.mod.Bell', '{\"path\": \"/in\", \"token\": \"x\"}', 'go_on', '{}', 0, 1700000000000000,
            1800000000000000, ? FROM task_instance WHERE task_id = 'a'";
    seed::run(harness.store(), wait, params![triggerer]).await;
}

#[tokio::test]
async fn a_deferred_task_names_its_trigger_and_who_runs_it() {
    let harness = start("running").await;
    deferred(&harness, None).await;
    let answer = of_task(&harness, "r1", "a").await;
    let never = only(&answer, "no_triggerer");
    assert_eq!((&never["code"], &never["values"]), (&json!("triggerer_never"), &json!({"trigger": "pkg.mod.Bell"})));
    assert_eq!((&never["since"], &never["until"]), (&json!("2023-11-14T22:13:20Z"), &json!("2027-01-15T08:00:00Z")));
    job(&harness, "TriggererJob", -30).await;
    let answer = of_task(&harness, "r1", "a").await;
    let silent = only(&answer, "no_triggerer");
    assert!(silent["values"]["seconds"].as_i64().unwrap() >= 30, "{silent}");
    job(&harness, "TriggererJob", 60).await;
    assert_eq!(only(&of_task(&harness, "r1", "a").await, "waits_for_trigger")["code"], "trigger_untaken");
    run(&harness, "UPDATE deferral SET triggerer = (SELECT max(id) FROM job)").await;
    let answer = of_task(&harness, "r1", "a").await;
    let held = only(&answer, "waits_for_trigger");
    assert_eq!((&held["code"], &held["values"]), (&json!("trigger_runs"), &json!({"trigger": "pkg.mod.Bell", "triggerer": "host"})));
    let whole = of_run(&harness, "r1").await;
    assert_eq!(
        (&only(&whole, "waits_for_trigger")["task_id"], &whole["summary"]),
        (&json!("a"), &json!("it runs, with 0 task instances under way; 1 condition is not met"))
    );

    let task = harness.get("/api/v2/dags/alpha/dagRuns/r1/taskInstances/a").await.expect(200);
    let trigger = &task["trigger"];
    assert_eq!((&trigger["classpath"], &trigger["kwargs"]), (&json!("pkg.mod.Bell"), &json!(r#"{"path": "/in", "token": "***"}"#)));
    assert_eq!((&trigger["created_date"], &trigger["triggerer_id"]), (&json!("2023-11-14T22:13:20Z"), &task["triggerer_job"]["id"]));
    assert_eq!(task["triggerer_job"]["job_type"], "TriggererJob");
    // Once it has fired, it waits for nothing.
    run(&harness, "UPDATE deferral SET event = '{}'").await;
    let answer = of_task(&harness, "r1", "a").await;
    assert_eq!((kinds(&answer).len(), &answer["summary"]), (0, &json!("what it waited for has come: it goes on at any moment")));
}

#[tokio::test]
async fn a_task_that_asks_names_who_is_asked() {
    let harness = start("running").await;
    crate::hitl::question(&harness, "a", "[]").await;
    crate::hitl::question(&harness, "b", r#"[{"id": "bo", "name": "Bo"}, {"id": "ann"}]"#).await;
    let answer = of_task(&harness, "r1", "a").await;
    let anybody = only(&answer, "waits_for_people");
    assert_eq!((&anybody["code"], &anybody["reason"]), (&json!("anybody_asked"), &json!("it waits for an answer of anybody: Ship it?")));
    let answer = of_task(&harness, "r1", "b").await;
    let people = only(&answer, "waits_for_people");
    assert_eq!((&people["code"], &people["values"]), (&json!("people_asked"), &json!({"subject": "Ship it?", "names": ["Bo", "ann"]})));
    assert_eq!(kinds(&of_run(&harness, "r1").await), ["waits_for_people", "waits_for_people"]);
}
