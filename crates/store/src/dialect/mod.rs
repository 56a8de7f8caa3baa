//! Statements for the server databases.
//!
//! A statement is written once, in SQLite's words; here the words that differ are replaced. The rules are few, and what they cannot say is
//! written per dialect with `sql!`:
//!
//! | written | PostgreSQL | MySQL, MariaDB |
//! |---|---|---|
//! | `?` | `$1`, `$2` ... | `?` |
//! | `/*! FOR UPDATE OF t SKIP LOCKED */` | what stands inside | the same without `OF t` |
//! | `(SELECT CAST(value ->> 0 AS BIGINT) AS a, value ->> 'b' AS b FROM json_each(?)) j` | `jsonb_array_elements` | `JSON_TABLE` |
//! | `json_each(?) AS j` and `j.value` (the elements as texts) | the same | the same |
//! | `ON CONFLICT ... DO UPDATE`, `DO NOTHING`, `RETURNING`, `UPDATE ... FROM` | the same | see [`mysql`] |
//! | `CROSS JOIN t ON` (this order of the join) | `JOIN t ON` | `STRAIGHT_JOIN t ON` |
//! | `x LIKE ?` (without case) | `ILIKE` | another collation |
//! | `ORDER BY x NULLS FIRST` (SQLite's own order) | the same | nothing: its own order too |
//! | `a IS NOT DISTINCT FROM b` | the same | `<=>` |
//! | `CAST(x AS BIGINT)`, `CAST(x AS TEXT)` | the same | `SIGNED`, `CHAR` |

pub(crate) mod mysql;
pub(crate) mod postgres;
mod token;
