//! `variable`: values that people keep for their tasks, encrypted when there is a key.

use crate::{Mode, Result, Row, Secret, Transaction, Tx, params};

/// A variable in clear.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    pub id: i64,
    pub key: String,
    pub val: Secret,
    pub description: Option<String>,
    pub is_encrypted: bool,
}

impl Variable {
    /// The select list of [`Variable::read`].
    pub const COLUMNS: &'static str = "id, key, val, description, is_encrypted";

    /// Reads and decrypts a row.
    ///
    /// # Errors
    /// [`crate::Error::Decrypt`] when no key fits.
    pub fn read(tx: &Tx<'_>, row: &Row, offset: usize) -> Result<Self> {
        let (key, is_encrypted): (String, bool) = (row.get(offset + 1)?, row.get(offset + 4)?);
        let val = tx.fernet().open(&row.get::<String>(offset + 2)?, is_encrypted, || format!("variable `{key}`"))?;
        Ok(Self { id: row.get(offset)?, key, val: Secret(val), description: row.get(offset + 3)?, is_encrypted })
    }
}

/// A variable by its key.
#[derive(Debug, Clone)]
pub struct GetVariable {
    pub key: String,
}

impl Transaction for GetVariable {
    type Out = Option<Variable>;
    const NAME: &'static str = "get_variable";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Variable>> {
        let row = tx.row(format!("SELECT {} FROM variable WHERE key = ?", Variable::COLUMNS), params![&self.key]).await?;
        row.map(|row| Variable::read(tx, &row, 0)).transpose()
    }
}

/// Makes or changes a variable.
#[derive(Debug, Clone)]
pub struct SetVariable {
    pub key: String,
    pub val: Secret,
    /// `None` leaves the one that is there.
    pub description: Option<String>,
    /// Answers `None` when there is one already.
    pub only_new: bool,
}

impl Transaction for SetVariable {
    type Out = Option<Variable>;
    const NAME: &'static str = "set_variable";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Variable>> {
        let (val, is_encrypted) = tx.seal(&self.val.0);
        let conflict = if self.only_new {
            "NOTHING"
        } else {
            "UPDATE SET val = excluded.val, is_encrypted = excluded.is_encrypted, description = COALESCE(excluded.description, variable.description)"
        };
        let sql = format!(
            "INSERT INTO variable (key, val, description, is_encrypted) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO {conflict} RETURNING {}",
            Variable::COLUMNS
        );
        let row = tx.row(sql, params![&self.key, val, &self.description, is_encrypted]).await?;
        row.map(|row| Variable::read(tx, &row, 0)).transpose()
    }
}

/// Removes a variable.
#[derive(Debug, Clone)]
pub struct DeleteVariable {
    pub key: String,
}

impl Transaction for DeleteVariable {
    /// Whether it was there.
    type Out = bool;
    const NAME: &'static str = "delete_variable";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        Ok(tx.exec("DELETE FROM variable WHERE key = ?", params![&self.key]).await? == 1)
    }
}

/// Keys that begin with a text, sorted.
#[derive(Debug, Clone)]
pub struct VariableKeys {
    pub prefix: String,
}

impl Transaction for VariableKeys {
    type Out = Vec<String>;
    const NAME: &'static str = "variable_keys";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<String>> {
        let sql = "SELECT key FROM variable WHERE SUBSTR(key, 1, LENGTH(?)) = ? ORDER BY key";
        let rows = tx.rows(sql, params![&self.prefix, &self.prefix]).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }
}

/// All variables, by key (export).
#[derive(Debug, Clone, Copy)]
pub struct AllVariables;

impl Transaction for AllVariables {
    type Out = Vec<Variable>;
    const NAME: &'static str = "all_variables";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Variable>> {
        let rows = tx.rows(format!("SELECT {} FROM variable ORDER BY key", Variable::COLUMNS), params![]).await?;
        rows.iter().map(|row| Variable::read(tx, row, 0)).collect()
    }
}
