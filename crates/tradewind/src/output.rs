//! Results as a table, JSON, YAML or plain columns.

use std::io::{self, Write as _};

use clap::ValueEnum;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

/// `-o`, `--output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    #[default]
    Table,
    Json,
    Yaml,
    Plain,
}

/// The argument that commands with a result share.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct OutputArgs {
    /// Form of the result.
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Format,
}

impl OutputArgs {
    /// Prints rows in the wanted form.
    pub fn print(self, rows: &Rows) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(rows.render(self.output).as_bytes())?;
        out.flush()
    }
}

/// One value of a result; scalars are told as texts, as Airflow does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Null,
    Text(String),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

impl From<bool> for Cell {
    fn from(value: bool) -> Cell {
        Cell::from(if value { "True" } else { "False" })
    }
}

impl From<i64> for Cell {
    fn from(value: i64) -> Cell {
        Cell::Text(value.to_string())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Cell {
        value.map_or(Cell::Null, Into::into)
    }
}

impl Cell {
    fn text(&self) -> &str {
        match self {
            Cell::Null => "None",
            Cell::Text(text) => text,
        }
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Cell::Null => serializer.serialize_none(),
            Cell::Text(text) => serializer.serialize_str(text),
        }
    }
}

/// Rows under named columns.
#[derive(Debug, Clone)]
pub struct Rows {
    columns: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
}

struct Object<'a> {
    columns: &'a [&'static str],
    row: &'a [Cell],
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (column, cell) in self.columns.iter().zip(self.row) {
            map.serialize_entry(column, cell)?;
        }
        map.end()
    }
}

impl Rows {
    pub fn new(columns: impl Into<Vec<&'static str>>) -> Rows {
        Rows { columns: columns.into(), rows: Vec::new() }
    }

    /// Adds a row; its cells stand in the order of the columns.
    pub fn push(&mut self, row: impl Into<Vec<Cell>>) {
        let row = row.into();
        assert_eq!(row.len(), self.columns.len(), "a row has a cell for each column");
        self.rows.push(row);
    }

    /// Whether a row has this text in a column.
    #[must_use]
    pub fn has(&self, column: &str, text: &str) -> bool {
        let at = self.columns.iter().position(|name| *name == column);
        at.is_some_and(|at| self.rows.iter().any(|row| row[at].text() == text))
    }

    /// One row as two columns, name and value.
    #[must_use]
    pub fn transposed(&self, name: &'static str, value: &'static str) -> Rows {
        let mut out = Rows::new([name, value]);
        for row in &self.rows {
            for (column, cell) in self.columns.iter().zip(row) {
                out.push([Cell::from(*column), cell.clone()]);
            }
        }
        out
    }

    /// Only the columns of these names, in the order asked for. The error names the unknown one and what there is.
    pub fn select(&self, names: &[String]) -> anyhow::Result<Rows> {
        let mut at = Vec::new();
        for name in names {
            match self.columns.iter().position(|column| column == name) {
                Some(position) => at.push(position),
                None => anyhow::bail!("there is no column {name:?}; there are {}", self.columns.join(", ")),
            }
        }
        let pick = |row: &Vec<Cell>| at.iter().map(|at| row[*at].clone()).collect();
        Ok(Rows { columns: at.iter().map(|at| self.columns[*at]).collect(), rows: self.rows.iter().map(pick).collect() })
    }

    fn objects(&self) -> Vec<Object<'_>> {
        self.rows.iter().map(|row| Object { columns: &self.columns, row }).collect()
    }

    /// The text of a form, with its newline at the end.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Json => serde_json::to_string(&self.objects()).map(|text| text + "\n").unwrap_or_default(),
            Format::Yaml => yaml(&self.objects()),
            Format::Table | Format::Plain if self.rows.is_empty() => "No data found\n".to_owned(),
            Format::Table => self.columnar(" | ", true),
            Format::Plain => self.columnar(" ", false),
        }
    }

    fn columnar(&self, between: &str, ruler: bool) -> String {
        let width = |at: usize| self.rows.iter().map(|row| row[at].text().chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = self.columns.iter().enumerate().map(|(at, name)| name.chars().count().max(width(at))).collect();
        let line = |cells: Vec<&str>| {
            let padded: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            padded.join(between).trim_end().to_owned() + "\n"
        };
        let mut out = line(self.columns.clone());
        if ruler {
            let parts: Vec<String> = widths.iter().map(|width| "=".repeat(*width)).collect();
            out.push_str(&(parts.join("=+=") + "\n"));
        }
        for row in &self.rows {
            // A newline inside a cell would break the columns.
            let cells: Vec<String> = row.iter().map(|cell| cell.text().replace('\n', " ")).collect();
            out.push_str(&line(cells.iter().map(String::as_str).collect()));
        }
        out
    }
}

/// A value as YAML; an empty list is `[]`.
pub fn yaml(value: &impl Serialize) -> String {
    let text = serde_saphyr::to_string(value).unwrap_or_default();
    if text.ends_with('\n') { text } else { text + "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Rows {
        let mut rows = Rows::new(["dag_id", "is_paused", "end"]);
        rows.push([Cell::from("서울"), Cell::from(true), Cell::Null]);
        rows.push([Cell::from("two words"), Cell::from(false), Cell::from("x\ny")]);
        rows
    }

    #[test]
    fn a_table_has_header_ruler_and_rows() {
        let expected =
            "dag_id    | is_paused | end\n==========+===========+=====\n서울        | True      | None\ntwo words | False     | x y\n";
        assert_eq!(rows().render(Format::Table), expected);
    }

    #[test]
    fn json_is_one_line_with_scalars_as_texts() {
        let expected = "[{\"dag_id\":\"서울\",\"is_paused\":\"True\",\"end\":null},{\"dag_id\":\"two words\",\"is_paused\":\"False\",\"end\":\"x\\ny\"}]\n";
        assert_eq!(rows().render(Format::Json), expected);
    }

    #[test]
    fn yaml_reads_back_as_the_same() {
        let text = rows().render(Format::Yaml);
        let read: Vec<std::collections::BTreeMap<String, Option<String>>> = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(read[0]["is_paused"].as_deref(), Some("True"), "{text}");
        assert_eq!(read[0]["end"], None, "{text}");
        assert_eq!(read[1]["end"].as_deref(), Some("x\ny"), "{text}");
    }

    #[test]
    fn nothing_is_said_to_be_nothing() {
        let none = Rows::new(["a"]);
        assert_eq!(none.render(Format::Table), "No data found\n");
        assert_eq!(none.render(Format::Json), "[]\n");
        assert_eq!(none.render(Format::Yaml), "[]\n");
    }

    #[test]
    fn columns_are_picked_by_name() {
        let picked = rows().select(&["end".to_owned(), "dag_id".to_owned()]).unwrap();
        assert_eq!(picked.render(Format::Plain), "end  dag_id\nNone 서울\nx y  two words\n");
        let error = rows().select(&["ende".to_owned()]).unwrap_err().to_string();
        assert_eq!(error, "there is no column \"ende\"; there are dag_id, is_paused, end");
    }
}
