//! `[database] sql_alchemy_connect_args`: what Airflow's users hand to the driver, besides the URL.

use serde_json::{Map, Value};

use super::{DatabaseUrl, ServerUrl, TlsMode};
use crate::{Dialect, Error, Result};

/// Names of options whose values nobody may read in a message.
const SECRET: [&str; 2] = ["password", "passwd"];

impl DatabaseUrl {
    /// Takes arguments of a driver in: those of psycopg2, asyncpg, mysqlclient, PyMySQL and MySQL Connector that say how to connect. What they say wins over
    /// the URL.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an argument that is unknown here, or whose value cannot be used.
    pub fn with_connect_args(mut self, args: &Map<String, Value>) -> Result<Self> {
        // SQLite's driver has none that would say anything here (`timeout`, `check_same_thread`).
        if let Some(server) = &mut self.server {
            for (name, value) in args {
                server
                    .argument(self.dialect, name, value)
                    .map_err(|reason| Error::invalid("[database] sql_alchemy_connect_args", reason))?;
            }
        }
        Ok(self)
    }
}

impl ServerUrl {
    fn argument(&mut self, dialect: Dialect, name: &str, value: &Value) -> Result<(), String> {
        match (name, value) {
            (_, Value::Null) => Ok(()),
            // A context of Python's means TLS, and says nothing more.
            ("ssl", Value::Object(options)) => self.ssl(dialect, options),
            ("server_settings", Value::Object(settings)) => {
                for (name, value) in settings {
                    self.settings.push((name.clone(), text(name, value)?));
                }
                Ok(())
            }
            ("timeout" | "command_timeout", Value::Number(number)) if dialect == Dialect::Postgres => {
                // asyncpg's names; the second is ours to decide.
                if name == "timeout" { self.option(dialect, "connect_timeout", &whole(number.as_f64())) } else { Ok(()) }
            }
            ("connect_timeout", Value::Number(number)) => self.option(dialect, name, &whole(number.as_f64())),
            ("init_command", _) => Err("`init_command` is not run here: statements set what they need themselves; leave it out".to_owned()),
            _ => self.option(dialect, name, &text(name, value)?),
        }
    }

    /// The dictionary that the drivers of MySQL take.
    fn ssl(&mut self, dialect: Dialect, options: &Map<String, Value>) -> Result<(), String> {
        if self.tls.mode < TlsMode::Require {
            self.tls.mode = TlsMode::Require;
        }
        for (name, value) in options {
            match (name.as_str(), value) {
                (_, Value::Null) => {}
                ("ca", Value::String(path)) => {
                    self.tls.root = Some(path.into());
                    self.at_least(TlsMode::VerifyCa);
                }
                ("cert", Value::String(path)) => self.tls.certificate = Some(path.into()),
                ("key", Value::String(path)) => self.tls.key = Some(path.into()),
                ("check_hostname", Value::Bool(true)) => self.at_least(TlsMode::VerifyFull),
                ("check_hostname" | "verify_mode", Value::Bool(false)) => {}
                ("verify_mode", Value::Bool(true)) => self.at_least(TlsMode::VerifyCa),
                ("verify_mode", Value::String(mode)) if mode.ends_with("REQUIRED") => self.at_least(TlsMode::VerifyCa),
                ("verify_mode", Value::String(_)) | ("cipher", _) => {}
                ("mode", Value::String(mode)) => self.option(dialect, "ssl_mode", mode)?,
                _ => return Err(format!("`ssl` has `{name}`; known are ca, cert, key, check_hostname and verify_mode")),
            }
        }
        Ok(())
    }

    fn at_least(&mut self, mode: TlsMode) {
        if self.tls.mode < mode {
            self.tls.mode = mode;
        }
    }
}

fn whole(seconds: Option<f64>) -> String {
    format!("{:.0}", seconds.unwrap_or(0.0).ceil())
}

/// A value as it would stand in the URL.
fn text(name: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ if SECRET.contains(&name) => Err(format!("`{name}` is to be a text")),
        other => Err(format!("`{name}` is to be a text, a number, true or false, not {other}")),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::url::Tls;

    fn with(url: &str, args: Value) -> Result<ServerUrl> {
        let Value::Object(args) = args else { panic!("an object") };
        Ok(DatabaseUrl::parse(url).unwrap().with_connect_args(&args)?.server.expect("a server"))
    }

    const PSYCOPG: &str = "postgresql+psycopg2://air@db/air";
    const MYSQL: &str = "mysql+mysqldb://air@db/air";

    #[test]
    fn arguments_of_psycopg_and_asyncpg() {
        let args = json!({"sslmode": "verify-ca", "sslrootcert": "/ca.pem", "sslcert": "/me.pem", "sslkey": "/me.key", "connect_timeout": 3,
            "keepalives": 1, "keepalives_idle": 30, "options": "-csearch_path=air", "application_name": "airflow"});
        let url = with(PSYCOPG, args).unwrap();
        let path = |text: &str| Some(PathBuf::from(text));
        assert_eq!(url.tls, Tls { mode: TlsMode::VerifyCa, root: path("/ca.pem"), certificate: path("/me.pem"), key: path("/me.key") });
        assert_eq!((url.connect_timeout, url.application_name.as_deref()), (Some(Duration::from_secs(3)), Some("airflow")));
        assert_eq!(url.settings, [("search_path".to_owned(), "air".to_owned())]);
        let url =
            with("postgresql+asyncpg://air@db/air", json!({"ssl": "require", "timeout": 2.5, "server_settings": {"jit": "off"}})).unwrap();
        assert_eq!((url.tls.mode, url.connect_timeout), (TlsMode::Require, Some(Duration::from_secs(3))));
        assert_eq!(url.settings, [("jit".to_owned(), "off".to_owned())]);
        let url = with(&format!("{PSYCOPG}?sslmode=require"), json!({"sslmode": "disable"})).unwrap();
        assert_eq!(url.tls.mode, TlsMode::Off, "the arguments win");
    }

    #[test]
    fn arguments_of_the_drivers_of_mysql() {
        let url =
            with(MYSQL, json!({"ssl": {"ca": "/ca.pem", "cert": "/me.pem", "key": "/me.key"}, "connect_timeout": 5, "charset": "utf8mb4"}))
                .unwrap();
        assert_eq!((url.tls.mode, url.tls.root), (TlsMode::VerifyCa, Some(PathBuf::from("/ca.pem"))));
        assert_eq!(with(MYSQL, json!({"ssl": {"ca": "/ca.pem", "check_hostname": true}})).unwrap().tls.mode, TlsMode::VerifyFull);
        assert_eq!(with(MYSQL, json!({"ssl": {"check_hostname": false}})).unwrap().tls.mode, TlsMode::Require);
        assert_eq!(with(MYSQL, json!({"ssl": true})).unwrap().tls.mode, TlsMode::Require);
        assert_eq!(with(MYSQL, json!({"ssl_ca": "/ca.pem", "ssl_verify_identity": true})).unwrap().tls.mode, TlsMode::VerifyFull);
        assert_eq!(with(MYSQL, json!({"ssl_disabled": true})).unwrap().tls.mode, TlsMode::Off);
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let error = |url, args| with(url, args).unwrap_err().to_string();
        assert!(error(PSYCOPG, json!({"sslmod": "require"})).contains("sql_alchemy_connect_args: the option `sslmod` is unknown"));
        assert!(error(MYSQL, json!({"ssl": {"crl": "/x"}})).contains("`crl`"));
        assert!(error(MYSQL, json!({"init_command": "SET x = 1"})).contains("leave it out"));
        let secret = error(PSYCOPG, json!({"password": ["s3cret"]}));
        assert!(secret.contains("`password`") && !secret.contains("s3cret"), "{secret}");
        let sqlite = DatabaseUrl::parse("sqlite:////a.db").unwrap();
        let args = json!({"timeout": 30, "check_same_thread": false});
        assert_eq!(sqlite.clone().with_connect_args(args.as_object().unwrap()).unwrap(), sqlite);
    }
}
