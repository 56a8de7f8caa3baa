//! What unpausing starts, and where a schedule goes on when that is passed over.

use super::words::*;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use tradewind_core::timetable::{DataInterval, Missed, Restriction, Timetable, goes_on_from};

const NOW: &str = "2024-03-10T12:34:56Z";

fn missed(form: Value, restriction: Restriction, limit: usize) -> Missed {
    timetable(form).expect("a timetable").missed(None, restriction, at(&json!(NOW)), limit).expect("an answer")
}

fn since(start: &str, catchup: bool) -> Restriction {
    from(Some(at(&json!(start))), catchup)
}

fn dates(missed: &Missed) -> [Option<String>; 3] {
    [missed.first, missed.last, missed.next].map(|run| run.map(|run| run.logical_date.to_string()))
}

fn some(texts: [&str; 3]) -> [Option<String>; 3] {
    texts.map(|text| (!text.is_empty()).then(|| text.to_owned()))
}

#[test]
fn a_backlog_is_counted_exactly_up_to_the_bound_and_its_end_is_known_beyond() {
    let seoul = json!({"type": "cron_data_interval", "cron": "0 2 * * *", "timezone": "Asia/Seoul"});
    let all = missed(seoul.clone(), since("2022-06-07T02:00:00+09:00", true), 100_000);
    assert_eq!((all.count, all.exact), (642, true));
    assert_eq!(dates(&all), some(["2022-06-06T17:00:00Z", "2024-03-08T17:00:00Z", "2024-03-09T17:00:00Z"]));
    let bounded = missed(seoul, since("2022-06-07T02:00:00+09:00", true), 10);
    assert_eq!((bounded.count, bounded.exact), (10, false));
    assert_eq!((dates(&bounded), bounded.pass_over), (dates(&all), all.pass_over));
}

#[test]
fn the_bound_holds_for_schedules_with_millions_of_runs() {
    for form in [
        json!({"type": "cron_trigger", "cron": "* * * * * */1", "timezone": "UTC"}),
        json!({"type": "multiple_cron_trigger", "crons": ["* * * * * */1", "0 0 * * *"], "timezone": "UTC"}),
        json!({"type": "delta_trigger", "delta": 1}),
        json!({"type": "delta_data_interval", "delta": 1}),
    ] {
        let found = missed(form.clone(), since("2000-01-01T00:00:00Z", true), 50);
        assert_eq!((found.count, found.exact), (50, false), "{form}");
        let (last, next) = (found.last.expect("a run"), found.next.expect("a run"));
        assert_eq!((last.run_after.to_string().as_str(), next.run_after.to_string().as_str()), (NOW, "2024-03-10T12:34:57Z"), "{form}");
    }
}

#[test]
fn without_catchup_there_is_one_run_at_most() {
    for (form, last, next) in [
        (json!({"type": "cron_data_interval", "cron": "0 2 * * *"}), "2024-03-09T02:00:00Z", "2024-03-10T02:00:00Z"),
        (json!({"type": "cron_trigger", "cron": "0 2 * * *"}), "2024-03-10T02:00:00Z", "2024-03-11T02:00:00Z"),
        (json!({"type": "delta_trigger", "delta": 86_400}), NOW, "2024-03-11T12:34:56Z"),
        (json!({"type": "delta_data_interval", "delta": 86_400}), "2024-03-09T00:00:00Z", "2024-03-10T00:00:00Z"),
        (json!({"type": "multiple_cron_trigger", "crons": ["0 2 * * *", "0 5 * * *"]}), "2024-03-10T05:00:00Z", "2024-03-11T02:00:00Z"),
    ] {
        let found = missed(form.clone(), since("2022-06-07T00:00:00Z", false), 100);
        assert_eq!((found.count, found.exact), (1, true), "{form}");
        assert_eq!(dates(&found), some([last, last, next]), "{form}");
    }
}

#[test]
fn schedules_without_a_period() {
    let start = since("2024-03-01T00:00:00Z", true);
    let once = missed(json!({"type": "once"}), start, 100);
    assert_eq!((once.count, dates(&once)), (1, some(["2024-03-01T00:00:00Z", "2024-03-01T00:00:00Z", ""])));
    let continuous = missed(json!({"type": "continuous"}), start, 100);
    assert_eq!((continuous.count, dates(&continuous)), (1, some(["2024-03-01T00:00:00Z", "2024-03-01T00:00:00Z", NOW])));
    for none in [json!({"type": "null"}), json!({"type": "asset", "condition": {}})] {
        assert_eq!(missed(none, start, 100), Missed { exact: true, ..Missed::default() });
    }
    let events = json!({"type": "events", "events": ["2024-03-02T00:00:00Z", "2024-03-05T00:00:00Z", "2024-04-01T00:00:00Z"]});
    let events = missed(events, start, 100);
    assert_eq!((events.count, dates(&events)), (2, some(["2024-03-02T00:00:00Z", "2024-03-05T00:00:00Z", "2024-04-01T00:00:00Z"])));
    let later = missed(json!({"type": "once"}), since("2024-04-01T00:00:00Z", true), 100);
    assert_eq!((later.count, later.pass_over, dates(&later)), (0, None, some(["", "", "2024-04-01T00:00:00Z"])));
}

#[test]
fn an_end_date_ends_the_backlog_and_what_follows() {
    for kind in ["cron_trigger", "cron_data_interval"] {
        for limit in [3, 1_000] {
            let restriction = Restriction { latest: Some(at(&json!("2024-01-05T00:00:00Z"))), ..since("2023-12-01T00:00:00Z", true) };
            let found = missed(json!({"type": kind, "cron": "0 0 * * *"}), restriction, limit);
            assert_eq!(dates(&found), some(["2023-12-01T00:00:00Z", "2024-01-05T00:00:00Z", ""]), "{kind} {limit}");
        }
    }
    let delta = Restriction { latest: Some(at(&json!("2024-01-05T12:00:00Z"))), ..since("2023-12-01T00:00:00Z", true) };
    let found = missed(json!({"type": "delta_data_interval", "delta": 86_400}), delta, 3);
    assert_eq!(dates(&found), some(["2023-12-01T00:00:00Z", "2024-01-05T00:00:00Z", ""]));
}

#[test]
fn what_was_passed_over_counts_until_a_newer_run_or_a_later_start() {
    let day = |text: &str| at(&json!(format!("2024-01-{text}T00:00:00Z")));
    let stretch = |start, end| Some(DataInterval { start: day(start), end: day(end) });
    for (newest, passed_over, earliest, expected) in [
        (None, None, None, None),
        (None, stretch("04", "05"), Some(day("01")), stretch("04", "05")),
        (stretch("01", "02"), stretch("04", "05"), None, stretch("04", "05")),
        (stretch("08", "09"), stretch("04", "05"), None, stretch("08", "09")),
        (stretch("01", "02"), stretch("04", "05"), Some(day("06")), stretch("01", "02")),
    ] {
        assert_eq!(goes_on_from(newest, passed_over, earliest), expected);
    }
}

fn any_schedule() -> impl Strategy<Value = Timetable> {
    let zone = prop::sample::select(vec!["UTC", "Asia/Seoul", "America/New_York", "Australia/Lord_Howe"]);
    let cron = prop::sample::select(vec!["0 2 * * *", "*/17 * * * *", "30 1-3 * * *", "0 0 1 * *", "15 2 * * 0"]);
    let kind = prop::sample::select(vec!["cron_trigger", "cron_data_interval"]);
    let by_cron = (kind, cron, zone).prop_map(|(kind, cron, zone)| json!({"type": kind, "cron": cron, "timezone": zone}));
    let kind = prop::sample::select(vec!["delta_trigger", "delta_data_interval"]);
    let delta = prop_oneof![(1_000u32..200_000).prop_map(|n| json!(n)), (1..3u8).prop_map(|n| json!({"months": n}))];
    let by_delta = (kind, delta).prop_map(|(kind, delta)| json!({"type": kind, "delta": delta}));
    prop_oneof![by_cron, by_delta].prop_map(|form| timetable(form).expect("a timetable"))
}

proptest! {
    /// The leap ends where the walk ends; after passing over, the next run is not due and nothing between is lost.
    #[test]
    fn counting_less_changes_nothing_but_the_count(
        schedule in any_schedule(),
        start in 1_690_000_000i64..1_709_000_000,
        length in 0i64..9_000_000,
        end in proptest::option::of(0i64..9_000_000),
        limit in 1usize..40,
    ) {
        let second = |second| Timestamp::from_second(second).expect("in range");
        let (now, latest) = (second(start + length), end.map(|end| second(start + end)));
        let restriction = Restriction { earliest: Some(second(start)), latest, catchup: true };
        let all: Vec<_> = schedule.preview(None, restriction, now, 100_000).map(|run| run.expect("a run")).take_while(|run| run.run_after <= now).collect();
        let found = schedule.missed(None, restriction, now, limit).expect("an answer");
        prop_assert_eq!((found.count, found.exact), (all.len().min(limit), all.len() <= limit));
        prop_assert_eq!((found.first, found.last), (all.first().copied(), all.last().copied()));
        let following = schedule.next(all.last().map(|run| run.interval), restriction, now).expect("an answer");
        prop_assert_eq!(found.next, following);
        prop_assert!(found.next.is_none_or(|next| next.run_after > now));
    }
}
