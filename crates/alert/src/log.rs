//! The lines of a log that a message shows: the first error, and the end.

use jiff::Timestamp;
use serde_json::Value;
use tradewind_core::alert::Facts;
use tradewind_core::run_id::iso;
use tradewind_queue::attempt_log::{LogName, LogReader, Page, place};

use crate::options::AlertOptions;

/// What is read of a log at its end.
const BYTES: usize = 256 * 1024;
/// Lines that are looked through for the first error.
const SEARCHED: usize = 50_000;
/// Longest line shown, in characters.
const LONGEST: usize = 500;

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The first line of level error or critical.
    pub first_error: Option<String>,
    /// The last lines.
    pub tail: Vec<String>,
}

/// Reads the log of the try that the facts tell of. A log on another machine, or none, is an empty excerpt.
pub fn excerpt(options: &AlertOptions, facts: &Facts) -> Excerpt {
    let (Some(run), Some(task)) = (&facts.run, &facts.task) else { return Excerpt::default() };
    if options.log_lines == 0 {
        return Excerpt::default();
    }
    let date = run.logical_date.map(iso).unwrap_or_default();
    let name = LogName {
        dag_id: &facts.dag_id,
        run_id: &run.run_id,
        task_id: &task.task_id,
        map_index: task.map_index,
        try_number: i32::try_from(task.try_number).unwrap_or(i32::MAX),
        logical_date: &date,
    };
    let Ok(path) = place(&options.log_folder, &options.log_template.render(&name)) else { return Excerpt::default() };
    let Ok(reader) = LogReader::open(&path) else { return Excerpt::default() };
    let tail = reader.tail(options.log_lines, BYTES).unwrap_or_default();
    Excerpt { first_error: first_error(&reader), tail: lines(&tail) }
}

fn first_error(reader: &LogReader) -> Option<String> {
    let mut from = 0;
    let mut seen = 0;
    while seen < SEARCHED {
        let page = reader.from_line(from, 2_000, BYTES).ok()?;
        let found = page.lines.iter().find(|line| is_error(line));
        if let Some(line) = found {
            return Some(shown(line));
        }
        if page.at_end || page.lines.is_empty() {
            return None;
        }
        seen += page.lines.len();
        from = page.next_line;
    }
    None
}

fn is_error(line: &str) -> bool {
    // Cheap first: most lines are no errors.
    (line.contains("\"error\"") || line.contains("\"critical\""))
        && serde_json::from_str::<Value>(line).is_ok_and(|value| matches!(value["level"].as_str(), Some("error" | "critical")))
}

fn lines(page: &Page) -> Vec<String> {
    page.lines.iter().map(|line| shown(line)).collect()
}

/// `12:00:01 ERROR text`, with the exception that a line carries.
fn shown(line: &str) -> String {
    let Ok(value) = serde_json::from_str::<Value>(line) else { return cut(line) };
    let Some(event) = value["event"].as_str() else { return cut(line) };
    let time = value["timestamp"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let time = time.map_or(String::new(), |time| time.strftime("%H:%M:%S ").to_string());
    let level = value["level"].as_str().unwrap_or("info").to_uppercase();
    let mut text = format!("{time}{level} {event}");
    if let Some(raised) = value["error_detail"].as_array().and_then(|chain| chain.first()) {
        let (kind, message) = (raised["exc_type"].as_str().unwrap_or_default(), raised["exc_value"].as_str().unwrap_or_default());
        text.push_str(&format!(": {kind}: {message}"));
    }
    cut(&text)
}

fn cut(text: &str) -> String {
    let text = text.trim_end();
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_as_people_read_them() {
        let line = r#"{"timestamp":"2024-01-01T10:00:01.5Z","level":"error","event":"Task failed","error_detail":[{"exc_type":"KeyError","exc_value":"'x'"}]}"#;
        assert!(is_error(line));
        assert_eq!(shown(line), "10:00:01 ERROR Task failed: KeyError: 'x'");
        assert!(!is_error(r#"{"timestamp":"2024-01-01T10:00:01Z","level":"info","event":"no \"error\" here"}"#));
        assert_eq!(shown("plain"), "plain");
        assert_eq!(shown(&"x".repeat(600)).len(), 503);
    }
}
