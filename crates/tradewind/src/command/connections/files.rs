//! `connections import`, `connections export`.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use tradewind_core::python_json;
use tradewind_store::Store;
use tradewind_store::table::connection::{AllConnections, Connection, SetConnection};

use super::{add, uri_of};
use crate::context::audit;
use crate::exchange::{self, FileFormat};
use crate::output;

/// Arguments of `connections import`.
#[derive(Debug, Args)]
pub struct Import {
    /// The file.
    file: PathBuf,
    /// Put connections in the place of those with the same id.
    #[arg(long)]
    overwrite: bool,
}

impl Import {
    pub async fn run(self, store: &Store) -> anyhow::Result<()> {
        let mut connections = Vec::new();
        for (conn_id, value) in exchange::read(&self.file)? {
            let connection = match &value {
                Value::String(text) => add::of_text(&conn_id, text)?,
                Value::Object(object) => add::of_object(&conn_id, object)?,
                _ => bail!("connection {conn_id}: a URI or an object was expected"),
            };
            add::check(&connection)?;
            connections.push(connection);
        }
        for connection in connections {
            let conn_id = connection.conn_id.clone();
            if store.run(SetConnection { connection, only_new: !self.overwrite }).await? {
                println!("Imported connection {conn_id}");
            } else {
                println!("Could not import connection {conn_id}: connection already exists.");
            }
        }
        audit(store, "cli_connections_import", json!({ "file": self.file })).await
    }
}

/// How connections stand in lines ID=...
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Serialization {
    Uri,
    Json,
}

/// Arguments of `connections export`.
#[derive(Debug, Args)]
pub struct Export {
    /// The file.
    file: PathBuf,
    /// Form of the file; else its ending says it.
    #[arg(long, visible_alias = "format", value_enum)]
    file_format: Option<FileFormat>,
    /// How connections stand in the lines of an env file.
    #[arg(long, value_enum)]
    serialization_format: Option<Serialization>,
}

impl Export {
    pub async fn run(self, store: &Store) -> anyhow::Result<()> {
        let format = match self.file_format {
            Some(format) => format,
            None => FileFormat::of(&self.file)?,
        };
        if self.serialization_format.is_some() && format != FileFormat::Env {
            bail!("--serialization-format is for env files only");
        }
        let connections = store.run(AllConnections).await?;
        let text = match format {
            FileFormat::Env => lines(&connections, self.serialization_format.unwrap_or(Serialization::Uri))?,
            FileFormat::Json => exchange::pretty(objects(&connections))?,
            FileFormat::Yaml => output::yaml(&objects(&connections)),
        };
        exchange::write(&self.file, &text)?;
        if self.file.as_os_str() != "-" {
            println!("Connections successfully exported to {}.", self.file.display());
        }
        Ok(())
    }
}

fn lines(connections: &[Connection], serialization: Serialization) -> anyhow::Result<String> {
    let mut text = String::new();
    for connection in connections {
        let value = match serialization {
            Serialization::Uri => uri_of(connection).with_context(|| format!("connection {}", connection.conn_id))?,
            Serialization::Json => python_json::dumps(&object(connection)),
        };
        text.push_str(&format!("{}={value}\n", connection.conn_id));
    }
    Ok(text)
}

fn objects(connections: &[Connection]) -> Map<String, Value> {
    connections.iter().map(|connection| (connection.conn_id.clone(), object(connection))).collect()
}

fn object(connection: &Connection) -> Value {
    json!({
        "conn_type": connection.conn_type,
        "description": connection.description,
        "login": connection.login,
        "password": connection.password.as_ref().map(|password| &password.0),
        "host": connection.host,
        "port": connection.port,
        "schema": connection.schema,
        "extra": connection.extra.as_ref().map(|extra| &extra.0),
    })
}
