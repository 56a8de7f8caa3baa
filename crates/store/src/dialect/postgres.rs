//! PostgreSQL's words.

use super::token::{Token, alias, closing, follow, next, scope, text, tokens};

/// The statement as PostgreSQL takes it.
pub(crate) fn translate(sql: &str) -> String {
    let mut tokens = tokens(sql);
    let mut place = 0;
    while place < tokens.len() {
        if tokens[place].is_word("json_each") {
            set(&mut tokens, place);
        } else if let Some(after) = follow(&tokens, place, &["cross", "join"]) {
            if has_condition(&tokens, after) {
                tokens.splice(place..after, [Token::word("JOIN")]);
            }
        } else if tokens[place].is_word("json_group_array") {
            list(&mut tokens, place);
        } else if tokens[place].is_word("instr") {
            tokens[place] = Token::word("strpos");
        } else if tokens[place].is_word("like") && matches!(next(&tokens, place + 1), Some((_, Token::Param(_)))) {
            tokens[place] = Token::word("ILIKE");
            let (param, _) = next(&tokens, place + 1).unwrap_or((place, &Token::Space));
            if !next(&tokens, param + 1).is_some_and(|(_, token)| token.is_word("escape")) {
                // Without it a backslash would quote the wildcard after it.
                tokens.insert(param + 1, Token::word(" ESCAPE ''"));
            }
        } else if follow(&tokens, place, &["as", "integer"]).is_some()
            && next(&tokens, place + 3).is_some_and(|(_, token)| token.is_sign(")"))
        {
            // SQLite's INTEGER has 64 bits.
            tokens[place + 2] = Token::word("BIGINT");
        }
        place += 1;
    }
    text(&tokens, |index| format!("${}", index + 1))
}

/// Whether the table that is joined here has a condition of its own.
fn has_condition(tokens: &[Token], from: usize) -> bool {
    let mut place = from;
    while let Some((at, token)) = next(tokens, place) {
        if token.is_word("on") {
            return true;
        }
        let ends = ["join", "where", "group", "order", "limit", "cross", "left", "union"].iter().any(|word| token.is_word(word));
        if ends || token.is_sign(")") || token.is_sign(",") {
            return false;
        }
        place = if token.is_sign("(") { closing(tokens, at) + 1 } else { at + 1 };
    }
    false
}

/// `json_group_array(x ORDER BY x)`: SQLite's list without elements is `[]`, the server's is null.
fn list(tokens: &mut Vec<Token>, place: usize) {
    let Some((open, _)) = next(tokens, place + 1).filter(|(_, token)| token.is_sign("(")) else { return };
    let close = closing(tokens, open);
    tokens.splice(close..=close, [Token::word(")::text, '[]')")]);
    tokens[place] = Token::word("coalesce(json_agg");
}

/// `json_each(?)`, with `value` as the element: as text when it is taken whole.
fn set(tokens: &mut Vec<Token>, place: usize) {
    let (first, end) = scope(tokens, place);
    let takes_apart = (first..end).any(|at| {
        tokens[at].is_word("value") && matches!(next(tokens, at + 1), Some((_, sign)) if sign.is_sign("->>") || sign.is_sign("->"))
    });
    let Some((param, Token::Param(index))) = next(tokens, place + 2).map(|(at, token)| (at, token.clone())) else { return };
    let function = if takes_apart { "jsonb_array_elements" } else { "jsonb_array_elements_text" };
    let (after, name) = alias(tokens, param + 2).unwrap_or((param + 2, "set_of".to_owned()));
    let new = [Token::Word(format!("{function}(CAST(")), Token::Param(index), Token::Word(format!(" AS jsonb)) AS {name}(value)"))];
    tokens.splice(place..after, new);
}

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn parameters_are_numbered() {
        assert_eq!(translate("SELECT a FROM t WHERE b = ? AND c IN (?, ?)"), "SELECT a FROM t WHERE b = $1 AND c IN ($2, $3)");
    }

    #[test]
    fn sets_are_elements_of_a_json_array() {
        assert_eq!(
            translate("SELECT j.a FROM (SELECT CAST(value ->> 0 AS BIGINT) AS a FROM json_each(?)) j CROSS JOIN t ON t.a = j.a"),
            "SELECT j.a FROM (SELECT CAST(value ->> 0 AS BIGINT) AS a FROM jsonb_array_elements(CAST($1 AS jsonb)) AS set_of(value)) j JOIN t ON t.a = j.a"
        );
        assert_eq!(
            translate("DELETE FROM t WHERE a IN (SELECT value FROM json_each(?)) AND b = ?"),
            "DELETE FROM t WHERE a IN (SELECT value FROM jsonb_array_elements_text(CAST($1 AS jsonb)) AS set_of(value)) AND b = $2"
        );
    }

    #[test]
    fn lists_are_text_and_never_null() {
        assert_eq!(
            translate("SELECT (SELECT json_group_array(g.name ORDER BY g.name) FROM g) FROM t WHERE instr(a, ?) > 0"),
            "SELECT (SELECT coalesce(json_agg(g.name ORDER BY g.name)::text, '[]') FROM g) FROM t WHERE strpos(a, $1) > 0"
        );
    }

    #[test]
    fn like_has_no_case_and_integers_have_64_bits() {
        assert_eq!(
            translate("SELECT CAST(v AS INTEGER) FROM t WHERE x LIKE ? OR y LIKE 'a'"),
            "SELECT CAST(v AS BIGINT) FROM t WHERE x ILIKE $1 ESCAPE '' OR y LIKE 'a'"
        );
    }
}
