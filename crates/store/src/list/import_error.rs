//! Import errors as the API lists them.

use super::Select;
use super::filter::{Filter, Listed, OrderKey, OrderNames, Page, Patterns};
use crate::{Mode, Result, Row, Transaction, Tx};

/// An import error. Time in microseconds.
#[derive(Debug, Clone)]
pub struct ImportErrorView {
    pub id: i64,
    pub timestamp: i64,
    pub filename: String,
    pub bundle_name: String,
    pub stacktrace: String,
}

const SELECT: Select =
    Select { columns: "id, timestamp, relative_fileloc, bundle_name, stacktrace", tables: " FROM import_error", ties: &["id"] };

/// What import errors may be sorted by.
pub const ORDER: OrderNames = &[
    ("id", "id"),
    ("import_error_id", "id"),
    ("timestamp", "timestamp"),
    ("filename", "relative_fileloc"),
    ("bundle_name", "bundle_name"),
    ("stacktrace", "stacktrace"),
];

fn read(row: &Row) -> Result<ImportErrorView> {
    Ok(ImportErrorView {
        id: row.get(0_usize)?,
        timestamp: row.get(1_usize)?,
        filename: row.get(2_usize)?,
        bundle_name: row.get(3_usize)?,
        stacktrace: row.get(4_usize)?,
    })
}

/// A page of import errors.
#[derive(Debug, Clone)]
pub struct ListImportErrors {
    pub id: Option<i64>,
    pub filename: Option<String>,
    pub filenames: Patterns,
    pub bundle_name: Option<String>,
    pub order: Vec<OrderKey>,
    pub page: Page,
}

impl Transaction for ListImportErrors {
    type Out = Listed<ImportErrorView>;
    const NAME: &'static str = "list.import_errors";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let mut filter = Filter::new();
        filter
            .equals("id", self.id)
            .equals("relative_fileloc", self.filename.clone())
            .patterns("relative_fileloc", &self.filenames)
            .equals("bundle_name", self.bundle_name.clone());
        SELECT.page(tx, &filter, &self.order, self.page, read).await
    }
}
