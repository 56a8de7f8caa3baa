//! Runs to come, and the marks of changes of the clock: New York has them, Seoul has none.

use jiff::Timestamp;
use serde_json::{Value, json};
use tradewind_core::timetable::{NextRun, Restriction, Timetable};

fn timetable(form: Value) -> Timetable {
    serde_json::from_value(form).expect("a timetable")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// `run_after` of each run in UTC, with its mark.
fn marked(form: Value, from: &str, limit: usize) -> Vec<(String, String)> {
    let timetable = timetable(form);
    let zone = timetable.zone().expect("a zone").rules().clone();
    let runs = timetable.upcoming(None, Restriction::default(), at(from), limit).expect("runs");
    let mark = |run: &NextRun| timetable.clock_mark(run.run_after, &zone).map_or(String::new(), |mark| format!("{}: {mark}", mark.name()));
    runs.iter().map(|run| (run.run_after.to_string(), mark(run))).collect()
}

fn cron(kind: &str, cron: &str, zone: &str) -> Value {
    json!({"type": kind, "cron": cron, "timezone": zone})
}

#[test]
fn a_tick_that_the_clock_jumps_over_says_where_it_went() {
    let runs = marked(cron("cron_trigger", "30 2 * * *", "America/New_York"), "2026-03-07T12:00:00Z", 2);
    assert_eq!(
        runs,
        [
            (
                "2026-03-08T07:30:00Z".into(),
                "gap: 02:30 does not exist on 2026-03-08: the clock jumps from 02:00 to 03:00; it runs at 03:30".into()
            ),
            ("2026-03-09T06:30:00Z".to_owned(), String::new()),
        ]
    );
}

#[test]
fn a_tick_at_the_end_of_an_interval_is_marked_too() {
    let runs = marked(cron("cron_data_interval", "30 2 * * *", "America/New_York"), "2026-03-07T12:00:00Z", 1);
    assert!(runs[0].0 == "2026-03-08T07:30:00Z" && runs[0].1.starts_with("gap: 02:30"), "{runs:?}");
}

#[test]
fn ticks_of_a_repeated_hour_say_which_of_the_two_they_are() {
    let daily = marked(cron("cron_trigger", "30 1 * * *", "America/New_York"), "2026-11-01T00:00:00Z", 2);
    assert_eq!(
        daily,
        [
            ("2026-11-01T06:30:00Z".to_owned(), "repeat: the clock shows 01:30 twice on 2026-11-01; this is the second time".to_owned()),
            ("2026-11-02T06:30:00Z".to_owned(), String::new()),
        ]
    );
    let hourly = marked(cron("cron_trigger", "0 * * * *", "America/New_York"), "2026-11-01T04:00:00Z", 4);
    let marks: Vec<&str> = hourly.iter().map(|(_, mark)| mark.rsplit(' ').nth(1).unwrap_or_default()).collect();
    assert_eq!(marks, ["", "first", "second", ""]);
}

#[test]
fn a_moved_tick_that_another_one_stands_on_is_no_wonder() {
    // 03:00 is a tick of its own, and 02:00 would be moved to it.
    let runs = marked(cron("cron_trigger", "0 2,3 * * *", "America/New_York"), "2026-03-08T05:30:00Z", 1);
    assert_eq!(runs, [("2026-03-08T07:00:00Z".to_owned(), String::new())]);
}

#[test]
fn seoul_has_no_marks_in_a_whole_year() {
    let runs = marked(cron("cron_data_interval", "0 2 * * *", "Asia/Seoul"), "2026-01-01T00:00:00Z", 365);
    assert_eq!(runs.len(), 365);
    assert_eq!(runs[0].0, "2026-01-01T17:00:00Z");
    assert!(runs.iter().all(|(_, mark)| mark.is_empty()));
}

#[test]
fn the_run_that_is_due_at_the_instant_itself_counts_and_dates_bound_it() {
    let timetable = timetable(cron("cron_data_interval", "0 0 * * *", "UTC"));
    let restriction = Restriction { earliest: Some(at("2026-01-03T00:00:00Z")), latest: Some(at("2026-01-05T00:00:00Z")), catchup: false };
    let dates = |from: &str| -> Vec<String> {
        timetable.upcoming(None, restriction, at(from), 9).unwrap().iter().map(|run| run.logical_date.strftime("%d").to_string()).collect()
    };
    assert_eq!(dates("2026-01-01T00:00:00Z"), ["03", "04", "05"]);
    assert_eq!(dates("2026-01-05T00:00:00Z"), ["04", "05"]);
    assert_eq!(dates("2026-01-05T00:00:00.000001Z"), ["05"]);
    assert!(dates("2027-01-01T00:00:00Z").is_empty());
}

#[test]
fn distances_count_from_the_planned_run() {
    let timetable = timetable(json!({"type": "delta_trigger", "delta": 7_200}));
    let next = |planned: Option<NextRun>, from: &str| -> Vec<String> {
        let restriction = Restriction { earliest: Some(at("2026-01-01T00:00:00Z")), ..Restriction::default() };
        timetable.upcoming(planned, restriction, at(from), 2).unwrap().iter().map(|run| run.run_after.to_string()).collect()
    };
    let of_start = next(None, "2026-01-01T05:00:00Z");
    assert_eq!(of_start, ["2026-01-01T06:00:00Z", "2026-01-01T08:00:00Z"]);
    let when = at("2026-01-01T04:30:00Z");
    let planned =
        NextRun { logical_date: when, interval: tradewind_core::timetable::DataInterval { start: when, end: when }, run_after: when };
    assert_eq!(next(Some(planned), "2026-01-01T05:00:00Z"), ["2026-01-01T06:30:00Z", "2026-01-01T08:30:00Z"]);
}

#[test]
fn what_time_alone_does_not_start_has_nothing_to_come() {
    for form in [json!({"type": "null"}), json!({"type": "once"}), json!({"type": "continuous"})] {
        assert!(timetable(form).upcoming(None, Restriction::default(), at("2026-01-01T00:00:00Z"), 5).unwrap().is_empty());
    }
}
