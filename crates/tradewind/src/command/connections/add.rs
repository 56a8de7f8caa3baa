//! `connections add`, and connections out of URIs and JSON objects.

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::{Map, Value, json};
use tradewind_core::connection_uri::ConnectionUri;
use tradewind_store::table::connection::{Connection, SetConnection};
use tradewind_store::{Secret, Store};

use crate::context::audit;
use crate::exchange;

/// Arguments of `connections add`.
#[derive(Debug, Args)]
pub struct Add {
    /// Id of the connection.
    conn_id: String,
    /// The whole connection as a URI.
    #[arg(long, conflicts_with_all = ["conn_json", "conn_type", "conn_host", "conn_login", "conn_password", "conn_schema", "conn_port", "conn_extra"])]
    conn_uri: Option<String>,
    /// The whole connection as a JSON object.
    #[arg(long, conflicts_with_all = ["conn_type", "conn_host", "conn_login", "conn_password", "conn_schema", "conn_port", "conn_extra"])]
    conn_json: Option<String>,
    /// Type, such as postgres or http.
    #[arg(long)]
    conn_type: Option<String>,
    /// What it is for.
    #[arg(long)]
    conn_description: Option<String>,
    /// Host.
    #[arg(long)]
    conn_host: Option<String>,
    /// User name.
    #[arg(long)]
    conn_login: Option<String>,
    /// Password.
    #[arg(long)]
    conn_password: Option<String>,
    /// Schema or database.
    #[arg(long)]
    conn_schema: Option<String>,
    /// Port.
    #[arg(long)]
    conn_port: Option<u16>,
    /// Further settings as a JSON object.
    #[arg(long)]
    conn_extra: Option<String>,
}

impl Add {
    pub async fn run(self, store: &Store) -> anyhow::Result<()> {
        let conn_id = self.conn_id.clone();
        let connection = self.connection()?;
        check(&connection)?;
        let conn_type = connection.conn_type.clone();
        if !store.run(SetConnection { connection, only_new: true }).await? {
            bail!("A connection with `conn_id`={conn_id} already exists.");
        }
        audit(store, "cli_connections_add", json!({ "conn_id": conn_id, "conn_type": conn_type })).await?;
        println!("Successfully added `conn_id`={conn_id}");
        Ok(())
    }

    fn connection(self) -> anyhow::Result<Connection> {
        let mut connection = match (&self.conn_uri, &self.conn_json, self.conn_type) {
            (Some(uri), ..) => of_uri(&self.conn_id, uri)?,
            (None, Some(text), _) => of_json_text(&self.conn_id, text)?,
            (None, None, Some(conn_type)) => Connection {
                conn_id: self.conn_id,
                conn_type,
                description: None,
                host: self.conn_host,
                schema: self.conn_schema,
                login: self.conn_login,
                password: self.conn_password.map(Secret),
                port: self.conn_port.map(i64::from),
                extra: self.conn_extra.map(Secret),
            },
            (None, None, None) => bail!("Must supply either --conn-uri or --conn-json or --conn-type"),
        };
        if self.conn_description.is_some() {
            connection.description = self.conn_description;
        }
        Ok(connection)
    }
}

/// The id has letters that survive in paths and variables; the extra is a JSON object.
pub fn check(connection: &Connection) -> anyhow::Result<()> {
    let id = &connection.conn_id;
    let plain = |c: char| c.is_alphanumeric() || "_-.#@/()".contains(c);
    if id.is_empty() || id.chars().count() > 200 || !id.chars().all(plain) {
        bail!("the id {id:?} of a connection has letters, digits and any of _ - . # @ / ( ), 200 at most");
    }
    if let Some(extra) = connection.extra.as_ref().filter(|extra| !extra.0.is_empty()) {
        // The parser's own error may quote the text, which may hold a secret.
        let read: Result<Map<String, Value>, _> = serde_json::from_str(&extra.0);
        read.map_err(|error| anyhow::anyhow!("the extra of connection {id} is no JSON object (column {})", error.column()))?;
    }
    Ok(())
}

/// A connection as variables and files hold it: a JSON object or a URI.
pub fn of_text(conn_id: &str, text: &str) -> anyhow::Result<Connection> {
    if text.trim_start().starts_with('{') { of_json_text(conn_id, text) } else { of_uri(conn_id, text) }
}

fn of_uri(conn_id: &str, uri: &str) -> anyhow::Result<Connection> {
    let uri = ConnectionUri::parse(uri).with_context(|| format!("connection {conn_id}"))?;
    if uri.conn_type.is_empty() {
        bail!("connection {conn_id}: the URI has no type; it begins with type://");
    }
    Ok(Connection {
        conn_id: conn_id.to_owned(),
        conn_type: uri.conn_type,
        description: None,
        host: uri.host,
        schema: uri.schema,
        login: uri.login,
        password: uri.password.map(Secret),
        port: uri.port.map(i64::from),
        extra: uri.extra.map(Secret),
    })
}

fn of_json_text(conn_id: &str, text: &str) -> anyhow::Result<Connection> {
    // The text may hold a password: the error of the parser tells the place only.
    let read: Result<Map<String, Value>, _> = serde_json::from_str(text);
    let object =
        read.map_err(|error| anyhow::anyhow!("connection {conn_id}: no JSON object (line {}, column {})", error.line(), error.column()))?;
    of_object(conn_id, &object)
}

/// A connection out of `{"conn_type": .., "host": .., ..}`.
pub fn of_object(conn_id: &str, object: &Map<String, Value>) -> anyhow::Result<Connection> {
    const KEYS: [&str; 11] =
        ["conn_type", "description", "login", "password", "host", "port", "schema", "extra", "conn_id", "uri", "extra_dejson"];
    if let Some(unknown) = object.keys().find(|key| !KEYS.contains(&key.as_str())) {
        bail!("connection {conn_id}: there is no field {unknown:?}; there are {}", KEYS[..8].join(", "));
    }
    if let Some(uri) = object.get("uri").and_then(Value::as_str) {
        return of_uri(conn_id, uri);
    }
    let text = |key: &str| object.get(key).filter(|value| !value.is_null()).map(exchange::as_text);
    let Some(conn_type) = text("conn_type").filter(|conn_type| !conn_type.is_empty()) else {
        bail!("connection {conn_id}: conn_type is missing");
    };
    let port = text("port").filter(|port| !port.is_empty());
    let port =
        port.map(|port| port.parse::<u16>().with_context(|| format!("connection {conn_id}: the port {port:?} is no number up to 65535")));
    Ok(Connection {
        conn_id: conn_id.to_owned(),
        conn_type,
        description: text("description"),
        host: text("host"),
        schema: text("schema"),
        login: text("login"),
        password: text("password").map(Secret),
        port: port.transpose()?.map(i64::from),
        extra: text("extra").or_else(|| text("extra_dejson")).map(Secret),
    })
}
