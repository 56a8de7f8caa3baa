//! Secrets: values that are not shown, and keys that are made on first use.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;

use crate::config::Config;
use crate::error::{ConfigError, Result};

/// A text that is not shown in messages.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The keys of the control plane: configured, or made on first use and kept in `{home}/secrets`, readable by the owner only.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// Fernet keys; the first encrypts. Empty: values are stored in clear.
    pub fernet_keys: Vec<Secret>,
    /// Key of tokens.
    pub jwt_secret: Secret,
    /// Key of what the web server signs otherwise.
    pub api_secret_key: Secret,
    /// What workers elsewhere show to register, and web servers to read their logs.
    pub worker_secret: Secret,
}

impl Secrets {
    /// Reads the keys, and makes those that are neither configured nor kept.
    pub fn load_or_create(config: &Config) -> Result<Secrets> {
        let jwt_secret = configured(config, "api_auth", "jwt_secret")?;
        let api_secret_key = configured(config, "api", "secret_key")?;
        let jwt_secret = jwt_secret.map_or_else(|| kept(config, "jwt_secret"), Ok)?;
        Ok(Secrets {
            fernet_keys: fernet_keys(config)?,
            worker_secret: configured(config, "core", "internal_api_secret_key")?.unwrap_or_else(|| jwt_secret.clone()),
            jwt_secret,
            api_secret_key: api_secret_key.map_or_else(|| kept(config, "api_secret_key"), Ok)?,
        })
    }
}

/// The secret of a worker elsewhere: configured, or made before by a web server of the same home. A worker makes none: nobody would know it.
pub fn worker_secret(config: &Config) -> Result<Option<Secret>> {
    for (section, key) in [("core", "internal_api_secret_key"), ("api_auth", "jwt_secret")] {
        if let Some(secret) = configured(config, section, key)? {
            return Ok(Some(secret));
        }
    }
    let path = config.home().join("secrets").join("jwt_secret");
    read(&path).map(|text| text.map(Secret)).map_err(|source| ConfigError::Secret { path, source })
}

fn configured(config: &Config, section: &str, key: &str) -> Result<Option<Secret>> {
    Ok(config.get(section, key)?.filter(|value| !value.is_empty()).map(Secret::new))
}

/// An empty `fernet_key` is a choice (values in clear), a missing one is not.
fn fernet_keys(config: &Config) -> Result<Vec<Secret>> {
    let Some(found) = config.find("core", "fernet_key")? else {
        return Ok(vec![kept(config, "fernet_key")?]);
    };
    let keys: Vec<&str> = found.value.split(',').map(str::trim).filter(|key| !key.is_empty()).collect();
    if keys.iter().any(|key| !is_fernet_key(key)) {
        return Err(found.not_allowed("keys of 32 bytes in URL-safe base64 (44 characters), separated by commas, or nothing"));
    }
    Ok(keys.into_iter().map(Secret::new).collect())
}

fn is_fernet_key(key: &str) -> bool {
    URL_SAFE.decode(key).is_ok_and(|bytes| bytes.len() == 32)
}

fn kept(config: &Config, name: &str) -> Result<Secret> {
    let path = config.home().join("secrets").join(name);
    read_or_make(&path).map(Secret).map_err(|source| ConfigError::Secret { path, source })
}

/// Two processes may start at once: the text is written under a name of its own and then linked, which only one can do.
fn read_or_make(path: &Path) -> io::Result<String> {
    if let Some(text) = read(path)? {
        return Ok(text);
    }
    let folder = path.parent().unwrap_or(Path::new("/"));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let text = URL_SAFE.encode(rand::random::<[u8; 32]>());
    let draft = path.with_extension(format!("{:016x}.new", rand::random::<u64>()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Ok(()) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => read(path)?.ok_or(error),
        Err(error) => Err(error),
    }
}

fn read(path: &Path) -> io::Result<Option<String>> {
    let mut text = String::new();
    match fs::File::open(path) {
        Ok(mut file) => file.read_to_string(&mut text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match text.trim() {
        "" => Err(io::Error::new(io::ErrorKind::InvalidData, "the file is empty; remove it to have a new secret made")),
        text => Ok(Some(text.to_owned())),
    }
}
