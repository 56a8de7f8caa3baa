//! The figures as StatsD lines, under the old names and the new ones, in three dialects.
//!
//! Lines go through a bounded queue to a thread that sends them in packets; when it is full they are dropped and counted.

use std::collections::HashSet;
use std::net::UdpSocket;
use std::sync::OnceLock;
use std::time::Duration;

use cadence::{BufferedUdpMetricSink, MetricSink, QueuingMetricSink};

use crate::filter::Filter;
use crate::metric::{Kind, Metric, Tags};

/// Lines that may wait for the thread: some tenths of a second of a very busy scheduler.
const WAITING: usize = 32_768;
/// Bytes of a packet that every network lets pass in one piece.
const PACKET: usize = 1_432;
/// How often the name of the server is looked up again.
const LOOK_UP: Duration = Duration::from_secs(60);
/// Longest name that is sent.
const LONGEST: usize = 250;

/// How tags are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Style {
    /// Not at all.
    #[default]
    Plain,
    /// Behind the name: `name,key=value:1|c`.
    Influx,
    /// Behind the value: `name:1|c|#key:value`; these are on every line. `of_metrics`: those of the metrics too.
    Datadog { constant: Vec<String>, of_metrics: bool },
}

/// Where lines go and how they are written.
#[derive(Debug, Clone)]
pub struct StatsdOptions {
    pub host: String,
    pub port: u16,
    pub ipv6: bool,
    /// Begins every name.
    pub prefix: String,
    /// Names with the tags in them are sent too.
    pub legacy: bool,
    pub style: Style,
    /// Tags that are never sent.
    pub disabled_tags: HashSet<String>,
}

/// What became of the lines of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    Yes,
    /// The queue is full, or the server's name is not known yet.
    Full,
    /// A name has letters that StatsD does not take.
    BadName,
}

/// See the module.
pub struct Statsd {
    options: StatsdOptions,
    filter: Filter,
    sink: OnceLock<QueuingMetricSink>,
}

impl Statsd {
    pub fn new(options: StatsdOptions, filter: Filter) -> Self {
        let statsd = Self { options, filter, sink: OnceLock::new() };
        statsd.connect();
        statsd
    }

    /// Opens the way to the server; tried again with each flush while its name cannot be found.
    fn connect(&self) {
        if self.sink.get().is_some() {
            return;
        }
        let StatsdOptions { host, port, ipv6, .. } = &self.options;
        let opened = UdpSocket::bind(if *ipv6 { "[::]:0" } else { "0.0.0.0:0" }).map_err(|error| error.to_string()).and_then(|socket| {
            socket.set_nonblocking(true).map_err(|error| error.to_string())?;
            let sink = BufferedUdpMetricSink::builder().with_capacity(PACKET).with_resolver_period(LOOK_UP);
            sink.build((host.clone(), *port), socket).map_err(|error| error.to_string())
        });
        match opened {
            Ok(sink) => drop(self.sink.set(QueuingMetricSink::with_capacity(sink, WAITING))),
            Err(error) => tracing::warn!("StatsD server {host}:{port} cannot be found, metrics are not sent to it: {error}"),
        }
    }

    /// Sends what waits for a packet to be full.
    pub fn flush(&self) {
        self.connect();
        if let Some(Err(error)) = self.sink.get().map(MetricSink::flush) {
            tracing::debug!("metrics were not sent to the StatsD server: {error}");
        }
    }

    pub fn count(&self, metric: &Metric, n: u64, tags: Tags<'_>) -> Sent {
        self.send(metric, &n.to_string(), tags)
    }

    pub fn set(&self, metric: &Metric, value: f64, tags: Tags<'_>) -> Sent {
        // A sign means a difference: a gauge below 0 is set to 0 first.
        if value < 0.0 {
            self.send(metric, "0", tags);
        }
        self.send(metric, &number(value), tags)
    }

    pub fn time(&self, metric: &Metric, took: Duration, tags: Tags<'_>) -> Sent {
        self.send(metric, &format!("{:.6}", took.as_secs_f64() * 1_000.0), tags)
    }

    fn send(&self, metric: &Metric, value: &str, tags: Tags<'_>) -> Sent {
        let lines = self.options.lines(&self.filter, metric, value, tags);
        if lines.contains(&None) {
            return Sent::BadName;
        }
        let Some(sink) = self.sink.get() else { return Sent::Full };
        let all = lines.into_iter().flatten().all(|line| sink.emit(&line).is_ok());
        if all { Sent::Yes } else { Sent::Full }
    }
}

/// A whole number without a point.
fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { value.to_string() }
}

impl StatsdOptions {
    /// The lines of one figure; `None` for one whose name StatsD does not take.
    fn lines(&self, filter: &Filter, metric: &Metric, value: &str, tags: Tags<'_>) -> Vec<Option<String>> {
        let mut names = Vec::with_capacity(2);
        if let Some(legacy) = metric.legacy.filter(|_| self.legacy) {
            let rest: Vec<_> = tags.iter().copied().filter(|(key, _)| !legacy.contains(&format!("{{{key}}}"))).collect();
            names.push((filled(legacy, tags), rest));
        }
        // Without tags a gauge of one pool would take the place of another's.
        let mixes = self.style == Style::Plain && metric.kind == Kind::Gauge && !names.is_empty();
        if !mixes {
            names.push((filled(metric.name, tags), tags.to_vec()));
        }
        let wanted = names.into_iter().filter(|(name, _)| filter.lets_through(name));
        wanted.map(|(name, tags)| is_name(&name).then(|| self.line(&name, metric.kind, value, &tags))).collect()
    }

    fn line(&self, name: &str, kind: Kind, value: &str, tags: &[(&'static str, &str)]) -> String {
        let kind = match kind {
            Kind::Counter => "c",
            Kind::Gauge => "g",
            Kind::Timer => "ms",
        };
        let dot = if self.prefix.is_empty() || self.prefix.ends_with('.') { "" } else { "." };
        let mut line = format!("{}{dot}{name}", self.prefix);
        let tags = tags.iter().filter(|(key, _)| !self.disabled_tags.contains(*key));
        match &self.style {
            Style::Plain => line.push_str(&format!(":{value}|{kind}")),
            Style::Influx => {
                for (key, text) in tags.filter(|(key, text)| !key.contains([',', '=']) && !text.contains([',', '=', ':', '|', '\n'])) {
                    line.push_str(&format!(",{key}={text}"));
                }
                line.push_str(&format!(":{value}|{kind}"));
            }
            Style::Datadog { constant, of_metrics } => {
                let of_metrics = tags.filter(|_| *of_metrics).map(|(key, text)| format!("{key}:{}", text.replace(['|', ',', '\n'], "_")));
                let all: Vec<String> = constant.iter().cloned().chain(of_metrics).collect();
                line.push_str(&format!(":{value}|{kind}"));
                if !all.is_empty() {
                    line.push_str(&format!("|#{}", all.join(",")));
                }
            }
        }
        line
    }
}

/// A name with the texts of its tags in it; dots of a text are no levels.
fn filled(template: &str, tags: Tags<'_>) -> String {
    let mut name = template.to_owned();
    for (key, value) in tags {
        name = name.replace(&format!("{{{key}}}"), &value.replace('.', "__"));
    }
    name
}

fn is_name(name: &str) -> bool {
    name.len() <= LONGEST && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names;

    fn options(style: Style, legacy: bool) -> StatsdOptions {
        StatsdOptions {
            host: "localhost".into(),
            port: 8125,
            ipv6: false,
            prefix: "airflow".into(),
            legacy,
            style,
            disabled_tags: HashSet::from(["run_id".to_owned()]),
        }
    }

    fn lines(style: Style, legacy: bool, metric: &Metric, value: &str, tags: Tags<'_>) -> Vec<String> {
        options(style, legacy).lines(&Filter::default(), metric, value, tags).into_iter().flatten().collect()
    }

    const TASK: Tags<'_> = &[("dag_id", "a.b"), ("task_id", "t"), ("run_id", "r")];

    #[test]
    fn plain_lines_have_the_tags_in_the_old_name() {
        assert_eq!(lines(Style::Plain, true, &names::TI_START, "1", TASK), ["airflow.ti.start.a__b.t:1|c", "airflow.ti.start:1|c"]);
        assert_eq!(lines(Style::Plain, false, &names::TI_START, "1", TASK), ["airflow.ti.start:1|c"]);
        let pool: Tags<'_> = &[("pool_name", "p")];
        assert_eq!(lines(Style::Plain, true, &names::POOL_OPEN, "4", pool), ["airflow.pool.open_slots.p:4|g"]);
        assert_eq!(lines(Style::Plain, false, &names::POOL_OPEN, "4", pool), ["airflow.pool.open_slots:4|g"]);
        assert_eq!(lines(Style::Plain, true, &names::DAGBAG_SIZE, "7", &[]), ["airflow.dagbag_size:7|g"]);
        assert_eq!(lines(Style::Plain, true, &names::JOB_START, "1", &[("job_name", "schedulerjob")]), ["airflow.schedulerjob_start:1|c"]);
    }

    #[test]
    fn influx_lines_have_tags_behind_the_name() {
        let tags: Tags<'_> = &[("executor_class_name", "LocalExecutor"), ("status", "open"), ("bad", "a=b")];
        assert_eq!(
            lines(Style::Influx, true, &names::EXECUTOR_OPEN_SLOTS, "4", tags),
            [
                "airflow.executor.open_slots.LocalExecutor,status=open:4|g",
                "airflow.executor.open_slots,executor_class_name=LocalExecutor,status=open:4|g"
            ]
        );
    }

    #[test]
    fn datadog_lines_have_tags_behind_the_value() {
        let style = Style::Datadog { constant: vec!["env:prod".into()], of_metrics: true };
        assert_eq!(
            lines(style, false, &names::TASK_DURATION, "1.500000", TASK),
            ["airflow.task.duration:1.500000|ms|#env:prod,dag_id:a.b,task_id:t"]
        );
        let style = Style::Datadog { constant: Vec::new(), of_metrics: false };
        assert_eq!(lines(style, false, &names::TI_START, "1", TASK), ["airflow.ti.start:1|c"]);
    }

    #[test]
    fn lists_are_asked_about_each_name() {
        let filter = Filter::new(&[], &["ti\\.start\\.".to_owned()]).unwrap();
        let sent = options(Style::Plain, true).lines(&filter, &names::TI_START, "1", TASK);
        assert_eq!(sent, [Some("airflow.ti.start:1|c".to_owned())]);
    }

    #[test]
    fn names_that_are_none_are_not_sent() {
        let korean: Tags<'_> = &[("dag_id", "날씨"), ("task_id", "t")];
        assert_eq!(lines(Style::Plain, true, &names::TI_START, "1", korean), ["airflow.ti.start:1|c"]);
        assert!(!is_name(&"x".repeat(251)) && !is_name("a b"));
    }

    #[test]
    fn lines_arrive_in_packets() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = server.local_addr().unwrap().port();
        let statsd = Statsd::new(StatsdOptions { host: "127.0.0.1".into(), port, ..options(Style::Plain, true) }, Filter::default());
        assert_eq!(statsd.time(&names::SCHEDULER_LOOP, Duration::from_micros(1_234), &[]), Sent::Yes);
        assert_eq!(statsd.set(&names::TASKS_STARVING, -1.0, &[]), Sent::Yes);
        server.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let mut got = String::new();
        // The queue's thread puts lines into the packet; a flush sends what is there by then.
        for _ in 0..400 {
            statsd.flush();
            let mut packet = [0; 2_000];
            if let Ok(n) = server.recv(&mut packet) {
                got.extend(String::from_utf8_lossy(&packet[..n]).lines().map(|line| format!("{line}\n")));
            }
            if got.lines().count() >= 3 {
                break;
            }
        }
        assert_eq!(
            got,
            "airflow.scheduler.scheduler_loop_duration:1.234000|ms\nairflow.scheduler.tasks.starving:0|g\nairflow.scheduler.tasks.starving:-1|g\n"
        );
    }
}
