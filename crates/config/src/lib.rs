//! Configuration: `airflow.cfg`, environment and flags, merged once into plain typed settings.
//!
//! ```no_run
//! use tradewind_config::{Config, Environment, Secrets, Settings};
//!
//! # fn main() -> Result<(), tradewind_config::ConfigError> {
//! let config = Config::load(Environment::of_process())?.with_flag("--port", "api", "port", "8090");
//! let settings = Settings::from_config(&config)?;
//! let secrets = Secrets::load_or_create(&config)?;
//! # Ok(())
//! # }
//! ```

mod command;
mod config;
mod effective;
mod environment;
mod error;
pub mod ini;
mod interpolate;
pub mod option;
mod secret;
mod settings;
mod warning;

pub use config::{Config, Found};
pub use effective::Effective;
pub use environment::Environment;
pub use error::{ConfigError, NotAllowed, Origin, Result};
pub use secret::{Secret, Secrets, worker_secret};
pub use settings::*;
pub use warning::Warning;
