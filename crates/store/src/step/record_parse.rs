//! What a parse of a DAG file found, in one transaction.
//!
//! A DAG belongs to one file. A dag id that a live DAG of another file has is an import error of the file that comes later. A file that
//! parses without errors and no longer has a DAG makes it stale; one with errors leaves its missing DAGs as they were, marked
//! `has_import_errors`, so that a slip of the pen does not stop a schedule. Open runs go over to a new version, and their owners are told.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde_json::Value as Json;
use tradewind_core::asset::Condition;
use tradewind_core::form::{DagForm, canonical_text, content_hash};
use tradewind_core::timetable::Timetable;

use super::record_assets;
use crate::table::dag::{self, Known};
use crate::table::dag_run::Changed;
use crate::table::dag_version::{self, NewVersion};
use crate::table::import_error::{self, NewImportError};
use crate::table::timetable_question;
use crate::{Error, Latch, Mode, Result, Transaction, Tx, Value, params};

/// A DAG of a parsed file.
#[derive(Debug, Clone)]
pub struct ParsedDag {
    pub form: DagForm,
    pub text: String,
    pub content_hash: String,
    pub timetable: Timetable,
    /// The assets whose updates make runs.
    pub condition: Option<Condition>,
}

impl ParsedDag {
    /// Reads a form as the parser gave it.
    ///
    /// # Errors
    /// [`Error::Invalid`], in words for an import error, when the form or its timetable cannot be used.
    pub fn read(form: Json) -> Result<Self> {
        let (text, content_hash) = (canonical_text(&form), content_hash(&form));
        let form = DagForm::from_value(form).map_err(|error| Error::invalid("the DAG", error))?;
        let timetable = serde_json::from_value(form.timetable.clone())
            .map_err(|error| Error::invalid(format!("the timetable of DAG `{}`", form.dag_id), error))?;
        let condition = Condition::of_timetable(&form.timetable)
            .map_err(|error| Error::invalid(format!("the timetable of DAG `{}`", form.dag_id), error))?;
        Ok(Self { form, text, content_hash, timetable, condition })
    }
}

/// The file.
#[derive(Debug, Clone)]
pub struct ParsedFile {
    pub relative_fileloc: String,
    pub fileloc: String,
    pub source: String,
    /// Of the file and the local modules it imports.
    pub source_hash: String,
    /// Nanoseconds or whatever the watcher compares; only compared for equality.
    pub mtime: Option<i64>,
    pub size: Option<i64>,
    /// Microseconds.
    pub parse_duration: i64,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct RecordParse {
    pub file: ParsedFile,
    pub dags: Vec<ParsedDag>,
    pub errors: Vec<NewImportError>,
    /// Pause state of DAGs that say nothing themselves (`[core] dags_are_paused_at_creation`).
    pub paused_at_creation: bool,
}

/// What changed.
#[derive(Debug, Clone, Default)]
pub struct Recorded {
    /// DAGs that are new, came back, or have another form.
    pub changed: Vec<String>,
    /// DAGs that no file has now.
    pub stale: Vec<String>,
    /// DAGs that another file has, and that file.
    pub duplicates: Vec<(String, String)>,
    /// Open runs with another version.
    pub runs: Vec<Changed>,
    /// Files that had errors and may do better now that a dag id is free.
    pub parse_again: Vec<String>,
}

impl Transaction for RecordParse {
    type Out = Recorded;
    const NAME: &'static str = "record_parse";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Recorded> {
        tx.latch(Latch::Parses).await?;
        let ids: Vec<_> = self.dags.iter().map(|dag| dag.form.dag_id.as_str()).collect();
        let known: HashMap<String, Known> = dag::known(tx, &ids).await?.into_iter().map(|known| (known.dag_id.clone(), known)).collect();
        let mut recorded = Recorded::default();
        let mut errors = self.errors.clone();
        let mut ours = HashSet::new();
        let source = "INSERT INTO dag_source (source_hash, source) VALUES (?, ?) ON CONFLICT DO NOTHING";
        if !self.dags.is_empty() {
            tx.exec(source, params![&self.file.source_hash, &self.file.source]).await?;
        }
        for parsed in &self.dags {
            let dag_id = parsed.form.dag_id.as_str();
            if !ours.insert(dag_id) {
                errors.push(self.duplicate(dag_id, &self.file.relative_fileloc));
            } else if let Some(other) =
                known.get(dag_id).filter(|known| !known.is_stale && known.relative_fileloc != self.file.relative_fileloc)
            {
                errors.push(self.duplicate(dag_id, &other.relative_fileloc));
                recorded.duplicates.push((dag_id.to_owned(), other.relative_fileloc.clone()));
                ours.remove(dag_id);
            } else {
                self.record(tx, parsed, known.get(dag_id), &mut recorded).await?;
            }
        }
        let present: Vec<_> = ours.into_iter().collect();
        if errors.is_empty() {
            recorded.stale = dag::mark_missing_stale(tx, &self.file.relative_fileloc, &present).await?;
        }
        if !recorded.stale.is_empty() {
            recorded.parse_again = request_reparse_of_broken(tx, &self.file.relative_fileloc).await?;
        }
        let flag = "UPDATE dag SET has_import_errors = ? WHERE relative_fileloc = ? AND has_import_errors <> ?";
        tx.exec(flag, params![!errors.is_empty(), &self.file.relative_fileloc, !errors.is_empty()]).await?;
        import_error::replace(tx, &self.file.relative_fileloc, &errors).await?;
        self.write_file(tx, present.len(), errors.len()).await?;
        Ok(recorded)
    }
}

impl RecordParse {
    fn duplicate(&self, dag_id: &str, other: &str) -> NewImportError {
        let place = if other == self.file.relative_fileloc { "this file twice".to_owned() } else { format!("the file {other}") };
        NewImportError {
            fileloc: self.file.fileloc.clone(),
            stacktrace: format!("DAG id `{dag_id}` is used by {place}; DAG ids are unique: give one of the two another id"),
            line: None,
        }
    }

    async fn record(&self, tx: &mut Tx<'_>, parsed: &ParsedDag, known: Option<&Known>, recorded: &mut Recorded) -> Result<()> {
        let dag_id = parsed.form.dag_id.as_str();
        let version = NewVersion { dag_id, content_hash: &parsed.content_hash, form: &parsed.text, source_hash: &self.file.source_hash };
        let (version_id, new_form) = dag_version::renew(tx, &version).await?;
        let (now, file) = (tx.now(), &self.file);
        let is_changed = new_form || known.is_none_or(|known| known.is_stale || known.version_id != Some(version_id));
        if !is_changed {
            let sql = "UPDATE dag SET last_parsed = ?, parse_duration = ?, fileloc = ? WHERE dag_id = ?";
            tx.exec(sql, params![now, file.parse_duration, &file.fileloc, dag_id]).await?;
            return Ok(());
        }
        recorded.changed.push(dag_id.to_owned());
        let is_paused = parsed.form.is_paused_upon_creation.unwrap_or(self.paused_at_creation);
        self.upsert(tx, parsed, version_id, is_paused).await?;
        timetable_question::forget_ahead(tx, dag_id).await?;
        dag::replace_tags(tx, dag_id, &parsed.form.tags).await?;
        dag::replace_warnings(tx, dag_id, &parsed.form.warnings).await?;
        recorded.runs.extend(move_open_runs(tx, dag_id, version_id).await?);
        // After the runs, as the lock order says: a report holds a run when it queues assets.
        record_assets::record(tx, parsed).await?;
        Ok(())
    }

    async fn upsert(&self, tx: &mut Tx<'_>, parsed: &ParsedDag, version_id: i64, is_paused: bool) -> Result<()> {
        let (form, file, now) = (&parsed.form, &self.file, tx.now());
        // A DAG that is there keeps its pause state; its schedule is computed anew, and who computed from the old form is stale.
        let sql = "INSERT INTO dag (dag_id, dag_display_name, is_paused, fileloc, relative_fileloc, owners, description, timetable_summary,
                timetable_description, timetable_type, timezone, version_id, max_active_tasks, max_active_runs,
                max_consecutive_failed_dag_runs, last_parsed, parse_duration, has_deadlines)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (dag_id) DO UPDATE SET dag_display_name = excluded.dag_display_name, is_stale = 0, fileloc = excluded.fileloc,
                relative_fileloc = excluded.relative_fileloc, owners = excluded.owners, description = excluded.description,
                timetable_summary = excluded.timetable_summary, timetable_description = excluded.timetable_description,
                timetable_type = excluded.timetable_type, timezone = excluded.timezone, version_id = excluded.version_id,
                max_active_tasks = excluded.max_active_tasks, max_active_runs = excluded.max_active_runs,
                max_consecutive_failed_dag_runs = excluded.max_consecutive_failed_dag_runs, last_parsed = excluded.last_parsed,
                parse_duration = excluded.parse_duration, has_deadlines = excluded.has_deadlines, needs_schedule = 1, schedule_seq = dag.schedule_seq + 1";
        let kind = form.timetable.get("type").and_then(Json::as_str).unwrap_or("null");
        let values = params![
            &form.dag_id,
            form.display_name(),
            is_paused,
            &file.fileloc,
            &file.relative_fileloc,
            form.owners().join(", "),
            &form.description,
            parsed.timetable.summary(),
            parsed.timetable.description(),
            kind,
            &form.timezone,
            version_id,
            form.max_active_tasks,
            form.max_active_runs,
            form.max_consecutive_failed_dag_runs,
            now,
            file.parse_duration,
            form.has_deadlines()
        ];
        tx.exec(sql, values).await?;
        Ok(())
    }

    async fn write_file(&self, tx: &mut Tx<'_>, dag_count: usize, error_count: usize) -> Result<()> {
        let (file, now) = (&self.file, tx.now());
        let task_count: usize = self.dags.iter().map(|dag| dag.form.tasks.len()).sum();
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let sql = "INSERT INTO dag_file (relative_fileloc, fileloc, source_hash, mtime, size, last_parsed, parse_duration, dag_count, task_count,
                error_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (relative_fileloc) DO UPDATE SET fileloc = excluded.fileloc, source_hash = excluded.source_hash, mtime = excluded.mtime,
                size = excluded.size, last_parsed = excluded.last_parsed, parse_duration = excluded.parse_duration,
                dag_count = excluded.dag_count, task_count = excluded.task_count, error_count = excluded.error_count, reparse_requested = NULL";
        let values = params![
            &file.relative_fileloc,
            &file.fileloc,
            &file.source_hash,
            file.mtime,
            file.size,
            now,
            file.parse_duration,
            count(dag_count),
            count(task_count),
            count(error_count)
        ];
        tx.exec(sql, values).await?;
        Ok(())
    }
}

async fn move_open_runs(tx: &mut Tx<'_>, dag_id: &str, version_id: i64) -> Result<Vec<Changed>> {
    let now = tx.now();
    let sql = "UPDATE dag_run SET version_id = ?, change_seq = change_seq + 1, updated_at = ?
        WHERE dag_id = ? AND state IN ('queued', 'running') AND NOT (version_id IS NOT DISTINCT FROM ?)
        RETURNING id, dag_id, run_id, state, change_seq, owner_job";
    let rows = tx.rows(sql, params![version_id, now, dag_id, version_id]).await?;
    rows.iter().map(Changed::read).collect()
}

/// A dag id has become free: files with errors may have wanted it.
async fn request_reparse_of_broken(tx: &mut Tx<'_>, but: &str) -> Result<Vec<String>> {
    let now = tx.now();
    let sql = "UPDATE dag_file SET reparse_requested = ? WHERE error_count > 0 AND relative_fileloc <> ? RETURNING fileloc";
    let rows = tx.rows(sql, params![now, but]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Forgets every file that is no longer in the DAGs folder; their DAGs become stale.
#[derive(Debug, Clone)]
pub struct ForgetFiles {
    /// The relative paths of the files that are there.
    pub present: Vec<String>,
}

impl Transaction for ForgetFiles {
    /// As for a parse; only `stale` and `parse_again` are filled.
    type Out = Recorded;
    const NAME: &'static str = "forget_files";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Recorded> {
        tx.latch(Latch::Parses).await?;
        let present = Value::json(&self.present)?;
        let gone = "relative_fileloc NOT IN (SELECT value FROM json_each(?))";
        let now: Timestamp = tx.now();
        let sql = format!("UPDATE dag SET is_stale = 1, last_expired = ? WHERE is_stale = 0 AND {gone} RETURNING dag_id");
        let rows = tx.rows(sql, [now.into(), present.clone()]).await?;
        let stale = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<_>>>()?;
        tx.exec(format!("DELETE FROM import_error WHERE {gone}"), [present.clone()]).await?;
        tx.exec(format!("DELETE FROM dag_file WHERE {gone}"), [present]).await?;
        let parse_again = if stale.is_empty() { Vec::new() } else { request_reparse_of_broken(tx, "").await? };
        Ok(Recorded { stale, parse_again, ..Recorded::default() })
    }
}
