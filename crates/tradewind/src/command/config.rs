//! `config`: look at the configuration.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Subcommand;
use tradewind_config::option::{OptionSpec, table};
use tradewind_config::{Effective, Found, Warning};

use crate::context::Context;
use crate::failure::missing;

/// Commands of `config`.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Print the value of an option, by its current or an old name.
    #[command(
        after_help = "Examples:\n  tradewind config get-value core dags_folder\n  tradewind config get-value webserver web_server_port"
    )]
    GetValue {
        /// Section, such as core.
        section: String,
        /// Key, such as dags_folder.
        option: String,
    },
    /// Print all options in the form of a configuration file.
    #[command(after_help = "Examples:\n  tradewind config list --section scheduler\n  tradewind config list --defaults -d > airflow.cfg")]
    List(List),
    /// Tell unknown and old names in the configuration file and the environment.
    #[command(after_help = "Example:\n  tradewind config lint")]
    Lint,
}

/// Arguments of `config list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Only this section.
    #[arg(long)]
    section: Option<String>,
    /// Print the defaults instead of the values.
    #[arg(short = 'a', long)]
    defaults: bool,
    /// Print what each option does.
    #[arg(short = 'd', long)]
    include_descriptions: bool,
    /// Print where each value comes from.
    #[arg(short = 's', long)]
    include_sources: bool,
    /// Print the name of the environment variable of each option.
    #[arg(short = 'V', long)]
    include_env_vars: bool,
    /// Put each value in a comment.
    #[arg(short, long)]
    comment_out_everything: bool,
    /// Show secrets.
    #[arg(long, conflicts_with = "hide_sensitive")]
    show_values: bool,
    /// Hide secrets, as is done anyway.
    #[arg(long)]
    hide_sensitive: bool,
}

impl Config {
    pub fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        match self {
            Config::GetValue { section, option } => get_value(cx, &section, &option),
            Config::List(list) => list.run(cx),
            Config::Lint => lint(cx),
        }
    }
}

fn get_value(cx: &Context, section: &str, option: &str) -> anyhow::Result<ExitCode> {
    match cx.config.get(section, option)? {
        Some(value) => writeln!(std::io::stdout(), "{value}")?,
        None => eprintln!("The option [{section}/{option}] is not found in config."),
    }
    Ok(ExitCode::SUCCESS)
}

fn lint(cx: &Context) -> anyhow::Result<ExitCode> {
    let warnings: Vec<Warning> = cx.config.warnings();
    let mut out = std::io::stdout().lock();
    if warnings.is_empty() {
        writeln!(out, "No issues found in {}.", cx.config.file_path().display())?;
        return Ok(ExitCode::SUCCESS);
    }
    for warning in &warnings {
        writeln!(out, "{warning}")?;
    }
    Ok(ExitCode::FAILURE)
}

impl List {
    fn run(&self, cx: &Context) -> anyhow::Result<ExitCode> {
        let wanted = self.section.as_ref().map(|section| section.to_lowercase());
        let mut out = std::io::stdout().lock();
        let mut current = String::new();
        for option in cx.config.effective() {
            if wanted.as_ref().is_some_and(|wanted| *wanted != option.section) {
                continue;
            }
            if current != option.section {
                let gap = if current.is_empty() { "" } else { "\n" };
                writeln!(out, "{gap}[{}]", option.section)?;
                current.clone_from(&option.section);
            }
            out.write_all(self.entry(cx, option)?.as_bytes())?;
        }
        if current.is_empty() {
            return Err(missing(format!("there is no section [{}]", wanted.unwrap_or_default())));
        }
        Ok(ExitCode::SUCCESS)
    }

    /// One option with its comments.
    fn entry(&self, cx: &Context, option: Effective) -> anyhow::Result<String> {
        let spec = table().get(&option.section, &option.key);
        let mut text = String::new();
        if self.include_descriptions {
            let description = spec.map_or("", |spec| spec.description);
            text.push_str(&format!("# {}\n", if description.is_empty() { "Accepted; has no effect here." } else { description }));
        }
        let found = option.found?;
        if self.include_sources
            && let Some(found) = &found
        {
            text.push_str(&format!("# Source: {}\n", found.origin));
        }
        if self.include_env_vars {
            let part = |name: &str| name.replace(['.', '-'], "_").to_ascii_uppercase();
            text.push_str(&format!("# Variable: AIRFLOW__{}__{}\n", part(&option.section), part(&option.key)));
        }
        let value = if self.defaults { spec.map(|spec| default_of(cx, spec)) } else { found.map(|found| self.shown(&found)) };
        let comment = if self.comment_out_everything || value.is_none() { "# " } else { "" };
        // A value of several lines goes on in indented ones.
        let value = value.unwrap_or_default().replace('%', "%%").replace('\n', &format!("\n{comment}    "));
        text.push_str(format!("{comment}{} = {value}", option.key).trim_end());
        text.push('\n');
        Ok(text)
    }

    fn shown(&self, found: &Found) -> String {
        if found.sensitive && !self.show_values { "< hidden >".to_owned() } else { found.value.clone() }
    }
}

fn default_of(cx: &Context, spec: &OptionSpec) -> String {
    let default = spec.default.filter(|default| *default != "{secret}").unwrap_or_default();
    default.replace("{home}", &cx.settings.home.to_string_lossy())
}
