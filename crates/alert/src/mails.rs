//! Mails of a batch: one conversation with each server, as long as it goes well.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use tradewind_core::alert::AlertKind;
use tradewind_store::table::alert::{Alert, MailBody};

use crate::courier::Courier;
use crate::mail::{self, Delivery, Envelope, MailServer, Session, Trouble, open_recipients};
use crate::outcome::{End, Tried};
use crate::prepared::prepare;

/// A mail that is ready to go.
struct Ready {
    mail: mail::Mail,
    subject: String,
    /// What was wrong with a template; it does not keep the mail back.
    problem: Option<String>,
}

/// Delivers a batch. A server that is away costs one try for all its mails.
pub async fn deliver(courier: &Courier, taken: Vec<Alert>) -> tradewind_store::Result<()> {
    let mut by_server: BTreeMap<String, Vec<Alert>> = BTreeMap::new();
    for alert in taken {
        let conn_id = alert.facts().ok().and_then(|facts| facts.mail).map_or_else(String::new, |mail| mail.conn_id);
        by_server.entry(conn_id).or_default().push(alert);
    }
    for (conn_id, alerts) in by_server {
        match mail::resolve(&courier.options, &courier.store, &conn_id).await {
            Ok(server) => through(courier, &server, &alerts).await?,
            Err(error) => fail_all(courier, &alerts, &error.to_string()).await?,
        }
    }
    Ok(())
}

async fn fail_all(courier: &Courier, alerts: &[Alert], error: &str) -> tradewind_store::Result<()> {
    for alert in alerts {
        courier.settle(alert, Tried { answered: false, ..Tried::again(error) }).await?;
    }
    Ok(())
}

/// Sends mails through one server.
async fn through(courier: &Courier, server: &MailServer, alerts: &[Alert]) -> tradewind_store::Result<()> {
    let mut session: Option<Session> = None;
    for (index, alert) in alerts.iter().enumerate() {
        if courier.stopping() {
            break;
        }
        courier.renew(index).await?;
        let ready = match make(courier, server, alert).await? {
            Ok(ready) => ready,
            Err(error) => {
                courier.settle(alert, Tried { answered: false, ..Tried::failed(error) }).await?;
                continue;
            }
        };
        match send(courier, server, &mut session, alert, &ready).await? {
            Sent::Settled(tried) => courier.settle(alert, tried).await?,
            Sent::NotOurs => {}
            Sent::NoServer(error) => {
                fail_all(courier, &alerts[index..], &error).await?;
                return Ok(());
            }
        }
    }
    if let Some(session) = session {
        session.close().await;
    }
    Ok(())
}

enum Sent {
    Settled(Tried),
    /// Another courier has it.
    NotOurs,
    NoServer(String),
}

/// One mail. A conversation that the server ends is begun again at once, a few times.
async fn send(
    courier: &Courier,
    server: &MailServer,
    session: &mut Option<Session>,
    alert: &Alert,
    ready: &Ready,
) -> tradewind_store::Result<Sent> {
    let to = open_recipients(&alert.recipients(), &alert.outcomes());
    for attempt in 1..=server.retries {
        if session.as_ref().is_none_or(Session::is_broken) {
            match Session::open(server, &courier.options.hostname).await {
                Ok(open) => *session = Some(open),
                Err(error) => return Ok(Sent::NoServer(error)),
            }
        }
        let Some(open) = session.as_mut() else { continue };
        let (handed, failed) = (AtomicBool::new(false), Mutex::new(None));
        let hand_over = || async {
            match courier.hand_over(alert).await {
                Ok(ours) => {
                    handed.store(ours, Ordering::Relaxed);
                    ours
                }
                Err(error) => {
                    *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    false
                }
            }
        };
        let delivery = open.send(&ready.mail, &to, hand_over).await;
        let handed = handed.into_inner();
        if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let hung_up = open.is_broken() && !handed && matches!(delivery.trouble, Some(Trouble::Later(_)));
        if hung_up && delivery.outcomes.is_empty() && attempt < server.retries {
            continue;
        }
        return Ok(judge(alert, ready, delivery, handed));
    }
    Ok(Sent::NoServer(format!("mail server {} hung up {} times", server.name(), server.retries)))
}

/// What the answers of the server mean for the alert.
fn judge(alert: &Alert, ready: &Ready, delivery: Delivery, handed: bool) -> Sent {
    let Delivery { outcomes, trouble } = delivery;
    let answered = handed && !matches!(trouble, Some(Trouble::Unknown(_)));
    let mut all = alert.outcomes();
    all.extend(outcomes.clone());
    let open = open_recipients(&alert.recipients(), &all);
    let refused: Vec<String> = all.iter().filter_map(|(address, why)| Some(format!("{address}: {}", why.as_ref()?))).collect();
    let delivered = all.values().any(Option::is_none);
    let (end, mut errors) = match (trouble, open.is_empty()) {
        (Some(Trouble::NotOurs), _) => return Sent::NotOurs,
        (_, true) if delivered => (End::Sent, Vec::new()),
        (_, true) => (End::Failed, Vec::new()),
        (Some(Trouble::Never(why)), false) => (End::Failed, vec![why]),
        (Some(Trouble::Later(why) | Trouble::Unknown(why)), false) => (End::Again, vec![why]),
        (None, false) => (End::Again, vec!["not all recipients were written to".to_owned()]),
    };
    errors.extend(refused);
    errors.extend(ready.problem.clone());
    let error = (!errors.is_empty()).then(|| errors.join("; "));
    Sent::Settled(Tried { end, subject: Some(ready.subject.clone()), outcomes, error, answered })
}

/// Makes the mail of an alert. The inner error is for ever.
async fn make(courier: &Courier, server: &MailServer, alert: &Alert) -> tradewind_store::Result<Result<Ready, String>> {
    let (options, from) = (&courier.options, server.mail_from.as_str());
    if alert.kind.parse() == Ok(AlertKind::Mail) {
        let sender = alert.facts()?.mail.map(|mail| mail.sender).filter(|sender| !sender.is_empty());
        let Some(body) = courier.store.run(MailBody { id: alert.id }).await? else { return Ok(Err("the mail itself is gone".to_owned())) };
        let mail = mail::raw(&body, sender.as_deref().unwrap_or(from));
        return Ok(mail.map(|mail| Ready { mail, subject: alert.subject.clone().unwrap_or_default(), problem: None }));
    }
    let prepared = match prepare(options, alert) {
        Ok(prepared) => prepared,
        Err(error) => return Ok(Err(error)),
    };
    let texts = prepared.texts(options);
    let envelope = Envelope { alert, from, hostname: &options.hostname };
    let mail = mail::compose(&envelope, &texts.subject, texts.plain, texts.html);
    Ok(mail.map(|mail| Ready { mail, subject: texts.subject, problem: texts.problem }))
}
