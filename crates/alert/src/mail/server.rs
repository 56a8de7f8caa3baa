//! Which mail server: `[smtp]`, and over it a connection when there is one, as for mails of tasks.

use std::time::Duration;

use serde_json::Value;
use tradewind_config::Secret;
use tradewind_store::Store;
use tradewind_store::table::connection::{Connection, GetConnection};

use crate::options::AlertOptions;

/// Where mails go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServer {
    pub host: String,
    pub port: u16,
    /// TLS after connecting.
    pub starttls: bool,
    /// TLS from the start.
    pub ssl: bool,
    pub user: Option<String>,
    pub password: Option<Secret>,
    /// Of each step of the conversation.
    pub timeout: Duration,
    /// Connections that are tried at once.
    pub retries: u32,
    /// Sender of mails that name none.
    pub mail_from: String,
    /// The certificate is checked.
    pub verify: bool,
}

/// Why it is not known.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error("connection `{conn_id}` cannot be read: {source}")]
    Store { conn_id: String, source: tradewind_store::Error },
}

/// The server of a connection; an empty id is `[email] email_conn_id`. Without such a connection, `[smtp]` says all.
///
/// # Errors
/// The database cannot be read, or the keys of secrets do not fit.
pub async fn resolve(options: &AlertOptions, store: &Store, conn_id: &str) -> Result<MailServer, ServerError> {
    let conn_id = if conn_id.is_empty() { options.email.conn_id.as_str() } else { conn_id };
    let connection = match (options.connections)(conn_id) {
        Some(found) => Some(found),
        None => {
            let get = GetConnection { conn_id: conn_id.to_owned() };
            store.run(get).await.map_err(|source| ServerError::Store { conn_id: conn_id.to_owned(), source })?
        }
    };
    Ok(server(options, connection.unwrap_or_default()))
}

fn server(options: &AlertOptions, connection: Connection) -> MailServer {
    let smtp = &options.smtp;
    let extra: Value = connection.extra.and_then(|text| serde_json::from_str(&text.0).ok()).unwrap_or_default();
    let set = |text: Option<String>| text.filter(|text| !text.is_empty());
    let flag = |key: &str| match &extra[key] {
        Value::Bool(on) => Some(*on),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "t" => Some(true),
            "false" | "0" | "f" => Some(false),
            _ => None,
        },
        _ => None,
    };
    let number = |key: &str| extra[key].as_f64().or_else(|| extra[key].as_str()?.parse().ok()).filter(|number| *number > 0.0);
    let configured = options.email.from_email.clone().unwrap_or_else(|| smtp.mail_from.clone());
    MailServer {
        host: set(connection.host).unwrap_or_else(|| smtp.host.clone()),
        port: connection.port.and_then(|port| u16::try_from(port).ok()).unwrap_or(smtp.port),
        starttls: flag("disable_tls").map_or(smtp.starttls, |off| !off),
        ssl: flag("disable_ssl").map_or(smtp.ssl, |off| !off),
        user: set(connection.login).or_else(|| smtp.user.clone()),
        password: connection.password.map(|password| Secret::new(password.0)).or_else(|| smtp.password.clone()),
        timeout: number("timeout").and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or(smtp.timeout),
        retries: number("retry_limit").map_or(smtp.retry_limit, |limit| format!("{limit:.0}").parse().unwrap_or(smtp.retry_limit)).max(1),
        mail_from: extra["from_email"].as_str().filter(|text| !text.is_empty()).map_or(configured, str::to_owned),
        verify: options.email.verify && extra["ssl_context"].as_str() != Some("none"),
    }
}

impl MailServer {
    /// For messages: never with the password.
    pub fn name(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}
