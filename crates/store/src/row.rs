//! Rows with typed access.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::{Error, FromValue, Result, Value};

/// One row of an answer.
#[derive(Debug, Clone)]
pub struct Row {
    pub(crate) columns: Arc<[String]>,
    pub(crate) values: Vec<Value>,
    /// Name of the transaction, for error texts.
    pub(crate) statement: &'static str,
}

/// A column by its position or its name.
pub trait ColumnKey: Copy {
    fn position(self, columns: &[String]) -> Option<usize>;
    fn describe(self, columns: &[String]) -> String;
}

impl ColumnKey for usize {
    fn position(self, columns: &[String]) -> Option<usize> {
        (self < columns.len()).then_some(self)
    }

    fn describe(self, columns: &[String]) -> String {
        columns.get(self).cloned().unwrap_or_else(|| self.to_string())
    }
}

impl ColumnKey for &str {
    fn position(self, columns: &[String]) -> Option<usize> {
        columns.iter().position(|column| column == self)
    }

    fn describe(self, _columns: &[String]) -> String {
        self.to_owned()
    }
}

impl Row {
    /// Reads a column.
    ///
    /// # Errors
    /// [`Error::Column`] when there is no such column or it holds something else.
    pub fn get<T: FromValue>(&self, key: impl ColumnKey) -> Result<T> {
        let Some(position) = key.position(&self.columns) else {
            return Err(self.wrong(key.describe(&self.columns), T::EXPECTED, "no such column".to_owned()));
        };
        T::from_value(self.values[position].clone())
            .map_err(|value| self.wrong(key.describe(&self.columns), T::EXPECTED, value.kind().to_owned()))
    }

    /// Reads a text column with a parser, such as the name of a state.
    ///
    /// # Errors
    /// [`Error::Column`] when the text is not one of the names.
    pub fn parse<T: std::str::FromStr>(&self, key: impl ColumnKey) -> Result<T>
    where
        T::Err: std::fmt::Display,
    {
        let text: String = self.get(key)?;
        text.parse().map_err(|error: T::Err| self.wrong(key.describe(&self.columns), "a known name", error.to_string()))
    }

    /// As [`Row::parse`], for a column that may be null.
    ///
    /// # Errors
    /// As [`Row::parse`].
    pub fn parse_optional<T: std::str::FromStr>(&self, key: impl ColumnKey) -> Result<Option<T>>
    where
        T::Err: std::fmt::Display,
    {
        match self.get::<Option<String>>(key)? {
            None => Ok(None),
            Some(_) => self.parse(key).map(Some),
        }
    }

    /// Reads a column of JSON text.
    ///
    /// # Errors
    /// [`Error::Column`] when the text is no JSON of that shape.
    pub fn json<T: DeserializeOwned>(&self, key: impl ColumnKey) -> Result<T> {
        let text: String = self.get(key)?;
        serde_json::from_str(&text).map_err(|error| self.wrong(key.describe(&self.columns), "JSON", error.to_string()))
    }

    /// The row without its first columns, for readers that count from their own first one.
    pub(crate) fn without_first(&self, count: usize) -> Self {
        let columns = self.columns.get(count..).unwrap_or_default().to_vec().into();
        Self { columns, values: self.values.get(count..).unwrap_or_default().to_vec(), statement: self.statement }
    }

    /// Names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    fn wrong(&self, column: String, expected: &'static str, found: String) -> Error {
        Error::Column { statement: self.statement, column, expected, found }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row {
            columns: Arc::from(["id".to_owned(), "state".to_owned(), "end".to_owned()]),
            values: vec![Value::Int(7), Value::Text("odd".to_owned()), Value::Null],
            statement: "Example",
        }
    }

    #[test]
    fn reads_by_name_and_by_position() {
        assert_eq!(row().get::<i64>("id").unwrap(), 7);
        assert_eq!(row().get::<String>(1).unwrap(), "odd");
        assert_eq!(row().get::<Option<i64>>("end").unwrap(), None);
    }

    #[test]
    fn errors_name_statement_column_and_kinds() {
        let wrong = row().get::<i64>("state").unwrap_err().to_string();
        assert_eq!(wrong, "column `state` of Example: expected a whole number (i64), found text");
        let null = row().get::<i64>("end").unwrap_err().to_string();
        assert_eq!(null, "column `end` of Example: expected a whole number (i64), found null");
        let missing = row().get::<i64>("start").unwrap_err().to_string();
        assert_eq!(missing, "column `start` of Example: expected a whole number (i64), found no such column");
    }

    #[test]
    fn debug_hides_texts() {
        let shown = format!("{:?}", row());
        assert!(!shown.contains("odd"), "{shown}");
    }
}
