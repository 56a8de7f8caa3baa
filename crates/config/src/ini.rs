//! Reader of configuration files in the dialect of Python's `configparser` as Airflow uses it.
//!
//! Sections in brackets; `key = value` or `key: value`; a line indented deeper than its key goes on with the value; lines that
//! start with `#` or `;` are comments wherever they stand, and there are no others; section `DEFAULT` gives values to all
//! sections. Keys are lower-cased. A section or key that is there twice is an error. `%` stays as it is: see [`crate::interpolate`].

use std::path::{Path, PathBuf};

use crate::error::{ConfigError, Result};

/// Name of the section whose values count in all sections.
pub const DEFAULT_SECTION: &str = "DEFAULT";

/// One `key = value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Key, lower case.
    pub key: String,
    /// Value as written, lines joined by newlines.
    pub value: String,
    /// Line of the key, counted from 1.
    pub line: usize,
}

/// One section of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Name as written.
    pub name: String,
    /// Line of the header, counted from 1.
    pub line: usize,
    /// Its entries in order.
    pub entries: Vec<Entry>,
}

/// A file that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IniFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its sections in order.
    pub sections: Vec<Section>,
}

impl IniFile {
    /// The entry of this name, its section's before the one in `DEFAULT`. Names in lower case.
    pub fn entry(&self, section: &str, key: &str) -> Option<&Entry> {
        let own = self.section(section)?.entries.iter().find(|entry| entry.key == key);
        own.or_else(|| self.default_entry(key))
    }

    /// The section of this name in any case.
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name != DEFAULT_SECTION && section.name.eq_ignore_ascii_case(name))
    }

    fn default_entry(&self, key: &str) -> Option<&Entry> {
        let defaults = self.sections.iter().find(|section| section.name == DEFAULT_SECTION)?;
        defaults.entries.iter().find(|entry| entry.key == key)
    }
}

/// Reads the text of a configuration file. `path` is for error messages only.
pub fn parse(path: &Path, text: &str) -> Result<IniFile> {
    let mut parser = Parser { path, sections: Vec::new(), open: None, indent: 0 };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (at, line) in text.lines().enumerate() {
        parser.line(at + 1, line)?;
    }
    let mut sections = parser.sections;
    for entry in sections.iter_mut().flat_map(|section| &mut section.entries) {
        entry.value.truncate(entry.value.trim_end().len());
    }
    Ok(IniFile { path: path.to_owned(), sections })
}

struct Parser<'a> {
    path: &'a Path,
    sections: Vec<Section>,
    /// Section and entry that a continuation line belongs to.
    open: Option<(usize, usize)>,
    /// Indentation of the last line that was not a continuation.
    indent: usize,
}

impl Parser<'_> {
    fn line(&mut self, number: usize, line: &str) -> Result<()> {
        let text = line.trim();
        if text.starts_with(['#', ';']) {
            return Ok(());
        }
        if text.is_empty() {
            if let Some(entry) = self.open_entry() {
                entry.value.push('\n');
            }
            return Ok(());
        }
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        if indent > self.indent
            && let Some(entry) = self.open_entry()
        {
            entry.value.push('\n');
            entry.value.push_str(text);
            return Ok(());
        }
        self.indent = indent;
        match header(text) {
            Some(name) => self.header(number, name),
            None => self.entry(number, text),
        }
    }

    fn open_entry(&mut self) -> Option<&mut Entry> {
        let (section, entry) = self.open?;
        Some(&mut self.sections[section].entries[entry])
    }

    fn header(&mut self, number: usize, name: &str) -> Result<()> {
        let before = self.sections.iter().find(|section| section.name == name).map(|section| section.line);
        if let Some(before) = before {
            return Err(self.error(number, format!("section [{name}] is there already in line {before}; put its keys together")));
        }
        self.sections.push(Section { name: name.to_owned(), line: number, entries: Vec::new() });
        self.open = None;
        Ok(())
    }

    fn entry(&mut self, number: usize, text: &str) -> Result<()> {
        if self.sections.is_empty() {
            return Err(self.error(number, format!("{text:?} stands before the first section; put a line such as [core] above it")));
        }
        let Some((key, value)) = text.split_once(['=', ':']) else {
            return Err(self.error(
                number,
                format!("{text:?} is neither a [section], a \"key = value\", nor a comment; to go on with a value, indent the line"),
            ));
        };
        let key = key.trim_end().to_lowercase();
        if key.is_empty() {
            return Err(self.error(number, format!("{text:?} has no key before the sign")));
        }
        let at = self.sections.len() - 1;
        let section = &self.sections[at];
        if let Some(before) = section.entries.iter().find(|entry| entry.key == key) {
            let problem = format!("[{}] {key} is there already in line {}; keep one of them", section.name, before.line);
            return Err(self.error(number, problem));
        }
        self.open = Some((at, section.entries.len()));
        self.sections[at].entries.push(Entry { key, value: value.trim().to_owned(), line: number });
        Ok(())
    }

    fn error(&self, line: usize, problem: String) -> ConfigError {
        ConfigError::Syntax { path: self.path.to_owned(), line, problem }
    }
}

/// The name in `[name]`; what follows the last bracket is ignored, as Python does.
fn header(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('[')?;
    let end = rest.rfind(']')?;
    (end > 0).then(|| &rest[..end])
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::interpolate::interpolate;

    /// What we make of a file, in the form of `tests/vectors/ini/generate.py`.
    fn as_python(text: &str, path: &Path) -> Value {
        let file = match parse(path, text) {
            Ok(file) => file,
            Err(ConfigError::Syntax { line, .. }) => return json!({ "line": line }),
            Err(error) => panic!("{error}"),
        };
        let mut sections = serde_json::Map::new();
        for section in file.sections.iter().filter(|section| section.name != DEFAULT_SECTION) {
            let defaults = file.sections.iter().filter(|section| section.name == DEFAULT_SECTION);
            let keys = defaults.flat_map(|defaults| &defaults.entries).chain(&section.entries).map(|entry| &entry.key);
            let values: serde_json::Map<String, Value> = keys
                .map(|key| {
                    let raw = &file.entry(&section.name, key).unwrap().value;
                    (key.clone(), json!([raw, interpolate(&file, &section.name, raw).ok()]))
                })
                .collect();
            sections.insert(section.name.clone(), Value::Object(values));
        }
        json!({ "sections": sections })
    }

    #[test]
    fn files_are_read_as_python_reads_them() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/ini");
        let mut seen = 0;
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.extension().is_none_or(|extension| extension != "cfg") {
                continue;
            }
            let mut expected: Value = serde_json::from_str(&std::fs::read_to_string(path.with_extension("json")).unwrap()).unwrap();
            expected.as_object_mut().unwrap().remove("error");
            let text = std::fs::read_to_string(&path).unwrap();
            assert_eq!(as_python(&text, &path), expected, "{}", path.display());
            seen += 1;
        }
        assert_eq!(seen, 11);
    }

    #[test]
    fn an_error_says_what_would_be_right() {
        let told = |text: &str| parse(Path::new("airflow.cfg"), text).unwrap_err().to_string();
        assert_eq!(told("a = 1\n"), "airflow.cfg:1: \"a = 1\" stands before the first section; put a line such as [core] above it");
        assert_eq!(told("[core]\na = 1\nA: 2\n"), "airflow.cfg:3: [core] a is there already in line 2; keep one of them");
        assert_eq!(told("[core]\n\n[core]\n"), "airflow.cfg:3: section [core] is there already in line 1; put its keys together");
        assert!(told("[core]\nwords\n").starts_with("airflow.cfg:2: \"words\" is neither a [section], a \"key = value\", nor a comment"));
    }
}
