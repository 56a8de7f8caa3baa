//! Pages by the values of the sort keys: as cheap at the end of a long list as at its beginning, and steady while rows come.

use super::Select;
use super::filter::{Filter, OrderKey};
use crate::{Result, Row, Tx, Value};

/// More rows than this are not counted.
pub const COUNT_LIMIT: i64 = 50_000;

/// Where a page begins: after (or, backward, before) the row with these values of the sort keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor {
    pub values: Vec<Value>,
    pub backward: bool,
}

/// A page with the ways on.
#[derive(Debug, Clone)]
pub struct Keyset<T> {
    pub rows: Vec<T>,
    /// At most [`COUNT_LIMIT`].
    pub total: i64,
    pub next: Option<Cursor>,
    pub previous: Option<Cursor>,
}

/// What is asked for; without a cursor the first page.
#[derive(Debug, Clone)]
pub struct KeysetPage {
    pub limit: i64,
    pub cursor: Option<Cursor>,
}

impl Select {
    /// A page by cursor. `None`: the cursor is not one of this order.
    pub(crate) async fn keyset<T>(
        &self,
        tx: &mut Tx<'_>,
        mut filter: Filter,
        order: &[OrderKey],
        page: &KeysetPage,
        read: fn(&Row) -> Result<T>,
    ) -> Result<Option<Keyset<T>>> {
        let count = format!("SELECT count(*) FROM (SELECT 1{}{} LIMIT {COUNT_LIMIT}) counted", self.tables, filter.clause());
        let total = match tx.row(count, filter.values()).await? {
            Some(row) => row.get(0_usize)?,
            None => 0,
        };
        let mut keys = Filter::total_order(order, self.ties);
        let backward = page.cursor.as_ref().is_some_and(|cursor| cursor.backward);
        if backward {
            keys.iter_mut().for_each(|key| key.descending = !key.descending);
        }
        if let Some(cursor) = &page.cursor {
            if cursor.values.len() != keys.len() {
                return Ok(None);
            }
            let (clause, values) = after(&keys, &cursor.values);
            filter.and(clause, values);
        }
        let names: Vec<&str> = keys.iter().map(|key| key.expression).collect();
        let sql =
            format!("SELECT {}, {}{}{}{} LIMIT ?", names.join(", "), self.columns, self.tables, filter.clause(), Filter::order(&keys));
        let mut values = filter.values().to_vec();
        values.push((page.limit + 1).into());
        let mut found = tx.rows(sql, &values).await?;
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        if backward {
            found.reverse();
        }
        let at = |row: Option<&Row>, backward: bool| -> Result<Option<Cursor>> {
            let Some(row) = row else { return Ok(None) };
            let values = (0..keys.len()).map(|index| row.get::<Value>(index)).collect::<Result<_>>()?;
            Ok(Some(Cursor { values, backward }))
        };
        let next = if more || backward { at(found.last(), false)? } else { None };
        let previous = if (more && backward) || (page.cursor.is_some() && !backward) { at(found.first(), true)? } else { None };
        let rows = found.iter().map(|row| read(&row.without_first(keys.len()))).collect::<Result<_>>()?;
        Ok(Some(Keyset { rows, total, next, previous }))
    }
}

/// The rows after these values, in this order. SQLite sorts nulls before everything.
fn after(keys: &[OrderKey], at: &[Value]) -> (String, Vec<Value>) {
    let mut parts = Vec::with_capacity(keys.len());
    let mut values = Vec::new();
    for (index, key) in keys.iter().enumerate() {
        let mut terms = Vec::with_capacity(index + 1);
        for (key, value) in keys[..index].iter().zip(at) {
            if *value == Value::Null {
                terms.push(format!("{} IS NULL", key.expression));
            } else {
                terms.push(format!("{} = ?", key.expression));
                values.push(value.clone());
            }
        }
        let value = &at[index];
        terms.push(match (key.descending, value) {
            (false, Value::Null) => format!("{} IS NOT NULL", key.expression),
            (true, Value::Null) => "1 = 0".into(),
            (false, _) => format!("{} > ?", key.expression),
            (true, _) => format!("({0} < ? OR {0} IS NULL)", key.expression),
        });
        if *value != Value::Null {
            values.push(value.clone());
        }
        parts.push(format!("({})", terms.join(" AND ")));
    }
    (format!("({})", parts.join(" OR ")), values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(expression: &'static str, descending: bool) -> OrderKey {
        OrderKey { expression, descending }
    }

    #[test]
    fn what_comes_after_is_told_key_by_key() {
        let (clause, values) = after(&[key("a", false), key("id", true)], &[Value::Int(1), Value::Int(2)]);
        assert_eq!(clause, "((a > ?) OR (a = ? AND (id < ? OR id IS NULL)))");
        assert_eq!(values, [Value::Int(1), Value::Int(1), Value::Int(2)]);
    }

    #[test]
    fn nulls_come_first() {
        let (clause, values) = after(&[key("a", false), key("id", false)], &[Value::Null, Value::Int(2)]);
        assert_eq!(clause, "((a IS NOT NULL) OR (a IS NULL AND id > ?))");
        assert_eq!(values, [Value::Int(2)]);
        let (clause, _) = after(&[key("a", true), key("id", true)], &[Value::Null, Value::Int(2)]);
        assert_eq!(clause, "((1 = 0) OR (a IS NULL AND (id < ? OR id IS NULL)))");
    }
}
