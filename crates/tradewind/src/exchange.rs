//! Files that people import and export: JSON, YAML, and lines `KEY=VALUE`.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};

/// Form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FileFormat {
    Json,
    Yaml,
    Env,
}

impl FileFormat {
    /// By the ending of the name; `-`, the standard output, is JSON.
    pub fn of(path: &Path) -> anyhow::Result<FileFormat> {
        if path == Path::new("-") {
            return Ok(FileFormat::Json);
        }
        // A file that is called just `.env` has no ending.
        let named_env = path.file_name().is_some_and(|name| name == ".env");
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("json") => Ok(FileFormat::Json),
            Some("yaml" | "yml") => Ok(FileFormat::Yaml),
            Some("env") => Ok(FileFormat::Env),
            None if named_env => Ok(FileFormat::Env),
            _ => bail!("{}: the name ends in .json, .yaml, .yml or .env, to say the form of the file", path.display()),
        }
    }
}

/// Reads a file as an object of names and values, in order.
pub fn read(path: &Path) -> anyhow::Result<Map<String, Value>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let value = match FileFormat::of(path)? {
        FileFormat::Json => serde_json::from_str(&text).with_context(|| format!("{} is no JSON", path.display()))?,
        FileFormat::Yaml => serde_saphyr::from_str(&text).with_context(|| format!("{} is no YAML", path.display()))?,
        FileFormat::Env => Value::Object(lines(path, &text)?),
    };
    match value {
        Value::Object(map) => Ok(map),
        _ => bail!("{} is to hold an object of names and values", path.display()),
    }
}

fn lines(path: &Path, text: &str) -> anyhow::Result<Map<String, Value>> {
    let mut map = Map::new();
    for (at, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((name, value)) = line.split_once('=').filter(|(name, _)| !name.trim().is_empty()) else {
            bail!("{}:{at}: the line is not NAME=VALUE", path.display());
        };
        map.insert(name.trim().to_owned(), Value::String(value.trim().to_owned()));
    }
    Ok(map)
}

/// Writes a text to a file that only the owner can read, since it holds secrets; `-` is the standard output.
pub fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    if path == Path::new("-") {
        std::io::stdout().write_all(text.as_bytes())?;
        return Ok(());
    }
    let file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    let mut file = file.with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

/// JSON with four blanks of indentation, keys sorted.
pub fn pretty(map: Map<String, Value>) -> anyhow::Result<String> {
    use serde::Serialize as _;
    let mut sorted: Vec<(String, Value)> = map.into_iter().collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    let sorted: Map<String, Value> = sorted.into_iter().collect();
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, serde_json::ser::PrettyFormatter::with_indent(b"    "));
    Value::Object(sorted).serialize(&mut serializer)?;
    bytes.push(b'\n');
    Ok(String::from_utf8(bytes)?)
}

/// A value as text: texts as they are, everything else as JSON.
pub fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => tradewind_core::python_json::dumps(other),
    }
}
