//! What a processor tells of itself: metrics, and figures in the row of its job.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;
use tradewind_metrics::{Tags, names};
use tradewind_python::{ParseEnd, ParseOutcome};

/// Beats between two tellings of the age of each file.
const FILES_EACH: u64 = 30;
/// Airflow's name of the folder of DAG files.
const BUNDLE: &str = "dags-folder";

pub(super) const JOB: Tags<'_> = &[("job_name", "dagprocessorjob")];

struct LastParse {
    at: Instant,
    seconds: f64,
    dags: usize,
    failed: bool,
}

/// See the module.
#[derive(Default)]
pub(super) struct Figures {
    files: BTreeMap<String, LastParse>,
    parses: u64,
    beats: u64,
}

impl Figures {
    /// A parse has ended. `path`: below the DAGs folder.
    pub fn parsed(&mut self, path: &str, outcome: &ParseOutcome) {
        let took = Duration::try_from_secs_f64(outcome.seconds).unwrap_or_default();
        names::LAST_DURATION.time(took, &[("bundle_name", BUNDLE), ("file_name", stem(path)), ("file_path", path)]);
        if outcome.end == ParseEnd::TimedOut {
            names::PARSE_TIMEOUTS.count(1, &[("file_path", path)]);
            names::FILE_TIMEOUTS.count(1, &[]);
        }
        let failed = !outcome.errors.is_empty();
        if failed {
            names::REFRESH_ERRORS.count(1, &[]);
        }
        self.parses += 1;
        let last = LastParse { at: Instant::now(), seconds: outcome.seconds, dags: outcome.dags.len(), failed };
        self.files.insert(path.to_owned(), last);
    }

    /// A file is gone.
    pub fn forget(&mut self, path: &str) {
        if self.files.remove(path).is_some() {
            names::LAST_RUN_AGO.forget(&[("file_name", stem(path)), ("file_path", path)]);
        }
    }

    /// With each beat.
    pub fn tell(&mut self, waiting: usize) {
        names::DAG_PROCESSOR_HEARTBEAT.count(1, &[]);
        names::DAGBAG_SIZE.set(self.dags() as f64, &[]);
        names::IMPORT_ERRORS.set(self.errors() as f64, &[]);
        names::TOTAL_PARSE_TIME.set(self.files.values().map(|file| file.seconds).sum(), &[]);
        names::FILE_QUEUE_SIZE.set(waiting as f64, &[]);
        if self.beats.is_multiple_of(FILES_EACH) {
            for (path, file) in &self.files {
                names::LAST_RUN_AGO.set(file.at.elapsed().as_secs_f64(), &[("file_name", stem(path)), ("file_path", path)]);
            }
        }
        self.beats += 1;
    }

    /// For display in the row of the job.
    pub fn stats(&self, waiting: usize, parsing: usize) -> String {
        json!({"files": self.files.len(), "dags": self.dags(), "errors": self.errors(), "queue": waiting, "running": parsing,
            "parses": self.parses})
        .to_string()
    }

    fn dags(&self) -> usize {
        self.files.values().map(|file| file.dags).sum()
    }

    fn errors(&self) -> usize {
        self.files.values().filter(|file| file.failed).count()
    }
}

/// The name of a file without folder and suffix.
fn stem(path: &str) -> &str {
    Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or(path)
}
