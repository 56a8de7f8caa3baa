//! The figures of this process in the text form of OpenMetrics, which Prometheus fetches.
//!
//! A name keeps its words: `ti.start` is `airflow_ti_start_total`, `task.duration` the histogram `airflow_task_duration_seconds`.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::metric::{Kind, Metric, Tags};
use crate::names;

/// The media type of the text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Series that one metric may have; a tag with endless values must not fill the memory.
const SERIES: usize = 5_000;

/// Bounds of the histograms, in seconds: a turn of the loop takes milliseconds, a run may take days.
const BOUNDS: [f64; 14] = [0.001, 0.005, 0.02, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0];

type Labels = Vec<(&'static str, String)>;

/// The series of one metric.
struct Bounded<M> {
    family: Family<Labels, M>,
    count: AtomicUsize,
}

impl<M> Bounded<M> {
    fn new(family: Family<Labels, M>) -> Self {
        Self { family, count: AtomicUsize::new(0) }
    }

    /// Acts on one of them; `false`: there are too many.
    fn act(&self, tags: Tags<'_>, act: impl FnOnce(&M)) -> bool {
        let labels: Labels = tags.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        if let Some(one) = self.family.get(&labels) {
            act(&one);
            return true;
        }
        if self.count.fetch_add(1, Ordering::Relaxed) >= SERIES {
            self.count.fetch_sub(1, Ordering::Relaxed);
            return false;
        }
        act(&self.family.get_or_create(&labels));
        true
    }

    fn remove(&self, tags: Tags<'_>) {
        let labels: Labels = tags.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        if self.family.remove(&labels) {
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

enum Series {
    Counter(Bounded<Counter>),
    Gauge(Bounded<Gauge<f64, AtomicU64>>),
    Timer(Bounded<Histogram>),
}

/// See the module.
pub struct Exposition {
    registry: Registry,
    by_name: HashMap<&'static str, Series>,
}

impl Exposition {
    /// `prefix`: begins every name, `airflow` by default.
    pub fn new(prefix: &str) -> Self {
        let mut registry = if prefix.is_empty() { Registry::default() } else { Registry::with_prefix(words(prefix)) };
        let mut by_name = HashMap::with_capacity(names::ALL.len());
        for metric in names::ALL {
            let name = words(&metric.name.replace("{job_name}", "job"));
            let help = metric.help.trim_end_matches('.');
            let series = match metric.kind {
                Kind::Counter => {
                    let family = Family::default();
                    registry.register(name, help, family.clone());
                    Series::Counter(Bounded::new(family))
                }
                Kind::Gauge => {
                    let family = Family::default();
                    registry.register(name, help, family.clone());
                    Series::Gauge(Bounded::new(family))
                }
                Kind::Timer => {
                    let family = Family::new_with_constructor(histogram as fn() -> Histogram);
                    registry.register_with_unit(name, help, Unit::Seconds, family.clone());
                    Series::Timer(Bounded::new(family))
                }
            };
            by_name.insert(metric.name, series);
        }
        Self { registry, by_name }
    }

    /// Adds to a counter; `false`: there are too many series of it.
    pub fn count(&self, metric: &Metric, n: u64, tags: Tags<'_>) -> bool {
        match self.by_name.get(metric.name) {
            Some(Series::Counter(series)) => series.act(tags, |counter| {
                counter.inc_by(n);
            }),
            _ => true,
        }
    }

    /// Sets a gauge; `false`: there are too many series of it.
    pub fn set(&self, metric: &Metric, value: f64, tags: Tags<'_>) -> bool {
        match self.by_name.get(metric.name) {
            Some(Series::Gauge(series)) => series.act(tags, |gauge| {
                gauge.set(value);
            }),
            _ => true,
        }
    }

    /// Adds to a histogram; `false`: there are too many series of it.
    pub fn time(&self, metric: &Metric, took: Duration, tags: Tags<'_>) -> bool {
        match self.by_name.get(metric.name) {
            Some(Series::Timer(series)) => series.act(tags, |histogram| histogram.observe(took.as_secs_f64())),
            _ => true,
        }
    }

    /// Takes a series of a gauge away.
    pub fn forget(&self, metric: &Metric, tags: Tags<'_>) {
        if let Some(Series::Gauge(series)) = self.by_name.get(metric.name) {
            series.remove(tags);
        }
    }

    /// Everything, as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(error) => {
                tracing::error!("the metrics cannot be written as text: {error}");
                "# EOF\n".to_owned()
            }
        }
    }
}

fn histogram() -> Histogram {
    Histogram::new(BOUNDS)
}

/// Letters, digits and `_` only.
fn words(name: &str) -> String {
    name.trim_end_matches('.').chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_and_kinds_are_told() {
        let exposition = Exposition::new("airflow");
        exposition.count(&names::TI_START, 2, &[("dag_id", "d.1"), ("task_id", "t\"x")]);
        exposition.set(&names::POOL_OPEN, 128.0, &[("pool_name", "default_pool")]);
        exposition.time(&names::DEPENDENCY_CHECK, Duration::from_millis(2), &[("dag_id", "d")]);
        exposition.count(&names::JOB_START, 1, &[("job_name", "schedulerjob")]);
        let text = exposition.text();
        for line in [
            "# TYPE airflow_ti_start counter",
            r#"airflow_ti_start_total{dag_id="d.1",task_id="t\"x"} 2"#,
            r#"airflow_pool_open_slots{pool_name="default_pool"} 128.0"#,
            "# UNIT airflow_dagrun_dependency_check_seconds seconds",
            r#"airflow_dagrun_dependency_check_seconds_bucket{le="0.005",dag_id="d"} 1"#,
            r#"airflow_dagrun_dependency_check_seconds_count{dag_id="d"} 1"#,
            r#"airflow_job_start_total{job_name="schedulerjob"} 1"#,
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        exposition.forget(&names::POOL_OPEN, &[("pool_name", "default_pool")]);
        assert!(!exposition.text().contains("airflow_pool_open_slots{"));
    }

    #[test]
    fn series_are_bounded() {
        let exposition = Exposition::new("");
        let kept = (0..SERIES + 3).filter(|n| exposition.count(&names::TASK_REMOVED, 1, &[("dag_id", &n.to_string())])).count();
        assert_eq!(kept, SERIES);
        assert!(exposition.count(&names::TASK_REMOVED, 1, &[("dag_id", "0")]), "what is there goes on");
    }

    #[test]
    fn no_two_metrics_have_one_name() {
        let mut names: Vec<String> = names::ALL.iter().map(|metric| words(&metric.name.replace("{job_name}", "job"))).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), names::ALL.len());
    }
}
