//! Commands that give values (`{key}_cmd`).

use std::process::{Command, Stdio};

/// Runs a command line without a shell and returns what it prints, without the newline at the end: a value never means to end in one.
pub fn output(line: &str) -> Result<String, String> {
    let words = shlex::split(line).ok_or_else(|| format!("{line:?} has an open quote"))?;
    let Some((program, arguments)) = words.split_first() else {
        return Err("it is empty".to_owned());
    };
    let run = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let output = run.map_err(|error| format!("{program}: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{program}: {}; it said: {}", output.status, said.trim()));
    }
    let mut text = String::from_utf8(output.stdout).map_err(|_| format!("{program} printed something that is not UTF-8"))?;
    if text.ends_with('\n') {
        text.pop();
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_newline_at_the_end_is_not_part_of_the_value() {
        assert_eq!(output("printf 'a b\\n\\n'").unwrap(), "a b\n");
        assert_eq!(output("echo secret").unwrap(), "secret");
    }

    #[test]
    fn a_failing_command_says_why() {
        let failed = output("sh -c 'echo broken >&2; exit 3'").unwrap_err();
        assert!(failed.contains("exit status: 3") && failed.contains("broken"), "{failed}");
        assert!(output("/no/such/program").unwrap_err().contains("/no/such/program"));
        assert!(output("'open").unwrap_err().contains("open quote"));
        assert!(output(" ").unwrap_err().contains("empty"));
    }
}
