//! `pools`: limits that tasks share.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use tradewind_store::Store;
use tradewind_store::table::pool::{DeletePool, GetPools, Pool, PoolDeleted, SetPool};

use crate::context::{Context, audit};
use crate::exchange;
use crate::failure::missing;
use crate::output::{Cell, OutputArgs, Rows};

/// Commands of `pools`.
#[derive(Debug, Subcommand)]
pub enum Pools {
    /// List all pools.
    #[command(after_help = "Example:\n  tradewind pools list")]
    List(OutputArgs),
    /// Show a pool.
    #[command(after_help = "Example:\n  tradewind pools get default_pool")]
    Get(Named),
    /// Make or change a pool.
    #[command(after_help = "Example:\n  tradewind pools set database 4 'Connections to the database'")]
    Set(Set),
    /// Remove a pool.
    #[command(after_help = "Example:\n  tradewind pools delete database")]
    Delete(Named),
    /// Make pools out of a JSON file.
    #[command(after_help = "Example:\n  tradewind pools import pools.json")]
    Import {
        /// The file.
        file: PathBuf,
    },
    /// Write all pools to a JSON file; `-` is the standard output.
    #[command(after_help = "Example:\n  tradewind pools export pools.json")]
    Export {
        /// The file.
        file: PathBuf,
    },
}

/// Names a pool.
#[derive(Debug, Args)]
pub struct Named {
    /// Name of the pool.
    pool: String,
    #[command(flatten)]
    output: OutputArgs,
}

/// Arguments of `pools set`.
#[derive(Debug, Args)]
pub struct Set {
    /// Name of the pool.
    pool: String,
    /// How many slots it has; -1 is no limit.
    #[arg(allow_negative_numbers = true, value_parser = clap::value_parser!(i64).range(-1..=2_147_483_647))]
    slots: i64,
    /// What it is for.
    description: String,
    /// Deferred tasks take slots too.
    #[arg(long)]
    include_deferred: bool,
    #[command(flatten)]
    output: OutputArgs,
}

impl Pools {
    pub async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        let store = cx.store().await?;
        match self {
            Pools::List(output) => output.print(&rows(store.run(GetPools { name: None }).await?))?,
            Pools::Get(named) => {
                let found = store.run(GetPools { name: Some(named.pool.clone()) }).await?;
                if found.is_empty() {
                    return Err(missing(format!("Pool {} does not exist", named.pool)));
                }
                named.output.print(&rows(found))?;
            }
            Pools::Set(set) => set.run(&store).await?,
            Pools::Delete(named) => delete(&store, &named.pool).await?,
            Pools::Import { file } => return import(&store, file).await,
            Pools::Export { file } => export(&store, file).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn rows(pools: Vec<Pool>) -> Rows {
    let mut rows = Rows::new(["pool", "slots", "description", "include_deferred"]);
    for pool in pools {
        rows.push([pool.name.into(), pool.slots.into(), pool.description.into(), Cell::from(pool.include_deferred)]);
    }
    rows
}

impl Set {
    async fn run(self, store: &Store) -> anyhow::Result<()> {
        let set = SetPool {
            name: self.pool.clone(),
            slots: self.slots,
            description: Some(self.description),
            include_deferred: self.include_deferred,
            only_new: false,
        };
        store.run(set).await?;
        audit(store, "cli_pool_set", json!({ "pool": self.pool, "slots": self.slots })).await?;
        println!("Pool {} created", self.pool);
        Ok(())
    }
}

async fn delete(store: &Store, name: &str) -> anyhow::Result<()> {
    match store.run(DeletePool { name: name.to_owned() }).await? {
        PoolDeleted::Done => println!("Pool {name} deleted"),
        PoolDeleted::NoPool => return Err(missing(format!("Pool {name} does not exist"))),
        PoolDeleted::Default => bail!("{name} cannot be deleted: tasks that name no pool use it"),
    }
    audit(store, "cli_pool_delete", json!({ "pool": name })).await
}

async fn import(store: &Store, file: PathBuf) -> anyhow::Result<ExitCode> {
    let (mut done, mut failed) = (0, Vec::new());
    for (name, value) in exchange::read(&file)? {
        match imported(&name, &value) {
            Some(set) => {
                store.run(set).await?;
                done += 1;
            }
            None => failed.push(name),
        }
    }
    audit(store, "cli_pool_import", json!({ "file": file })).await?;
    println!("Uploaded {done} pool(s)");
    if failed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    bail!("failed to update pool(s): {}; each needs whole \"slots\" from -1 on and a text \"description\"", failed.join(", "))
}

fn imported(name: &str, value: &Value) -> Option<SetPool> {
    let include_deferred = match value.get("include_deferred") {
        None => false,
        Some(value) => value.as_bool()?,
    };
    Some(SetPool {
        name: name.to_owned(),
        slots: value.get("slots")?.as_i64().filter(|slots| *slots >= -1)?,
        description: Some(value.get("description")?.as_str()?.to_owned()),
        include_deferred,
        only_new: false,
    })
}

async fn export(store: &Store, file: PathBuf) -> anyhow::Result<()> {
    let pools = store.run(GetPools { name: None }).await?;
    let count = pools.len();
    let entry = |pool: Pool| {
        let description = pool.description.unwrap_or_default();
        (pool.name, json!({ "slots": pool.slots, "description": description, "include_deferred": pool.include_deferred }))
    };
    let map: Map<String, Value> = pools.into_iter().map(entry).collect();
    exchange::write(&file, &exchange::pretty(map)?)?;
    if file.as_os_str() != "-" {
        println!("Exported {count} pools to {}", file.display());
    }
    Ok(())
}
