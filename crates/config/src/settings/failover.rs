//! `[scheduler_failover]`: the controller that starts a scheduler on another node when one has died.

use std::time::Duration;

use super::reader::{Reader, seconds};

/// See the module.
#[derive(Debug, Clone)]
pub struct Failover {
    /// In order of preference.
    pub nodes: Vec<String>,
    /// Between looks at all nodes.
    pub poll: Duration,
    /// `None`: the usual one of this program.
    pub start_command: Option<String>,
    pub stop_command: Option<String>,
    /// Longest time from the start command to the lease of the new scheduler.
    pub start_timeout: Duration,
    /// Longest time of any other command.
    pub command_timeout: Duration,
    /// As a shell would read them.
    pub ssh_options: Vec<String>,
    /// Rounds without a scheduler before a mail is sent.
    pub retries_before_alert: u32,
    pub alert_to: Vec<String>,
    pub alert_subject: Option<String>,
}

impl Failover {
    pub(super) fn read(r: &mut Reader<'_>) -> Failover {
        let s = "scheduler_failover";
        let nodes = r.list(s, "scheduler_nodes_in_cluster").into_iter().filter(|node| !node.is_empty()).collect::<Vec<_>>();
        for node in &nodes {
            // It becomes an argument of ssh: what begins with a hyphen would be an option.
            if (node.starts_with('-') || node.contains(char::is_whitespace))
                && let Some(found) = r.found(s, "scheduler_nodes_in_cluster")
            {
                r.reject(found.not_allowed("names of hosts, or user@host, separated by commas"));
            }
        }
        let ssh_options = r.text(s, "ssh_options");
        let ssh_options = shlex::split(&ssh_options).unwrap_or_else(|| {
            if let Some(found) = r.found(s, "ssh_options") {
                r.reject(found.not_allowed("arguments as a shell reads them, with every quote closed"));
            }
            Vec::new()
        });
        Failover {
            nodes,
            poll: seconds(r.float(s, "poll_frequency")),
            start_command: r.optional(s, "airflow_scheduler_start_command"),
            // Old files hold `\;`, since Python 2 took ` ;` for a comment.
            stop_command: r.optional(s, "airflow_scheduler_stop_command").map(|command| command.replace("\\;", ";")),
            start_timeout: seconds(r.float(s, "scheduler_restart_sleep_time")),
            command_timeout: seconds(r.float(s, "command_timeout")),
            ssh_options,
            retries_before_alert: r.int(s, "retry_count_before_alerting"),
            alert_to: r.list(s, "alert_to_email").into_iter().filter(|address| !address.is_empty()).collect(),
            alert_subject: r.optional(s, "alert_email_subject"),
        }
    }
}
