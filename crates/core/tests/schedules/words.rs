//! What the tests of timetables share: reading vector files, timetables from the words of the vectors.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tradewind_core::timetable::{DataInterval, NextRun, Restriction, Timetable};

pub fn cases(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).expect("the vector file is JSON");
    file["cases"].as_array().expect("cases").clone()
}

pub fn timetable(form: Value) -> Result<Timetable, String> {
    serde_json::from_value(form).map_err(|error| error.to_string())
}

pub fn cron(kind: &str, case: &Value) -> Result<Timetable, String> {
    timetable(json!({"type": kind, "cron": case["cron"], "timezone": case["timezone"]}))
}

pub fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

pub fn at(value: &Value) -> Timestamp {
    text(value).parse().expect("a time")
}

pub fn at_opt(value: &Value) -> Option<Timestamp> {
    (!value.is_null()).then(|| at(value))
}

pub fn interval(value: &Value) -> DataInterval {
    DataInterval { start: at(&value[0]), end: at(&value[1]) }
}

pub fn from(start: Option<Timestamp>, catchup: bool) -> Restriction {
    Restriction { earliest: start, latest: None, catchup }
}

/// The row a vector writes for a run: interval start, interval end, run after.
pub fn row(run: Option<NextRun>) -> Value {
    match run {
        None => Value::Null,
        Some(run) => json!([shown(run.interval.start), shown(run.interval.end), shown(run.run_after)]),
    }
}

pub fn shown(at: Timestamp) -> String {
    at.to_string()
}

pub fn pair(interval: DataInterval) -> Value {
    json!([shown(interval.start), shown(interval.end)])
}

/// One run after another, each following from the one before.
pub fn sequence(timetable: &Timetable, restriction: Restriction, now: Timestamp, length: usize) -> Result<Vec<Value>, String> {
    let mut last = None;
    let mut rows = Vec::new();
    for _ in 0..length {
        let run = timetable.next(last, restriction, now).map_err(|error| error.to_string())?;
        rows.push(row(run));
        match run {
            Some(run) => last = Some(run.interval),
            None => break,
        }
    }
    Ok(rows)
}

/// `PT6H30M`, `P7D`, `rel months=1,days=-1` as the form writes them.
pub fn delta(words: &str) -> Value {
    if let Some(parts) = words.strip_prefix("rel ") {
        let parts = parts.split(',').map(|part| part.split_once('=').expect("name=number"));
        return parts.map(|(name, n)| (name.to_owned(), json!(n.parse::<i64>().expect("a number")))).collect();
    }
    let span: jiff::Span = words.parse().expect("an ISO 8601 duration");
    let hours = SignedDuration::from_hours(i64::from(span.get_days() * 24) + i64::from(span.get_weeks() * 168));
    let clock = SignedDuration::try_from(span.days(0).weeks(0)).expect("a duration");
    json!((hours + clock).as_secs())
}

/// Fails with every difference at once.
pub fn report(what: &str, checked: usize, wrong: Vec<String>) {
    assert!(checked > 0, "{what}: nothing was checked");
    assert!(wrong.is_empty(), "{what}: {} of {checked} differ\n{}", wrong.len(), wrong.join("\n"));
}
