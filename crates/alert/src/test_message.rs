//! Which channels there are, and a test message through one of them: at once, without the outbox, so that its error is seen.

use jiff::Timestamp;
use serde::Serialize;
use tradewind_config::ChannelKind;
use tradewind_core::alert::{AlertKind, EMAIL, Facts, split_addresses};
use tradewind_store::Store;
use tradewind_store::table::alert::Alert;

use crate::courier::{post, run};
use crate::mail::{self, Envelope, Session};
use crate::options::AlertOptions;
use crate::outcome::{End, Tried};
use crate::story::{Story, Tone};
use crate::{text, webhook};

/// A channel for display: nothing of it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Channel {
    pub name: String,
    /// `email`, `slack`, `webhook` or `command`.
    pub r#type: &'static str,
    /// Where it goes: host and port, host, program.
    pub target: String,
    pub recipients: Vec<String>,
    pub events: Vec<String>,
    pub dags: Vec<String>,
    pub tags: Vec<String>,
    pub owners: Vec<String>,
}

/// Why a test message was not delivered.
#[derive(Debug, thiserror::Error)]
pub enum TestError {
    #[error("there is no channel `{name}`; there are {known}")]
    Unknown { name: String, known: String },
    #[error("channel `{0}` needs an address to write to")]
    NoAddress(String),
    #[error("{0}")]
    Failed(String),
}

/// All channels; the mail that tasks ask for comes first.
pub fn channels(options: &AlertOptions) -> Vec<Channel> {
    let smtp = format!("{}:{}", options.smtp.host, options.smtp.port);
    let first = Channel {
        name: EMAIL.to_owned(),
        r#type: "email",
        target: smtp.clone(),
        recipients: Vec::new(),
        events: ["task_success", "task_failure", "task_retry"].map(str::to_owned).to_vec(),
        dags: Vec::new(),
        tags: Vec::new(),
        owners: Vec::new(),
    };
    let others = options.channels.iter().map(|channel| {
        let (kind, target, recipients) = match &channel.kind {
            ChannelKind::Slack { url } => ("slack", host(url.expose()), Vec::new()),
            ChannelKind::Webhook { url, .. } => ("webhook", host(url.expose()), Vec::new()),
            ChannelKind::Command { argv } => ("command", argv.first().cloned().unwrap_or_default(), Vec::new()),
            ChannelKind::Email { to } => ("email", smtp.clone(), to.clone()),
        };
        Channel {
            name: channel.name.clone(),
            r#type: kind,
            target,
            recipients,
            events: channel.events.clone(),
            dags: channel.dags.clone(),
            tags: channel.tags.clone(),
            owners: channel.owners.clone(),
        }
    });
    std::iter::once(first).chain(others).collect()
}

/// The host of an address: its path is the secret of a webhook.
fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default().to_owned()
}

/// Sends a test message. `to`: addresses, for mail; a channel of the configuration knows its own.
///
/// # Errors
/// Why it was not delivered.
pub async fn test(options: &AlertOptions, store: &Store, channel: &str, to: Option<&str>) -> Result<(), TestError> {
    let name = channel;
    let configured = options.channels.iter().find(|one| one.name == name);
    let subject = format!("{}: test message", options.instance_name);
    let rows = vec![("Channel", name.to_owned()), ("From", options.hostname.clone()), ("Server", options.link.base_url.clone())];
    let links = vec![("Open", format!("{}/", options.link.base_url))];
    let story = Story { subject, tone: Tone::Good, rows, links, ..Story::default() };
    let value = text::json(0, AlertKind::Digest, &Facts::default(), &story, store.now());
    let value = with_event(value);
    let tried = match configured.map(|channel| (&channel.kind, channel)) {
        None if name != EMAIL => {
            let known: Vec<String> = channels(options).into_iter().map(|channel| channel.name).collect();
            return Err(TestError::Unknown { name: name.to_owned(), known: known.join(", ") });
        }
        None => test_mail(options, store, &addresses(name, to, &[])?, &story).await,
        Some((ChannelKind::Email { to: own }, _)) => test_mail(options, store, &addresses(name, to, own)?, &story).await,
        Some((ChannelKind::Command { .. }, channel)) => run(channel, &value).await,
        Some((ChannelKind::Slack { .. } | ChannelKind::Webhook { .. }, channel)) => {
            let client = webhook::client().map_err(TestError::Failed)?;
            post(&client, channel, &value, &text::slack(&story)).await
        }
    };
    match (tried.end, tried.error) {
        (End::Sent, None) => Ok(()),
        (_, error) => Err(TestError::Failed(error.unwrap_or_else(|| "it was not delivered".to_owned()))),
    }
}

fn with_event(mut value: serde_json::Value) -> serde_json::Value {
    value["event"] = "test".into();
    value
}

fn addresses(channel: &str, to: Option<&str>, own: &[String]) -> Result<Vec<String>, TestError> {
    let given = to.map(split_addresses).unwrap_or_default();
    let all = if given.is_empty() { own.to_vec() } else { given };
    if all.is_empty() { Err(TestError::NoAddress(channel.to_owned())) } else { Ok(all) }
}

/// Sends a mail that is in no outbox, at once: for what must be told while nothing delivers.
///
/// # Errors
/// Why it was not delivered to all.
pub async fn tell(
    options: &AlertOptions,
    store: &Store,
    to: &[String],
    subject: &str,
    rows: Vec<(&'static str, String)>,
) -> Result<(), String> {
    let links = vec![("Open", format!("{}/", options.link.base_url))];
    let story = Story { subject: subject.to_owned(), tone: Tone::Bad, rows, links, ..Story::default() };
    let tried = test_mail(options, store, to, &story).await;
    match (tried.end, tried.error) {
        (End::Sent, None) => Ok(()),
        (_, error) => Err(error.unwrap_or_else(|| "it was not delivered".to_owned())),
    }
}

async fn test_mail(options: &AlertOptions, store: &Store, to: &[String], story: &Story) -> Tried {
    let server = match mail::resolve(options, store, "").await {
        Ok(server) => server,
        Err(error) => return Tried::again(error.to_string()),
    };
    let now = store.now();
    let alert = row(to, now);
    let envelope = Envelope { alert: &alert, from: &server.mail_from, hostname: &options.hostname };
    let mail = match mail::compose(&envelope, &story.subject, text::plain(story), text::html(story)) {
        Ok(mail) => mail,
        Err(error) => return Tried::failed(error),
    };
    let mut session = match Session::open(&server, &options.hostname).await {
        Ok(session) => session,
        Err(error) => return Tried::again(error),
    };
    let delivery = session.send(&mail, to, || async { true }).await;
    session.close().await;
    let refused = delivery.outcomes.iter().filter_map(|(address, why)| Some(format!("{address}: {}", why.as_ref()?)));
    let mut errors: Vec<String> = refused.collect();
    errors.extend(delivery.trouble.map(|trouble| match trouble {
        mail::Trouble::Later(why) | mail::Trouble::Never(why) | mail::Trouble::Unknown(why) => why,
        mail::Trouble::NotOurs => "it was given up".to_owned(),
    }));
    Tried {
        end: if errors.is_empty() { End::Sent } else { End::Failed },
        error: (!errors.is_empty()).then(|| errors.join("; ")),
        ..Tried::sent()
    }
}

/// A row that is nowhere: a test leaves no trace.
fn row(to: &[String], now: Timestamp) -> Alert {
    Alert {
        id: 0,
        kind: "test".to_owned(),
        channel: EMAIL.to_owned(),
        recipients: serde_json::to_string(to).unwrap_or_default(),
        dag_id: None,
        run_id: None,
        task_id: None,
        map_index: None,
        try_number: None,
        facts: "{}".to_owned(),
        subject: None,
        state: "sending".to_owned(),
        created_at: now,
        since: now,
        next_try_at: None,
        tries: 1,
        handed: 0,
        outcomes: "{}".to_owned(),
        sent_at: None,
        last_error: None,
        digest_id: None,
        grouped_count: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_webhook_the_host_is_shown() {
        assert_eq!(host("https://hooks.example.com/services/T0KEN"), "hooks.example.com");
        assert_eq!(host("http://user:word@127.0.0.1:8080?T0KEN"), "127.0.0.1:8080");
    }
}
