//! Mail addresses as people write them.

/// Addresses from a text, separated by commas, semicolons or line ends; a quoted name or one in front of `<...>` may hold them too.
/// Each address once, in order.
#[must_use]
pub fn split_addresses(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let (mut quoted, mut angled, mut one) = (false, false, String::new());
    let mut end = |one: &mut String| {
        let address = one.trim().to_owned();
        one.clear();
        if !address.is_empty() && !found.contains(&address) {
            found.push(address);
        }
    };
    for letter in text.chars() {
        match letter {
            '"' if !angled => quoted = !quoted,
            '<' if !quoted => angled = true,
            '>' if !quoted => angled = false,
            ',' | ';' | '\n' if !quoted && !angled => {
                end(&mut one);
                continue;
            }
            _ => {}
        }
        one.push(letter);
    }
    end(&mut one);
    found
}

/// The address without a name: `Ops <ops@example.com>` is `ops@example.com`.
#[must_use]
pub fn bare(address: &str) -> &str {
    match (address.rfind('<'), address.rfind('>')) {
        (Some(open), Some(close)) if open < close => address[open + 1..close].trim(),
        _ => address.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        assert_eq!(split_addresses(text), expect, "{text:?}");
    }

    #[test]
    fn texts_with_commas_semicolons_and_lines() {
        check("a@b", &["a@b"]);
        check("a@b, c@d;e@f\n g@h ,;", &["a@b", "c@d", "e@f", "g@h"]);
        check("a@b, a@b", &["a@b"]);
        check("", &[]);
    }

    #[test]
    fn names_may_hold_separators() {
        check("\"Ops, night\" <ops@b>; 운영 <k@b>", &["\"Ops, night\" <ops@b>", "운영 <k@b>"]);
        assert_eq!(bare("\"Ops, night\" <ops@b>"), "ops@b");
        assert_eq!(bare(" a@b "), "a@b");
        assert_eq!(bare("odd> <"), "odd> <");
    }
}
