//! What the process was started with: variables and the home of the user.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::{ConfigError, Result};

/// Environment variables, taken once; an argument everywhere, so that tests need no process of their own.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// The environment of this process. Variables that are not Unicode are left out.
    pub fn of_process() -> Environment {
        let unicode = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Environment { variables: unicode.collect() }
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// All variables in order of name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The home of the product: `TRADEWIND_HOME`, else `AIRFLOW_HOME`, else `~/tradewind`; always absolute.
    pub fn home(&self) -> Result<PathBuf> {
        let named = ["TRADEWIND_HOME", "AIRFLOW_HOME"].iter().find_map(|name| self.get(name).filter(|value| !value.is_empty()));
        let home = match (named, self.user_home()) {
            (Some(named), _) => PathBuf::from(self.expand(named)),
            (None, Some(user)) => Path::new(user).join("tradewind"),
            (None, None) => return Err(ConfigError::NoHome),
        };
        std::path::absolute(&home).map_err(|source| ConfigError::Read { path: home, source })
    }

    fn user_home(&self) -> Option<&str> {
        self.get("HOME").filter(|home| !home.is_empty())
    }

    /// Replaces a leading `~` and each `$NAME` or `${NAME}` that is set, until nothing changes any more. Names that are not
    /// set stay as they are.
    pub fn expand(&self, text: &str) -> String {
        // A variable may name itself; ten rounds are more than any honest nesting has.
        const ROUNDS: usize = 10;
        let mut text = text.to_owned();
        for _ in 0..ROUNDS {
            let next = self.expand_user(&self.expand_variables(&text));
            if next == text {
                break;
            }
            text = next;
        }
        text
    }

    fn expand_user(&self, text: &str) -> String {
        match (text.strip_prefix('~'), self.user_home()) {
            (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => format!("{}{rest}", home.trim_end_matches('/')),
            _ => text.to_owned(),
        }
    }

    fn expand_variables(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            let (name, length) = variable_name(rest);
            match self.get(name) {
                Some(value) if length > 0 => out.push_str(value),
                _ => out.push_str(&rest[..length.max(1)]),
            }
            rest = &rest[length.max(1)..];
        }
        out.push_str(rest);
        out
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Environment {
        Environment { variables: pairs.into_iter().collect() }
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(pairs: [(&str, &str); N]) -> Environment {
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

impl std::fmt::Debug for Environment {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

/// The name at the start of `$NAME...` or `${NAME}...` and the length of the whole; length 0 when there is none.
fn variable_name(text: &str) -> (&str, usize) {
    let body = &text[1..];
    if let Some(inner) = body.strip_prefix('{') {
        return match inner.find('}') {
            Some(end) => (&inner[..end], end + 3),
            None => ("", 0),
        };
    }
    let end = body.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(body.len());
    match end {
        0 => ("", 0),
        end => (&body[..end], end + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_is_ours_then_airflows_then_in_the_users_home() {
        let all = Environment::from([("TRADEWIND_HOME", "/a"), ("AIRFLOW_HOME", "/b"), ("HOME", "/c")]);
        assert_eq!(all.home().unwrap(), Path::new("/a"));
        let airflow = Environment::from([("TRADEWIND_HOME", ""), ("AIRFLOW_HOME", "~/b"), ("HOME", "/c")]);
        assert_eq!(airflow.home().unwrap(), Path::new("/c/b"));
        assert_eq!(Environment::from([("HOME", "/c")]).home().unwrap(), Path::new("/c/tradewind"));
        assert!(matches!(Environment::default().home(), Err(ConfigError::NoHome)));
    }

    #[test]
    fn variables_are_filled_in_until_nothing_changes() {
        let env = Environment::from([("HOME", "/h"), ("A", "${B}/x"), ("B", "b"), ("LOOP", "$LOOP")]);
        assert_eq!(env.expand("$A-$B"), "b/x-b");
        assert_eq!(env.expand("~/dags:~"), "/h/dags:~");
        assert_eq!(env.expand("cost $5 ${UNSET} $ ${open"), "cost $5 ${UNSET} $ ${open");
        assert_eq!(env.expand("$LOOP"), "$LOOP");
    }
}
