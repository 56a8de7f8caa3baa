//! What unpausing starts, in English.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use tradewind_core::timetable::{NextRun, Schedule};

use super::Preview;

/// A time in a zone with the zone's abbreviation: `2022-06-07 02:00 KST`.
pub fn local(at: Timestamp, zone: &TimeZone) -> String {
    let at = at.to_zoned(zone.clone());
    let form = match (at.second(), at.subsec_nanosecond()) {
        (0, 0) => "%Y-%m-%d %H:%M %Z",
        (_, 0) => "%Y-%m-%d %H:%M:%S %Z",
        _ => "%Y-%m-%d %H:%M:%S.%f %Z",
    };
    at.strftime(form).to_string()
}

/// `1,234,567`
pub fn with_separators(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub(super) fn sentence(preview: &Preview) -> String {
    let mut text = String::new();
    if preview.is_stale {
        text.push_str("No file has this DAG now: nothing starts until it is back. ");
    }
    text.push_str(&what_starts(preview));
    if preview.missed.count > 1 && !preview.past_tasks.is_empty() {
        let _ = write!(
            text,
            " These runs wait for one another: {} wait{} for the run before.",
            names(&preview.past_tasks),
            third_person(&preview.past_tasks)
        );
    }
    if let (Some(condition), true) = (&preview.waits_for, preview.schedule.can_be_scheduled()) {
        let _ = write!(text, " Updates of {} make runs too.", assets(condition));
    }
    match preview.queued_runs {
        0 => {}
        1 => text.push_str(" 1 run that is queued already goes on."),
        more => {
            let _ = write!(text, " {more} runs that are queued already go on.");
        }
    }
    text
}

fn what_starts(preview: &Preview) -> String {
    let missed = &preview.missed;
    match (missed.count, missed.first, missed.last) {
        (0, ..) => nothing_yet(preview),
        (_, Some(first), _) if preview.schedule.schedule == Schedule::Continuous => {
            format!("Unpausing starts a run, about the time since {}, and another whenever one has ended.", date(preview, first))
        }
        (1, Some(first), _) => format!("Unpausing starts 1 run, for {}. {}", date(preview, first), instead(preview)),
        (count, Some(first), Some(last)) => {
            let more_than = if missed.exact { "" } else { "more than " };
            format!(
                "Unpausing starts {more_than}{} runs, the first for {}, the last for {}; at most {} at once. {}",
                with_separators(count),
                date(preview, first),
                date(preview, last),
                preview.max_active_runs,
                instead(preview)
            )
        }
        _ => String::new(),
    }
}

/// What starting from now does instead.
fn instead(preview: &Preview) -> String {
    match preview.missed.next {
        Some(next) => format!("From now on instead: the next run is {}.", coming(preview, next)),
        None => "From now on instead: there is no further run.".to_owned(),
    }
}

fn nothing_yet(preview: &Preview) -> String {
    if let Some(next) = preview.missed.next {
        return format!("Unpausing starts no run at once; the next run is {}.", coming(preview, next));
    }
    match (&preview.schedule.schedule, &preview.waits_for, preview.end_date) {
        (Schedule::Null, ..) => "The DAG has no schedule: its runs are started by hand, by a client or by another DAG.".to_owned(),
        (Schedule::Asset { .. }, Some(condition), _) => {
            format!("The DAG has no times: its runs are made when assets are updated, namely {}.", assets(condition))
        }
        (Schedule::Asset { .. }, None, _) => "The DAG has no times: its runs are made when assets are updated.".to_owned(),
        (Schedule::Custom(custom), ..) if !custom.can_be_scheduled => {
            format!("The timetable {} makes no runs: they are started by hand, by a client or by another DAG.", custom.classpath)
        }
        (Schedule::Once, ..) => "Unpausing starts no run: the DAG runs once, and that run has been made.".to_owned(),
        (_, _, Some(end)) => {
            format!("Unpausing starts no run: there is none to come before the end date, {}.", local(end, preview.rules()))
        }
        _ => "Unpausing starts no run: the schedule has none to come.".to_owned(),
    }
}

fn date(preview: &Preview, run: NextRun) -> String {
    local(run.logical_date, preview.rules())
}

/// `for X`, with the time it begins when that is another.
fn coming(preview: &Preview, run: NextRun) -> String {
    if run.run_after <= preview.now {
        return format!("for {} and begins at once", date(preview, run));
    }
    if run.run_after == run.logical_date {
        return format!("at {}", date(preview, run));
    }
    format!("for {} and begins at {}", date(preview, run), local(run.run_after, preview.rules()))
}

fn names(tasks: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = tasks.iter().take(SHOWN).map(|task| format!("`{task}`")).collect();
    match tasks.len() {
        more if more > SHOWN => format!("{} and {} more tasks", shown.join(", "), more - SHOWN),
        1 => format!("the task {}", shown.join("")),
        _ => format!("the tasks {}", shown.join(", ")),
    }
}

fn third_person(tasks: &[String]) -> &'static str {
    if tasks.len() == 1 { "s" } else { "" }
}

/// A condition of assets: `a and (b or c)`.
fn assets(condition: &Value) -> String {
    let joined = |items: &Value, word: &str| -> Option<String> {
        let items: Vec<String> = items.as_array()?.iter().map(nested).collect();
        Some(items.join(word))
    };
    let named = |key: &str| condition.get(key).map(|asset| asset.get("name").or_else(|| asset.get("uri")).unwrap_or(asset));
    if let Some(text) = condition.get("any").and_then(|items| joined(items, " or ")) {
        return text;
    }
    if let Some(text) = condition.get("all").and_then(|items| joined(items, " and ")) {
        return text;
    }
    let name = named("asset").or_else(|| named("asset_ref")).or_else(|| named("alias")).unwrap_or(condition);
    name.as_str().map_or_else(|| name.to_string(), |name| format!("`{name}`"))
}

fn nested(item: &Value) -> String {
    let several = |key: &str| item.get(key).and_then(Value::as_array).is_some_and(|items| items.len() > 1);
    if several("any") || several("all") { format!("({})", assets(item)) } else { assets(item) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::read;
    use super::*;
    use tradewind_store::step::ScheduleState;

    const NOW: &str = "2023-07-23T20:00:00Z";

    fn told(timetable: Value, more: Value) -> String {
        let mut form = json!({
            "format": 1, "dag_id": "d", "fileloc": "/d.py", "relative_fileloc": "d.py", "catchup": true, "timezone": "Asia/Seoul",
            "start_date": "2022-06-06T17:00:00Z", "timetable": timetable,
        });
        for (key, value) in more.as_object().unwrap() {
            form[key] = value.clone();
        }
        let state = ScheduleState {
            is_paused: true,
            is_stale: false,
            timezone: "Asia/Seoul".to_owned(),
            form: Some(form.to_string()),
            schedule_seq: 1,
            last_automated: None,
            passed_over: None,
            queued_runs: 0,
            running_runs: 0,
        };
        read("d".to_owned(), &state, None, NOW.parse().unwrap()).unwrap().sentence()
    }

    #[test]
    fn a_backlog_is_told_in_the_zone_of_the_dag() {
        let daily = json!({"type": "cron_data_interval", "cron": "0 2 * * *", "timezone": "Asia/Seoul"});
        assert_eq!(
            told(daily.clone(), json!({})),
            "Unpausing starts 412 runs, the first for 2022-06-07 02:00 KST, the last for 2023-07-23 02:00 KST; at most 16 at once. \
             From now on instead: the next run is for 2023-07-24 02:00 KST and begins at 2023-07-25 02:00 KST."
        );
        let tasks = json!([{"task_id": "t", "task_type": "X", "task_module": "m", "depends_on_past": true}]);
        assert!(
            told(daily.clone(), json!({"tasks": tasks}))
                .ends_with(" These runs wait for one another: the task `t` waits for the run before.")
        );
        assert!(
            told(daily, json!({"catchup": false})).starts_with("Unpausing starts 1 run, for 2023-07-23 02:00 KST. From now on instead")
        );
        let minutely = json!({"type": "cron_trigger", "cron": "* * * * *", "timezone": "Asia/Seoul"});
        assert!(told(minutely, json!({})).starts_with("Unpausing starts more than 100,000 runs, the first for 2022-06-07 02:00 KST"));
    }

    #[test]
    fn every_kind_of_schedule_has_its_words() {
        for (timetable, more, expected) in [
            (json!({"type": "null"}), json!({}), "The DAG has no schedule: its runs are started by hand, by a client or by another DAG."),
            (
                json!({"type": "asset", "condition": {"all": [{"asset": {"name": "a", "uri": "s3://a"}},
                    {"any": [{"asset_ref": {"uri": "s3://b"}}, {"alias": {"name": "c", "group": "asset"}}]}]}}),
                json!({}),
                "The DAG has no times: its runs are made when assets are updated, namely `a` and (`s3://b` or `c`).",
            ),
            (
                json!({"type": "custom", "classpath": "my.Own", "can_be_scheduled": false}),
                json!({}),
                "The timetable my.Own makes no runs: they are started by hand, by a client or by another DAG.",
            ),
            (
                json!({"type": "continuous"}),
                json!({}),
                "Unpausing starts a run, about the time since 2022-06-07 02:00 KST, and another whenever one has ended.",
            ),
            (
                json!({"type": "once"}),
                json!({}),
                "Unpausing starts 1 run, for 2022-06-07 02:00 KST. From now on instead: there is no further run.",
            ),
            (
                json!({"type": "cron_trigger", "cron": "0 2 * * *", "timezone": "Asia/Seoul", "condition": {"any": [{"asset": {"name": "a"}}]}}),
                json!({"start_date": "2023-08-01T00:00:00Z"}),
                "Unpausing starts no run at once; the next run is at 2023-08-02 02:00 KST. Updates of `a` make runs too.",
            ),
            (
                json!({"type": "delta_trigger", "delta": 3600.5}),
                json!({"start_date": "2022-06-06T17:00:00Z", "end_date": "2022-06-06T16:00:00Z"}),
                "Unpausing starts no run: there is none to come before the end date, 2022-06-07 01:00 KST.",
            ),
        ] {
            assert_eq!(told(timetable, more), expected);
        }
    }

    #[test]
    fn numbers_and_times() {
        let told = [0, 999, 1_000, 100_000, 1_234_567].map(with_separators);
        assert_eq!(told, ["0", "999", "1,000", "100,000", "1,234,567"]);
        let at = |text: &str, zone: &str| local(text.parse().unwrap(), &TimeZone::get(zone).unwrap());
        assert_eq!(at("2024-03-10T06:30:00Z", "America/New_York"), "2024-03-10 01:30 EST");
        assert_eq!(at("2024-03-10T07:30:05Z", "America/New_York"), "2024-03-10 03:30:05 EDT");
        assert_eq!(at("2024-03-10T07:30:05.25Z", "UTC"), "2024-03-10 07:30:05.25 UTC");
    }
}
