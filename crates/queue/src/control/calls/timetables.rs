//! Classes of users that build on a built-in timetable ask what that one says.

use serde_json::{Value, json};
use tradewind_core::timetable::{NextRun, Question, Restriction, Timetable};

use super::Params;
use crate::control::Inner;
use crate::service::CallError;

impl Inner {
    /// Answers a question as a class of the user's would (`docs/reference/python-frames.md`, "Timetables").
    pub(super) fn timetable_ask(&self, params: &Params) -> Result<Value, CallError> {
        let timetable: Timetable = params.need("timetable")?;
        let invalid = |error: tradewind_core::timetable::TimetableError| CallError::Invalid(error.to_string());
        let now = self.store.now();
        match params.need("question")? {
            Question::Manual { run_after } => {
                Ok(json!({"kind": "manual", "interval": timetable.infer_manual(run_after).map_err(invalid)?}))
            }
            Question::Runs { last, earliest, latest, catchup, count, .. } => {
                let restriction = Restriction { earliest, latest, catchup };
                let runs = timetable.preview(last, restriction, now, count as usize).collect::<Result<Vec<_>, _>>().map_err(invalid)?;
                let ended = runs.len() < count as usize;
                let runs: Vec<_> = runs.into_iter().map(row).collect();
                Ok(json!({"kind": "runs", "from": last, "runs": runs, "ended": ended, "at": now}))
            }
        }
    }
}

fn row(run: NextRun) -> Value {
    json!({"start": run.interval.start, "end": run.interval.end, "run_after": run.run_after})
}
