//! Parsing one DAG file in a process of its own.
//!
//! Whatever the file does (exit, crash, hang, eat memory, write a gigabyte) costs that process and becomes an import error in words.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::unix::pipe::Receiver;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use crate::capture::{Capture, drain, receiver};
use crate::child::{Arrived, Exit, ExitWatch};
use crate::conn::Conn;
use crate::error::PythonError;
use crate::folder::source_hash;
use crate::host::{HELLO, PythonHost};
use crate::process::{Target, kill_and_wait, resident, start_time};

/// How often memory is looked at while a memory bound is set.
const MEMORY_TICK: Duration = Duration::from_millis(20);

/// A limit above this is none; the sum with the present must exist.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// Bounds of one parse.
#[derive(Debug, Clone, Copy)]
pub struct ParseLimits {
    /// `[core] dagbag_import_timeout`.
    pub timeout: Duration,
    /// Resident memory, bytes.
    pub memory: Option<u64>,
    /// Bytes of output that are kept.
    pub output: usize,
}

impl Default for ParseLimits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), memory: Some(2 << 30), output: 64 << 10 }
    }
}

/// Answers what a file asks for while it is loaded: variables, connections, runs.
pub trait Lookup: std::fmt::Debug + Send + Sync {
    /// The result, or an error as `{"code","message"}`.
    fn answer(&self, method: String, params: Value) -> Pin<Box<dyn Future<Output = Result<Value, Value>> + Send + '_>>;
}

/// A file to be parsed.
#[derive(Debug, Clone)]
pub struct ParseRequest {
    pub path: PathBuf,
    pub dags_folder: PathBuf,
    /// `section.key` -> text: settings that differ from the defaults.
    pub config: Value,
    pub env: Value,
    /// Without one, calls are answered as unavailable.
    pub lookup: Option<Arc<dyn Lookup>>,
}

/// Why a file, or one DAG of it, is not there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportError {
    pub filename: String,
    pub stacktrace: String,
    #[serde(default)]
    pub line: Option<u64>,
}

/// How the parser ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParseEnd {
    Parsed,
    Crashed(Exit),
    TimedOut,
    TooMuchMemory,
}

/// What a file holds. For every end but [`ParseEnd::Parsed`] there is one error that says what happened.
#[derive(Debug, Clone)]
pub struct ParseOutcome {
    pub end: ParseEnd,
    /// The forms, see `docs/reference/dag-form.md`.
    pub dags: Vec<Value>,
    pub errors: Vec<ImportError>,
    /// `{"type","message","line"?}` each.
    pub warnings: Vec<Value>,
    /// Local modules the file imported: a change of one is a change of the file.
    pub modules: Vec<PathBuf>,
    /// Hash of the file and those modules, see [`source_hash`].
    pub source_hash: String,
    pub seconds: f64,
    /// What the file printed, within bounds.
    pub output: String,
}

#[derive(Deserialize)]
struct Parsed {
    #[serde(default)]
    dags: Vec<Value>,
    #[serde(default)]
    errors: Vec<ImportError>,
    #[serde(default)]
    warnings: Vec<Value>,
    #[serde(default)]
    modules: Vec<PathBuf>,
    #[serde(default)]
    seconds: f64,
}

/// A process that loads a file, gives one answer and ends.
pub(crate) struct Parser {
    conn: Conn,
    pipe: Option<Receiver>,
    exit: ExitWatch,
    output: Capture,
}

impl PythonHost {
    /// Parses a file.
    ///
    /// # Errors
    /// The machinery failed (no host, no process): nothing is known of the file.
    pub async fn parse(&self, request: &ParseRequest, limits: ParseLimits) -> Result<ParseOutcome, PythonError> {
        match self.parse_once(request, limits).await {
            // The host died under it; a fresh one is on its way.
            Err(PythonError::NotStarted { .. } | PythonError::Connection(_)) => self.parse_once(request, limits).await,
            other => other,
        }
    }

    async fn parse_once(&self, request: &ParseRequest, limits: ParseLimits) -> Result<ParseOutcome, PythonError> {
        let ask = json!({"type": "parse", "path": request.path, "dags_folder": request.dags_folder, "config": request.config,
                         "env": request.env});
        let began = Instant::now();
        let (end, parsed, output) = self.ask_parser(ask, "parsed", limits, request.lookup.as_deref()).await?;
        let parsed = parsed.map(serde_json::from_value::<Parsed>).transpose();
        let parsed = parsed.map_err(|e| PythonError::Frame(format!("`parsed`: {e}")))?;
        Ok(outcome(request, limits, end, parsed, began.elapsed().as_secs_f64(), output))
    }

    /// Starts a process for a command, and waits for the one frame of type `answer` that it gives; also what it printed.
    pub(crate) async fn ask_parser(
        &self,
        mut ask: Value,
        answer: &str,
        limits: ParseLimits,
        lookup: Option<&dyn Lookup>,
    ) -> Result<(ParseEnd, Option<Value>, String), PythonError> {
        let sender = self.sender().await?;
        let id = Self::new_id("parse");
        let expected = self.shared.children.expect(&id, "host");
        ask["id"] = json!(id);
        sender.send(&ask).await.map_err(PythonError::Connection)?;
        let (Arrived { conn, pid, pipe }, exit) = expected.arrive("parser", HELLO).await?;
        let target = Target { pid, start: start_time(pid), mark: None };
        let mut parser = Parser { conn, pipe: receiver(pipe), exit, output: Capture::new(limits.output) };
        let (end, answer) = parser.watch(answer, Instant::now() + limits.timeout.min(LONGEST), limits.memory, lookup).await?;
        if !parser.settle().await {
            kill_and_wait(target, Duration::ZERO).await;
        }
        Ok((end, answer, parser.output.text()))
    }
}

impl Parser {
    /// Until it has answered, ended, or broken a bound.
    async fn watch(
        &mut self,
        wanted: &str,
        deadline: Instant,
        memory: Option<u64>,
        lookup: Option<&dyn Lookup>,
    ) -> Result<(ParseEnd, Option<Value>), PythonError> {
        let pid = self.exit.pid();
        let mut look = interval(MEMORY_TICK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                frame = self.conn.recv() => match frame {
                    Ok(Some(frame)) if frame["type"] == wanted => return Ok((ParseEnd::Parsed, Some(frame))),
                    Ok(Some(frame)) if frame["type"] == "request" => {
                        let answer = answer(lookup, &frame).await;
                        if !frame["id"].is_null() && self.conn.sender().send(&answer).await.is_err() {
                            break;
                        }
                    }
                    Ok(Some(frame)) => return Err(PythonError::Frame(format!("a parser sent `{}`", frame["type"]))),
                    Ok(None) | Err(_) => break,
                },
                () = sleep_until(deadline) => return Ok((ParseEnd::TimedOut, None)),
                _ = look.tick(), if memory.is_some() => {
                    if resident(pid) > memory {
                        return Ok((ParseEnd::TooMuchMemory, None));
                    }
                }
                () = drain(&mut self.pipe, &mut self.output), if self.pipe.is_some() => {}
            }
        }
        // The connection closes a moment before the process is gone, unless the file closed it itself.
        let exit = timeout(Duration::from_secs(5), self.exit.wait()).await.unwrap_or_default();
        Ok((ParseEnd::Crashed(exit), None))
    }

    /// Lets it end and takes the rest of its output; false: it is still there.
    async fn settle(&mut self) -> bool {
        let rest = async {
            let drained = drain(&mut self.pipe, &mut self.output);
            tokio::join!(self.exit.wait(), drained);
        };
        timeout(Duration::from_millis(500), rest).await.is_ok()
    }
}

async fn answer(lookup: Option<&dyn Lookup>, frame: &Value) -> Value {
    let result = match lookup {
        Some(lookup) => lookup.answer(frame["method"].as_str().unwrap_or_default().to_owned(), frame["params"].clone()).await,
        None => Err(json!({"code": "unavailable", "message": "nobody answers what a file asks for while it is loaded"})),
    };
    match result {
        Ok(result) => json!({"type": "response", "id": frame["id"], "result": result}),
        Err(error) => json!({"type": "response", "id": frame["id"], "error": error}),
    }
}

fn outcome(
    request: &ParseRequest,
    limits: ParseLimits,
    end: ParseEnd,
    parsed: Option<Parsed>,
    seconds: f64,
    output: String,
) -> ParseOutcome {
    let parsed = parsed.unwrap_or_else(|| Parsed {
        dags: Vec::new(),
        errors: vec![ImportError {
            filename: request.path.display().to_string(),
            stacktrace: words(&request.path, limits, end, &output),
            line: None,
        }],
        warnings: Vec::new(),
        modules: Vec::new(),
        seconds,
    });
    ParseOutcome {
        end,
        source_hash: source_hash(&request.path, &parsed.modules),
        dags: parsed.dags,
        errors: parsed.errors,
        warnings: parsed.warnings,
        modules: parsed.modules,
        seconds: parsed.seconds,
        output,
    }
}

fn words(path: &Path, limits: ParseLimits, end: ParseEnd, output: &str) -> String {
    let advice = "Move slow work out of the top level of the file, or raise [core] dagbag_import_timeout";
    with_output(&format!("{}: {}", path.display(), what_ended(limits, end, "importing it", advice)), output)
}

/// Why there is no answer. `act`: what the process did.
pub(crate) fn what_ended(limits: ParseLimits, end: ParseEnd, act: &str, advice: &str) -> String {
    match end {
        ParseEnd::Parsed => format!("{act} went well"),
        ParseEnd::TimedOut => format!("{act} took longer than {} s and was ended. {advice}", limits.timeout.as_secs_f32()),
        ParseEnd::TooMuchMemory => {
            format!("{act} needed more than {} MiB of memory and was ended", limits.memory.unwrap_or_default() >> 20)
        }
        ParseEnd::Crashed(exit @ Exit { signal: Some(9), .. }) => {
            format!("the process that was {act} was {exit}; the machine may have run out of memory")
        }
        ParseEnd::Crashed(exit @ Exit { signal: Some(_), .. }) => format!("the process that was {act} was {exit}"),
        ParseEnd::Crashed(exit) => {
            format!("the process that was {act} {exit} before it was done; a DAG file must not end the interpreter")
        }
    }
}

/// What happened, with the last lines that the process printed.
pub(crate) fn with_output(what: &str, output: &str) -> String {
    let tail: String = output.lines().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n");
    if tail.trim().is_empty() {
        return what.to_owned();
    }
    format!("{what}\nThe last lines of its output:\n{tail}")
}
