//! Asking a timetable that is a class of the user's, in a process of its own.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::error::PythonError;
use crate::host::PythonHost;
use crate::parse::{Lookup, ParseEnd, ParseLimits, what_ended, with_output};

/// What is asked.
#[derive(Debug, Clone)]
pub struct TimetableRequest {
    pub path: PathBuf,
    pub dags_folder: PathBuf,
    pub dag_id: String,
    /// See `docs/reference/python-frames.md`, "Timetables".
    pub question: Value,
    /// RFC 3339: the time that the answer bears.
    pub at: String,
    /// `section.key` -> text: settings that differ from the defaults.
    pub config: Value,
    /// Without one, calls are answered as unavailable.
    pub lookup: Option<Arc<dyn Lookup>>,
}

impl PythonHost {
    /// Loads the file and asks the timetable of one of its DAGs. Whatever the class does becomes an answer: `{"kind":"failed","error":...}`.
    ///
    /// # Errors
    /// The machinery failed (no host, no process): nothing is known of the class.
    pub async fn timetable(&self, request: &TimetableRequest, limits: ParseLimits) -> Result<Value, PythonError> {
        let ask = json!({"type": "timetable", "path": request.path, "dags_folder": request.dags_folder, "dag_id": request.dag_id,
                         "question": request.question, "at": request.at, "config": request.config, "env": {}});
        let (end, answer, output) = match self.ask_parser(ask.clone(), "timetable", limits, request.lookup.as_deref()).await {
            // The host died under it; a fresh one is on its way.
            Err(PythonError::NotStarted { .. } | PythonError::Connection(_)) => {
                self.ask_parser(ask, "timetable", limits, request.lookup.as_deref()).await?
            }
            other => other?,
        };
        match answer {
            Some(mut frame) if end == ParseEnd::Parsed => Ok(frame["answer"].take()),
            _ => {
                let act = format!("asking the timetable of DAG {}", request.dag_id);
                let advice = "Its methods are called for each run to come: they must neither wait nor repeat themselves for ever";
                Ok(json!({"kind": "failed", "error": with_output(&what_ended(limits, end, &act, advice), &output)}))
            }
        }
    }
}
