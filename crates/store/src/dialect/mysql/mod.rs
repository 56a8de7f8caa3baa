//! MySQL's and MariaDB's words, and what they have no word for.
//!
//! * `UPDATE` and `DELETE` with `RETURNING`, or that choose their rows by a query on the same table: the rows are chosen and locked first,
//!   then changed and read by their primary key ([`Plan::Keyed`]).
//! * `UPDATE t SET ... FROM s` is a join.
//! * `ON CONFLICT ... DO UPDATE` is `ON DUPLICATE KEY UPDATE`; `DO NOTHING` is an insert whose duplicate is no error ([`Insert`]).
//!   `RETURNING` reads the row again by its generated number or its key.
//!
//! Assignments take effect from left to right here: a statement that raises a column and looks at it writes the raise last.

mod set;
mod words;

use super::token::{Token, before, clause, closing, follow, next, text, tokens};

/// A text and the parameters it takes, by their place in the written statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) sql: String,
    pub(crate) params: Vec<usize>,
}

impl Text {
    fn of(tokens: &[Token]) -> Self {
        let mut params = Vec::new();
        let sql = text(tokens, |index| {
            params.push(index);
            "?".to_owned()
        });
        Self { sql, params }
    }
}

/// How a statement is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Plan {
    One(Text),
    Keyed(Keyed),
    Insert(Insert),
}

/// Rows that are chosen and locked before they are changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Keyed {
    /// Whose primary key names the rows.
    pub(crate) table: String,
    /// How the statement calls it.
    pub(crate) alias: String,
    /// ` FROM t ... FOR UPDATE`, after the list of the key's columns.
    pub(crate) choose: Text,
    /// ` UPDATE t SET ...` before the condition on the key; `None` deletes.
    pub(crate) change: Option<Text>,
    /// The list of what is given back.
    pub(crate) give: Option<Text>,
}

/// An insert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Insert {
    pub(crate) table: String,
    pub(crate) text: Text,
    /// A duplicate is no error.
    pub(crate) may_exist: bool,
    /// Of a query and not of one list of values.
    pub(crate) many: bool,
    pub(crate) give: Option<Text>,
    /// Columns with their values, of an insert of one row.
    pub(crate) values: Vec<(String, Text)>,
    /// Columns of the key that an upsert names.
    pub(crate) target: Vec<String>,
}

/// The statement as MySQL and MariaDB take it.
pub(crate) fn translate(sql: &str) -> Plan {
    let mut tokens = tokens(sql);
    set::replace(&mut tokens);
    words::replace(&mut tokens);
    let Some((start, first)) = next(&tokens, 0) else { return Plan::One(Text::of(&tokens)) };
    if first.is_word("update") {
        update(&tokens, start)
    } else if first.is_word("delete") {
        delete(&tokens, start)
    } else if first.is_word("insert") {
        insert(&tokens, start)
    } else {
        Plan::One(Text::of(&tokens))
    }
}

/// The name of a table at a place, how the statement calls it, and the place after both.
fn table(tokens: &[Token], place: usize) -> (String, String, usize) {
    let name_at = |place: usize| match next(tokens, place) {
        Some((at, Token::Word(name))) => Some((at, name.clone())),
        _ => None,
    };
    let Some((at, name)) = name_at(place) else { return (String::new(), String::new(), place) };
    let mut after = at + 1;
    if let Some((at, token)) = next(tokens, after)
        && token.is_word("as")
    {
        after = at + 1;
    }
    match name_at(after) {
        Some((at, alias)) if !["set", "where", "returning"].contains(&alias.to_lowercase().as_str()) => (name, alias, at + 1),
        _ => (name.clone(), name, after),
    }
}

fn update(tokens: &[Token], start: usize) -> Plan {
    let (name, alias, after) = table(tokens, start + 1);
    let end = tokens.len();
    let returning = clause(tokens, after, &["returning"]).unwrap_or(end);
    let condition = clause(tokens, after, &["where"]).unwrap_or(returning);
    let from = clause(tokens, after, &["from"]).unwrap_or(condition);
    let set = clause(tokens, after, &["set"]).unwrap_or(from);
    if from < condition {
        // The set comes first, so that each of its rows finds one of the table.
        let mut joined = tokens[start..set].to_vec();
        joined.push(Token::word(" JOIN "));
        joined.extend_from_slice(&tokens[from + 1..condition]);
        joined.push(Token::Space);
        joined.extend_from_slice(&tokens[set..from]);
        joined.extend_from_slice(&tokens[condition..returning]);
        return Plan::One(Text::of(&joined));
    }
    let give = (returning < end).then(|| Text::of(&tokens[returning + 1..]));
    if give.is_none() && !asks(&tokens[condition..returning], &name) {
        return Plan::One(Text::of(tokens));
    }
    let choose = chosen(&name, &alias, &tokens[condition..returning]);
    Plan::Keyed(Keyed { table: name, alias, choose, change: Some(Text::of(&tokens[start..from])), give })
}

fn delete(tokens: &[Token], start: usize) -> Plan {
    let from = follow(tokens, start, &["delete", "from"]).unwrap_or(start + 1);
    let (name, alias, after) = table(tokens, from);
    let end = tokens.len();
    let returning = clause(tokens, after, &["returning"]).unwrap_or(end);
    let give = (returning < end).then(|| Text::of(&tokens[returning + 1..]));
    if give.is_none() && !asks(&tokens[after..returning], &name) {
        return Plan::One(Text::of(tokens));
    }
    let choose = chosen(&name, &alias, &tokens[after..returning]);
    Plan::Keyed(Keyed { table: name, alias, choose, change: None, give })
}

/// Whether a condition has a query that names the table.
fn asks(condition: &[Token], name: &str) -> bool {
    condition.iter().any(|token| token.is_word("select")) && condition.iter().any(|token| token.is_word(name))
}

fn chosen(name: &str, alias: &str, condition: &[Token]) -> Text {
    let mut tokens = vec![Token::Word(format!(" FROM {name} AS {alias} "))];
    tokens.extend_from_slice(condition);
    tokens.push(Token::word(" FOR UPDATE"));
    let mut chosen = Text::of(&tokens);
    chosen.sql.insert(0, ' ');
    chosen
}

fn insert(tokens: &[Token], start: usize) -> Plan {
    let into = follow(tokens, start, &["insert", "into"]).unwrap_or(start + 1);
    let (at, name) = match next(tokens, into) {
        Some((at, Token::Word(name))) => (at, name.clone()),
        _ => return Plan::One(Text::of(tokens)),
    };
    let end = tokens.len();
    let returning = clause(tokens, at, &["returning"]).unwrap_or(end);
    let conflict = clause(tokens, at, &["on", "conflict"]).unwrap_or(returning);
    let give = (returning < end).then(|| Text::of(&tokens[returning + 1..]));
    let mut written = tokens[start..conflict].to_vec();
    let (mut may_exist, mut target) = (false, Vec::new());
    if conflict < returning {
        let mut rest = follow(tokens, conflict, &["on", "conflict"]).unwrap_or(conflict);
        if let Some((open, _)) = next(tokens, rest).filter(|(_, token)| token.is_sign("(")) {
            rest = closing(tokens, open) + 1;
            target = names(&tokens[open + 1..rest - 1]);
        }
        match clause(tokens, rest, &["do", "update", "set"]).and_then(|place| follow(tokens, place, &["do", "update", "set"])) {
            None => may_exist = true,
            Some(assignments) => {
                written.push(Token::word(" ON DUPLICATE KEY UPDATE "));
                written.extend_from_slice(&tokens[assignments..returning]);
            }
        }
    }
    let values = one_row(tokens, at + 1, conflict);
    Plan::Insert(Insert {
        table: name,
        text: Text::of(&written),
        may_exist,
        many: values.is_none(),
        give,
        values: values.unwrap_or_default(),
        target,
    })
}

/// The names of a list of columns, without quotes.
fn names(tokens: &[Token]) -> Vec<String> {
    let name = |token: &Token| match token {
        Token::Word(name) => Some(name.clone()),
        Token::Quoted(name) => Some(name.trim_matches('`').to_owned()),
        _ => None,
    };
    tokens.iter().filter_map(name).collect()
}

/// Columns and values of `(a, b) VALUES (?, 1)`.
fn one_row(tokens: &[Token], from: usize, end: usize) -> Option<Vec<(String, Text)>> {
    let (open, _) = next(tokens, from).filter(|(_, token)| token.is_sign("("))?;
    let close = closing(tokens, open);
    let values = next(tokens, close + 1).filter(|(_, token)| token.is_word("values"))?.0;
    let (first, _) = next(tokens, values + 1)?;
    let last = closing(tokens, first);
    if last >= end || next(&tokens[..end], last + 1).is_some_and(|(_, token)| token.is_sign(",")) {
        return None;
    }
    let mut items = Vec::new();
    let mut begin = first + 1;
    let mut place = begin;
    while place <= last {
        if tokens[place].is_sign("(") {
            place = closing(tokens, place);
        } else if place == last || tokens[place].is_sign(",") {
            items.push(Text::of(&tokens[begin..place]));
            begin = place + 1;
        }
        place += 1;
    }
    Some(names(&tokens[open + 1..close]).into_iter().zip(items).collect())
}

/// Whether a word is a column of a table that is named before it (`x.key`).
fn is_qualified(tokens: &[Token], place: usize) -> bool {
    before(tokens, place).is_some_and(|(_, token)| token.is_sign("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(sql: &str) -> Text {
        match translate(sql) {
            Plan::One(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_plain_statement_stays() {
        let sql = "UPDATE job SET state = ? WHERE id = ? AND term = ?";
        assert_eq!(one(sql), Text { sql: sql.to_owned(), params: vec![0, 1, 2] });
    }

    #[test]
    fn an_update_from_a_set_is_a_join_and_its_parameters_follow() {
        let text =
            one("UPDATE t AS x SET a = j.b, c = ? FROM (SELECT CAST(value ->> 0 AS BIGINT) AS k, value ->> 1 AS b FROM json_each(?)) AS j
            WHERE x.k = j.k AND x.a IS NOT DISTINCT FROM ?");
        assert_eq!(
            text.sql,
            "UPDATE t AS x JOIN (SELECT c0 AS k, c1 AS b FROM JSON_TABLE(?, '$[*]' COLUMNS (c0 BIGINT PATH '$[0]' ERROR ON ERROR, \
            c1 LONGTEXT PATH '$[1]' ERROR ON ERROR)) set_of) AS j SET a = j.b, c = ? WHERE x.k = j.k AND x.a <=> ?"
        );
        assert_eq!(text.params, [1, 0, 2]);
    }

    #[test]
    fn rows_that_are_given_back_are_chosen_first() {
        let Plan::Keyed(keyed) = translate(
            "UPDATE dag_run SET state = 'running', at = ? WHERE id IN (SELECT id FROM dag_run WHERE x = ? LIMIT ?)
            AND state = 'queued' RETURNING id, state",
        ) else {
            panic!("it has keys")
        };
        assert_eq!((keyed.table.as_str(), keyed.alias.as_str()), ("dag_run", "dag_run"));
        assert_eq!(
            keyed.choose,
            Text {
                sql: " FROM dag_run AS dag_run WHERE id IN (SELECT * FROM (SELECT id FROM dag_run WHERE x = ? LIMIT ?) picked) \
                    AND state = 'queued' FOR UPDATE"
                    .to_owned(),
                params: vec![1, 2]
            }
        );
        assert_eq!(keyed.change.unwrap(), Text { sql: "UPDATE dag_run SET state = 'running', at = ?".to_owned(), params: vec![0] });
        assert_eq!(keyed.give.unwrap().sql, "id, state");
        let Plan::Keyed(keyed) = translate("DELETE FROM q WHERE seq = ? RETURNING seq") else { panic!("it has keys") };
        assert!(keyed.change.is_none());
    }

    #[test]
    fn an_insert_may_find_its_row_there() {
        let Plan::Insert(insert) =
            translate("INSERT INTO t (key, b) VALUES (?, coalesce(?, 1)) ON CONFLICT (key) DO UPDATE SET b = excluded.b RETURNING b")
        else {
            panic!("an insert")
        };
        assert_eq!(insert.text.sql, "INSERT INTO t (`key`, b) VALUES (?, coalesce(?, 1)) ON DUPLICATE KEY UPDATE b = VALUES(b)");
        assert_eq!((insert.may_exist, insert.many, insert.target.as_slice()), (false, false, &["key".to_owned()][..]));
        assert_eq!(insert.values[1], ("b".to_owned(), Text { sql: "coalesce(?, 1)".to_owned(), params: vec![1] }));
        let Plan::Insert(insert) = translate("INSERT INTO t (a) SELECT value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING") else {
            panic!("an insert")
        };
        assert_eq!((insert.may_exist, insert.many), (true, true));
    }
}
