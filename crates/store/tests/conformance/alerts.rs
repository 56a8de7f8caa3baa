//! The outbox of alerts.

use std::sync::Arc;

use jiff::SignedDuration;
use tradewind_core::alert::{AlertKind, Backoff, Draft, Facts, Grouping, Policy, Target, TaskFacts};
use tradewind_core::state::{RunState, TaskState};
use tradewind_store::Store;
use tradewind_store::list::alert::{AlertCounts, AlertPulse, ListAlerts};
use tradewind_store::step::{
    ApplyPlan, HandOver, NextAlert, PlanOutcome, PruneAlerts, ReapLost, RenewClaims, Report, RetryAlerts, SettleAlert, Settlement,
    TakeAlerts,
};
use tradewind_store::table::alert::{Alert, EnqueueMail, MailBody, Outcomes, WriteAlerts};

use crate::backend::{Backend, START, stories};
use crate::fixture::{admit_one, at, claim_one, dag, number, plan, report, running_run, schedule, scheduler, sql, task, worker};

stories!(
    an_alert_is_written_with_the_change_or_not_at_all,
    a_task_that_lost_its_last_worker_is_told_of,
    a_claim_is_one_couriers_until_it_ends,
    what_was_handed_over_without_an_answer_is_sent_twice_at_most,
    refusals_are_tried_again_until_patience_ends,
    a_storm_becomes_a_digest,
    a_storm_longer_than_one_look_is_one_digest,
    one_held_alert_goes_as_itself,
    who_has_it_is_not_written_to_again,
    a_mail_of_a_task_is_kept_until_it_is_sent,
    old_ones_go_and_orphans_are_told_of,
);

const SECOND: SignedDuration = SignedDuration::from_secs(1);

fn draft(key: &str, kind: AlertKind, task_id: Option<&str>) -> Draft {
    let facts = Facts {
        dag_id: "d".to_owned(),
        task: task_id.map(|id| TaskFacts { task_id: id.to_owned(), map_index: -1, ..TaskFacts::default() }),
        ..Facts::default()
    };
    let targets = vec![Target { channel: "ops".into(), recipients: vec![] }];
    Draft { kind, key: key.to_owned(), targets, task: task_id.map(|id| (Arc::from(id), -1)), facts }
}

fn take(token: &str) -> TakeAlerts {
    let grouping = Grouping { after: 3, window: SECOND * 60 };
    TakeAlerts { channel: "ops".to_owned(), token: token.to_owned(), lease: SECOND * 30, limit: 100, grouping }
}

fn settle(alert: &Alert, token: &str, settlement: Settlement) -> SettleAlert {
    SettleAlert {
        id: alert.id,
        token: token.to_owned(),
        settlement,
        subject: None,
        outcomes: Outcomes::default(),
        error: (settlement != Settlement::Sent).then(|| "no".to_owned()),
        answered: false,
    }
}

fn again() -> Settlement {
    Settlement::Again { backoff: Backoff { first: SECOND, longest: SECOND * 10, give_up: SECOND * 3600 }, not_before: None }
}

async fn write(store: &Store, key: &str) {
    store.run(WriteAlerts(vec![(None, draft(key, AlertKind::RunFailure, None))])).await.unwrap();
}

async fn hand_over(store: &Store, alert: &Alert, token: &str) -> bool {
    store.run(HandOver { id: alert.id, token: token.to_owned(), lease: SECOND * 30 }).await.unwrap()
}

async fn get(store: &Store, id: i64) -> Alert {
    store.run(ListAlerts { id: Some(id), limit: 1, ..ListAlerts::default() }).await.unwrap().rows.remove(0)
}

async fn an_alert_is_written_with_the_change_or_not_at_all() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let (owner, worker) = (scheduler(store).await, worker(store).await);
    let run = running_run(store, owner, "d", "one", at(START)).await;
    schedule(store, owner, run, [task("a")]).await;
    let attempt = admit_one(store, owner, run, "a").await;
    claim_one(store, attempt, worker).await;
    let end = Report {
        alerts: vec![draft("attempt/1", AlertKind::TaskFailure, Some("a"))],
        ..report(attempt, worker, TaskState::Failed, at(START + 5))
    };
    store.run(end.clone()).await.unwrap();
    store.run(end).await.unwrap();
    assert_eq!(number(store, "SELECT count(*) FROM alert").await, 1, "a repeated report tells nothing anew");
    let alert = get(store, 1).await;
    let facts = alert.facts().unwrap();
    let told = facts.task.unwrap();
    assert_eq!((told.state.as_str(), told.try_number, told.end_date), ("failed", 1, Some(at(START + 5))), "what the row says by then");
    assert_eq!((facts.run.unwrap().run_id.as_str(), alert.run_id.as_deref(), alert.try_number), ("one", Some("one"), Some(1)));
    // A plan that is refused leaves no alert behind.
    let alerts = vec![draft("run/1", AlertKind::RunFailure, None)];
    let stale = ApplyPlan { run_end: Some(RunState::Failed), alerts, ..plan(owner, run, 0) };
    assert!(matches!(store.run(stale.clone()).await.unwrap(), PlanOutcome::Stale { .. }));
    assert_eq!(number(store, "SELECT count(*) FROM alert").await, 1);
    assert_eq!(store.run(ApplyPlan { known_seq: 1, ..stale }).await.unwrap(), PlanOutcome::Applied);
    assert_eq!(get(store, 2).await.facts().unwrap().run.unwrap().state, "failed");
}

async fn a_task_that_lost_its_last_worker_is_told_of() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    dag(store, "d", 16, 16).await;
    let (owner, lost) = (scheduler(store).await, worker(store).await);
    let run = running_run(store, owner, "d", "one", at(START)).await;
    let form = r#"{"format":1,"dag_id":"d","fileloc":"f","relative_fileloc":"f","catchup":false,
        "tasks":[{"task_id":"a","task_type":"T","task_module":"m","email":["x@example.com"]}]}"#;
    sql(store, format!("INSERT INTO dag_form VALUES ('h', '{form}')")).await;
    sql(store, "INSERT INTO dag_version (id, uuid, dag_id, version_number, content_hash, source_hash, created_at) VALUES (7, 'u', 'd', 1, 'h', 's', 0)").await;
    sql(store, "UPDATE dag_run SET version_id = 7").await;
    schedule(store, owner, run, [task("a")]).await;
    let attempt = admit_one(store, owner, run, "a").await;
    claim_one(store, attempt, lost).await;
    sql(store, "UPDATE task_instance SET worker_losses = 2").await;
    sql(store, format!("UPDATE job SET state = 'failed' WHERE id = {lost}")).await;
    store
        .run(ReapLost { owner, limit: 10, expired: true, losses: 2, policy: Arc::new(Policy::default()) })
        .await
        .unwrap()
        .expect("the term runs");
    let alert = get(store, 1).await;
    assert_eq!((alert.kind.as_str(), alert.recipients()), ("task_failure", vec!["x@example.com".to_owned()]));
    assert_eq!(alert.facts().unwrap().reason.as_deref(), Some("its worker was lost 3 times"));
}

async fn a_claim_is_one_couriers_until_it_ends() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    write(store, "one").await;
    assert_eq!(store.run(NextAlert { channel: "ops".to_owned() }).await.unwrap(), Some(store.now()));
    let taken = store.run(take("a")).await.unwrap();
    assert_eq!((taken.len(), taken[0].tries), (1, 1));
    assert!(store.run(take("b")).await.unwrap().is_empty(), "it is taken");
    assert!(!hand_over(store, &taken[0], "b").await);
    backend.clock.advance_seconds(20);
    let renew = RenewClaims { channel: "ops".to_owned(), token: "a".to_owned(), lease: SECOND * 30 };
    assert_eq!(store.run(renew).await.unwrap(), 1);
    backend.clock.advance_seconds(20);
    assert!(store.run(take("b")).await.unwrap().is_empty(), "the claim was renewed");
    backend.clock.advance_seconds(20);
    assert_eq!(store.run(take("b")).await.unwrap().len(), 1);
    assert!(!hand_over(store, &taken[0], "a").await, "who comes late sends nothing");
    assert_eq!(store.run(settle(&taken[0], "a", Settlement::Sent)).await.unwrap(), None);
    assert!(hand_over(store, &taken[0], "b").await);
    assert_eq!(store.run(settle(&taken[0], "b", Settlement::Sent)).await.unwrap().unwrap().state, "sent");
    backend.clock.advance_seconds(100);
    assert!(store.run(take("b")).await.unwrap().is_empty());
}

async fn what_was_handed_over_without_an_answer_is_sent_twice_at_most() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    write(store, "one").await;
    // Couriers that die before they hand over cost nothing.
    for _ in 0..4 {
        assert_eq!(store.run(take("dies early")).await.unwrap().len(), 1);
        backend.clock.advance_seconds(31);
    }
    for _ in 0..2 {
        let taken = store.run(take("dies late")).await.unwrap();
        assert!(hand_over(store, &taken[0], "dies late").await);
        backend.clock.advance_seconds(31);
    }
    assert!(store.run(take("third")).await.unwrap().is_empty());
    let alert = get(store, 1).await;
    assert_eq!(alert.state, "failed");
    assert!(alert.last_error.unwrap().contains("may have arrived"));
    // Unless a user wants it.
    assert_eq!(store.run(RetryAlerts { id: Some(1) }).await.unwrap(), 1);
    assert_eq!(store.run(take("fourth")).await.unwrap().len(), 1);
}

async fn refusals_are_tried_again_until_patience_ends() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    write(store, "one").await;
    for delay in [1, 2, 4, 8, 10, 10] {
        let taken = store.run(take("a")).await.unwrap();
        assert!(hand_over(store, &taken[0], "a").await, "an answered refusal never counts as sent");
        let settled = store.run(SettleAlert { answered: true, ..settle(&taken[0], "a", again()) }).await.unwrap().unwrap();
        assert_eq!((settled.state.as_str(), settled.next_try_at), ("waiting", Some(store.now() + SECOND * delay)));
        assert!(store.run(take("a")).await.unwrap().is_empty(), "not before its time");
        backend.clock.advance_seconds(delay.into());
    }
    let counts = store.run(AlertPulse { failed_within: SECOND * 86_400 }).await.unwrap();
    assert_eq!(counts, AlertCounts { waiting: 1, troubled: 1, failed: 0, oldest: Some(at(START)) });
    backend.clock.advance_seconds(3600);
    let taken = store.run(take("a")).await.unwrap();
    let settled = store.run(settle(&taken[0], "a", again())).await.unwrap().unwrap();
    assert_eq!(settled.state, "failed");
    assert_eq!(get(store, 1).await.last_error.as_deref(), Some("no; given up after 7 tries"));
    assert_eq!(store.run(AlertPulse { failed_within: SECOND * 86_400 }).await.unwrap().failed, 1);
    assert_eq!(store.run(RetryAlerts { id: None }).await.unwrap(), 1);
    let taken = store.run(take("a")).await.unwrap();
    assert_eq!(store.run(settle(&taken[0], "a", again())).await.unwrap().unwrap().state, "waiting", "patience begins anew");
}

async fn a_storm_becomes_a_digest() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    for index in 0..500 {
        write(store, &format!("{index}")).await;
    }
    let single = store.run(take("a")).await.unwrap();
    assert_eq!(single.iter().map(|alert| alert.id).collect::<Vec<_>>(), [1, 2, 3]);
    for alert in &single {
        store.run(settle(alert, "a", Settlement::Sent)).await.unwrap();
    }
    backend.clock.advance_seconds(30);
    write(store, "later").await;
    assert!(store.run(take("a")).await.unwrap().is_empty(), "the storm goes on");
    assert_eq!(store.run(NextAlert { channel: "ops".to_owned() }).await.unwrap(), Some(at(START) + SECOND * 60));
    backend.clock.advance_seconds(30);
    let digest = store.run(take("a")).await.unwrap();
    assert_eq!((digest.len(), digest[0].kind.as_str(), digest[0].grouped_count), (1, "digest", 498));
    let told = digest[0].facts().unwrap().digest.unwrap();
    assert_eq!((told.count, told.items.len()), (498, 100));
    assert_eq!(number(store, format!("SELECT count(*) FROM alert WHERE digest_id = {}", digest[0].id)).await, 498);
    store.run(settle(&digest[0], "a", Settlement::Sent)).await.unwrap();
    // After a quiet window single ones go at once again.
    backend.clock.advance_seconds(61);
    write(store, "calm").await;
    let calm = store.run(take("a")).await.unwrap();
    assert_eq!((calm.len(), calm[0].kind.as_str()), (1, "run_failure"));
}

async fn a_storm_longer_than_one_look_is_one_digest() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    let drafts = (0..4_500).map(|index| (None, draft(&index.to_string(), AlertKind::RunFailure, None)));
    store.run(WriteAlerts(drafts.collect())).await.unwrap();
    let single = store.run(take("a")).await.unwrap();
    assert_eq!(single.iter().map(|alert| alert.id).collect::<Vec<_>>(), [1, 2, 3]);
    backend.clock.advance_seconds(61);
    let rest = store.run(take("b")).await.unwrap();
    assert!(
        rest.iter().any(|alert| alert.grouped_count == 4_497),
        "{:?}",
        rest.iter().map(|alert| alert.grouped_count).collect::<Vec<_>>()
    );
}

async fn one_held_alert_goes_as_itself() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    for index in 0..4 {
        write(store, &format!("{index}")).await;
    }
    assert_eq!(store.run(take("a")).await.unwrap().len(), 3);
    backend.clock.advance_seconds(61);
    let rest = store.run(TakeAlerts { limit: 10, ..take("b") }).await.unwrap();
    assert!(rest.iter().any(|alert| alert.id == 4 && alert.kind == "run_failure"));
}

async fn who_has_it_is_not_written_to_again() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    write(store, "one").await;
    let taken = store.run(take("a")).await.unwrap();
    let outcomes = Outcomes::from([("good@x".to_owned(), None), ("bad@x".to_owned(), Some("550 unknown".to_owned()))]);
    store.run(SettleAlert { outcomes, ..settle(&taken[0], "a", Settlement::Failed) }).await.unwrap();
    assert_eq!(get(store, 1).await.outcomes().len(), 2);
    store.run(RetryAlerts { id: Some(1) }).await.unwrap();
    assert_eq!(get(store, 1).await.outcomes(), Outcomes::from([("good@x".to_owned(), None)]));
}

async fn a_mail_of_a_task_is_kept_until_it_is_sent() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    let mail = EnqueueMail {
        unique_key: "mail/1".to_owned(),
        recipients: vec!["x@example.com".to_owned()],
        subject: "hello".to_owned(),
        message: "aGVsbG8=".to_owned(),
        facts: Facts::default(),
    };
    assert_eq!(store.run(mail.clone()).await.unwrap(), Some(1));
    assert_eq!(store.run(mail).await.unwrap(), None, "asked for twice, sent once");
    let taken = store.run(TakeAlerts { channel: "email".to_owned(), ..take("a") }).await.unwrap();
    assert_eq!(store.run(MailBody { id: 1 }).await.unwrap().as_deref(), Some("aGVsbG8="));
    store.run(settle(&taken[0], "a", Settlement::Sent)).await.unwrap();
    assert_eq!(store.run(MailBody { id: 1 }).await.unwrap(), None);
}

async fn old_ones_go_and_orphans_are_told_of() {
    let backend = Backend::fresh().await;
    let store = &backend.store;
    write(store, "one").await;
    write(store, "two").await;
    let taken = store.run(take("a")).await.unwrap();
    store.run(settle(&taken[0], "a", Settlement::Sent)).await.unwrap();
    backend.clock.advance_seconds(10 * 86_400);
    let prune = PruneAlerts { keep: SECOND * 86_400 * 30, give_up: SECOND * 86_400 * 3, limit: 100 };
    assert_eq!(store.run(prune).await.unwrap(), 0);
    assert_eq!(get(store, 2).await.state, "failed");
    assert_eq!(store.run(PruneAlerts { keep: SECOND * 86_400, ..prune }).await.unwrap(), 2);
    let listed = store.run(ListAlerts { limit: 10, ..ListAlerts::default() }).await.unwrap();
    assert_eq!((listed.rows.len(), listed.total), (0, 0));
}
