//! Backfills as the API lists them.

use super::filter::{Listed, OrderKey, Page};
use crate::table::backfill::Backfill;
use crate::{Mode, Result, Transaction, Tx, Value};

/// What lists may be ordered by: the API's name, the column.
pub const ORDER: &[(&str, &str)] =
    &[("id", "b.id"), ("created_at", "b.created_at"), ("completed_at", "b.completed_at"), ("from_date", "b.from_date")];

/// Which of them; what is not set does not limit.
#[derive(Debug, Clone)]
pub struct ListBackfills {
    pub dag_id: Option<String>,
    pub active: Option<bool>,
    pub order: Vec<OrderKey>,
    pub page: Page,
}

impl Transaction for ListBackfills {
    type Out = Listed<Backfill>;
    const NAME: &'static str = "list.backfills";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Listed<Backfill>> {
        let mut wanted = String::from("1 = 1");
        let mut values: Vec<Value> = Vec::new();
        if let Some(dag_id) = &self.dag_id {
            wanted.push_str(" AND b.dag_id = ?");
            values.push(dag_id.into());
        }
        match self.active {
            Some(true) => wanted.push_str(" AND b.completed_at IS NULL"),
            Some(false) => wanted.push_str(" AND b.completed_at IS NOT NULL"),
            None => {}
        }
        let total = tx.row(format!("SELECT count(*) FROM backfill b WHERE {wanted}"), &values).await?;
        let total = total.map_or(Ok(0), |row| row.get(0))?;
        let keys = self.order.iter().map(|key| format!("{} {}, ", key.expression, if key.descending { "DESC" } else { "ASC" }));
        let sql = format!(
            "SELECT {} FROM backfill b WHERE {wanted} ORDER BY {}b.id LIMIT ? OFFSET ?",
            Backfill::QUALIFIED,
            keys.collect::<String>()
        );
        values.extend([self.page.limit.into(), self.page.offset.into()]);
        let rows = tx.rows(sql, &values).await?;
        Ok(Listed { rows: rows.iter().map(|row| Backfill::read(row, 0)).collect::<Result<_>>()?, total })
    }
}
