//! `%` in values of the file: `%%` is a percent sign, `%(name)s` the value of another key of the section.

use crate::ini::IniFile;

/// References may lead to references, but not deeper than this.
const MAX_DEPTH: usize = 10;

/// Fills in the references of a raw value. The error says what is wrong with the text.
pub fn interpolate(file: &IniFile, section: &str, raw: &str) -> Result<String, String> {
    let mut out = String::with_capacity(raw.len());
    expand(file, section, raw, 1, &mut out)?;
    Ok(out)
}

fn expand(file: &IniFile, section: &str, raw: &str, depth: usize, out: &mut String) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!("a value whose references end within {MAX_DEPTH} steps"));
    }
    let mut rest = raw;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            out.push('%');
            rest = after;
        } else if let Some((name, after)) = rest.strip_prefix('(').and_then(|inner| inner.split_once(")s")) {
            let key = name.to_lowercase();
            let Some(entry) = file.entry(section, &key) else {
                return Err(format!("that %({name})s names a key of section [{section}]; write %% for a percent sign"));
            };
            expand(file, section, &entry.value, depth + 1, out)?;
            rest = after;
        } else {
            return Err("each percent sign written as %%".to_owned());
        }
    }
    out.push_str(rest);
    Ok(())
}
