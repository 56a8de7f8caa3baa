//! `failover init`, and the usual commands.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use tradewind_config::option;

use crate::context::Context;

/// Appends the section to the configuration file.
pub fn run(cx: &Context, venv: Option<&Path>) -> anyhow::Result<ExitCode> {
    let path = cx.config.file_path();
    let present = cx.config.file().is_some_and(|file| file.section(SECTION).is_some());
    if present {
        println!("{} has a section [{SECTION}] already; nothing was changed.", path.display());
        return Ok(ExitCode::SUCCESS);
    }
    let text = section(cx, venv)?;
    let mut file =
        std::fs::OpenOptions::new().append(true).create(true).open(path).with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
    println!("Added a section [{SECTION}] to {}. Name the nodes and the addresses for alerts there.", path.display());
    Ok(ExitCode::SUCCESS)
}

const SECTION: &str = "scheduler_failover";

/// What a new installation should look at.
const SHOWN: [&str; 7] = [
    "scheduler_nodes_in_cluster",
    "poll_frequency",
    "airflow_scheduler_start_command",
    "airflow_scheduler_stop_command",
    "retry_count_before_alerting",
    "alert_to_email",
    "alert_email_subject",
];

fn section(cx: &Context, venv: Option<&Path>) -> anyhow::Result<String> {
    let mut text = format!("\n[{SECTION}]\n");
    for key in SHOWN {
        let spec = option::table().get(SECTION, key).with_context(|| format!("[{SECTION}] {key} is not known"))?;
        let value = match key {
            "scheduler_nodes_in_cluster" => cx.hostname(),
            "airflow_scheduler_start_command" => start_command(cx, venv)?,
            "airflow_scheduler_stop_command" => STOP_COMMAND.to_owned(),
            _ => spec.default.unwrap_or_default().to_owned(),
        };
        let comment = if value.is_empty() { "# " } else { "" };
        write!(text, "\n# {}\n{comment}{key} = {value}", spec.description)?;
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    Ok(text)
}

/// Starts a scheduler of this home in the background, with its output in the log folder.
pub fn start_command(cx: &Context, venv: Option<&Path>) -> anyhow::Result<String> {
    let program = std::env::current_exe().context("the path of this program is not known")?;
    let home = quoted(&cx.settings.home);
    let venv = venv.map(|script| format!(". {}; ", quoted(script))).unwrap_or_default();
    Ok(format!(
        "export TRADEWIND_HOME={home}; {venv}mkdir -p {home}/logs; nohup {} scheduler >> {home}/logs/scheduler.log 2>&1 < /dev/null &",
        quoted(&program)
    ))
}

/// Asks the schedulers of a node to stop. A process id may be another program's by now, after a restart of the machine: it is looked at first.
pub const STOP_COMMAND: &str = "for pid in $TRADEWIND_SCHEDULER_PIDS; do \
    if tr '\\000' ' ' < /proc/$pid/cmdline 2> /dev/null | grep -qE 'scheduler|standalone'; then kill $pid; fi; done";

fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte)) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_one_word_of_a_shell() {
        assert_eq!(quoted(Path::new("/opt/tradewind")), "/opt/tradewind");
        assert_eq!(quoted(Path::new("/my home/it's")), r"'/my home/it'\''s'");
    }
}
