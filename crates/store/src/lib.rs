//! The metadata database: the only crate with SQL.
//!
//! [`Store`] is a cheap handle; all work is a [`Transaction`] value handed to [`Store::run`], which commits it or leaves nothing behind.
//! `table` holds one file per table, `step` one per protocol step. See `ARCHITECTURE.md`, "Store".

pub mod step;
pub mod table;

pub mod call;
mod clock;
mod dialect;
mod error;
mod fernet;
pub mod list;
mod migrate;
mod row;
mod secret;
mod server;
mod sql;
mod sqlite;
mod store;
mod tx;
mod url;
mod value;
mod watch;

pub use clock::{Clock, ManualClock};
pub use error::{Error, Result};
pub use fernet::Fernet;
pub use migrate::{Migrated, SchemaState};
pub use row::{ColumnKey, Row};
pub use secret::Secret;
pub use sql::{Dialect, Sql};
pub use store::{Options, Store};
pub use tx::{Latch, Mode, Transaction, Tx};
pub use url::{DatabaseUrl, ServerUrl, Tls, TlsMode};
pub use value::{FromValue, Value};
pub use watch::Watch;
