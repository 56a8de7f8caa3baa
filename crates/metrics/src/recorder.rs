//! Where figures go: to both writers, or to none.

use std::sync::OnceLock;
use std::time::Duration;

use crate::filter::{Filter, PatternError};
use crate::metric::{Metric, Tags};
use crate::names;
use crate::prometheus::Exposition;
use crate::statsd::{Sent, Statsd, StatsdOptions};

/// What to tell, and where.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Begins every name, `airflow` by default.
    pub prefix: String,
    /// Kept for Prometheus to fetch.
    pub prometheus: bool,
    /// Sent to this server.
    pub statsd: Option<StatsdOptions>,
    pub allow: Vec<String>,
    pub block: Vec<String>,
}

/// See the module.
pub struct Recorder {
    exposition: Option<Exposition>,
    statsd: Option<Statsd>,
    filter: Filter,
}

static INSTALLED: OnceLock<Recorder> = OnceLock::new();

/// From now on this process tells its figures. A second call changes nothing.
///
/// # Errors
/// A pattern of the lists cannot be read.
pub fn install(options: &Options) -> Result<(), PatternError> {
    let recorder = Recorder::new(options)?;
    if options.prometheus || options.statsd.is_some() {
        drop(INSTALLED.set(recorder));
    }
    Ok(())
}

pub(crate) fn installed() -> Option<&'static Recorder> {
    INSTALLED.get()
}

/// The figures of this process as text; `None` when they are not kept.
pub fn prometheus() -> Option<String> {
    INSTALLED.get()?.exposition.as_ref().map(Exposition::text)
}

/// Sends what waits for the StatsD server. Called about once a second.
pub fn flush() {
    if let Some(statsd) = INSTALLED.get().and_then(|recorder| recorder.statsd.as_ref()) {
        statsd.flush();
    }
}

impl Recorder {
    /// # Errors
    /// A pattern of the lists cannot be read.
    pub fn new(options: &Options) -> Result<Self, PatternError> {
        let filter = Filter::new(&options.allow, &options.block)?;
        Ok(Self {
            exposition: options.prometheus.then(|| Exposition::new(&options.prefix)),
            statsd: options.statsd.clone().map(|statsd| Statsd::new(statsd, filter.clone())),
            filter,
        })
    }

    /// See [`Metric::count`].
    pub fn count(&self, metric: &Metric, n: u64, tags: Tags<'_>) {
        self.tell(metric, tags, |exposition| exposition.count(metric, n, tags), |statsd| statsd.count(metric, n, tags));
    }

    /// See [`Metric::set`].
    pub fn set(&self, metric: &Metric, value: f64, tags: Tags<'_>) {
        self.tell(metric, tags, |exposition| exposition.set(metric, value, tags), |statsd| statsd.set(metric, value, tags));
    }

    /// See [`Metric::time`].
    pub fn time(&self, metric: &Metric, took: Duration, tags: Tags<'_>) {
        self.tell(metric, tags, |exposition| exposition.time(metric, took, tags), |statsd| statsd.time(metric, took, tags));
    }

    /// See [`Metric::forget`].
    pub fn forget(&self, metric: &Metric, tags: Tags<'_>) {
        if let Some(exposition) = &self.exposition {
            exposition.forget(metric, tags);
        }
        if let Some(statsd) = &self.statsd {
            statsd.set(metric, 0.0, tags);
        }
    }

    fn tell(&self, metric: &Metric, tags: Tags<'_>, keep: impl FnOnce(&Exposition) -> bool, send: impl FnOnce(&Statsd) -> Sent) {
        debug_assert!(
            metric.tags.iter().all(|tag| tags.iter().any(|(key, _)| key == tag)),
            "{} needs the tags {:?}",
            metric.name,
            metric.tags
        );
        if let Some(exposition) = self.exposition.as_ref().filter(|_| self.filter.lets_through(metric.name))
            && !keep(exposition)
        {
            self.dropped("too many series");
        }
        match self.statsd.as_ref().map_or(Sent::Yes, send) {
            Sent::Yes => {}
            Sent::Full => self.dropped("queue full"),
            Sent::BadName => self.dropped("bad name"),
        }
    }

    /// Counted for Prometheus only: to send it would add to the trouble.
    fn dropped(&self, why: &str) {
        if let Some(exposition) = &self.exposition {
            exposition.count(&names::DROPPED, 1, &[("why", why)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocked_names_are_not_kept() {
        let options = Options { prefix: "airflow".into(), prometheus: true, block: vec!["^ti\\.".into()], ..Options::default() };
        let recorder = Recorder::new(&options).unwrap();
        recorder.count(&names::TI_START, 1, &[("dag_id", "d"), ("task_id", "t")]);
        recorder.count(&names::TI_SUCCESSES, 1, &[]);
        let text = recorder.exposition.as_ref().unwrap().text();
        assert!(text.contains("airflow_ti_successes_total{} 1") && !text.contains("airflow_ti_start_total"), "{text}");
    }

    #[test]
    fn what_was_not_installed_records_nothing() {
        names::TI_SUCCESSES.count(1, &[]);
        assert!(prometheus().is_none());
    }
}
