//! Words, signs and literals of a statement, with their places and nothing more: no grammar.

/// A piece of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// Blanks and comments, as one.
    Space,
    /// A name, a keyword or a number.
    Word(String),
    /// A quoted literal or name, with its quotes.
    Quoted(String),
    /// `->>`, `->`, or one character.
    Sign(String),
    /// `?` and its place, counted from 0.
    Param(usize),
}

impl Token {
    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own.eq_ignore_ascii_case(word))
    }

    pub(super) fn is_sign(&self, sign: &str) -> bool {
        matches!(self, Self::Sign(own) if own == sign)
    }

    pub(super) fn word(text: &str) -> Self {
        Self::Word(text.to_owned())
    }
}

/// Takes a statement apart. A comment is a blank, except that of `/*! ... */` the inside counts.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::with_capacity(text.len() / 4);
    let mut params = 0;
    read(text, &mut found, &mut params);
    found
}

fn read(text: &str, found: &mut Vec<Token>, params: &mut usize) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            ' ' | '\n' | '\t' | '\r' => space(found, rest),
            '\'' | '"' | '`' => quoted(found, rest, first),
            '/' if rest.starts_with("/*") => {
                let end = rest.find("*/").map_or(rest.len(), |end| end + 2);
                blank(found);
                if let Some(inside) = rest[..end].strip_prefix("/*!").and_then(|inside| inside.strip_suffix("*/")) {
                    read(inside.trim(), found, params);
                    blank(found);
                }
                end
            }
            '?' => {
                found.push(Token::Param(*params));
                *params += 1;
                1
            }
            '-' if rest.starts_with("->>") => sign(found, rest, 3),
            '-' if rest.starts_with("->") => sign(found, rest, 2),
            _ if is_word(first) => {
                let end = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
                found.push(Token::Word(rest[..end].to_owned()));
                end
            }
            _ => sign(found, rest, first.len_utf8()),
        };
        rest = &rest[length..];
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn blank(found: &mut Vec<Token>) {
    if !matches!(found.last(), None | Some(Token::Space)) {
        found.push(Token::Space);
    }
}

fn space(found: &mut Vec<Token>, rest: &str) -> usize {
    blank(found);
    rest.find(|letter: char| !letter.is_whitespace()).unwrap_or(rest.len())
}

fn sign(found: &mut Vec<Token>, rest: &str, length: usize) -> usize {
    found.push(Token::Sign(rest[..length].to_owned()));
    length
}

/// A doubled quote inside reads as two literals side by side, which is the same text.
fn quoted(found: &mut Vec<Token>, rest: &str, quote: char) -> usize {
    let end = rest[1..].find(quote).map_or(rest.len(), |end| end + 2);
    found.push(Token::Quoted(rest[..end].to_owned()));
    end
}

/// The next token that is no blank, at or after a place.
pub(super) fn next(tokens: &[Token], from: usize) -> Option<(usize, &Token)> {
    tokens.iter().enumerate().skip(from).find(|(_, token)| **token != Token::Space)
}

/// The last token before a place that is no blank.
pub(super) fn before(tokens: &[Token], place: usize) -> Option<(usize, &Token)> {
    tokens[..place].iter().enumerate().rev().find(|(_, token)| **token != Token::Space)
}

/// The place of the bracket that closes the one at `open`, or the end.
pub(super) fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (place, token) in tokens.iter().enumerate().skip(open) {
        if token.is_sign("(") {
            depth += 1;
        } else if token.is_sign(")") {
            depth -= 1;
            if depth == 0 {
                return place;
            }
        }
    }
    tokens.len()
}

/// The tokens between the innermost brackets around a place: first and one past the last.
pub(super) fn scope(tokens: &[Token], place: usize) -> (usize, usize) {
    let mut depth = 0_usize;
    let open = tokens[..place].iter().enumerate().rev().find(|(_, token)| {
        if token.is_sign(")") {
            depth += 1;
        } else if token.is_sign("(") {
            if depth == 0 {
                return true;
            }
            depth -= 1;
        }
        false
    });
    match open {
        Some((open, _)) => (open + 1, closing(tokens, open)),
        None => (0, tokens.len()),
    }
}

/// The first place outside all brackets, from `from` on, where these words stand one after the other.
pub(super) fn clause(tokens: &[Token], from: usize, words: &[&str]) -> Option<usize> {
    let mut place = from;
    while place < tokens.len() {
        if tokens[place].is_sign("(") {
            place = closing(tokens, place);
        } else if follow(tokens, place, words).is_some() {
            return Some(place);
        }
        place += 1;
    }
    None
}

/// Whether these words stand one after the other at a place; gives the place after them.
pub(super) fn follow(tokens: &[Token], place: usize, words: &[&str]) -> Option<usize> {
    let mut at = place;
    for (index, word) in words.iter().enumerate() {
        let (found, token) = if index == 0 { (at, tokens.get(at)?) } else { next(tokens, at)? };
        if !token.is_word(word) {
            return None;
        }
        at = found + 1;
    }
    Some(at)
}

/// The name that `AS name` gives at a place, and the place after it.
pub(super) fn alias(tokens: &[Token], from: usize) -> Option<(usize, String)> {
    let (at, _) = next(tokens, from).filter(|(_, token)| token.is_word("as"))?;
    match next(tokens, at + 1)? {
        (at, Token::Word(name)) => Some((at + 1, name.clone())),
        _ => None,
    }
}

/// Puts tokens together again; `param` says how a parameter is written.
pub(super) fn text(tokens: &[Token], mut param: impl FnMut(usize) -> String) -> String {
    let mut out = String::new();
    for token in tokens {
        let next = match token {
            Token::Space => " ",
            Token::Word(text) | Token::Quoted(text) | Token::Sign(text) => text,
            Token::Param(index) => &param(*index),
        };
        out.push_str(if out.ends_with(' ') { next.trim_start_matches(' ') } else { next });
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(sql: &str) -> String {
        text(&tokens(sql), |index| format!("?{index}"))
    }

    #[test]
    fn literals_and_comments_hold_no_parameters() {
        assert_eq!(
            again("SELECT '?', \"a?\" /* ? */ FROM t WHERE a = ? AND b ->> 0 = ?"),
            "SELECT '?', \"a?\" FROM t WHERE a = ?0 AND b ->> 0 = ?1"
        );
        assert_eq!(again("SELECT 'it''s ?' WHERE x = ?"), "SELECT 'it''s ?' WHERE x = ?0");
    }

    #[test]
    fn what_is_for_servers_stands_in_a_comment() {
        assert_eq!(again("SELECT 1 FROM t /*! FOR UPDATE */ "), "SELECT 1 FROM t FOR UPDATE");
    }

    #[test]
    fn clauses_are_found_outside_brackets() {
        let sql = tokens("UPDATE t SET a = (SELECT b FROM c WHERE d = 1) WHERE e = 2");
        let place = clause(&sql, 0, &["where"]).expect("the outer one");
        assert_eq!(text(&sql[place..], |_| String::new()), "WHERE e = 2");
        assert_eq!(clause(&sql, 0, &["on", "conflict"]), None);
    }
}
