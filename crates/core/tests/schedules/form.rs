//! Timetables as the JSON form writes them: read, refused, written back, shown.

use super::words::{at, from, timetable};
use serde_json::{Value, json};
use tradewind_core::timetable::Timetable;

fn every_type() -> Vec<Value> {
    vec![
        json!({"type": "null"}),
        json!({"type": "once"}),
        json!({"type": "continuous"}),
        json!({"type": "cron_trigger", "cron": "0 2 * * 1-5", "timezone": "Asia/Seoul", "interval": 86_400, "run_immediately": 60}),
        json!({"type": "cron_data_interval", "cron": "*/15 * * * *", "timezone": "+09:00"}),
        json!({"type": "delta_trigger", "delta": 5_400, "interval": {"months": 1}}),
        json!({"type": "delta_data_interval", "delta": {"months": 1, "day": 15, "weekday": [0, 1]}}),
        json!({"type": "multiple_cron_trigger", "crons": ["0 0 * * *", "0 12 * * 1"], "timezone": "UTC"}),
        json!({"type": "events", "events": ["2024-03-01T00:00:00Z"], "restrict_to_events": true, "description": "quarters"}),
        json!({"type": "asset", "condition": {"any": ["a"]}}),
        json!({"type": "custom", "classpath": "plugins.Workdays", "data": {"holidays": []}}),
    ]
}

#[test]
fn what_is_read_is_written_back_the_same() {
    for form in every_type() {
        let first = timetable(form.clone()).expect("a timetable");
        let written = serde_json::to_value(&first).expect("a form");
        assert_eq!(written["type"], form["type"]);
        assert_eq!(timetable(written).expect("what was written"), first, "{form}");
    }
}

#[test]
fn absent_and_null_keys_take_their_defaults() {
    let long =
        json!({"type": "cron_trigger", "cron": "@daily", "timezone": null, "interval": null, "run_immediately": null, "summary": null});
    let short = json!({"type": "cron_trigger", "cron": "0 0 * * *", "unknown": 1});
    assert_eq!(timetable(long), timetable(short));
}

#[test]
fn wrong_forms_are_refused_in_words() {
    for (form, words) in [
        (json!({"type": "cron_trigger", "cron": "0 0 * * 8"}), "day of week `8` is out of range 0-7"),
        (json!({"type": "cron_trigger", "cron": "0 0 * *"}), "this has 4"),
        (json!({"type": "cron_trigger", "cron": "@reboot"}), "@hourly"),
        (json!({"type": "cron_trigger", "cron": "@daily", "timezone": "Asia/Nowhere"}), "Asia/Nowhere"),
        (json!({"type": "cron_trigger", "cron": "@daily", "interval": -60}), "negative"),
        (json!({"type": "delta_trigger", "delta": 0}), "does not lead forward"),
        (json!({"type": "delta_data_interval", "delta": {"months": 1, "days": -40}}), "does not lead forward"),
        (json!({"type": "delta_data_interval", "delta": {"months": 0.5}}), "months=+0.5"),
        (json!({"type": "delta_data_interval", "delta": 1e300}), "outside the calendar"),
        (json!({"type": "multiple_cron_trigger", "crons": []}), "at least one"),
        (json!({"type": "hourly"}), "unknown variant `hourly`"),
    ] {
        let message = timetable(form.clone()).expect_err("a refusal");
        assert!(message.contains(words), "{form}: {message}");
    }
}

#[test]
fn texts_for_people() {
    let shown = |form: Value| {
        let timetable = timetable(form).expect("a timetable");
        (timetable.summary(), timetable.description())
    };
    let cron = |cron: &str| shown(json!({"type": "cron_trigger", "cron": cron})).1;
    for (expression, words) in [
        ("@daily", "At 00:00"),
        ("0 2 * * 1-5", "At 02:00 on Monday to Friday"),
        ("*/15 * * * *", "Every 15 minutes"),
        ("0 * * * *", "Every hour"),
        ("30 */6 * * *", "At 00:30, 06:30, 12:30 and 18:30"),
        ("5 */2 * * *", "5 minutes past the hour, every 2 hours"),
        ("0 0 1 */3 *", "At 00:00 on the 1st of the month in January, April, July and October"),
        ("0 9 * * 5#2", "At 09:00 on the 2nd Friday of the month"),
        ("0 9 L * *", "At 09:00 on the last day of the month"),
        ("0 9 * * L1", "At 09:00 on the last Monday of the month"),
        ("0 9 15W * *", "At 09:00 on the working day nearest to the 15th of the month"),
        ("0 0 13 * 5", "At 00:00 on the 13th of the month and on Friday"),
        ("* 9-17 * * *", "Every minute, hours 9 to 17"),
        ("* * * * * */20", "Every 20 seconds, every minute"),
    ] {
        assert_eq!(cron(expression), words, "{expression}");
    }
    assert_eq!(shown(json!({"type": "delta_trigger", "delta": 93_600})), ("1 day, 2:00:00".into(), "Every 1 day, 2:00:00".into()));
    assert_eq!(shown(json!({"type": "null"})).0, "None");
    let own = json!({"type": "cron_trigger", "cron": "@daily", "summary": "S", "description": "D"});
    assert_eq!(shown(own), ("S".into(), "D".into()));
    let events = json!({"type": "events", "events": ["2024-03-05T00:00:00Z", "2024-03-01T00:00:00Z"]});
    assert_eq!(shown(events).0, "2 events between 2024-03-01T00:00:00+00:00 and 2024-03-05T00:00:00+00:00");
}

#[test]
fn what_time_alone_can_do() {
    let facts = |timetable: &Timetable| (timetable.can_be_scheduled(), timetable.is_periodic(), timetable.active_runs_limit());
    let found: Vec<_> = every_type().into_iter().map(|form| facts(&timetable(form).expect("a timetable"))).collect();
    let (never, yes) = ((false, false, None), (true, true, None));
    let expected = [never, (true, false, None), (true, false, Some(1)), yes, yes, yes, yes, yes, yes, never, yes];
    assert_eq!(found, expected);
}

#[test]
fn a_preview_counts_the_runs_that_unpausing_starts() {
    let (start, now) = (at(&json!("2022-06-07T00:00:00Z")), at(&json!("2023-07-24T12:00:00Z")));
    let daily = timetable(json!({"type": "cron_data_interval", "cron": "@daily"})).expect("a timetable");
    let due = |timetable: &Timetable, catchup| {
        let runs = timetable.preview(None, from(Some(start), catchup), now, 1_000);
        runs.map(|run| run.expect("a run")).take_while(|run| run.run_after <= now).count()
    };
    assert_eq!(due(&daily, true), 412);
    assert_eq!(due(&daily, false), 1);
    let continuous = timetable(json!({"type": "continuous"})).expect("a timetable");
    assert_eq!(due(&continuous, true), 2, "one about the past, then one that begins with the present");
    assert_eq!(daily.preview(None, from(Some(start), true), now, 5).count(), 5);
}
