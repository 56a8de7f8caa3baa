//! Sequences of runs by cron, in 18 zones and across changes of the clock, against the reference vectors.

use super::words::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Rows where the reference is wrong and what is right instead, by case and timetable.
fn deviations() -> BTreeMap<&'static str, &'static str> {
    BTreeMap::from([
        // Hour `*` with a restricted day, and a clock change on the way: the reference adds the distance on the wall clock to the
        // absolute time and so begins an hour (or two) beside the day that was asked for.
        ("cron_next_runs-00899", WALL_CLOCK),
        ("cron_next_runs-00934", WALL_CLOCK),
        ("cron_next_runs-00940", WALL_CLOCK),
        // A year field whose years lie ahead: the reference looks for the tick before the first one, finds none and fails, so
        // that such a DAG never runs. It should run when its year comes.
        ("cron_next_runs-00348", YEAR_AHEAD),
        ("cron_next_runs-00349", YEAR_AHEAD),
        ("cron_next_runs-00350", YEAR_AHEAD),
        ("cron_next_runs-00351", YEAR_AHEAD),
        // Ticks at 02:00, 02:20 and 02:40 in a gap that begins at 02:00: the reference starts the interval after the one that ends
        // there only behind the last of them, and so leaves a hole. An interval starts where the one before it ends.
        ("cron_next_runs-00498", HOLE),
        ("cron_next_runs-00642", HOLE),
        ("cron_next_runs-00658", HOLE),
    ])
}

const WALL_CLOCK: &str = "wall clock";
const YEAR_AHEAD: &str = "year ahead";
const HOLE: &str = "hole";

fn runs(kind: &str, case: &Value, length: usize) -> Result<Vec<Value>, String> {
    let start = at(&case["start_utc"]);
    sequence(&cron(kind, case)?, from(Some(start), true), start, length)
}

#[test]
fn sequences_of_runs() {
    let deviations = deviations();
    let (mut checked, mut wrong) = (0, Vec::new());
    for case in cases(include_str!("../vectors/cron_next_runs.json")) {
        if !case["invalid"].is_null() || deviations.contains_key(text(&case["id"])) {
            continue;
        }
        for (kind, column) in [("cron_trigger", "trigger"), ("cron_data_interval", "data_interval")] {
            checked += 1;
            let expected = case[column].as_array().expect("rows");
            let found = runs(kind, &case, expected.len());
            let same = match &found {
                Ok(rows) => rows == expected,
                Err(message) => expected[0].get("error").is_some() && message.contains("matches no time"),
            };
            if !same {
                wrong.push(format!("{} {} {} {}\n  {found:?}\n  {expected:?}", case["id"], case["cron"], case["timezone"], case["start"]));
            }
        }
    }
    report("sequences", checked, wrong);
}

#[test]
fn invalid_expressions_are_refused_with_the_expression_in_the_message() {
    let (mut checked, mut wrong) = (0, Vec::new());
    for case in cases(include_str!("../vectors/cron_next_runs.json")) {
        if case["invalid"].is_null() {
            continue;
        }
        checked += 1;
        match cron("cron_trigger", &case) {
            Ok(_) => wrong.push(format!("{} was accepted", case["cron"])),
            Err(message) if !message.contains(text(&case["cron"])) => wrong.push(message),
            Err(_) => {}
        }
    }
    report("refusals", checked, wrong);
}

/// The reference's ticks without its first, wrong one, and before them the ticks that the wall clock asks for.
#[test]
fn an_hourly_schedule_on_some_days_begins_with_the_day_on_the_wall_clock() {
    let first = |id: &str| match id {
        "cron_next_runs-00899" => "2025-03-06T00:44:00Z",
        "cron_next_runs-00934" => "2025-11-04T08:02:00Z",
        _ => "2025-01-01T00:08:00Z",
    };
    let mut checked = 0;
    for case in cases(include_str!("../vectors/cron_next_runs.json")) {
        if deviations().get(text(&case["id"])) != Some(&WALL_CLOCK) {
            continue;
        }
        assert_eq!(case["quirk_wall_clock_off"], json!([0]));
        for (kind, column) in [("cron_trigger", "trigger"), ("cron_data_interval", "data_interval")] {
            let expected = &case[column].as_array().expect("rows")[1..];
            let found = runs(kind, &case, expected.len()).expect("runs");
            assert_eq!(found[0][0], json!(first(text(&case["id"]))), "{}", case["id"]);
            assert_eq!(found, expected, "{}", case["id"]);
            checked += 1;
        }
    }
    assert_eq!(checked, 6);
}

#[test]
fn a_year_that_lies_ahead_is_waited_for() {
    let mut checked = 0;
    for case in cases(include_str!("../vectors/cron_next_runs.json")) {
        if deviations().get(text(&case["id"])) != Some(&YEAR_AHEAD) {
            continue;
        }
        assert!(case["trigger"][0]["error"].is_string());
        let rows = runs("cron_trigger", &case, 2).expect("runs");
        let zone = jiff::tz::TimeZone::get(text(&case["timezone"])).expect("a zone");
        let local = zone.to_datetime(at(&rows[0][2])).to_string();
        let year = if text(&case["cron"]).ends_with("2027") { "2027-01-01T12:00:00" } else { "2020-01-01T00:00:00" };
        assert_eq!(local, year, "{}", case["id"]);
        checked += 1;
    }
    assert_eq!(checked, 4);
}

#[test]
fn intervals_have_no_hole_at_a_gap() {
    let mut holes = 0;
    for case in cases(include_str!("../vectors/cron_next_runs.json")) {
        if deviations().get(text(&case["id"])) != Some(&HOLE) {
            continue;
        }
        let expected = case["trigger"].as_array().expect("rows");
        assert_eq!(&runs("cron_trigger", &case, expected.len()).expect("runs"), expected);
        let expected = case["data_interval"].as_array().expect("rows");
        let found = runs("cron_data_interval", &case, expected.len()).expect("runs");
        let ticks = runs("cron_trigger", &case, expected.len() + 1).expect("runs");
        for (i, row) in found.iter().enumerate() {
            assert_eq!(row, &json!([ticks[i][2], ticks[i + 1][2], ticks[i + 1][2]]), "{}", case["id"]);
        }
        holes += expected.windows(2).filter(|rows| rows[0][1] != rows[1][0]).count();
    }
    assert_eq!(holes, 3, "one hole of the reference in each case");
}

/// 24 hours of each day, 23 and 25 around the changes: hour `*` runs in every real hour.
#[test]
fn hourly_runs_in_every_real_hour() {
    for (zone, from_day, gap) in [
        ("America/New_York", "2024-03-09T05:30:00Z", 3_600),
        ("America/New_York", "2024-11-02T04:30:00Z", 3_600),
        ("Europe/Zurich", "2024-10-26T10:30:00Z", 3_600),
        ("Antarctica/Troll", "2024-10-26T10:30:00Z", 3_600),
    ] {
        let case = json!({"cron": "@hourly", "timezone": zone, "start_utc": from_day});
        let rows = runs("cron_trigger", &case, 60).expect("runs");
        for pair in rows.windows(2) {
            assert_eq!((at(&pair[1][2]) - at(&pair[0][2])).get_seconds(), gap, "{zone} {pair:?}");
        }
    }
    // Where the clock changes by half an hour, one step is half an hour longer: no hour on the wall clock runs twice or never.
    let case = json!({"cron": "@hourly", "timezone": "Australia/Lord_Howe", "start_utc": "2024-04-06T13:00:00Z"});
    let rows = runs("cron_trigger", &case, 4).expect("runs");
    let expected = ["2024-04-06T13:00:00Z", "2024-04-06T14:00:00Z", "2024-04-06T15:30:00Z", "2024-04-06T16:30:00Z"];
    assert_eq!(rows.iter().map(|row| text(&row[2])).collect::<Vec<_>>(), expected);
}
