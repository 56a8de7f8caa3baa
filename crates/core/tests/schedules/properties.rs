//! What holds for every expression, zone and instant.

use super::words::{at, from};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::json;
use tradewind_core::timetable::{CalendarDelta, Cron, DataInterval, Delta, Timetable};

const ZONES: [&str; 8] = [
    "UTC",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "Pacific/Apia",
    "America/Sao_Paulo",
];

fn field(min: u16, max: u16) -> impl Strategy<Value = String> {
    let value = min..=max;
    prop_oneof![
        3 => Just("*".to_owned()),
        3 => value.clone().prop_map(|n| n.to_string()),
        1 => (value.clone(), value.clone()).prop_map(|(a, b)| format!("{a}-{b}")),
        1 => (1..=max).prop_map(|n| format!("*/{n}")),
        1 => (value.clone(), value.clone(), 1..=5u16).prop_map(|(a, b, n)| format!("{a}-{b}/{n}")),
        1 => (value.clone(), value).prop_map(|(a, b)| format!("{a},{b}")),
    ]
}

fn expression() -> impl Strategy<Value = String> {
    let days = prop_oneof![6 => field(1, 31), 1 => Just("L".to_owned()), 1 => Just("15W".to_owned())];
    let week = prop_oneof![6 => field(0, 7), 1 => Just("5#2".to_owned()), 1 => Just("L1".to_owned())];
    (field(0, 59), field(0, 23), days, field(1, 12), week).prop_map(|(m, h, d, mo, w)| format!("{m} {h} {d} {mo} {w}"))
}

/// Between 2000 and 2037, often close to a change of the clock.
fn instant() -> impl Strategy<Value = Timestamp> {
    let anywhere = 946_684_800i64..2_145_916_800;
    let near = prop::sample::select(vec![1_710_054_000i64, 1_730_613_600, 1_711_846_800, 1_712_415_600, 1_728_142_200, 1_325_239_200]);
    prop_oneof![anywhere, (near, -10_000i64..10_000).prop_map(|(at, off)| at + off)]
        .prop_map(|second| Timestamp::from_second(second).expect("in range"))
}

fn by_definition(cron: &Cron, text: &str, zone: &TimeZone, begin: Timestamp, end: Timestamp) -> Vec<Timestamp> {
    let minute = SignedDuration::from_mins(1);
    let every_hour = text.split(' ').nth(1).is_some_and(|hours| "* */1 0-23".split(' ').any(|all| all == hours) || equal_range(hours));
    let matches = |local: DateTime| cron.next_civil(local - 1.second()) == Some(local);
    let mut ticks = Vec::new();
    // A gap of a day may lie before the window and move a tick into it.
    let mut at = begin - SignedDuration::from_hours(25);
    let mut skipped_to = None;
    while at < end {
        let local = zone.to_datetime(at);
        if let Some(change) = zone.following(at - SignedDuration::from_nanos(1)).next().filter(|change| change.timestamp() == at) {
            let before = zone.to_offset(at - SignedDuration::from_nanos(1));
            let mut missing = before.to_datetime(at);
            while missing < change.offset().to_datetime(at) {
                if matches(missing) {
                    skipped_to = before.to_timestamp(missing).ok();
                    break;
                }
                missing += 1.minute();
            }
        }
        let second = zone.to_ambiguous_timestamp(local).later().is_ok_and(|later| later == at);
        if skipped_to == Some(at) || (matches(local) && (every_hour || second)) {
            ticks.push(at);
        }
        at += minute;
    }
    ticks.retain(|tick| *tick >= begin);
    ticks
}

/// `7-7` is the whole field, and so is a range that wraps all the way round.
fn equal_range(hours: &str) -> bool {
    let ends: Vec<i16> = hours.split('-').filter_map(|n| n.parse().ok()).collect();
    hours.matches('-').count() == 1 && ends.len() == 2 && (ends[0] - ends[1] == 1 || ends[0] == ends[1])
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(100))]

    /// Two days minute by minute against the definition of the set.
    #[test]
    fn ticks_are_the_set_that_is_documented(text in expression(), zone in prop::sample::select(&ZONES[..]), start in instant()) {
        let cron: Cron = text.parse().expect("a valid expression");
        let zone = TimeZone::get(zone).expect("a zone");
        let begin = Timestamp::from_second(start.as_second() / 60 * 60).expect("in range");
        let end = begin + SignedDuration::from_hours(48);
        let expected = by_definition(&cron, &text, &zone, begin, end);
        let mut found = Vec::new();
        let mut at = cron.at_or_after(begin, &zone);
        while let Some(tick) = at.filter(|tick| *tick < end) {
            found.push(tick);
            at = cron.next(tick, &zone);
        }
        prop_assert_eq!(found, expected);
    }
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn ticks_move_strictly_forward_and_back_again(text in expression(), zone in prop::sample::select(&ZONES[..]), start in instant()) {
        let cron: Cron = text.parse().expect("a valid expression");
        let zone = TimeZone::get(zone).expect("a zone");
        let mut at = start;
        for _ in 0..20 {
            let Some(next) = cron.next(at, &zone) else { break };
            prop_assert!(next > at);
            let back = cron.prev(next, &zone);
            prop_assert!(at == start || back == Some(at));
            prop_assert!(back.is_none_or(|back| back <= at));
            prop_assert_eq!(cron.at_or_after(next, &zone), Some(next));
            prop_assert_eq!(cron.at_or_before(next, &zone), Some(next));
            at = next;
        }
        if let Some(prev) = cron.prev(start, &zone) {
            prop_assert!(prev < start);
            prop_assert!(cron.next(prev, &zone).is_some_and(|next| next >= start));
        }
    }

    #[test]
    fn runs_follow_one_another(text in expression(), zone in prop::sample::select(&ZONES[..]), start in instant(), catchup: bool, late in 0i64..100_000_000) {
        let now = start + SignedDuration::from_secs(late);
        for kind in ["cron_trigger", "cron_data_interval"] {
            let timetable: Timetable = serde_json::from_value(json!({"type": kind, "cron": text, "timezone": zone})).expect("a timetable");
            let mut last: Option<DataInterval> = None;
            for _ in 0..10 {
                let Ok(Some(run)) = timetable.next(last, from(Some(start), catchup), now) else { break };
                prop_assert!(run.interval.start >= start && run.run_after >= run.logical_date);
                if let Some(last) = last {
                    prop_assert!(run.interval.start > last.start);
                    prop_assert!(run.interval.start >= last.end, "{kind} {last:?} {run:?}");
                    prop_assert!(kind == "cron_trigger" || !catchup || run.interval.start == last.end, "{last:?} {run:?}");
                }
                last = Some(run.interval);
            }
        }
    }

    /// A DAG whose schedule was changed goes on after its last run.
    #[test]
    fn a_changed_schedule_never_goes_back(old in expression(), new in expression(), start in instant(), catchup: bool) {
        let of = |cron: &str| -> Timetable { serde_json::from_value(json!({"type": "cron_data_interval", "cron": cron})).expect("a timetable") };
        let first = of(&old).next(None, from(Some(start), true), start);
        let Ok(Some(first)) = first else { return Ok(()) };
        if let Ok(Some(next)) = of(&new).next(Some(first.interval), from(None, catchup), first.run_after) {
            prop_assert!(next.logical_date > first.logical_date, "{first:?} {next:?}");
        }
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in "[-0-9a-zLW#*/,? @]{0,24}") {
        if let Ok(cron) = text.parse::<Cron>() {
            prop_assert_eq!(cron.to_string().parse::<Cron>().expect("its own text"), cron.clone());
            prop_assert!(!cron.description().is_empty());
            let now = Timestamp::from_second(1_710_000_000).expect("in range");
            if let Some(next) = cron.next(now, &TimeZone::UTC) {
                prop_assert!(next > now);
            }
        }
    }
}

#[test]
fn an_impossible_date_ends_the_search() {
    for text in ["0 0 31 2 *", "0 0 30 2 *", "0 0 1 * L5", "0 0 31 4,6 5#5", "0 0 * * * 0 2020"] {
        let cron: Cron = text.parse().expect("a valid expression");
        let now = at(&json!("2100-01-01T00:00:00Z"));
        let found = cron.next(now, &TimeZone::UTC);
        assert_eq!(found, None, "{text}");
    }
}

#[test]
fn calendar_distances_follow_dateutil() {
    let from = at(&json!("2024-01-31T10:00:00Z"));
    let to = |delta: CalendarDelta| Delta::Calendar(Box::new(delta)).add(from).expect("a time").to_string();
    let none = CalendarDelta::default();
    assert_eq!(to(CalendarDelta { months: 1.0, ..none.clone() }), "2024-02-29T10:00:00Z");
    assert_eq!(to(CalendarDelta { years: 1.0, months: -1.0, ..none.clone() }), "2024-12-31T10:00:00Z");
    assert_eq!(to(CalendarDelta { months: 1.0, day: Some(1), hour: Some(0), ..none.clone() }), "2024-02-01T00:00:00Z");
    assert_eq!(to(CalendarDelta { weekday: Some((4, Some(1))), ..none.clone() }), "2024-02-02T10:00:00Z");
    assert_eq!(to(CalendarDelta { day: Some(31), weekday: Some((4, Some(-1))), ..none.clone() }), "2024-01-26T10:00:00Z");
    assert_eq!(to(CalendarDelta { weekday: Some((2, None)), ..none.clone() }), "2024-01-31T10:00:00Z");
    assert_eq!(to(CalendarDelta { leapdays: 1, months: 2.0, ..none.clone() }), "2024-04-01T10:00:00Z");
    assert_eq!(to(CalendarDelta { weeks: 1.0, hours: 1.5, ..none }), "2024-02-07T11:30:00Z");
}
