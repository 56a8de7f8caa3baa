//! `assets`: data that tasks read and write, and DAGs wait for.

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use tradewind_store::Store;
use tradewind_store::list::asset::{AssetFilter, AssetView, ListAliases, ListAssets, UseView};
use tradewind_store::list::filter::{Page, Patterns};
use tradewind_store::table::asset_event::{EventsOf, Whose};

use crate::command::dags::trigger::Trigger;
use crate::context::Context;
use crate::failure::missing;
use crate::output::{Cell, OutputArgs, Rows};
use crate::time;

/// Rows that a list shows at most.
const ALL: Page = Page { limit: 100_000, offset: 0 };

/// Commands of `assets`.
#[derive(Debug, Subcommand)]
pub enum Assets {
    /// List all assets that DAGs name.
    #[command(after_help = "Example:\n  tradewind assets list --columns name,uri")]
    List(List),
    /// Show an asset, with who makes and who waits for it; or an alias, with the assets that were reported under it.
    #[command(after_help = "Example:\n  tradewind assets details --name orders")]
    Details(Details),
    /// Start a run of the DAG that makes an asset.
    #[command(after_help = "Example:\n  tradewind assets materialize --uri s3://shop/orders")]
    Materialize(Named),
}

/// Arguments of `assets list`.
#[derive(Debug, Args)]
pub struct List {
    /// List aliases instead.
    #[arg(long)]
    alias: bool,
    /// Columns to show, separated by commas.
    #[arg(long, value_delimiter = ',')]
    columns: Vec<String>,
    #[command(flatten)]
    output: OutputArgs,
}

/// Arguments of `assets details`.
#[derive(Debug, Args)]
pub struct Details {
    /// The name is that of an alias.
    #[arg(long, requires = "name")]
    alias: bool,
    #[command(flatten)]
    named: Named,
}

/// Names an asset.
#[derive(Debug, Args)]
pub struct Named {
    /// Name of the asset.
    #[arg(long, required_unless_present = "uri")]
    name: Option<String>,
    /// URI of the asset.
    #[arg(long)]
    uri: Option<String>,
    #[command(flatten)]
    output: OutputArgs,
}

impl Assets {
    pub async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        let store = cx.store().await?;
        match self {
            Assets::List(list) => list.run(&store).await?,
            Assets::Details(details) => details.run(&store).await?,
            Assets::Materialize(named) => return named.materialize(cx, &store).await,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    async fn run(self, store: &Store) -> anyhow::Result<()> {
        let rows = if self.alias { aliases(store, Patterns::default()).await? } else { assets(store).await? };
        let rows = if self.columns.is_empty() { rows } else { rows.select(&self.columns)? };
        Ok(self.output.print(&rows)?)
    }
}

async fn assets(store: &Store) -> anyhow::Result<Rows> {
    let filter = AssetFilter { only_active: true, ..AssetFilter::default() };
    let mut rows = Rows::new(["name", "uri", "group", "extra"]);
    for view in store.run(ListAssets { filter, order: Vec::new(), page: ALL }).await?.rows {
        rows.push([view.asset.name.into(), view.asset.uri.into(), view.asset.group_name.into(), Cell::from(view.asset.extra)]);
    }
    Ok(rows)
}

async fn aliases(store: &Store, name: Patterns) -> anyhow::Result<Rows> {
    let mut rows = Rows::new(["name", "group"]);
    for alias in store.run(ListAliases { ids: Vec::new(), name, order: Vec::new(), page: ALL }).await?.rows {
        rows.push([alias.name.into(), Cell::from(alias.group)]);
    }
    Ok(rows)
}

impl Details {
    async fn run(self, store: &Store) -> anyhow::Result<()> {
        if self.alias {
            return self.alias(store).await;
        }
        let view = self.named.find(store).await?;
        let uses = |kind: &str| -> Cell {
            let named = |one: &UseView| match &one.task_id {
                Some(task_id) => format!("{}.{task_id}", one.dag_id),
                None => one.dag_id.clone(),
            };
            view.uses.iter().filter(|one| one.kind == kind).map(named).collect::<Vec<_>>().join(", ").into()
        };
        let aliases: Vec<&str> = view.aliases.iter().map(|alias| alias.name.as_str()).collect();
        let mut rows = Rows::new([
            "name",
            "uri",
            "group",
            "extra",
            "created_at",
            "updated_at",
            "last_event",
            "aliases",
            "scheduled_dags",
            "producing_tasks",
            "consuming_tasks",
        ]);
        rows.push([
            view.asset.name.clone().into(),
            view.asset.uri.clone().into(),
            view.asset.group_name.clone().into(),
            view.asset.extra.clone().into(),
            time::iso(view.asset.created_at).into(),
            time::iso(view.asset.updated_at).into(),
            view.last_event.map(|(_, at)| time::iso(at)).into(),
            aliases.join(", ").into(),
            uses("schedule"),
            uses("outlet"),
            uses("inlet"),
        ]);
        Ok(self.named.output.print(&rows)?)
    }

    /// The assets that were reported under an alias.
    async fn alias(self, store: &Store) -> anyhow::Result<()> {
        let name = self.named.name.unwrap_or_default();
        let known = aliases(store, Patterns { contains: Some(name.clone()), prefix: None }).await?;
        if !known.has("name", &name) {
            return Err(missing(format!("there is no alias {name:?}; `tradewind assets list --alias` shows them")));
        }
        let events = store.run(EventsOf { whose: Whose::Alias(name), after: None, before: None, ascending: false, limit: 100_000 }).await?;
        let mut rows = Rows::new(["name", "uri", "group"]);
        let mut seen = std::collections::HashSet::new();
        for event in events {
            if seen.insert(event.asset_id) {
                rows.push([event.name.into(), event.uri.into(), Cell::from(event.group)]);
            }
        }
        Ok(self.named.output.print(&rows)?)
    }
}

impl Named {
    /// The only asset with this name or URI.
    async fn find(&self, store: &Store) -> anyhow::Result<AssetView> {
        let part = |text: &Option<String>| Patterns { contains: text.clone(), prefix: None };
        let filter = AssetFilter { name: part(&self.name), uri: part(&self.uri), ..AssetFilter::default() };
        let listed = store.run(ListAssets { filter, order: Vec::new(), page: ALL }).await?;
        let is = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        let mut found: Vec<AssetView> =
            listed.rows.into_iter().filter(|view| is(&self.name, &view.asset.name) && is(&self.uri, &view.asset.uri)).collect();
        let named: Vec<String> = [self.name.clone(), self.uri.clone()].into_iter().flatten().collect();
        let named = named.join(", ");
        match found.len() {
            0 => Err(missing(format!("there is no asset {named}; `tradewind assets list` shows them"))),
            1 => Ok(found.remove(0)),
            count => bail!("there are {count} assets {named}; give both --name and --uri"),
        }
    }

    async fn materialize(self, cx: &Context, store: &Store) -> anyhow::Result<ExitCode> {
        let view = self.find(store).await?;
        let mut makers: Vec<&str> = view.uses.iter().filter(|one| one.kind == "outlet").map(|one| one.dag_id.as_str()).collect();
        makers.dedup();
        match makers.as_slice() {
            [] => Err(missing(format!("no DAG makes the asset {}", view.asset.name))),
            [dag_id] => Trigger::materialize((*dag_id).to_owned(), self.output, cx, store).await,
            several => bail!(
                "several DAGs make the asset {}: {}; `tradewind dags trigger` starts one of them",
                view.asset.name,
                several.join(", ")
            ),
        }
    }
}
