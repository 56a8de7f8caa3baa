//! Questions to timetables that are classes of the user's, and their answers.

use jiff::SignedDuration;
use serde_json::json;
use tradewind_store::Store;
use tradewind_store::step::{CreateScheduledRun, DueDags, NextRun, Owner, ScheduleOutcome};
use tradewind_store::table::timetable_question::{
    AnswerQuestion, AskAgain, AskAhead, AskTimetable, AskedAhead, ClaimQuestions, ClaimedQuestion, GetAhead, GetTimetableAnswer,
    QuestionsWait,
};
use uuid::Uuid;

use crate::backend::{Backend, stories};
use crate::fixture::{dag, number, scheduler, sql};

stories!(
    a_question_is_answered_once_and_wakes_the_schedule,
    a_schedule_whose_next_run_is_unknown_is_looked_at_again,
    an_answer_to_a_former_question_is_stale,
    what_is_wrong_with_a_class_is_a_warning_until_it_answers,
    clients_ask_under_names_of_their_own,
);

async fn custom(store: &Store) -> Owner {
    dag(store, "d", 16, 16).await;
    sql(
        store,
        "INSERT INTO dag_version (uuid, dag_id, version_number, content_hash, source_hash, created_at) VALUES ('u', 'd', 1, 'c', 's', 0)",
    )
    .await;
    sql(store, "UPDATE dag SET version_id = (SELECT id FROM dag_version WHERE uuid = 'u')").await;
    scheduler(store).await
}

async fn ask(store: &Store, owner: Owner, schedule_seq: i64, question: &str) -> AskedAhead {
    let ask = AskAhead { owner, dag_id: "d".into(), schedule_seq, question: question.into(), rest: true };
    store.run(ask).await.expect("it is asked")
}

async fn claim(store: &Store) -> Vec<ClaimedQuestion> {
    store.run(ClaimQuestions { lease: SignedDuration::from_secs(30), limit: 10 }).await.expect("questions are claimed")
}

fn answer(question: &ClaimedQuestion, text: &str, error: Option<&str>) -> AnswerQuestion {
    AnswerQuestion { asked: question.asked.clone(), answer: text.into(), error: error.map(str::to_owned), again: error.is_some() }
}

async fn due(store: &Store) -> Vec<(String, Option<String>)> {
    store.run(DueDags { limit: 10 }).await.expect("due DAGs").into_iter().map(|dag| (dag.dag_id, dag.ahead)).collect()
}

async fn a_question_is_answered_once_and_wakes_the_schedule() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    let owner = custom(store).await;
    assert_eq!(due(store).await, [("d".to_owned(), None)]);
    assert!(!store.run(QuestionsWait).await.unwrap());
    assert_eq!(ask(store, owner, 0, "q1").await, AskedAhead::Asked);
    assert_eq!(ask(store, owner, 0, "q1").await, AskedAhead::Waits);
    assert_eq!(ask(store, owner, 7, "q1").await, AskedAhead::Stale);
    assert!(due(store).await.is_empty(), "its schedule rests");
    assert!(store.run(QuestionsWait).await.unwrap());
    let claimed = claim(store).await;
    assert_eq!((claimed.len(), claimed[0].relative_fileloc.as_str(), claimed[0].asked.question.as_str()), (1, "d.py", "q1"));
    assert!(claim(store).await.is_empty(), "one processor at a time");
    assert!(store.run(answer(&claimed[0], "a1", None)).await.unwrap());
    assert!(!store.run(answer(&claimed[0], "again", None)).await.unwrap(), "an answer counts once");
    assert_eq!(due(store).await, [("d".to_owned(), Some("a1".to_owned()))]);
    assert_eq!(number(store, "SELECT schedule_seq FROM dag").await, 1, "who computed from the former answer is stale");
    assert_eq!(ask(store, owner, 0, "q1").await, AskedAhead::Stale);
    // A processor that died with the question: another one takes it.
    assert_eq!(ask(store, owner, 1, "q2").await, AskedAhead::Asked);
    assert_eq!(claim(store).await.len(), 1);
    backend.clock.advance(31_000_000);
    assert_eq!(claim(store).await.len(), 1);
}

async fn a_schedule_whose_next_run_is_unknown_is_looked_at_again() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    let owner = custom(store).await;
    let moves = |schedule_seq, unknown| {
        let next = NextRun { unknown, ..NextRun::default() };
        CreateScheduledRun { owner, dag_id: "d".into(), schedule_seq, run: None, next, max_open: None }
    };
    assert_eq!(store.run(moves(0, true)).await.unwrap(), ScheduleOutcome::Moved { schedule_seq: 1 });
    // Whoever was to ask may have died: another scheduler finds it.
    assert_eq!(due(store).await, [("d".to_owned(), None)]);
    assert_eq!(ask(store, owner, 1, "q").await, AskedAhead::Asked);
    assert!(due(store).await.is_empty(), "its schedule rests");
    assert_eq!(store.run(moves(1, false)).await.unwrap(), ScheduleOutcome::Moved { schedule_seq: 2 });
    assert!(due(store).await.is_empty(), "there is nothing to schedule");
}

async fn an_answer_to_a_former_question_is_stale() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    let owner = custom(store).await;
    ask(store, owner, 0, "q1").await;
    let former = claim(store).await.remove(0);
    assert_eq!(ask(store, owner, 0, "q2").await, AskedAhead::Asked);
    assert!(!store.run(answer(&former, "old", None)).await.unwrap());
    let newer = claim(store).await.remove(0);
    assert_eq!(newer.asked.question, "q2");
    assert!(store.run(answer(&newer, "new", None)).await.unwrap());
    // The former answer serves until the next one has come.
    assert_eq!(ask(store, owner, 1, "q3").await, AskedAhead::Asked);
    assert_eq!(store.run(GetAhead { dag_id: "d".into() }).await.unwrap().as_deref(), Some("new"));
}

async fn what_is_wrong_with_a_class_is_a_warning_until_it_answers() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    let owner = custom(store).await;
    ask(store, owner, 0, "q1").await;
    store.run(answer(&claim(store).await[0], "failed", Some("it raised ValueError"))).await.unwrap();
    let warnings = || number(store, "SELECT COUNT(*) FROM dag_warning WHERE dag_id = 'd' AND message = 'it raised ValueError'");
    assert_eq!(warnings().await, 1);
    assert!(due(store).await.is_empty(), "without an answer the schedule rests");
    let again = AskAgain { older_than: SignedDuration::from_secs(60) };
    assert_eq!(store.run(again).await.unwrap(), 0);
    backend.clock.advance(61_000_000);
    assert_eq!(store.run(again).await.unwrap(), 1);
    assert_eq!(store.run(again).await.unwrap(), 0);
    store.run(answer(&claim(store).await[0], "well", None)).await.unwrap();
    assert_eq!(warnings().await, 0);
}

async fn clients_ask_under_names_of_their_own() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    let owner = custom(store).await;
    ask(store, owner, 0, "ahead").await;
    let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    for (name, question) in [(one, "first"), (other, "second")] {
        store.run(AskTimetable { dag_id: "d".into(), name, question: json!(question).to_string() }).await.unwrap();
        backend.clock.advance(1);
    }
    let claimed = claim(store).await;
    let names: Vec<_> = claimed.iter().map(|question| question.asked.name.clone()).collect();
    assert_eq!(names, [one.to_string(), other.to_string(), "ahead".to_owned()], "who waits comes first");
    store.run(answer(&claimed[1], "yes", None)).await.unwrap();
    let get = |name| store.run(GetTimetableAnswer { dag_id: "d".into(), name });
    assert_eq!((get(one).await.unwrap(), get(other).await.unwrap()), (None, Some("yes".to_owned())));
    assert_eq!(number(store, "SELECT needs_schedule FROM dag").await, 0, "a client's question does not wake the schedule");
    backend.clock.advance(3_600_000_001);
    store.run(AskAgain { older_than: SignedDuration::from_secs(60) }).await.unwrap();
    assert_eq!(number(store, "SELECT COUNT(*) FROM timetable_question").await, 1);
}
