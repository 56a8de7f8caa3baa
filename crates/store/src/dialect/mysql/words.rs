//! Words that differ one by one.

use super::super::token::{Token, closing, follow, next};
use super::is_qualified;

/// Replaces them all.
pub(super) fn replace(tokens: &mut Vec<Token>) {
    let mut place = 0;
    while place < tokens.len() {
        if let Some((after, new)) = other(tokens, place) {
            tokens.splice(place..after, new);
        } else {
            wrap(tokens, place);
        }
        place += 1;
    }
}

/// What stands for the words at a place, and the place after them.
fn other(tokens: &[Token], place: usize) -> Option<(usize, Vec<Token>)> {
    let word = match &tokens[place] {
        Token::Word(word) => word.as_str(),
        _ => return None,
    };
    let say = |after: usize, text: &str| Some((after, vec![Token::word(text)]));
    match word {
        // Lower case is a column of ours, upper case a keyword.
        "key" if !is_qualified(tokens, place) => Some((place + 1, vec![Token::Quoted("`key`".to_owned())])),
        "excluded" => {
            let (dot, _) = next(tokens, place + 1).filter(|(_, token)| token.is_sign("."))?;
            match next(tokens, dot + 1) {
                Some((at, Token::Word(column))) => say(at + 1, &format!("VALUES({column})")),
                Some((at, Token::Quoted(column))) => say(at + 1, &format!("VALUES({column})")),
                _ => None,
            }
        }
        "CROSS" => follow(tokens, place, &["CROSS", "JOIN"]).and_then(|after| say(after, "STRAIGHT_JOIN")),
        "NULLS" => follow(tokens, place, &["NULLS", "FIRST"])
            .or_else(|| follow(tokens, place, &["NULLS", "LAST"]))
            .and_then(|after| say(after, "")),
        "IS" => follow(tokens, place, &["IS", "NOT", "DISTINCT", "FROM"]).and_then(|after| say(after, "<=>")),
        "AS" | "as" => {
            let (at, kind) = next(tokens, place + 1)?;
            next(tokens, at + 1).filter(|(_, token)| token.is_sign(")"))?;
            if kind.is_word("BIGINT") || kind.is_word("INTEGER") {
                say(at + 1, "AS SIGNED")
            } else if matches!(kind, Token::Word(word) if word == "TEXT") {
                say(at + 1, "AS CHAR")
            } else {
                None
            }
        }
        // SQLite and PostgreSQL count letters.
        "LENGTH" => say(place + 1, "CHAR_LENGTH"),
        "json_group_array" => {
            let (open, _) = next(tokens, place + 1).filter(|(_, token)| token.is_sign("("))?;
            let close = closing(tokens, open);
            let end = super::clause(&tokens[..close], open + 1, &["order", "by"]).unwrap_or(close);
            let mut list = vec![Token::word("COALESCE(CONCAT('[', GROUP_CONCAT(JSON_QUOTE(")];
            list.extend_from_slice(&tokens[open + 1..end]);
            list.push(Token::word(") "));
            list.extend_from_slice(&tokens[end..close]);
            list.push(Token::word("), ']'), '[]')"));
            Some((close + 1, list))
        }
        "LIKE" => {
            let (at, param) = next(tokens, place + 1).filter(|(_, token)| matches!(token, Token::Param(_)))?;
            let mut like = vec![Token::word("COLLATE utf8mb4_unicode_ci LIKE "), param.clone()];
            match next(tokens, at + 1).filter(|(_, token)| token.is_word("ESCAPE")).and_then(|(escape, _)| next(tokens, escape + 1)) {
                // A backslash quotes what follows it in literals here.
                Some((sign, Token::Quoted(sign_text))) => {
                    like.push(Token::Word(format!(" ESCAPE {}", sign_text.replace('\\', "\\\\"))));
                    Some((sign + 1, like))
                }
                _ => {
                    like.push(Token::word(" ESCAPE ''"));
                    Some((at + 1, like))
                }
            }
        }
        "FOR" => lock(tokens, place),
        _ => None,
    }
}

/// `FOR UPDATE OF t SKIP LOCKED`: no list of tables, and another name for a shared lock.
fn lock(tokens: &[Token], place: usize) -> Option<(usize, Vec<Token>)> {
    let (mut after, word) = if let Some(after) = follow(tokens, place, &["FOR", "UPDATE"]) {
        (after, "FOR UPDATE")
    } else {
        (follow(tokens, place, &["FOR", "SHARE"])?, "LOCK IN SHARE MODE")
    };
    if let Some((of, _)) = next(tokens, after).filter(|(_, token)| token.is_word("OF")) {
        after = next(tokens, of + 1)?.0 + 1;
    }
    Some((after, vec![Token::word(word)]))
}

/// A query with a limit may not stand in `IN (...)`, but one that reads from it may.
fn wrap(tokens: &mut Vec<Token>, place: usize) {
    if !tokens[place].is_word("in") {
        return;
    }
    let Some((open, _)) = next(tokens, place + 1).filter(|(_, token)| token.is_sign("(")) else { return };
    let close = closing(tokens, open);
    if !next(tokens, open + 1).is_some_and(|(_, token)| token.is_word("select"))
        || super::clause(&tokens[..close], open + 1, &["limit"]).is_none()
    {
        return;
    }
    tokens.splice(close..close, [Token::word(") picked")]);
    tokens.splice(open + 1..open + 1, [Token::word("SELECT * FROM (")]);
}
