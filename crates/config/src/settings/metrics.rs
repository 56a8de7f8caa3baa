//! Metrics, and the ports that tell health.

use std::time::Duration;

use super::reader::{Reader, limit, seconds};

/// Who may read `/metrics` of the web server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsAccess {
    Open,
    Token,
    Off,
}

/// How tags are written for a StatsD server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatsdStyle {
    Plain,
    Influx,
    /// Tags of every line, and whether those of the metrics are written.
    Datadog {
        constant: Vec<String>,
        of_metrics: bool,
    },
}

/// A StatsD server.
#[derive(Debug, Clone)]
pub struct Statsd {
    pub host: String,
    pub port: u16,
    pub ipv6: bool,
    pub style: StatsdStyle,
    pub disabled_tags: Vec<String>,
}

/// `[metrics]`, and how often what is counted from rows is counted.
#[derive(Debug, Clone)]
pub struct Metrics {
    pub access: MetricsAccess,
    pub prefix: String,
    pub legacy_names: bool,
    /// Regular expressions.
    pub allow: Vec<String>,
    pub block: Vec<String>,
    pub statsd: Option<Statsd>,
    /// `None`: never.
    pub pool_interval: Option<Duration>,
    pub task_interval: Option<Duration>,
    pub run_interval: Option<Duration>,
}

impl Metrics {
    pub(super) fn read(r: &mut Reader<'_>) -> Metrics {
        let s = "metrics";
        let style = if r.bool(s, "statsd_datadog_enabled") {
            StatsdStyle::Datadog { constant: r.list(s, "statsd_datadog_tags"), of_metrics: r.bool(s, "statsd_datadog_metrics_tags") }
        } else if r.bool(s, "statsd_influxdb_enabled") {
            StatsdStyle::Influx
        } else {
            StatsdStyle::Plain
        };
        let statsd = Statsd {
            host: r.text(s, "statsd_host"),
            port: r.int(s, "statsd_port"),
            ipv6: r.bool(s, "statsd_ipv6"),
            style,
            disabled_tags: r.list(s, "statsd_disabled_tags"),
        };
        Metrics {
            access: match r.word("tradewind", "metrics_access") {
                "token" => MetricsAccess::Token,
                "off" => MetricsAccess::Off,
                _ => MetricsAccess::Open,
            },
            prefix: r.text(s, "statsd_prefix"),
            legacy_names: r.bool(s, "legacy_names_on"),
            allow: r.list(s, "metrics_allow_list"),
            block: r.list(s, "metrics_block_list"),
            // DogStatsD is a server of its own right in Airflow: either switch turns it on.
            statsd: (r.bool(s, "statsd_on") || r.bool(s, "statsd_datadog_enabled")).then_some(statsd),
            pool_interval: limit(r.float("scheduler", "pool_metrics_interval")),
            task_interval: limit(r.float("scheduler", "ti_metrics_interval")),
            run_interval: limit(r.float("scheduler", "dagrun_metrics_interval")),
        }
    }
}

/// When a component counts as unhealthy, and where a process without a web server says how it is.
#[derive(Debug, Clone)]
pub struct Health {
    pub scheduler_threshold: Duration,
    pub triggerer_threshold: Duration,
    pub processor_threshold: Duration,
    /// Address and port of a scheduler's health check.
    pub scheduler_listen: Option<(String, u16)>,
    /// Port of any other process; `None`: it has none.
    pub status_port: Option<u16>,
}

impl Health {
    pub(super) fn read(r: &mut Reader<'_>) -> Health {
        let s = "scheduler";
        let listen = (r.text(s, "scheduler_health_check_server_host"), r.int(s, "scheduler_health_check_server_port"));
        Health {
            scheduler_threshold: seconds(r.float(s, "scheduler_health_check_threshold")),
            triggerer_threshold: seconds(r.float("triggerer", "triggerer_health_check_threshold")),
            processor_threshold: seconds(r.float("dag_processor", "health_check_threshold")),
            scheduler_listen: r.bool(s, "enable_health_check").then_some(listen),
            status_port: Some(r.int("tradewind", "status_port")).filter(|port| *port > 0),
        }
    }
}
