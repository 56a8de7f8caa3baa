//! `connections`: where tasks connect to.

mod add;
mod files;

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;
use tradewind_core::connection_uri::ConnectionUri;
use tradewind_store::table::connection::{AllConnections, Connection, DeleteConnection, GetConnection};
use tradewind_store::{Secret, Store};

use crate::context::{Context, audit};
use crate::failure::missing;
use crate::output::{Cell, OutputArgs, Rows};

/// Commands of `connections`.
#[derive(Debug, Subcommand)]
pub enum Connections {
    /// List all connections.
    #[command(after_help = "Example:\n  tradewind connections list -o json")]
    List(List),
    /// Show a connection, with its password.
    #[command(after_help = "Example:\n  tradewind connections get db")]
    Get {
        /// Id of the connection.
        conn_id: String,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Make a connection.
    #[command(after_help = "Examples:\n  tradewind connections add db --conn-uri postgresql://etl:secret@db.example.com:5432/data\n  \
                      tradewind connections add api --conn-type http --conn-host https://api.example.com --conn-password secret")]
    Add(Box<add::Add>),
    /// Remove a connection.
    #[command(after_help = "Example:\n  tradewind connections delete db")]
    Delete {
        /// Id of the connection.
        conn_id: String,
    },
    /// Make connections out of a file: JSON, YAML or ID=URI lines, by its ending.
    #[command(after_help = "Example:\n  tradewind connections import connections.yaml")]
    Import(files::Import),
    /// Write all connections to a file, with their passwords; `-` is the standard output.
    #[command(
        after_help = "Examples:\n  tradewind connections export connections.json\n  tradewind connections export - --file-format env"
    )]
    Export(files::Export),
}

/// Arguments of `connections list`.
#[derive(Debug, Args)]
pub struct List {
    /// Only the connection of this id.
    #[arg(long)]
    conn_id: Option<String>,
    /// Show everything, with passwords.
    #[arg(long, conflicts_with = "hide_sensitive")]
    show_values: bool,
    /// Show ids and types only, as is done anyway.
    #[arg(long)]
    hide_sensitive: bool,
    #[command(flatten)]
    output: OutputArgs,
}

impl Connections {
    pub async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        let store = cx.store_with_keys().await?;
        match self {
            Connections::List(list) => list.run(&store).await?,
            Connections::Get { conn_id, output } => get(cx, &store, conn_id, output).await?,
            Connections::Add(add) => add.run(&store).await?,
            Connections::Delete { conn_id } => delete(&store, conn_id).await?,
            Connections::Import(import) => import.run(&store).await?,
            Connections::Export(export) => export.run(&store).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    async fn run(self, store: &Store) -> anyhow::Result<()> {
        let mut connections = store.run(AllConnections).await?;
        connections.retain(|connection| self.conn_id.as_ref().is_none_or(|wanted| connection.conn_id == *wanted));
        let rows = if self.show_values { all_columns(connections)? } else { names(connections) };
        Ok(self.output.print(&rows)?)
    }
}

async fn get(cx: &Context, store: &Store, conn_id: String, output: OutputArgs) -> anyhow::Result<()> {
    // A connection of the environment goes before the database, as it does for tasks.
    let variable = format!("AIRFLOW_CONN_{}", conn_id.to_uppercase());
    let connection = match cx.config.environment().get(&variable) {
        Some(text) => add::of_text(&conn_id, text).with_context(|| format!("{variable} is no connection"))?,
        None => match store.run(GetConnection { conn_id: conn_id.clone() }).await? {
            Some(connection) => connection,
            None => return Err(missing(format!("there is no connection {conn_id:?}; `tradewind connections list` shows all"))),
        },
    };
    Ok(output.print(&all_columns(vec![connection])?)?)
}

async fn delete(store: &Store, conn_id: String) -> anyhow::Result<()> {
    if !store.run(DeleteConnection { conn_id: conn_id.clone() }).await? {
        return Err(missing(format!("there is no connection {conn_id:?}; `tradewind connections list` shows all")));
    }
    audit(store, "cli_connections_delete", json!({ "conn_id": conn_id })).await?;
    println!("Successfully deleted connection with `conn_id`={conn_id}");
    Ok(())
}

fn names(connections: Vec<Connection>) -> Rows {
    let mut rows = Rows::new(["conn_id", "conn_type"]);
    for connection in connections {
        rows.push([Cell::from(connection.conn_id), connection.conn_type.into()]);
    }
    rows
}

fn all_columns(connections: Vec<Connection>) -> anyhow::Result<Rows> {
    let columns = ["conn_id", "conn_type", "description", "host", "schema", "login", "password", "port", "extra_dejson", "get_uri"];
    let mut rows = Rows::new(columns);
    for connection in connections {
        let uri = uri_of(&connection)?;
        rows.push([
            connection.conn_id.into(),
            connection.conn_type.into(),
            connection.description.into(),
            connection.host.into(),
            connection.schema.into(),
            connection.login.into(),
            connection.password.map(|password| password.0).into(),
            connection.port.into(),
            connection.extra.map_or("{}".to_owned(), |extra| extra.0).into(),
            Cell::from(uri),
        ]);
    }
    Ok(rows)
}

/// The URI of a connection.
pub(super) fn uri_of(connection: &Connection) -> anyhow::Result<String> {
    let clear = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.0.clone());
    let port = connection.port.map(u16::try_from).transpose();
    let uri = ConnectionUri {
        conn_type: connection.conn_type.clone(),
        host: connection.host.clone(),
        login: connection.login.clone(),
        password: clear(&connection.password),
        schema: connection.schema.clone(),
        port: port.with_context(|| format!("connection {} has the port {:?}", connection.conn_id, connection.port))?,
        extra: clear(&connection.extra),
    };
    Ok(uri.format())
}
