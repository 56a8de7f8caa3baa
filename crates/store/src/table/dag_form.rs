//! `dag_form`: the JSON forms of DAG versions, by content hash.

use crate::{Mode, Result, Transaction, Tx, params};

/// The form of a version.
#[derive(Debug, Clone, Copy)]
pub struct VersionForm {
    /// `dag_version.id`.
    pub version_id: i64,
}

impl Transaction for VersionForm {
    /// JSON text; `None` when there is no such version.
    type Out = Option<String>;
    const NAME: &'static str = "version_form";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<String>> {
        let sql = "SELECT f.form FROM dag_version v JOIN dag_form f ON f.content_hash = v.content_hash WHERE v.id = ?";
        tx.row(sql, params![self.version_id]).await?.map(|row| row.get(0)).transpose()
    }
}

/// The form a content hash names.
#[derive(Debug, Clone)]
pub struct FormOf {
    pub content_hash: String,
}

impl Transaction for FormOf {
    type Out = Option<String>;
    const NAME: &'static str = "form_of";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<String>> {
        let row = tx.row("SELECT form FROM dag_form WHERE content_hash = ?", params![&self.content_hash]).await?;
        row.map(|row| row.get(0)).transpose()
    }
}
