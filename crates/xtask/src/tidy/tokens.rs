//! What Rust code may only do in some places: look at the clock, spawn tasks, speak SQL. Comments do not count, code under
//! `#[cfg(test)]` may do as tests do.

use super::Finding;
use super::source::Source;
use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use regex::Regex;
use std::sync::LazyLock;

const WALL_CLOCK: &str =
    "reads the wall clock; take the time as an argument, from the transaction (`tx.now()`) or from the crate's `clock` module";
const STOPWATCH: &str = "reads a clock; take the time as an argument, or measure in the module that is listed for it";
const SPAWN: &str = "spawns a task that nobody supervises: its panic would be silent and its end unknown; spawn through the supervisor";
const SQL: &str = "holds SQL; SQL lives in crates/store, one file per table or step";

/// Paths (the last two names) and the rule that each breaks.
const PATHS: [(&str, &str, &str, &str); 9] = [
    ("SystemTime", "now", "wall-clock", WALL_CLOCK),
    ("Timestamp", "now", "wall-clock", WALL_CLOCK),
    ("Zoned", "now", "wall-clock", WALL_CLOCK),
    ("Utc", "now", "wall-clock", WALL_CLOCK),
    ("Instant", "now", "stopwatch", STOPWATCH),
    ("tokio", "spawn", "spawn", SPAWN),
    ("task", "spawn", "spawn", SPAWN),
    ("task", "spawn_local", "spawn", SPAWN),
    ("thread", "sleep", "stopwatch", "stops a thread for a fixed time; wait for what should happen, with a deadline"),
];

static STATEMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        \bSELECT\s[^?]*\bFROM\s | \bINSERT\s+(OR\s+\w+\s+)?INTO\s | \bUPDATE\s+\w+\s+SET\s | \bDELETE\s+FROM\s
        | \b(CREATE|ALTER|DROP)\s+(TABLE|INDEX|VIEW|TRIGGER)\s | \bPRAGMA\s
        | ^\s*(select\s.+\sfrom\s+\w+ | insert\s+into\s | update\s+\w+\s+set\s | delete\s+from\s | create\s+table\s)",
    )
    .expect("a valid expression")
});

/// Breaches in one Rust file.
pub fn check(source: &Source) -> Result<Vec<Finding>> {
    let tokens: TokenStream = source.text.parse().map_err(|error| anyhow!("{}: {error}", source.path))?;
    let mut scan = Scan { source, findings: Vec::new() };
    scan.stream(tokens);
    Ok(scan.findings)
}

struct Scan<'a> {
    source: &'a Source,
    findings: Vec<Finding>,
}

impl Scan<'_> {
    fn stream(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            if let Some(end) = test_item(&tokens[at..]) {
                at += end;
                continue;
            }
            self.path(&tokens[at..]);
            match &tokens[at] {
                TokenTree::Group(group) => self.stream(group.stream()),
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    if text.contains('"') && STATEMENT.is_match(text.trim_start_matches(['r', 'b', 'c', '#', '"'])) {
                        self.sql(literal.span().start().line);
                    }
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
            at += 1;
        }
    }

    fn sql(&mut self, line: usize) {
        if !self.source.path.starts_with("crates/store/") {
            self.find(line, "sql", SQL.to_owned());
        }
    }

    fn path(&mut self, tokens: &[TokenTree]) {
        let [TokenTree::Ident(first), TokenTree::Punct(a), TokenTree::Punct(b), TokenTree::Ident(last), ..] = tokens else {
            return;
        };
        if a.as_char() != ':' || b.as_char() != ':' || self.source.is_test() {
            return;
        }
        for (head, tail, rule, why) in PATHS {
            if first == head && last == tail {
                self.find(first.span().start().line, rule, format!("`{head}::{tail}` {why}"));
            }
        }
    }

    fn find(&mut self, line: usize, rule: &'static str, message: String) {
        self.findings.push(Finding { path: self.source.path.clone(), line, rule, message });
    }
}

/// How many tokens an item under `#[cfg(test)]` takes, when one begins here.
fn test_item(tokens: &[TokenTree]) -> Option<usize> {
    let [TokenTree::Punct(hash), TokenTree::Group(attribute), rest @ ..] = tokens else { return None };
    if hash.as_char() != '#' || attribute.stream().to_string().replace(' ', "") != "cfg(test)" {
        return None;
    }
    let end = rest.iter().position(|token| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    });
    Some(2 + end.map_or(rest.len(), |end| end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<(&'static str, usize)> {
        let source = Source { path: path.to_owned(), text: text.to_owned() };
        check(&source).expect("Rust").into_iter().map(|finding| (finding.rule, finding.line)).collect()
    }

    #[test]
    fn clocks_spawns_and_sql_are_found_in_code_only() {
        let text = "fn f() {\n    let now = jiff::Timestamp::now();\n    tokio::spawn(async { x(std::time::Instant::now()) });\n    format!(\"{}\", SystemTime::now());\n}\n// Zoned::now\n";
        assert_eq!(rules("crates/engine/src/a.rs", text), [("wall-clock", 2), ("spawn", 3), ("stopwatch", 3), ("wall-clock", 4)]);
        assert_eq!(rules("crates/engine/tests/a.rs", text), []);
        assert_eq!(
            rules("crates/a/src/a.rs", "#[cfg(test)]\nmod tests { fn f() { Timestamp::now(); } }\nfn g() { Zoned::now(); }"),
            [("wall-clock", 3)]
        );
    }

    #[test]
    fn sql_is_found_in_strings_and_macros_outside_the_store() {
        for sql in ["SELECT a FROM b", "insert into t values (1)", "x; DELETE FROM t", "UPDATE t SET a = 1"] {
            let text = format!("fn f() {{ q!(r#\"{sql}\"#); }}");
            assert_eq!(rules("crates/engine/src/a.rs", &text), [("sql", 1)], "{sql}");
            assert_eq!(rules("crates/store/src/a.rs", &text), []);
        }
        for prose in ["Select a DAG", "the update sets it", "inserted into the queue", "delete from here?"] {
            assert_eq!(
                rules("crates/engine/src/a.rs", &format!("const A: &str = \"{prose}\";")).len(),
                usize::from(prose.starts_with("delete from")),
                "{prose}"
            );
        }
    }
}
