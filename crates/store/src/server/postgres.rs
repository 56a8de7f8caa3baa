//! One PostgreSQL connection.

use std::sync::Arc;

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgRow, PgTypeInfo, PgValueFormat, PgValueRef};
use sqlx::{Arguments as _, AssertSqlSafe, Column as _, Encode, PgConnection, Postgres, Row as _, Type, TypeInfo as _, ValueRef as _};

use super::Inner;
use super::open::Target;
use crate::{Error, Mode, Result, Row, Value};

/// Opens a transaction; answers with the server's clock.
pub(super) async fn begin(link: &mut PgConnection, target: &Target, mode: Mode) -> Result<i64> {
    // In the simple protocol all of it is one message: one trip, and no statement is left behind.
    let text = match mode {
        Mode::Read => target.begin_read.clone(),
        Mode::Write => target.begin_write.clone(),
    };
    let rows = sqlx::raw_sql(AssertSqlSafe(text)).fetch_all(link).await?;
    let clock = rows.last().ok_or_else(|| Error::Statement { detail: "the server gave no time".to_owned() })?;
    match value(clock.try_get_raw(0)?)? {
        Value::Int(micros) => Ok(micros),
        other => Err(Error::Statement { detail: format!("the server gave {} for its time", other.kind()) }),
    }
}

pub(super) async fn exec(link: &mut PgConnection, inner: &Inner, text: &str, params: &[Value]) -> Result<u64> {
    let query = sqlx::query_with::<Postgres, _>(AssertSqlSafe(inner.texts.postgres(text)), arguments(params)?);
    Ok(query.persistent(inner.target.prepared).execute(link).await.map_err(|error| named(error, text))?.rows_affected())
}

pub(super) async fn rows(link: &mut PgConnection, inner: &Inner, name: &'static str, text: &str, params: &[Value]) -> Result<Vec<Row>> {
    let query = sqlx::query_with::<Postgres, _>(AssertSqlSafe(inner.texts.postgres(text)), arguments(params)?);
    let found = query.persistent(inner.target.prepared).fetch_all(link).await.map_err(|error| named(error, text))?;
    let Some(first) = found.first() else { return Ok(Vec::new()) };
    let columns: Arc<[String]> = first.columns().iter().map(|column| column.name().to_owned()).collect();
    found.iter().map(|row| read(row, &columns, name)).collect()
}

pub(super) async fn script(link: &mut PgConnection, text: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(link).await?;
    Ok(())
}

/// An error of ours in a statement says in which.
fn named(error: sqlx::Error, text: &str) -> Error {
    match Error::from(error) {
        Error::Statement { detail } => Error::Statement { detail: format!("{detail} in: {text}") },
        other => other,
    }
}

fn read(row: &PgRow, columns: &Arc<[String]>, statement: &'static str) -> Result<Row> {
    let values = (0..columns.len()).map(|position| value(row.try_get_raw(position)?)).collect::<Result<_>>()?;
    Ok(Row { columns: columns.clone(), values, statement })
}

/// A null whose type the server finds out by its place.
struct Untyped;

impl Type<Postgres> for Untyped {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl Encode<'_, Postgres> for Untyped {
    fn encode_by_ref(&self, _: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Ok(IsNull::Yes)
    }
}

fn arguments(params: &[Value]) -> Result<PgArguments> {
    let mut arguments = PgArguments::default();
    for param in params {
        let added = match param {
            Value::Null => arguments.add(Untyped),
            Value::Int(number) => arguments.add(*number),
            Value::Real(number) => arguments.add(*number),
            // The one character that PostgreSQL keeps in no text.
            Value::Text(text) if text.contains('\0') => arguments.add(text.replace('\0', "\u{2400}")),
            Value::Text(text) => arguments.add(text.as_str()),
            Value::Blob(bytes) => arguments.add(bytes.as_slice()),
        };
        added.map_err(|error| Error::invalid("a value for the database", error))?;
    }
    Ok(arguments)
}

/// A column by its type: whole numbers, fractions, texts and bytes.
fn value(raw: PgValueRef<'_>) -> Result<Value> {
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let kind = raw.type_info().into_owned();
    let wrong = |error: &dyn std::fmt::Display| Error::Statement { detail: format!("a column of type {}: {error}", kind.name()) };
    let is_text = raw.format() == PgValueFormat::Text;
    let bytes = raw.as_bytes().map_err(|error| wrong(&error))?;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|error| wrong(&error));
    if is_text {
        let text = text(bytes)?;
        return Ok(text.parse().map_or(Value::Text(text), Value::Int));
    }
    match kind.name() {
        "INT8" => whole(bytes).map(i64::from_be_bytes).map(Value::Int),
        "INT4" => whole(bytes).map(i32::from_be_bytes).map(i64::from).map(Value::Int),
        "INT2" => whole(bytes).map(i16::from_be_bytes).map(i64::from).map(Value::Int),
        "OID" => whole(bytes).map(u32::from_be_bytes).map(i64::from).map(Value::Int),
        "BOOL" => Some(Value::Int(i64::from(bytes != [0]))),
        "FLOAT8" => whole(bytes).map(f64::from_be_bytes).map(Value::Real),
        "FLOAT4" => whole(bytes).map(f32::from_be_bytes).map(f64::from).map(Value::Real),
        "NUMERIC" => numeric(bytes),
        "BYTEA" => Some(Value::Blob(bytes.to_vec())),
        // Its first byte is the version of the format.
        "JSONB" => Some(Value::Text(text(bytes.get(1..).unwrap_or_default())?)),
        _ => Some(Value::Text(text(bytes)?)),
    }
    .ok_or_else(|| wrong(&"it cannot be read"))
}

fn whole<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

/// Sums are numeric: groups of four decimal digits, the first of weight 10000^weight.
fn numeric(bytes: &[u8]) -> Option<Value> {
    let part = |place: usize| bytes.get(place * 2..place * 2 + 2).and_then(whole).map(i16::from_be_bytes);
    let (digits, weight, sign, scale) = (part(0)?, part(1)?, part(2)?, part(3)?);
    let mut number = 0_f64;
    let mut exact = Some(0_i64);
    for index in 0..i32::from(digits) {
        let group = part(4 + usize::try_from(index).ok()?)?;
        let power = i32::from(weight) - index;
        number += f64::from(group) * 10_000_f64.powi(power);
        exact = exact.and_then(|exact| {
            let unit = 10_000_i64.checked_pow(u32::try_from(power).ok()?)?;
            exact.checked_add(i64::from(group).checked_mul(unit)?)
        });
    }
    let negative = sign == 0x4000;
    match exact.filter(|_| scale == 0) {
        Some(exact) => Some(Value::Int(if negative { -exact } else { exact })),
        None => Some(Value::Real(if negative { -number } else { number })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_whole_numbers_and_averages_fractions() {
        let bytes = |parts: &[i16]| parts.iter().flat_map(|part| part.to_be_bytes()).collect::<Vec<_>>();
        assert_eq!(numeric(&bytes(&[2, 1, 0, 0, 12, 3456])), Some(Value::Int(123_456)));
        assert_eq!(numeric(&bytes(&[1, 1, 0x4000, 0, 7])), Some(Value::Int(-70_000)));
        assert_eq!(numeric(&bytes(&[0, 0, 0, 0])), Some(Value::Int(0)));
        assert_eq!(numeric(&bytes(&[2, 0, 0, 1, 1, 5000])), Some(Value::Real(1.5)));
    }
}
