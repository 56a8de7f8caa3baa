//! One connection to MySQL or MariaDB.

use std::sync::Arc;

use sqlx::mysql::{MySqlArguments, MySqlRow};
use sqlx::{Arguments as _, AssertSqlSafe, Column as _, MySql, MySqlConnection, Row as _, TypeInfo as _, ValueRef as _};

use super::Inner;
use super::error::{is_done_already, is_duplicate};
use crate::dialect::mysql::{Insert, Keyed, Plan, Text};
use crate::{Error, Mode, Result, Row, Value};

const CLOCK: &str = "SELECT CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)";
/// Rows that one statement names by their keys.
const KEYS: usize = 500;

/// Opens a transaction; answers with the server's clock.
pub(super) async fn begin(link: &mut MySqlConnection, mode: Mode) -> Result<i64> {
    let text = match mode {
        Mode::Write => format!("START TRANSACTION; {CLOCK}"),
        Mode::Read => format!("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION READ ONLY; {CLOCK}"),
    };
    let rows = sqlx::raw_sql(AssertSqlSafe(text)).fetch_all(link).await?;
    let clock = rows.last().ok_or_else(|| Error::Statement { detail: "the server gave no time".to_owned() })?;
    Ok(clock.try_get_unchecked::<i64, _>(0)?)
}

pub(super) async fn exec(link: &mut MySqlConnection, inner: &Inner, text: &str, params: &[Value]) -> Result<u64> {
    match &*inner.texts.mysql(text) {
        Plan::One(one) => Ok(change(link, &one.sql, &picked(one, params)).await?.0),
        Plan::Keyed(keyed) => Ok(keyed_change(link, inner, keyed, params, "").await?.0),
        Plan::Insert(insert) => Ok(put(link, insert, params).await?.0),
    }
}

pub(super) async fn rows(link: &mut MySqlConnection, inner: &Inner, name: &'static str, text: &str, params: &[Value]) -> Result<Vec<Row>> {
    match &*inner.texts.mysql(text) {
        Plan::One(one) => select(link, name, &one.sql, &picked(one, params)).await,
        Plan::Keyed(keyed) => Ok(keyed_change(link, inner, keyed, params, name).await?.1),
        Plan::Insert(insert) => {
            let (written, number) = put(link, insert, params).await?;
            match &insert.give {
                Some(give) if written > 0 => written_row(link, inner, insert, give, params, number, name).await,
                _ => Ok(Vec::new()),
            }
        }
    }
}

/// Each statement of a migration commits by itself here: one that was done before is passed over.
pub(super) async fn script(link: &mut MySqlConnection, text: &str) -> Result<()> {
    for statement in text.split(";\n").map(str::trim).filter(|statement| !statement.is_empty()) {
        match sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut *link).await {
            Err(error) if is_done_already(&error) => {}
            Err(error) => return Err(named(error, statement)),
            Ok(_) => {}
        }
    }
    Ok(())
}

fn named(error: sqlx::Error, text: &str) -> Error {
    match Error::from(error) {
        Error::Statement { detail } => Error::Statement { detail: format!("{detail} in: {text}") },
        other => other,
    }
}

/// Rows that are locked, changed, and given back as they are then (or were, when they are deleted).
async fn keyed_change(
    link: &mut MySqlConnection,
    inner: &Inner,
    keyed: &Keyed,
    params: &[Value],
    name: &'static str,
) -> Result<(u64, Vec<Row>)> {
    let columns = key_of(link, inner, &keyed.table).await?;
    let list: Vec<String> = columns.iter().map(|column| format!("{}.`{column}`", keyed.alias)).collect();
    let sql = format!("SELECT {}{}", list.join(", "), keyed.choose.sql);
    let keys = select(link, name, &sql, &picked(&keyed.choose, params)).await?;
    let mut given = Vec::new();
    for keys in keys.chunks(KEYS) {
        let one = format!("({})", list.iter().map(|column| format!("{column} = ?")).collect::<Vec<_>>().join(" AND "));
        let condition = vec![one; keys.len()].join(" OR ");
        let values = || keys.iter().flat_map(|row| row.values.iter().cloned());
        let give = async |link: &mut MySqlConnection, given: &mut Vec<Row>| -> Result<()> {
            let Some(give) = &keyed.give else { return Ok(()) };
            let sql = format!("SELECT {} FROM {} AS {} WHERE {condition}", give.sql, keyed.table, keyed.alias);
            let params: Vec<Value> = picked(give, params).into_iter().chain(values()).collect();
            given.extend(select(link, name, &sql, &params).await?);
            Ok(())
        };
        match &keyed.change {
            Some(set) => {
                let sql = format!("{} WHERE {condition}", set.sql);
                let params: Vec<Value> = picked(set, params).into_iter().chain(values()).collect();
                change(link, &sql, &params).await?;
                give(link, &mut given).await?;
            }
            None => {
                give(link, &mut given).await?;
                // The table's own name: older servers take no alias here.
                let condition = condition.replace(&format!("{}.`", keyed.alias), &format!("{}.`", keyed.table));
                change(link, &format!("DELETE FROM {} WHERE {condition}", keyed.table), &values().collect::<Vec<_>>()).await?;
            }
        }
    }
    Ok((keys.len() as u64, given))
}

/// The columns of a table's primary key, asked for once.
async fn key_of(link: &mut MySqlConnection, inner: &Inner, table: &str) -> Result<Arc<[String]>> {
    if let Some(known) = inner.texts.key(table) {
        return Ok(known);
    }
    let sql = "SELECT column_name AS name FROM information_schema.key_column_usage
        WHERE table_schema = DATABASE() AND constraint_name = 'PRIMARY' AND table_name = ? ORDER BY ordinal_position";
    let columns =
        select(link, "primary_key", sql, &[table.into()]).await?.iter().map(|row| row.get(0)).collect::<Result<Arc<[String]>>>()?;
    if columns.is_empty() {
        return Err(Error::Statement { detail: format!("the table {table} has no primary key") });
    }
    inner.texts.learn_key(table, columns.clone());
    Ok(columns)
}

/// Rows that were written, and the number that the first of them got.
async fn put(link: &mut MySqlConnection, insert: &Insert, params: &[Value]) -> Result<(u64, u64)> {
    let values = picked(&insert.text, params);
    let query = sqlx::query_with::<MySql, _>(AssertSqlSafe(insert.text.sql.clone()), arguments(&values)?);
    match query.execute(&mut *link).await {
        // An upsert that changed its row counts it twice.
        Ok(done) if !insert.many => Ok((done.rows_affected().min(1), done.last_insert_id())),
        Ok(done) => Ok((done.rows_affected(), done.last_insert_id())),
        Err(error) if insert.may_exist && is_duplicate(&error) => {
            if !insert.many {
                return Ok((0, 0));
            }
            // Only now: it would also pass over texts that are too long, which the first try has refused.
            let sql = insert.text.sql.replacen("INSERT INTO", "INSERT IGNORE INTO", 1);
            change(link, &sql, &values).await
        }
        Err(error) => Err(named(error, &insert.text.sql)),
    }
}

/// The row of an insert: by what the statement names as its key, else by its generated number, else by its primary key.
async fn written_row(
    link: &mut MySqlConnection,
    inner: &Inner,
    insert: &Insert,
    give: &Text,
    params: &[Value],
    number: u64,
    name: &'static str,
) -> Result<Vec<Row>> {
    let key = key_of(link, inner, &insert.table).await?;
    let is_written = |column: &String| insert.values.iter().any(|(known, _)| known == column);
    let by: Vec<String> = if !insert.target.is_empty() && insert.target.iter().all(is_written) {
        insert.target.clone()
    } else if key.iter().all(is_written) {
        key.to_vec()
    } else {
        let sql = format!("SELECT {} FROM {} WHERE `{}` = ?", give.sql, insert.table, key[0]);
        let mut values = picked(give, params);
        values.push(Value::Int(i64::try_from(number).unwrap_or(i64::MAX)));
        return select(link, name, &sql, &values).await;
    };
    let mut values = picked(give, params);
    let mut conditions = Vec::with_capacity(by.len());
    for column in &by {
        if let Some((_, value)) = insert.values.iter().find(|(known, _)| known == column) {
            conditions.push(format!("`{column}` <=> {}", value.sql));
            values.extend(picked(value, params));
        }
    }
    let sql = format!("SELECT {} FROM {} WHERE {}", give.sql, insert.table, conditions.join(" AND "));
    select(link, name, &sql, &values).await
}

/// The parameters that a text takes, in its order.
fn picked(text: &Text, params: &[Value]) -> Vec<Value> {
    text.params.iter().filter_map(|place| params.get(*place).cloned()).collect()
}

async fn change(link: &mut MySqlConnection, sql: &str, params: &[Value]) -> Result<(u64, u64)> {
    let query = sqlx::query_with::<MySql, _>(AssertSqlSafe(sql.to_owned()), arguments(params)?);
    let done = query.execute(link).await.map_err(|error| named(error, sql))?;
    Ok((done.rows_affected(), done.last_insert_id()))
}

async fn select(link: &mut MySqlConnection, name: &'static str, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
    let query = sqlx::query_with::<MySql, _>(AssertSqlSafe(sql.to_owned()), arguments(params)?);
    let found = query.fetch_all(link).await.map_err(|error| named(error, sql))?;
    let Some(first) = found.first() else { return Ok(Vec::new()) };
    let columns: Arc<[String]> = first.columns().iter().map(|column| column.name().to_owned()).collect();
    found.iter().map(|row| read(row, &columns, name)).collect()
}

fn arguments(params: &[Value]) -> Result<MySqlArguments> {
    let mut arguments = MySqlArguments::default();
    for param in params {
        let added = match param {
            Value::Null => arguments.add(None::<&str>),
            Value::Int(number) => arguments.add(*number),
            Value::Real(number) => arguments.add(*number),
            Value::Text(text) => arguments.add(text.as_str()),
            Value::Blob(bytes) => arguments.add(bytes.as_slice()),
        };
        added.map_err(|error| Error::invalid("a value for the database", error))?;
    }
    Ok(arguments)
}

fn read(row: &MySqlRow, columns: &Arc<[String]>, statement: &'static str) -> Result<Row> {
    let values = (0..columns.len()).map(|position| value(row, position)).collect::<Result<_>>()?;
    Ok(Row { columns: columns.clone(), values, statement })
}

/// A column by its type: whole numbers, fractions, texts and bytes.
fn value(row: &MySqlRow, position: usize) -> Result<Value> {
    let raw = row.try_get_raw(position)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let kind = raw.type_info().name().to_owned();
    Ok(match kind.as_str() {
        "BIGINT UNSIGNED" | "INT UNSIGNED" => Value::Int(i64::try_from(row.try_get_unchecked::<u64, _>(position)?).unwrap_or(i64::MAX)),
        "BOOLEAN" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => Value::Int(row.try_get_unchecked(position)?),
        "FLOAT" | "DOUBLE" => Value::Real(row.try_get_unchecked(position)?),
        // Sums and what is divided.
        "DECIMAL" => {
            let text: String = row.try_get_unchecked(position)?;
            match text.parse() {
                Ok(number) => Value::Int(number),
                Err(_) => text.parse().map_or(Value::Text(text), Value::Real),
            }
        }
        "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" | "BINARY" | "VARBINARY" => {
            let bytes: Vec<u8> = row.try_get_unchecked(position)?;
            String::from_utf8(bytes).map_or_else(|error| Value::Blob(error.into_bytes()), Value::Text)
        }
        _ => Value::Text(row.try_get_unchecked(position)?),
    })
}
