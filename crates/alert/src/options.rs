//! Plain settings of alerts.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::SignedDuration;
use tradewind_config::{Channel, ChannelKind, Email, Secret, Settings, Smtp};
use tradewind_core::alert::{Backoff, Grouping, Policy, Recipients, Rule};
use tradewind_core::connection_uri::ConnectionUri;
use tradewind_queue::attempt_log::LogTemplate;
use tradewind_store::table::connection::Connection;

use crate::template::Templates;

/// Finds a connection by its id.
pub type Connections = Arc<dyn Fn(&str) -> Option<Connection> + Send + Sync>;

/// How alerts are composed and delivered.
#[derive(Clone)]
pub struct AlertOptions {
    pub channels: Vec<Channel>,
    pub email: Email,
    pub smtp: Smtp,
    pub(crate) templates: Arc<Templates>,
    pub backoff: Backoff,
    pub grouping: Grouping,
    pub keep: SignedDuration,
    /// How often the outbox is looked at when no hint comes.
    pub poll: std::time::Duration,
    pub link: Link,
    pub instance_name: String,
    /// Name of this host, for ids of messages.
    pub hostname: String,
    pub log_folder: PathBuf,
    pub log_template: LogTemplate,
    pub log_lines: usize,
    /// Connections of the environment by id, as tasks see them.
    pub connections: Connections,
}

/// Where the pages are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Link {
    /// Without a slash at its end.
    pub base_url: String,
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum OptionsError {
    #[error("[email] {key} = {}: the file cannot be read: {source}", path.display())]
    Template { key: &'static str, path: PathBuf, source: std::io::Error },
    #[error("[email] {key} = {}: {message}", path.display())]
    Syntax { key: &'static str, path: PathBuf, message: String },
    #[error(transparent)]
    Log(#[from] tradewind_queue::attempt_log::TemplateError),
}

impl AlertOptions {
    /// # Errors
    /// A template file that cannot be read or is not one.
    pub fn from_settings(settings: &Settings, base_url: &str, hostname: &str) -> Result<Self, OptionsError> {
        let alerts = &settings.alerts;
        Ok(Self {
            channels: alerts.channels.clone(),
            email: settings.email.clone(),
            smtp: settings.smtp.clone(),
            templates: Arc::new(Templates::read(&settings.email)?),
            backoff: Backoff {
                first: signed(alerts.retry_first),
                longest: signed(alerts.retry_longest.max(alerts.retry_first)),
                give_up: signed(alerts.give_up_after),
            },
            grouping: Grouping { after: alerts.group_after, window: signed(alerts.group_window) },
            keep: signed(alerts.keep),
            poll: settings.leases.poll_interval,
            link: Link { base_url: base_url.trim_end_matches('/').to_owned() },
            instance_name: settings.api.instance_name.clone().unwrap_or_else(|| "Tradewind".to_owned()),
            hostname: hostname.to_owned(),
            log_folder: settings.logging.base_log_folder.clone(),
            log_template: LogTemplate::parse(&settings.logging.filename_template)?,
            log_lines: usize::try_from(alerts.log_lines).unwrap_or(usize::MAX),
            connections: Arc::new(of_environment),
        })
    }
}

/// Texts that no log may show.
pub fn secrets(channels: &[Channel], password: Option<&Secret>) -> Vec<String> {
    let mut found: Vec<&Secret> = password.into_iter().collect();
    for channel in channels {
        match &channel.kind {
            ChannelKind::Slack { url } => found.push(url),
            ChannelKind::Webhook { url, headers } => {
                found.push(url);
                found.extend(headers.iter().map(|(_, value)| value));
            }
            ChannelKind::Command { .. } | ChannelKind::Email { .. } => {}
        }
    }
    found.into_iter().map(|secret| secret.expose().to_owned()).filter(|text| !text.is_empty()).collect()
}

/// `AIRFLOW_CONN_{ID}`: a URI or JSON, as tasks read it.
fn of_environment(conn_id: &str) -> Option<Connection> {
    let text = std::env::var(format!("AIRFLOW_CONN_{}", conn_id.to_uppercase())).ok().filter(|text| !text.is_empty())?;
    let found = match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(value) if value.is_object() => of_json(&value),
        _ => ConnectionUri::parse(&text).ok().map(|uri| Connection {
            conn_type: uri.conn_type,
            host: uri.host,
            schema: uri.schema,
            login: uri.login,
            password: uri.password.map(tradewind_store::Secret),
            port: uri.port.map(i64::from),
            extra: uri.extra.map(tradewind_store::Secret),
            ..Connection::default()
        }),
    }?;
    Some(Connection { conn_id: conn_id.to_owned(), ..found })
}

fn of_json(value: &serde_json::Value) -> Option<Connection> {
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    let port = value["port"].as_i64().or_else(|| value["port"].as_str()?.parse().ok());
    let extra = match &value["extra"] {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    Some(Connection {
        conn_type: text("conn_type")?,
        host: text("host"),
        schema: text("schema"),
        login: text("login"),
        password: text("password").map(tradewind_store::Secret),
        port,
        extra: extra.map(tradewind_store::Secret),
        ..Connection::default()
    })
}

/// Who is told of what.
pub fn policy(channels: &[Channel]) -> Policy {
    let rules = channels.iter().map(|channel| Rule {
        channel: channel.name.as_str().into(),
        recipients: match &channel.kind {
            ChannelKind::Email { to } if to.is_empty() => Recipients::OfDag,
            ChannelKind::Email { to } => Recipients::Addresses(to.clone()),
            ChannelKind::Slack { .. } | ChannelKind::Webhook { .. } | ChannelKind::Command { .. } => Recipients::Channel,
        },
        // The configuration has checked the words.
        events: channel.events.iter().filter_map(|event| event.parse().ok()).collect(),
        dags: channel.dags.clone(),
        tags: channel.tags.clone(),
        owners: channel.owners.clone(),
    });
    Policy { rules: rules.collect() }
}

/// Settings are far below the bound of the signed type.
pub(crate) fn signed(duration: std::time::Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::from_hours(24 * 36_500))
}
