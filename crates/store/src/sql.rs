//! Statement texts.

use crate::{Error, Result};

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    Sqlite,
    Postgres,
    Mysql,
}

impl Dialect {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MySQL",
        }
    }
}

/// A statement: one text for all databases, or one per dialect where they must differ. Parameters are `?`, in order.
#[derive(Debug, Clone)]
pub enum Sql {
    All(&'static str),
    Each(&'static [(Dialect, &'static str)]),
    /// Put together at run time, of texts of ours only; everything from outside is a parameter.
    Built(String),
}

impl Sql {
    /// # Errors
    /// [`Error::NoDialect`] when there is none for this database.
    pub(crate) fn text(&self, dialect: Dialect) -> Result<&str> {
        match self {
            Self::All(text) => Ok(text),
            Self::Built(text) => Ok(text),
            Self::Each(texts) => texts.iter().find(|(of, _)| *of == dialect).map(|(_, text)| *text).ok_or_else(|| Error::NoDialect {
                dialect: dialect.name(),
                statement: texts.first().map_or(String::new(), |(_, text)| text.chars().take(80).collect()),
            }),
        }
    }
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self::All(text)
    }
}

impl From<String> for Sql {
    fn from(text: String) -> Self {
        Self::Built(text)
    }
}

/// A statement that differs: `sql!(Sqlite: "...", Postgres: "...")`.
#[macro_export]
macro_rules! sql {
    ($($dialect:ident : $text:expr),+ $(,)?) => {
        $crate::Sql::Each(&[$(($crate::Dialect::$dialect, $text)),+])
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_the_text_of_the_dialect_or_names_what_is_missing() {
        let both = sql!(Sqlite: "select 1", Postgres: "select 2");
        assert_eq!(both.text(Dialect::Sqlite).unwrap(), "select 1");
        assert_eq!(both.text(Dialect::Postgres).unwrap(), "select 2");
        assert_eq!(both.text(Dialect::Mysql).unwrap_err().to_string(), "this statement has no text for MySQL: select 1");
        assert_eq!(Sql::from("select 3").text(Dialect::Mysql).unwrap(), "select 3");
    }
}
