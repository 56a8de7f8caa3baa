//! `variables`: values that people keep for their tasks.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};
use tradewind_core::python_json;
use tradewind_store::table::variable::{AllVariables, DeleteVariable, GetVariable, SetVariable, Variable};
use tradewind_store::{Secret, Store};

use crate::context::{Context, audit};
use crate::exchange;
use crate::failure::missing;
use crate::output::{Cell, OutputArgs, Rows};

/// Commands of `variables`.
#[derive(Debug, Subcommand)]
pub enum Variables {
    /// List the keys of all variables.
    #[command(after_help = "Example:\n  tradewind variables list")]
    List(List),
    /// Print the value of a variable.
    #[command(after_help = "Examples:\n  tradewind variables get bucket\n  tradewind variables get limits --json --default '{}'")]
    Get(Get),
    /// Make or change a variable.
    #[command(
        after_help = "Examples:\n  tradewind variables set bucket s3://data\n  tradewind variables set limits --json '{\"rows\": 10}'"
    )]
    Set(Set),
    /// Remove a variable.
    #[command(after_help = "Example:\n  tradewind variables delete bucket")]
    Delete {
        /// Key of the variable.
        key: String,
    },
    /// Make variables out of a file: JSON, YAML or KEY=VALUE lines, by its ending.
    #[command(after_help = "Example:\n  tradewind variables import variables.json --action-on-existing-key skip")]
    Import(Import),
    /// Write all variables to a JSON file, in clear; `-` is the standard output.
    #[command(after_help = "Examples:\n  tradewind variables export variables.json\n  tradewind variables export -")]
    Export {
        /// The file.
        file: PathBuf,
    },
}

/// Arguments of `variables list`.
#[derive(Debug, Args)]
pub struct List {
    /// Show the values, which may be secrets.
    #[arg(long, conflicts_with = "hide_sensitive")]
    show_values: bool,
    /// Show keys only, as is done anyway.
    #[arg(long)]
    hide_sensitive: bool,
    #[command(flatten)]
    output: OutputArgs,
}

/// Arguments of `variables get`.
#[derive(Debug, Args)]
pub struct Get {
    /// Key of the variable.
    key: String,
    /// What to print when there is no such variable.
    #[arg(short, long)]
    default: Option<String>,
    /// The value is JSON.
    #[arg(short, long)]
    json: bool,
}

/// Arguments of `variables set`.
#[derive(Debug, Args)]
pub struct Set {
    /// Key of the variable.
    key: String,
    /// The value.
    value: String,
    /// What it is for.
    #[arg(long)]
    description: Option<String>,
    /// Keep the value as a JSON text.
    #[arg(short, long)]
    json: bool,
}

/// Arguments of `variables import`.
#[derive(Debug, Args)]
pub struct Import {
    /// The file.
    file: PathBuf,
    /// What to do with a key that is there already.
    #[arg(short, long, value_enum, default_value_t = OnExisting::Overwrite)]
    action_on_existing_key: OnExisting,
}

/// What becomes of a key that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnExisting {
    Overwrite,
    Fail,
    Skip,
}

impl Variables {
    pub async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        let store = cx.store_with_keys().await?;
        match self {
            Variables::List(list) => list.run(&store).await,
            Variables::Get(get) => get.run(cx, &store).await,
            Variables::Set(set) => set.run(&store).await,
            Variables::Delete { key } => delete(&store, key).await,
            Variables::Import(import) => import.run(&store).await,
            Variables::Export { file } => export(&store, file).await,
        }
    }
}

impl List {
    async fn run(self, store: &Store) -> anyhow::Result<ExitCode> {
        let columns = if self.show_values { vec!["key", "value"] } else { vec!["key"] };
        let mut rows = Rows::new(columns);
        for variable in store.run(AllVariables).await? {
            let mut cells = vec![Cell::from(variable.key)];
            cells.extend(self.show_values.then(|| Cell::from(variable.val.0)));
            rows.push(cells);
        }
        self.output.print(&rows)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Get {
    async fn run(self, cx: &Context, store: &Store) -> anyhow::Result<ExitCode> {
        // A variable of the environment goes before the database, as it does for tasks.
        let of_environment = cx.config.environment().get(&format!("AIRFLOW_VAR_{}", self.key.to_uppercase())).map(ToOwned::to_owned);
        let kept = match of_environment {
            Some(value) => Some(value),
            None => store.run(GetVariable { key: self.key.clone() }).await?.map(|variable| variable.val.0),
        };
        match (kept, self.default) {
            (Some(value), _) if self.json => match serde_json::from_str::<Value>(&value) {
                Ok(value) => println!("{}", exchange::as_text(&value)),
                Err(error) => bail!("the value of variable {} is no JSON: {error}", self.key),
            },
            (Some(value), _) => println!("{value}"),
            (None, Some(default)) => println!("{default}"),
            (None, None) => return Err(missing(format!("Variable {} does not exist.", self.key))),
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Set {
    async fn run(self, store: &Store) -> anyhow::Result<ExitCode> {
        let val = if self.json { python_json::dumps(&Value::String(self.value)) } else { self.value };
        let set = SetVariable { key: self.key.clone(), val: Secret(val), description: self.description, only_new: false };
        store.run(set).await?;
        audit(store, "cli_variables_set", json!({ "key": self.key })).await?;
        println!("Variable {} created", self.key);
        Ok(ExitCode::SUCCESS)
    }
}

async fn delete(store: &Store, key: String) -> anyhow::Result<ExitCode> {
    if !store.run(DeleteVariable { key: key.clone() }).await? {
        return Err(missing(format!("there is no variable {key}")));
    }
    audit(store, "cli_variables_delete", json!({ "key": key })).await?;
    println!("Variable {key} deleted");
    Ok(ExitCode::SUCCESS)
}

impl Import {
    async fn run(self, store: &Store) -> anyhow::Result<ExitCode> {
        let wanted = exchange::read(&self.file)?;
        let there: Vec<String> = store.run(AllVariables).await?.into_iter().map(|variable| variable.key).collect();
        let existing: Vec<&String> = wanted.keys().filter(|key| there.contains(key)).collect();
        if self.action_on_existing_key == OnExisting::Fail && !existing.is_empty() {
            let names: Vec<&str> = existing.iter().map(|key| key.as_str()).collect();
            bail!("nothing was imported, since these variables exist already: {}", names.join(", "));
        }
        let only_new = self.action_on_existing_key == OnExisting::Skip;
        let mut skipped = Vec::new();
        for (key, value) in &wanted {
            let (value, description) = with_description(value);
            let set = SetVariable { key: key.clone(), val: Secret(exchange::as_text(value)), description, only_new };
            if store.run(set).await?.is_none() {
                skipped.push(key.as_str());
            }
        }
        audit(store, "cli_variables_import", json!({ "file": self.file })).await?;
        println!("{} of {} variables successfully updated.", wanted.len() - skipped.len(), wanted.len());
        if !skipped.is_empty() {
            println!("These variables exist already and were skipped: {}", skipped.join(", "));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// `{"value": .., "description": ..}` is a variable with a description; any other object is a value.
fn with_description(value: &Value) -> (&Value, Option<String>) {
    match value.as_object().map(|object| (object.len(), object.get("value"), object.get("description"))) {
        Some((2, Some(value), Some(description))) => (value, description.as_str().map(ToOwned::to_owned)),
        _ => (value, None),
    }
}

async fn export(store: &Store, file: PathBuf) -> anyhow::Result<ExitCode> {
    let variables = store.run(AllVariables).await?;
    let count = variables.len();
    let map: Map<String, Value> = variables.into_iter().map(exported).collect();
    exchange::write(&file, &exchange::pretty(map)?)?;
    if file.as_os_str() != "-" {
        println!("{count} variables successfully exported to {}", file.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn exported(variable: Variable) -> (String, Value) {
    let value = serde_json::from_str(&variable.val.0).unwrap_or(Value::String(variable.val.0));
    let value = match variable.description.filter(|description| !description.is_empty()) {
        Some(description) => json!({ "value": value, "description": description }),
        None => value,
    };
    (variable.key, value)
}
