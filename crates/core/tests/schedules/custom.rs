//! Timetables that are classes of the user's: chains of runs that they said ahead.

use super::words::timetable;
use proptest::prelude::*;
use serde_json::{Value, json};
use tradewind_core::timetable::{Ahead, Answer, DataInterval, NextRun, Question, Restriction, Timetable, TimetableError};

const MONDAY: &str = "2024-01-01T00:00:00Z";

fn day(number: i64) -> jiff::Timestamp {
    MONDAY.parse::<jiff::Timestamp>().expect("a time") + jiff::SignedDuration::from_hours(24 * number)
}

fn of_day(number: i64) -> DataInterval {
    DataInterval { start: day(number), end: day(number + 1) }
}

fn chain(from: Option<i64>, days: &[i64], ended: bool, said: i64) -> Value {
    let run = |day_number: &i64| json!({"start": day(*day_number), "end": day(day_number + 1), "run_after": day(day_number + 1)});
    json!({"kind": "runs", "from": from.map(of_day), "runs": days.iter().map(run).collect::<Vec<_>>(), "ended": ended, "at": day(said)})
}

fn asked(last: Option<i64>, catchup: bool) -> Question {
    Question::runs(last.map(of_day), Restriction { earliest: Some(day(0)), latest: None, catchup }, 32, None)
}

fn ahead(value: Value, question: &Question) -> Ahead {
    match Answer::read(value, question).expect("a chain") {
        Answer::Runs(ahead) => ahead,
        other => panic!("{other:?}"),
    }
}

fn workdays(ahead: Option<Ahead>) -> Timetable {
    timetable(json!({"type": "custom", "classpath": "plugins.Workdays"})).expect("a timetable").with_ahead(ahead)
}

fn next(timetable: &Timetable, last: Option<i64>, catchup: bool, now: i64) -> Result<Option<NextRun>, TimetableError> {
    timetable.next(last.map(of_day), Restriction { earliest: Some(day(0)), latest: None, catchup }, day(now))
}

#[test]
fn a_class_nobody_has_asked_has_no_answer() {
    let error = next(&workdays(None), None, true, 3).unwrap_err();
    assert!(error.to_string().contains("plugins.Workdays has not been asked yet"), "{error}");
    assert!(workdays(None).infer_manual(day(2)).is_err());
    let by_hand = timetable(json!({"type": "custom", "classpath": "p.Never", "can_be_scheduled": false})).unwrap();
    assert_eq!(by_hand.next(None, Restriction::default(), day(2)), Ok(None));
    assert!(!by_hand.can_be_scheduled() && !by_hand.is_periodic());
}

#[test]
fn runs_come_in_the_order_of_the_chain_until_it_has_to_be_asked_again() {
    let said = workdays(Some(ahead(chain(None, &[0, 1, 4], false, 0), &asked(None, true))));
    let date = |last, now| next(&said, last, true, now).map(|run| run.map(|run| run.logical_date));
    assert_eq!(date(None, 100), Ok(Some(day(0))));
    assert_eq!(date(Some(0), 100), Ok(Some(day(1))));
    assert_eq!(date(Some(1), 100), Ok(Some(day(4))));
    assert!(matches!(date(Some(4), 100), Err(TimetableError::NotAsked { .. })));
    // An interval that it does not know: somebody else made a run.
    assert!(matches!(date(Some(2), 100), Err(TimetableError::NotAsked { .. })));
    let ended = workdays(Some(ahead(chain(Some(0), &[1], true, 0), &asked(Some(0), true))));
    assert_eq!(next(&ended, Some(1), true, 100), Ok(None));
}

#[test]
fn without_catchup_an_old_answer_is_asked_again_once_a_second_run_is_due() {
    let said = |when| workdays(Some(ahead(chain(None, &[0, 1, 2], false, when), &asked(None, false))));
    // Only the first is due.
    assert!(next(&said(0), None, false, 1).unwrap().is_some());
    assert!(matches!(next(&said(0), None, false, 2), Err(TimetableError::NotAsked { .. })));
    // Asking takes time: what was said a moment ago counts.
    let moment = day(2) + jiff::SignedDuration::from_secs(9);
    let restriction = Restriction { earliest: Some(day(0)), latest: None, catchup: false };
    assert!(said(1).next(None, restriction, moment).is_err());
    let just_before = ahead(
        json!({"kind": "runs", "from": null, "ended": false, "at": day(2) - jiff::SignedDuration::from_millis(1), "runs": [
            {"start": day(0), "end": day(1), "run_after": day(1)}, {"start": day(1), "end": day(2), "run_after": day(2)}]}),
        &asked(None, false),
    );
    assert!(workdays(Some(just_before)).next(None, restriction, moment).unwrap().is_some());
    // A class that makes up for missed runs all the same names them when it is asked anew.
    assert_eq!(next(&said(2), None, false, 2).unwrap().unwrap().logical_date, day(0));
    // The last of the chain: nothing tells whether a later one is due.
    assert!(matches!(next(&said(0), Some(1), false, 3), Err(TimetableError::NotAsked { .. })));
    assert!(next(&said(3), Some(1), false, 3).unwrap().is_some());
}

#[test]
fn answers_that_cannot_be_are_refused_in_words() {
    let run = |start: i64, end: i64| json!({"start": day(start), "end": day(end), "run_after": day(end)});
    let chain = |runs: Vec<Value>| json!({"kind": "runs", "from": null, "runs": runs, "ended": false, "at": day(0)});
    for (answer, question, words) in [
        (chain(vec![run(2, 1)]), asked(None, true), "run 0 ends at 2024-01-02T00:00:00Z, before it starts at 2024-01-03T00:00:00Z"),
        (chain(vec![run(1, 2), run(1, 2)]), asked(None, true), "the run for 2024-01-02T00:00:00Z does not come after the one for"),
        (chain(vec![run(1, 2)]), asked(Some(1), true), "does not come after the one for 2024-01-02T00:00:00Z"),
        (chain(vec![run(-1, 0)]), asked(None, true), "lies before the start date 2024-01-01T00:00:00Z"),
        (json!({"kind": "manual", "interval": of_day(0)}), asked(None, true), "an interval where runs was asked for"),
        (json!({"kind": "manual", "interval": {"start": day(1), "end": day(0)}}), Question::Manual { run_after: day(1) }, "ends at"),
        (json!({"kind": "runs"}), asked(None, true), "missing field"),
    ] {
        let error = Answer::read(answer.clone(), &question).expect_err("a refusal").to_string();
        assert!(error.contains(words), "{answer}: {error}");
    }
    let failed = Answer::read(json!({"kind": "failed", "error": "boom"}), &asked(None, true)).unwrap();
    assert_eq!(failed, Answer::Failed { error: "boom".into() });
}

#[test]
fn questions_travel_as_they_are_documented() {
    let question = Question::runs(Some(of_day(0)), Restriction::default(), 3, Some(day(1)));
    let text = json!({"kind": "runs", "last": of_day(0), "earliest": null, "latest": null, "catchup": false, "count": 3, "until": day(1)});
    assert_eq!(serde_json::to_value(question).unwrap(), text);
    let manual = json!({"kind": "manual", "run_after": day(1)});
    assert_eq!(serde_json::to_value(Question::Manual { run_after: day(1) }).unwrap(), manual);
}

#[test]
fn names_that_the_class_gives_are_kept() {
    let mut said = chain(None, &[0, 1], false, 0);
    said["runs"][1]["run_id"] = json!("scheduled__second");
    let ahead = ahead(said, &asked(None, true));
    let runs: Vec<_> = ahead.runs().collect();
    assert_eq!((ahead.run_id(&runs[0]), ahead.run_id(&runs[1])), (None, Some("scheduled__second")));
    assert_eq!((ahead.left(None), ahead.left(Some(of_day(0))), ahead.left(Some(of_day(5)))), (Some(2), Some(1), None));
}

#[test]
fn missed_runs_are_counted_and_the_runs_to_come_are_shown() {
    let said = workdays(Some(ahead(chain(None, &[0, 1, 4, 9], false, 6), &asked(None, true))));
    let restriction = Restriction { earliest: Some(day(0)), latest: None, catchup: true };
    let missed = said.missed(None, restriction, day(6), 1_000).unwrap();
    assert_eq!((missed.count, missed.exact), (3, true));
    assert_eq!(missed.next.unwrap().logical_date, day(9));
    let upcoming = said.upcoming(None, restriction, day(3), 10).unwrap();
    assert_eq!(upcoming.iter().map(|run| run.logical_date).collect::<Vec<_>>(), [day(4), day(9)]);
    let short = workdays(Some(ahead(chain(None, &[0, 1], false, 6), &asked(None, true))));
    assert!(matches!(short.missed(None, restriction, day(6), 1_000), Err(TimetableError::TooManyMissed { .. })));
}

proptest! {
    /// Following a chain names each of its runs once and in order, whatever is asked and whenever.
    #[test]
    fn a_chain_is_followed_to_its_end(days in proptest::collection::btree_set(0_i64..200, 1..40), now in 0_i64..300) {
        let days: Vec<i64> = days.into_iter().collect();
        let said = workdays(Some(ahead(chain(None, &days, true, 0), &Question::runs(None, Restriction::default(), 100, None))));
        let restriction = Restriction { earliest: None, latest: None, catchup: true };
        let (mut last, mut seen) = (None, Vec::new());
        while let Some(run) = said.next(last, restriction, day(now)).unwrap() {
            prop_assert!(seen.len() < days.len());
            seen.push(run.logical_date);
            last = Some(run.interval);
        }
        prop_assert_eq!(seen, days.iter().map(|number| day(*number)).collect::<Vec<_>>());
    }
}
