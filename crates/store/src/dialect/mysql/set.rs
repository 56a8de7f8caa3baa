//! `json_each(?)` becomes `JSON_TABLE`.

use super::super::token::{Token, alias, closing, next, scope};

/// Replaces every set of the statement, with the elements that its own `SELECT` takes.
pub(super) fn replace(tokens: &mut Vec<Token>) {
    let mut place = 0;
    while place < tokens.len() {
        if tokens[place].is_word("json_each") {
            place = one(tokens, place);
        }
        place += 1;
    }
}

fn one(tokens: &mut Vec<Token>, place: usize) -> usize {
    let Some((param, Token::Param(index))) = next(tokens, place + 2).map(|(at, token)| (at, token.clone())) else { return place };
    if let Some((after, name)) = alias(tokens, param + 2) {
        // Its elements are taken whole, by this name.
        let table = format!(", '$[*]' COLUMNS (value LONGTEXT PATH '$' ERROR ON ERROR)) AS {name}");
        tokens.splice(place..after, [Token::word("JSON_TABLE("), Token::Param(index), Token::Word(table)]);
        return place + 2;
    }
    let (first, _) = scope(tokens, place);
    let select = (first..place).rev().find(|at| tokens[*at].is_word("select")).unwrap_or(first);
    let mut columns = Vec::new();
    let mut items = Vec::new();
    let mut at = select;
    while at < place {
        let (item, after) = column(tokens, at, columns.len());
        if let Some((name, definition, new)) = item {
            columns.push(format!("{name} {definition} ERROR ON ERROR"));
            items.extend(new);
        } else {
            items.push(tokens[at].clone());
        }
        at = after;
    }
    items.push(Token::word("JSON_TABLE("));
    items.push(Token::Param(index));
    items.push(Token::Word(format!(", '$[*]' COLUMNS ({})) set_of", columns.join(", "))));
    let length = items.len();
    tokens.splice(select..=param + 1, items);
    select + length - 1
}

type Column = (String, String, Vec<Token>);

/// The column at a place: `value`, `value ->> 0`, `CAST(value ->> 'a' AS BIGINT)`.
fn column(tokens: &[Token], at: usize, number: usize) -> (Option<Column>, usize) {
    let name = format!("c{number}");
    if tokens[at].is_word("cast")
        && let Some((open, _)) = next(tokens, at + 1).filter(|(_, token)| token.is_sign("("))
        && let Some((value, _)) = next(tokens, open + 1).filter(|(_, token)| token.is_word("value"))
    {
        let close = closing(tokens, open);
        let is_number = tokens[open..close].iter().any(|token| token.is_word("bigint") || token.is_word("integer"));
        let (path, _) = path(tokens, value + 1);
        let kind = if is_number { "BIGINT" } else { "LONGTEXT" };
        return (Some((name.clone(), format!("{kind} PATH '{path}'"), vec![Token::Word(name)])), close + 1);
    }
    if tokens[at].is_word("value") {
        let (path, after) = path(tokens, at + 1);
        let mut item = vec![Token::Word(name.clone())];
        if path == "$" {
            item.push(Token::word(" AS value"));
        }
        return (Some((name, format!("LONGTEXT PATH '{path}'"), item)), after);
    }
    (None, at + 1)
}

/// `->> 0` is `$[0]`, `->> 'a'` is `$.a`, nothing is the element itself.
fn path(tokens: &[Token], from: usize) -> (String, usize) {
    let Some((arrow, _)) = next(tokens, from).filter(|(_, token)| token.is_sign("->>")) else { return ("$".to_owned(), from) };
    match next(tokens, arrow + 1) {
        Some((at, Token::Word(number))) => (format!("$[{number}]"), at + 1),
        Some((at, Token::Quoted(name))) => (format!("$.{}", name.trim_matches('\'')), at + 1),
        _ => ("$".to_owned(), from),
    }
}
