//! `[alerts]`: whom to tell of what, and how patiently.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::reader::{Reader, limit, seconds};
use crate::secret::Secret;

/// See the module.
#[derive(Debug, Clone)]
pub struct Alerts {
    /// Channels besides the mail that tasks ask for.
    pub channels: Vec<Channel>,
    /// Single alerts in a window; 0 is no limit.
    pub group_after: u32,
    pub group_window: Duration,
    pub retry_first: Duration,
    pub retry_longest: Duration,
    pub give_up_after: Duration,
    pub late_after: Option<Duration>,
    /// Times the usual duration; None is off.
    pub late_factor: Option<f64>,
    /// Pattern of DAG ids and what is late there, in the order of the configuration.
    pub late_after_by_dag: Vec<(String, Option<Duration>)>,
    pub never_started_after: Option<Duration>,
    pub check_interval: Duration,
    pub log_lines: u32,
    pub keep: Duration,
}

/// A channel of the configuration.
#[derive(Debug, Clone)]
pub struct Channel {
    pub name: String,
    pub kind: ChannelKind,
    /// Words such as `run_failure`.
    pub events: Vec<String>,
    /// Ids of DAGs with wildcards; empty: all.
    pub dags: Vec<String>,
    pub tags: Vec<String>,
    pub owners: Vec<String>,
    /// Of one delivery.
    pub timeout: Duration,
}

/// How a channel delivers.
#[derive(Debug, Clone)]
pub enum ChannelKind {
    /// An incoming webhook of Slack, or of what understands the same (Mattermost, Rocket.Chat ...).
    Slack { url: Secret },
    /// A POST of the alert as JSON.
    Webhook { url: Secret, headers: Vec<(String, Secret)> },
    /// A program that gets the alert as JSON on its input.
    Command { argv: Vec<String> },
    /// Mail; without addresses to those that the tasks of the DAG name.
    Email { to: Vec<String> },
}

/// As the JSON of the option has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    r#type: String,
    url: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    argv: Option<Vec<String>>,
    to: Option<OneOrMore>,
    events: Option<Vec<String>>,
    #[serde(default)]
    dags: Vec<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    owners: Vec<String>,
    timeout: Option<f64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// Words of events; without `events` a channel hears of failures of runs and of late ones.
const EVENTS: [&str; 7] = ["task_success", "task_failure", "task_retry", "run_success", "run_failure", "run_late", "run_never_started"];
const DEFAULT_EVENTS: [&str; 3] = ["run_failure", "run_late", "run_never_started"];

impl Alerts {
    pub(super) fn read(r: &mut Reader<'_>) -> Alerts {
        let s = "alerts";
        Alerts {
            channels: channels(r),
            group_after: r.int(s, "group_after"),
            group_window: seconds(r.float(s, "group_window")),
            retry_first: seconds(r.float(s, "retry_first")),
            retry_longest: seconds(r.float(s, "retry_longest")),
            give_up_after: seconds(r.float(s, "give_up_after")),
            late_after: limit(r.float(s, "late_after")),
            late_factor: Some(r.float(s, "late_factor")).filter(|factor| *factor > 0.0),
            late_after_by_dag: late_by_dag(r),
            never_started_after: limit(r.float(s, "never_started_after")),
            check_interval: seconds(r.float(s, "check_interval")),
            log_lines: r.int(s, "log_lines"),
            keep: seconds(r.float(s, "keep_days") * 86_400.0),
        }
    }
}

fn channels(r: &mut Reader<'_>) -> Vec<Channel> {
    let Some(found) = r.found("alerts", "channels").filter(|found| !found.value.trim().is_empty()) else { return Vec::new() };
    let given: BTreeMap<String, Given> = match serde_json::from_str(&found.value) {
        Ok(given) => given,
        Err(error) => {
            r.reject(
                found.not_allowed(format!("a JSON object of channels by name, such as {EXAMPLE} ({})", without_texts(&error.to_string()))),
            );
            return Vec::new();
        }
    };
    let mut channels = Vec::new();
    for (name, one) in given {
        match channel(&name, one) {
            Ok(channel) => channels.push(channel),
            Err(expected) => r.reject(found.not_allowed(format!("for channel `{name}` {expected}"))),
        }
    }
    channels
}

const EXAMPLE: &str = r#"{"ops": {"type": "slack", "url": "https://hooks.example.com/...", "events": ["run_failure"]}}"#;

/// What a message quotes may be a secret.
fn without_texts(message: &str) -> String {
    match (message.find('"'), message.rfind('"')) {
        (Some(first), Some(last)) if first < last => format!("{}...{}", &message[..first], &message[last + 1..]),
        _ => message.to_owned(),
    }
}

/// The error says what was expected.
fn channel(name: &str, given: Given) -> Result<Channel, String> {
    if name == "email" || name.is_empty() || name.contains(['/', ' ']) {
        return Err("another name: not empty, not `email` (the mail that tasks ask for), no spaces and no `/`".to_owned());
    }
    let events = given.events.unwrap_or_else(|| DEFAULT_EVENTS.map(str::to_owned).to_vec());
    if let Some(wrong) = events.iter().find(|event| !EVENTS.contains(&event.as_str())) {
        return Err(format!("events among {}, not `{wrong}`", EVENTS.join(", ")));
    }
    let url = |url: Option<String>| match url {
        Some(url) if url.starts_with("https://") || url.starts_with("http://") => Ok(Secret::new(url)),
        _ => Err("a `url` that begins with https:// or http://".to_owned()),
    };
    let kind = match given.r#type.as_str() {
        "slack" => ChannelKind::Slack { url: url(given.url)? },
        "webhook" => {
            let headers = given.headers.into_iter().map(|(name, value)| (name, Secret::new(value))).collect();
            ChannelKind::Webhook { url: url(given.url)?, headers }
        }
        "command" => match given.argv {
            Some(argv) if argv.first().is_some_and(|program| program.starts_with('/')) => ChannelKind::Command { argv },
            _ => return Err("`argv`, a list of program (an absolute path) and arguments".to_owned()),
        },
        "email" => ChannelKind::Email { to: given.to.map_or_else(Vec::new, addresses) },
        other => return Err(format!("a `type` among slack, webhook, command, email, not `{other}`")),
    };
    let timeout = given.timeout.unwrap_or(30.0);
    if !(0.05..=600.0).contains(&timeout) {
        return Err("a `timeout` of 0.05 to 600 seconds".to_owned());
    }
    Ok(Channel { name: name.to_owned(), kind, events, dags: given.dags, tags: given.tags, owners: given.owners, timeout: seconds(timeout) })
}

fn addresses(given: OneOrMore) -> Vec<String> {
    let texts = match given {
        OneOrMore::One(text) => vec![text],
        OneOrMore::More(texts) => texts,
    };
    let parts = texts.iter().flat_map(|text| text.split([',', ';']));
    parts.map(str::trim).filter(|address| !address.is_empty()).map(str::to_owned).collect()
}

fn late_by_dag(r: &mut Reader<'_>) -> Vec<(String, Option<Duration>)> {
    let Some(found) = r.found("alerts", "late_after_by_dag").filter(|found| !found.value.trim().is_empty()) else { return Vec::new() };
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&found.value) {
        Ok(given) if given.values().all(|value| value.as_f64().is_some_and(|number| number >= 0.0)) => {
            given.into_iter().map(|(dag, value)| (dag, limit(value.as_f64().unwrap_or_default()))).collect()
        }
        _ => {
            r.reject(found.not_allowed("a JSON object of seconds by DAG id, such as {\"etl_*\": 3600}"));
            Vec::new()
        }
    }
}
