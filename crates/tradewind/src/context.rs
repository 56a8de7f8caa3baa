//! What commands work with: the configuration, and the database when they need it.

use anyhow::Context as _;
use serde_json::{Map, Value};
use tradewind_config::{Config, Environment, Secrets, Settings};
use tradewind_store::table::event_log::{NewEvent, WriteEvents};
use tradewind_store::{Fernet, Options, Store};

use crate::connect_args;

/// Configuration and settings of this call.
pub struct Context {
    pub config: Config,
    pub settings: Settings,
}

impl Context {
    /// Reads the configuration.
    pub fn load() -> anyhow::Result<Context> {
        let config = Config::load(Environment::of_process())?;
        let settings = Settings::from_config(&config)?;
        Ok(Context { config, settings })
    }

    /// Takes a flag of the command line into the settings.
    pub fn with_flag(self, flag: &str, section: &str, key: &str, value: &str) -> anyhow::Result<Context> {
        let config = self.config.with_flag(flag, section, key, value);
        let settings = Settings::from_config(&config)?;
        Ok(Context { config, settings })
    }

    /// Name of this machine, as others know it.
    pub fn hostname(&self) -> String {
        let own = || rustix::system::uname().nodename().to_string_lossy().into_owned();
        self.settings.core.hostname.clone().unwrap_or_else(own)
    }

    /// The database, whatever schema it has.
    pub async fn any_store(&self, options: Options) -> anyhow::Result<Store> {
        let database = &self.settings.database;
        let url = database.url.expose();
        let options = Options {
            pool_size: database.pool_size,
            max_overflow: database.max_overflow,
            pool_recycle: database.pool_recycle,
            schema: database.schema.clone(),
            connect_args: self.connect_args().await?,
            ..options
        };
        Store::open(url, options).await.with_context(|| format!("cannot open the metadata database ({})", self.database_origin()))
    }

    /// `[database] sql_alchemy_connect_args`.
    async fn connect_args(&self) -> anyhow::Result<Map<String, Value>> {
        match &self.settings.database.connect_args {
            None => Ok(Map::new()),
            Some(args) => connect_args::read(self, args.expose()).await,
        }
    }

    /// The database with the schema of this program.
    pub async fn store(&self) -> anyhow::Result<Store> {
        let store = self.any_store(Options::default()).await?;
        store.check().await?;
        Ok(store)
    }

    /// The database with the keys that encrypt variables and connections; they are made when there are none yet.
    pub async fn store_with_keys(&self) -> anyhow::Result<Store> {
        let secrets = Secrets::load_or_create(&self.config)?;
        let keys: Vec<&str> = secrets.fernet_keys.iter().map(|key| key.expose()).collect();
        let options = Options { fernet: Fernet::parse(&keys.join(","))?, ..Options::default() };
        let store = self.any_store(options).await?;
        store.check().await?;
        Ok(store)
    }

    fn database_origin(&self) -> String {
        let found = self.config.find("database", "sql_alchemy_conn").ok().flatten();
        found.map_or_else(String::new, |found| format!("[database] sql_alchemy_conn, {}", found.origin))
    }
}

/// Who calls, for the event log: the name of the user of the system.
pub fn actor() -> String {
    let named = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let uid = rustix::process::getuid().as_raw();
    // Services and containers often run without either.
    let known = || std::fs::read_to_string("/etc/passwd").ok().and_then(|users| name_of(uid, &users));
    named.or_else(known).unwrap_or_else(|| uid.to_string())
}

/// The name of a user in the form of `/etc/passwd`.
fn name_of(uid: u32, users: &str) -> Option<String> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

/// Notes in the event log what this call changed; `extra` holds no secrets.
pub async fn audit(store: &Store, event: &str, extra: Value) -> anyhow::Result<()> {
    let event = NewEvent { event: event.to_owned(), owner: Some(actor()), extra: Some(extra.to_string()), ..NewEvent::default() };
    Ok(store.run(WriteEvents(vec![event])).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_number() {
        let users = "root:x:0:0:root:/root:/bin/sh\n\n# a comment\nada:x:1000:100:Ada:/home/ada:/bin/sh\n";
        assert_eq!(name_of(0, users).as_deref(), Some("root"));
        assert_eq!(name_of(1000, users).as_deref(), Some("ada"));
        assert_eq!(name_of(100, users), None);
    }
}
