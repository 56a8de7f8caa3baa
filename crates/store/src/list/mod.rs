//! Read models of the API: lists with filters, order and page, and the single rows that go with them.

pub mod alert;
pub mod asset;
pub mod backfill;
pub mod change;
pub mod dag;
pub mod dag_file;
pub mod dag_row;
pub mod dag_run;
pub mod event_log;
pub mod figures;
pub mod filter;
pub mod grid;
pub mod history;
pub mod hitl;
pub mod home;
pub mod import_error;
pub mod job;
pub mod keyed;
pub mod keyset;
pub mod live;
pub mod log_place;
pub mod small;
pub mod task_instance;
pub mod wait;
pub mod xcom;

use crate::{Result, Row, Tx, Value};
use filter::{Filter, Listed, OrderKey, Page};

/// A version of a DAG.
#[derive(Debug, Clone)]
pub struct VersionView {
    pub uuid: String,
    pub version_number: i64,
    pub dag_id: String,
    pub bundle_name: String,
    /// Microseconds.
    pub created_at: i64,
}

impl VersionView {
    /// Reads five columns from `first` on; `None` when an outer join found no version.
    pub(crate) fn read(row: &Row, first: usize) -> Result<Option<Self>> {
        let Some(uuid) = row.get::<Option<String>>(first)? else { return Ok(None) };
        Ok(Some(Self {
            uuid,
            version_number: row.get(first + 1)?,
            dag_id: row.get(first + 2)?,
            bundle_name: row.get::<Option<String>>(first + 3)?.unwrap_or_else(|| "dags-folder".into()),
            created_at: row.get(first + 4)?,
        }))
    }
}

/// What a list is made of.
pub(crate) struct Select {
    pub columns: &'static str,
    /// ` FROM ...` with its joins.
    pub tables: &'static str,
    /// The last sort keys, which make the order total.
    pub ties: &'static [&'static str],
}

impl Select {
    /// A page and the number of all rows.
    pub(crate) async fn page<T>(
        &self,
        tx: &mut Tx<'_>,
        filter: &Filter,
        order: &[OrderKey],
        page: Page,
        read: fn(&Row) -> Result<T>,
    ) -> Result<Listed<T>> {
        let clause = filter.clause();
        let count = format!("SELECT count(*){}{clause}", self.tables);
        let total = match tx.row(count, filter.values()).await? {
            Some(row) => row.get(0_usize)?,
            None => 0,
        };
        if page.limit == 0 || page.offset >= total {
            return Ok(Listed { rows: Vec::new(), total });
        }
        let order = Filter::order(&Filter::total_order(order, self.ties));
        let sql = format!("SELECT {}{}{clause}{order} LIMIT ? OFFSET ?", self.columns, self.tables);
        let mut values: Vec<Value> = filter.values().to_vec();
        values.extend([page.limit.into(), page.offset.into()]);
        let rows = tx.rows(sql, &values).await?;
        Ok(Listed { rows: rows.iter().map(read).collect::<Result<_>>()?, total })
    }

    /// All rows.
    pub(crate) async fn all<T>(&self, tx: &mut Tx<'_>, filter: &Filter, order: &[OrderKey], read: fn(&Row) -> Result<T>) -> Result<Vec<T>> {
        let order = Filter::order(&Filter::total_order(order, self.ties));
        let sql = format!("SELECT {}{}{}{order}", self.columns, self.tables, filter.clause());
        tx.rows(sql, filter.values()).await?.iter().map(read).collect()
    }
}
