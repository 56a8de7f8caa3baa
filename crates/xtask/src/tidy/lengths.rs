//! Files of at most 600 lines, functions of at most 70. What is longer is listed in `crates/xtask/tidy/long.txt`; the list may only
//! shrink.

use super::Finding;
use super::source::Source;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::Path;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

const FILE: &str = "crates/xtask/tidy/long.txt";
const FILE_LINES: usize = 600;
const FUNCTION_LINES: usize = 70;

const HEAD: &str = "# Files over 600 lines and functions over 70 that exist already: `kind lines place`. The list may only shrink.\n# `cargo xtask tidy --shrink` lowers it to what is.\n";

/// Something long: what it is called in the list, and where it begins.
struct Long {
    /// `file path` or `function path name`.
    key: String,
    path: String,
    line: usize,
    lines: usize,
}

/// Long ones that are not listed or have grown, and entries that nothing needs any more.
pub fn check(root: &Path, sources: &[Source]) -> Result<Vec<Finding>> {
    let known = known(root)?;
    let found = long(sources)?;
    let mut findings = Vec::new();
    for long in &found {
        let (limit, what) = limit(&long.key);
        let message = match known.get(&long.key) {
            None => format!("{what} of {} lines; {limit} is the limit: split it by what its parts do", long.lines),
            Some(listed) if long.lines > *listed => {
                format!("{what} grew from {listed} to {} lines; {limit} is the limit, and the list may only shrink", long.lines)
            }
            Some(_) => continue,
        };
        findings.push(Finding { path: long.path.clone(), line: long.line, rule: "length", message });
    }
    for key in known.keys().filter(|key| !found.iter().any(|long| long.key == **key)) {
        let message = format!("`{key}` is no longer too long; run `cargo xtask tidy --shrink`");
        findings.push(Finding { path: FILE.to_owned(), line: 0, rule: "length", message });
    }
    Ok(findings)
}

/// Rewrites the list with the smaller numbers of today.
pub fn shrink(root: &Path, sources: &[Source]) -> Result<()> {
    let known = known(root)?;
    let mut text = HEAD.to_owned();
    for long in long(sources)? {
        if let (Some(listed), Some((kind, place))) = (known.get(&long.key), long.key.split_once(' ')) {
            text.push_str(&format!("{kind} {} {place}\n", long.lines.min(*listed)));
        }
    }
    std::fs::write(root.join(FILE), text).with_context(|| format!("writing {FILE}"))
}

fn limit(key: &str) -> (usize, &'static str) {
    if key.starts_with("file ") { (FILE_LINES, "a file") } else { (FUNCTION_LINES, "a function") }
}

fn known(root: &Path) -> Result<BTreeMap<String, usize>> {
    let text = std::fs::read_to_string(root.join(FILE)).with_context(|| format!("reading {FILE}"))?;
    let mut known = BTreeMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        let mut words = line.splitn(3, ' ');
        match (words.next(), words.next().and_then(|lines| lines.parse().ok()), words.next()) {
            (Some(kind), Some(lines), Some(place)) => known.insert(format!("{kind} {place}"), lines),
            _ => bail!("{FILE}:{}: `kind lines place` is expected, found `{line}`", number + 1),
        };
    }
    Ok(known)
}

/// Everything over the limits, sorted; of several functions of one name in a file the longest.
fn long(sources: &[Source]) -> Result<Vec<Long>> {
    let mut longest: BTreeMap<String, Long> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.is_rust() || source.is_python()) {
        let mut all = functions(source)?;
        let lines = source.text.lines().count();
        all.push(Long { key: format!("file {}", source.path), path: source.path.clone(), line: 0, lines });
        for long in all.into_iter().filter(|long| long.lines > limit(&long.key).0) {
            match longest.get(&long.key) {
                Some(other) if other.lines >= long.lines => {}
                _ => {
                    longest.insert(long.key.clone(), long);
                }
            }
        }
    }
    Ok(longest.into_values().collect())
}

fn functions(source: &Source) -> Result<Vec<Long>> {
    let named = |(name, line, lines): (String, usize, usize)| Long {
        key: format!("function {} {name}", source.path),
        path: source.path.clone(),
        line,
        lines,
    };
    if source.is_python() {
        return Ok(python_functions(&source.text).into_iter().map(named).collect());
    }
    let file = syn::parse_file(&source.text).with_context(|| format!("parsing {}", source.path))?;
    let mut functions = Functions::default();
    functions.visit_file(&file);
    Ok(functions.0.into_iter().map(named).collect())
}

/// Name, first line and number of lines of each function.
#[derive(Default)]
struct Functions(Vec<(String, usize, usize)>);

impl Functions {
    fn add(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let (begin, end) = (signature.span().start().line, block.span().end().line);
        self.0.push((signature.ident.to_string(), begin, end - begin + 1));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.add(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.add(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.add(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

/// By indentation: a function ends before the next line that stands as far left, except the end of its own parameters. A long list of
/// parameters is an interface, not a long function: it is counted from its last line.
fn python_functions(text: &str) -> Vec<(String, usize, usize)> {
    let mut done = Vec::new();
    let mut open: Vec<(String, usize, usize, usize)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let code = line.trim_start();
        if code.is_empty() {
            continue;
        }
        let indent = line.len() - code.len();
        while open.last().is_some_and(|(_, at, ..)| indent < *at || (indent == *at && !code.starts_with(')'))) {
            let (name, _, begin, end) = open.pop().unwrap_or_default();
            done.push((name, begin, end - begin + 1));
        }
        if let Some((_, _, begin, _)) = open.last_mut().filter(|(_, at, ..)| indent == *at) {
            *begin = number + 1;
        }
        for (_, _, _, end) in &mut open {
            *end = number + 1;
        }
        let definition = code.strip_prefix("async ").unwrap_or(code).strip_prefix("def ");
        if let Some((name, _)) = definition.and_then(|rest| rest.split_once('(')) {
            open.push((name.to_owned(), indent, number + 1, number + 1));
        }
    }
    done.extend(open.into_iter().map(|(name, _, begin, end)| (name, begin, end - begin + 1)));
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_measured_from_signature_to_closing_brace() {
        let text = "impl A {\n    fn b(\n        self,\n    ) {\n        fn inner() {}\n    }\n}\ntrait T {\n    fn d() {\n    }\n    fn e();\n}\n";
        let source = Source { path: "a.rs".to_owned(), text: text.to_owned() };
        let found: Vec<_> = functions(&source).expect("Rust").into_iter().map(|f| (f.key, f.line, f.lines)).collect();
        let expected = [("function a.rs b", 2, 5), ("function a.rs inner", 5, 1), ("function a.rs d", 9, 2)];
        assert_eq!(found, expected.map(|(key, line, lines)| (key.to_owned(), line, lines)));
    }

    #[test]
    fn python_functions_are_measured_by_indentation() {
        let text = "def a(\n    x,\n):\n    if x:\n        return 1\n\n    async def b():\n        pass\n\nclass C:\n    def d(self):\n        pass\nx = 1\n";
        let mut found = python_functions(text);
        found.sort();
        assert_eq!(found, [("a".to_owned(), 3, 6), ("b".to_owned(), 7, 2), ("d".to_owned(), 11, 2)]);
    }
}
