//! Texts that must not appear in a log.

use std::borrow::Cow;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use regex::Regex;

const HIDDEN: &str = "***";

/// Replaces secrets by `***`.
pub struct Masker {
    /// Shorter texts are not hidden: they would tear apart whatever is printed, and hide little.
    shortest: usize,
    texts: BTreeSet<String>,
    stale: bool,
    pattern: Option<Regex>,
    longest: usize,
}

impl Masker {
    /// `shortest`: characters of the shortest text that is hidden.
    pub fn new(shortest: usize) -> Self {
        Self { shortest: shortest.max(1), texts: BTreeSet::new(), stale: false, pattern: None, longest: 0 }
    }

    /// Adds texts to be hidden, also in the forms they take within JSON. A text of several lines is hidden line by line.
    pub fn add<T: AsRef<str>>(&mut self, texts: impl IntoIterator<Item = T>) {
        let before = self.texts.len();
        for text in texts {
            let text = text.as_ref();
            for piece in text.lines().chain([text]).map(str::trim).filter(|piece| piece.chars().count() >= self.shortest) {
                self.texts.extend(forms(piece));
            }
        }
        self.stale |= self.texts.len() != before;
    }

    /// To be called after texts were added and before the rest is used: many additions in a row cost one preparation.
    pub fn prepare(&mut self) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        self.longest = self.texts.iter().map(String::len).max().unwrap_or(0);
        match pattern(&self.texts) {
            Ok(pattern) => self.pattern = Some(pattern),
            Err(e) => tracing::error!("texts to be hidden in a log are too many: {e}"),
        }
    }

    pub fn apply<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match &self.pattern {
            Some(pattern) => pattern.replace_all(text, HIDDEN),
            None => Cow::Borrowed(text),
        }
    }

    /// Length of the longest text, bytes.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// A place at or before `cut` where no hidden text is torn.
    pub fn safe_cut(&self, text: &str, cut: usize) -> usize {
        let torn = self.pattern.iter().flat_map(|p| p.find_iter(text)).find(|m| m.start() < cut && cut < m.end());
        torn.map_or(cut, |m| m.start())
    }
}

/// Patterns that were made last. Most attempts hide the same texts, and making a pattern takes longer than a small task's log.
static MADE: Mutex<VecDeque<(BTreeSet<String>, Regex)>> = Mutex::new(VecDeque::new());

/// How many of them are kept.
const KEPT: usize = 8;

fn pattern(texts: &BTreeSet<String>) -> Result<Regex, regex::Error> {
    let known = |made: &VecDeque<(BTreeSet<String>, Regex)>| made.iter().find(|(of, _)| of == texts).map(|(_, pattern)| pattern.clone());
    if let Some(pattern) = known(&MADE.lock().unwrap_or_else(PoisonError::into_inner)) {
        return Ok(pattern);
    }
    // The longest first: a secret may begin with another one.
    let mut escaped: Vec<_> = texts.iter().map(|t| regex::escape(t)).collect();
    escaped.sort_by_key(|t| std::cmp::Reverse(t.len()));
    let pattern = regex::RegexBuilder::new(&escaped.join("|")).size_limit(256 << 20).build()?;
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.truncate(KEPT - 1);
    made.push_front((texts.clone(), pattern.clone()));
    Ok(pattern)
}

fn forms(text: &str) -> Vec<String> {
    let json = serde_json::to_string(text).unwrap_or_default();
    let json = json.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned();
    // Python writes JSON in ASCII.
    let ascii: String = json
        .chars()
        .map(|c| match c {
            c if c.is_ascii() => c.to_string(),
            c => c.encode_utf16(&mut [0; 2]).iter().map(|u| format!("\\u{u:04x}")).collect(),
        })
        .collect();
    let mut forms = vec![text.to_owned(), json, ascii];
    forms.retain(|f| !f.is_empty());
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(secret: &str, text: &str, expect: &str) {
        let mut masker = Masker::new(5);
        masker.add([secret]);
        masker.prepare();
        assert_eq!(masker.apply(text), expect);
    }

    #[test]
    fn secrets_are_hidden_in_every_form() {
        check("hunter2!", "password=hunter2! ok hunter2!", "password=*** ok ***");
        check("a\"b\\c\nd", r#"{"event":"a\"b\\c\nd"}"#, r#"{"event":"***"}"#);
        check("pässwört", r#"{"event":"p\u00e4ssw\u00f6rt"}"#, r#"{"event":"***"}"#);
        check("first line\nsecond line", "x second line y", "x *** y");
        check("abcd", "abcd is too short", "abcd is too short");
    }

    #[test]
    fn of_two_that_overlap_the_longer_is_hidden() {
        let mut masker = Masker::new(5);
        masker.add(["token", "token-of-mine"]);
        masker.prepare();
        assert_eq!(masker.apply("a token-of-mine b token"), "a *** b ***");
        assert_eq!(masker.safe_cut("a token-of-mine b", 5), 2);
        assert_eq!(masker.safe_cut("a token-of-mine b", 1), 1);
    }
}
