//! What the end of an attempt means for its task instance. Pure: rows and a report in, a decision out.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tradewind_core::alert::ErrorFacts;
use tradewind_core::form::TaskForm;
use tradewind_core::plan::Skips;
use tradewind_core::retry::{DEFAULT_CAP_SECONDS, Failed, RetryDelays};
use tradewind_core::state::TaskState;
use tradewind_store::Secret;
use tradewind_store::step::NewAssetEvent;
use tradewind_store::table::deferral::NewDeferral;

use super::assets;
use crate::service::{End, KillReason};

/// What is known of a running attempt besides its end.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    pub dag_id: &'a str,
    pub task: Option<&'a TaskForm>,
    pub task_id: &'a str,
    pub logical_date: Option<Timestamp>,
    pub try_number: u32,
    pub max_tries: u32,
    /// `[core] max_task_retry_delay`, seconds.
    pub max_retry_delay: f64,
}

/// What the report step writes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// `None`: the attempt is not to be counted; its task instance is `scheduled` again.
    pub state: Option<TaskState>,
    pub retry_at: Option<Timestamp>,
    pub reschedule_at: Option<Timestamp>,
    pub deferral: Option<NewDeferral>,
    pub xcoms: Vec<(String, String)>,
    pub map_length: Option<u32>,
    /// What a success updated.
    pub assets: Vec<NewAssetEvent>,
    /// Direct downstream tasks to skip, with the map index where one is named.
    pub skip: Skips,
    pub reason: Option<String>,
    /// The exception that ended it.
    pub error: Option<ErrorFacts>,
    /// The process could not run its callbacks itself.
    pub owes_callbacks: bool,
}

/// Decides. A frame that is not of the documented form counts as a failure that names what was wrong with it.
pub fn outcome(facts: &Facts<'_>, end: &End, end_date: Timestamp) -> Outcome {
    match end {
        End::Result { frame } => of_frame(facts, frame, end_date),
        End::Died { message, .. } | End::TimedOut { message } => {
            let mut out = failed(facts, true, None, end_date);
            out.reason = Some(message.clone());
            out.owes_callbacks = true;
            out
        }
        End::Killed { reason } => Outcome {
            state: Some(TaskState::Failed),
            reason: Some(reason.words().to_owned()),
            owes_callbacks: *reason == KillReason::RunEnded,
            ..Outcome::default()
        },
        End::NotStarted { message } => Outcome { reason: Some(message.clone()), ..Outcome::default() },
    }
}

fn of_frame(facts: &Facts<'_>, frame: &Value, end_date: Timestamp) -> Outcome {
    let mut out = match frame["state"].as_str() {
        Some("success") => Outcome { state: Some(TaskState::Success), ..Outcome::default() },
        Some("skipped") => Outcome { state: Some(TaskState::Skipped), ..Outcome::default() },
        Some("rescheduled") => match frame["reschedule_at"].as_str().and_then(|t| t.parse::<Timestamp>().ok()) {
            Some(at) => {
                return Outcome { state: Some(TaskState::UpForReschedule), reschedule_at: Some(at), ..Outcome::default() };
            }
            None => broken(facts, "`reschedule_at` is missing or not a time", end_date),
        },
        Some(state @ ("deferred" | "awaiting_input")) => match deferral(&frame["deferral"], state == "deferred") {
            Ok(wait) => {
                let state = if wait.classpath.is_some() { TaskState::Deferred } else { TaskState::AwaitingInput };
                return Outcome { state: Some(state), deferral: Some(wait), ..Outcome::default() };
            }
            Err(what) => broken(facts, &what, end_date),
        },
        Some("failed") => {
            let delay = frame["retry_delay"].as_f64().filter(|delay| *delay >= 0.0);
            let mut out = failed(facts, frame["retry"].as_bool().unwrap_or(true), delay, end_date);
            out.reason = reason(&frame["error"]);
            out.error = frame["error"].is_object().then(|| error_facts(&frame["error"]));
            out
        }
        Some(other) => {
            broken(facts, &format!("state `{other}` is none of success, failed, skipped, rescheduled, deferred, awaiting_input"), end_date)
        }
        None => broken(facts, "`state` is missing", end_date),
    };
    if let Some(value) = frame["return_value"].as_str() {
        out.xcoms.push(("return_value".into(), value.into()));
    }
    if let Some(more) = frame["xcoms"].as_object() {
        out.xcoms.extend(more.iter().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))));
    }
    if out.state == Some(TaskState::Success) {
        match assets::updates(&frame["asset_events"]) {
            Ok(events) => out.assets = events,
            Err(what) => return broken(facts, &what, end_date),
        }
    }
    out.map_length = frame["map_length"].as_u64().and_then(|n| u32::try_from(n).ok());
    out.skip = frame["skip"].as_array().map(|items| skips(items)).unwrap_or_default();
    out
}

/// The wait of a task that defers, or (without a trigger) asks people; or what is wrong with it.
fn deferral(wait: &Value, has_trigger: bool) -> Result<NewDeferral, String> {
    let text = |key: &str| wait[key].as_str().map(str::to_owned).ok_or_else(|| format!("`deferral.{key}` is missing"));
    let timeout = wait["timeout"].as_f64().and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok());
    Ok(NewDeferral {
        classpath: if has_trigger { Some(text("classpath")?) } else { None },
        kwargs: Secret(if has_trigger { text("kwargs")? } else { "{}".to_owned() }),
        method: text("method")?,
        method_kwargs: Secret(text("method_kwargs")?),
        timeout,
    })
}

/// The exception as Python says it: `KeyError: 'x'`.
fn reason(error: &Value) -> Option<String> {
    let class = error["class"].as_str().unwrap_or_default();
    let class = class.rsplit('.').next().unwrap_or_default();
    match (class, error["message"].as_str().unwrap_or_default()) {
        ("", "") => None,
        (class, "") => Some(class.to_owned()),
        ("", message) => Some(message.to_owned()),
        (class, message) => Some(format!("{class}: {message}")),
    }
}

/// Of a traceback that is kept with an alert: its end, where the error is.
const TRACEBACK: usize = 16 * 1024;

fn error_facts(error: &Value) -> ErrorFacts {
    let text = |key: &str| error[key].as_str().unwrap_or_default();
    let traceback = text("traceback");
    let mut from = traceback.len().saturating_sub(TRACEBACK);
    while !traceback.is_char_boundary(from) {
        from += 1;
    }
    ErrorFacts { class: text("class").into(), message: text("message").chars().take(4_000).collect(), traceback: traceback[from..].into() }
}

/// Entries that name a task, or a task and a map index; others are passed over.
pub fn skips(entries: &[Value]) -> Skips {
    entries.iter().filter_map(skip_entry).collect()
}

fn skip_entry(item: &Value) -> Option<(Arc<str>, Option<i32>)> {
    match item {
        Value::String(task) => Some((task.as_str().into(), None)),
        Value::Array(pair) => {
            Some((pair.first()?.as_str()?.into(), pair.get(1).and_then(Value::as_i64).and_then(|n| i32::try_from(n).ok())))
        }
        _ => None,
    }
}

fn broken(facts: &Facts<'_>, what: &str, end_date: Timestamp) -> Outcome {
    let mut out = failed(facts, true, None, end_date);
    out.reason = Some(format!("the result of task {} cannot be read: {what}", facts.task_id));
    out
}

/// `failed`, or `up_for_retry` while tries are left: after `delay` seconds when the task says so itself, else after those of its settings.
fn failed(facts: &Facts<'_>, may_retry: bool, delay: Option<f64>, end_date: Timestamp) -> Outcome {
    if !may_retry || facts.try_number > facts.max_tries {
        return Outcome { state: Some(TaskState::Failed), ..Outcome::default() };
    }
    if let Some(delay) = delay.and_then(|delay| SignedDuration::try_from_secs_f64(delay).ok()) {
        let retry_at = end_date.checked_add(delay).unwrap_or(Timestamp::MAX);
        return Outcome { state: Some(TaskState::UpForRetry), retry_at: Some(retry_at), ..Outcome::default() };
    }
    let delays =
        facts.task.map_or(RetryDelays { delay: 300.0, backoff: 0.0, max_delay: None, cap: DEFAULT_CAP_SECONDS }, |task| RetryDelays {
            delay: task.retry_delay,
            backoff: task.retry_exponential_backoff,
            max_delay: task.max_retry_delay,
            cap: facts.max_retry_delay,
        });
    let failed = Failed { dag_id: facts.dag_id, task_id: facts.task_id, logical_date: facts.logical_date, try_number: facts.try_number };
    Outcome { state: Some(TaskState::UpForRetry), retry_at: Some(delays.next_try(failed, end_date)), ..Outcome::default() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn facts(try_number: u32, max_tries: u32) -> Facts<'static> {
        Facts { dag_id: "d", task: None, task_id: "t", logical_date: None, try_number, max_tries, max_retry_delay: 86_400.0 }
    }

    fn of(frame: Value, try_number: u32, max_tries: u32) -> Outcome {
        outcome(&facts(try_number, max_tries), &End::Result { frame }, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_failure_is_tried_again_while_tries_are_left() {
        let first = of(json!({"state": "failed", "error": {"message": "no"}}), 1, 1);
        assert_eq!(first.state, Some(TaskState::UpForRetry));
        assert_eq!(first.retry_at, Some(Timestamp::from_second(300).unwrap()));
        assert_eq!(first.reason.as_deref(), Some("no"));
        assert_eq!(of(json!({"state": "failed"}), 2, 1).state, Some(TaskState::Failed));
        assert_eq!(of(json!({"state": "failed", "retry": false}), 1, 1).state, Some(TaskState::Failed));
        let asked = of(json!({"state": "failed", "retry_delay": 7.5}), 1, 1);
        assert_eq!(asked.retry_at, Some(Timestamp::from_millisecond(7_500).unwrap()));
    }

    #[test]
    fn a_failure_says_which_exception_it_was() {
        let of_error = |error: Value| of(json!({"state": "failed", "error": error}), 1, 0).reason;
        assert_eq!(of_error(json!({"class": "KeyError", "message": "'x'"})).as_deref(), Some("KeyError: 'x'"));
        assert_eq!(of_error(json!({"class": "my.errors.Broken", "message": ""})).as_deref(), Some("Broken"));
        assert_eq!(of_error(json!({})), None);
    }

    #[test]
    fn a_deferral_brings_what_it_waits_for() {
        let wait = json!({"classpath": "a.B", "kwargs": "{}", "method": "done", "method_kwargs": "{}", "timeout": 90});
        let out = of(json!({"state": "deferred", "deferral": wait}), 1, 0);
        let wait = out.deferral.unwrap();
        assert_eq!((out.state, wait.classpath.as_deref()), (Some(TaskState::Deferred), Some("a.B")));
        assert_eq!((wait.method.as_str(), wait.timeout), ("done", Some(SignedDuration::from_secs(90))));
        assert!(of(json!({"state": "deferred"}), 1, 0).reason.unwrap().contains("`deferral.classpath` is missing"));
    }

    #[test]
    fn a_success_brings_its_values_and_skips() {
        let out =
            of(json!({"state": "success", "return_value": "[1]", "xcoms": {"a": "2"}, "map_length": 1, "skip": ["x", ["y", 3]]}), 1, 0);
        assert_eq!(out.state, Some(TaskState::Success));
        assert_eq!(out.xcoms, [("return_value".to_owned(), "[1]".to_owned()), ("a".to_owned(), "2".to_owned())]);
        assert_eq!(out.map_length, Some(1));
        assert_eq!(out.skip, [("x".into(), None), ("y".into(), Some(3))]);
    }

    #[test]
    fn a_frame_that_cannot_be_read_is_a_failure_that_says_so() {
        let out = of(json!({"state": "splendid"}), 1, 0);
        assert_eq!(out.state, Some(TaskState::Failed));
        assert!(out.reason.unwrap().contains("`splendid`"));
        assert!(of(json!({"state": "rescheduled"}), 1, 0).reason.unwrap().contains("reschedule_at"));
    }

    #[test]
    fn a_process_that_died_owes_its_callbacks() {
        let out = outcome(&facts(1, 0), &End::Died { exit_code: None, signal: Some(11), message: "killed".into() }, Timestamp::UNIX_EPOCH);
        assert_eq!((out.state, out.owes_callbacks), (Some(TaskState::Failed), true));
    }

    #[test]
    fn what_never_started_spends_nothing() {
        let out = outcome(&facts(1, 0), &End::NotStarted { message: "no fork".into() }, Timestamp::UNIX_EPOCH);
        assert_eq!(out.state, None);
    }
}
