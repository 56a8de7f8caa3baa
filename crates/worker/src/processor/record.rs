//! From the outcome of a parse to rows.

use std::path::{Path, PathBuf};

use tradewind_python::ParseOutcome;
use tradewind_queue::{Change, RunChange};
use tradewind_store::step::{ParsedDag, ParsedFile, RecordParse, Recorded};
use tradewind_store::table::import_error::NewImportError;

use super::Processor;

/// Longest source text that is kept for display.
const SOURCE: u64 = 4 << 20;

impl Processor {
    /// Writes what a file holds; gives the files that may parse better now.
    pub(super) async fn record(&self, path: &Path, outcome: ParseOutcome) -> tradewind_store::Result<Vec<PathBuf>> {
        let fileloc = path.to_string_lossy().into_owned();
        let mut errors: Vec<NewImportError> = outcome
            .errors
            .iter()
            .map(|error| NewImportError {
                fileloc: if error.filename.is_empty() { fileloc.clone() } else { error.filename.clone() },
                stacktrace: error.stacktrace.clone(),
                line: error.line.and_then(|line| u32::try_from(line).ok()),
            })
            .collect();
        let mut dags = Vec::with_capacity(outcome.dags.len());
        for form in outcome.dags {
            match ParsedDag::read(form) {
                Ok(dag) => dags.push(dag),
                Err(error) => errors.push(NewImportError { fileloc: fileloc.clone(), stacktrace: error.to_string(), line: None }),
            }
        }
        if !outcome.output.is_empty() {
            tracing::debug!(file = fileloc, "output of the parse: {}", outcome.output);
        }
        let count = dags.len();
        let file = self.file(path, fileloc.clone(), outcome.source_hash, outcome.seconds).await;
        let failed = errors.len();
        let step = RecordParse { file, dags, errors, paused_at_creation: self.options.paused_at_creation };
        let recorded = self.store.run(step).await?;
        tracing::debug!(file = fileloc, dags = count, errors = failed, "parsed");
        Ok(self.announce(recorded))
    }

    async fn file(&self, path: &Path, fileloc: String, source_hash: String, seconds: f64) -> ParsedFile {
        let meta = tokio::fs::metadata(path).await.ok();
        let small = meta.as_ref().is_some_and(|meta| meta.len() <= SOURCE);
        let zip = path.extension().is_some_and(|extension| extension == "zip");
        let source = if small && !zip { tokio::fs::read(path).await.unwrap_or_default() } else { Vec::new() };
        let modified = meta.as_ref().and_then(|meta| meta.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok());
        ParsedFile {
            relative_fileloc: self.relative(path),
            fileloc,
            source: String::from_utf8_lossy(&source).into_owned(),
            source_hash,
            mtime: modified.and_then(|since| i64::try_from(since.as_nanos()).ok()),
            size: meta.and_then(|meta| i64::try_from(meta.len()).ok()),
            parse_duration: jiff::SignedDuration::try_from_secs_f64(seconds)
                .ok()
                .and_then(|taken| i64::try_from(taken.as_micros()).ok())
                .unwrap_or_default(),
        }
    }

    /// Tells everyone what a parse changed; gives the files to parse again.
    pub(super) fn announce(&self, recorded: Recorded) -> Vec<PathBuf> {
        for (dag_id, other) in &recorded.duplicates {
            tracing::warn!(dag.id = dag_id, "the DAG id is used by {other} already");
        }
        for dag_id in recorded.changed.into_iter().chain(recorded.stale) {
            self.changes.send(Change::Dag { dag_id });
        }
        for run in recorded.runs {
            self.changes.send(Change::Run { run_pk: run.run_pk, seq: run.change_seq, what: RunChange::Reload });
        }
        recorded.parse_again.into_iter().map(PathBuf::from).collect()
    }
}
