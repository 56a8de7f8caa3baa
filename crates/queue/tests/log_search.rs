//! Finding lines in logs: forward and backward, by text, pattern, level and source, in pieces.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use tradewind_queue::attempt_log::{Hits, LogFile, LogReader, Modes, Wanted, failure_line};

/// Enough for several blocks and steps.
const TOTAL: u64 = 14_000;

/// Every 7th line is a warning, every 1,000th an error, every 10th of another logger; some are no JSON.
fn line(n: u64) -> String {
    let level = match n {
        _ if n % 1_000 == 999 => "error",
        _ if n.is_multiple_of(7) => "warning",
        _ => "info",
    };
    let logger = if n.is_multiple_of(10) { "my.own" } else { "task.stdout" };
    match n % 13 {
        5 if level == "info" => format!("raw line {n}: no error here"),
        _ => json!({"timestamp": "2026-01-01T00:00:00Z", "level": level, "event": format!("step {n} said \"done\" in 서울"), "logger": logger}).to_string(),
    }
}

fn log(dir: &Path) -> PathBuf {
    let path = dir.join("attempt=1.log");
    let text: String = (0..TOTAL).map(|n| line(n) + "\n").collect();
    LogFile::append_to(&path, Modes::default()).unwrap().append(text.as_bytes()).unwrap();
    path
}

fn numbers(hits: &Hits) -> Vec<u64> {
    hits.hits.iter().map(|hit| hit.number).collect()
}

/// All hits, asked for in pieces; `patience` blocks of a megabyte each time.
fn all(reader: &LogReader, wanted: &Wanted, limit: usize, patience: usize) -> Vec<u64> {
    let (mut found, mut next) = (Vec::new(), 0);
    loop {
        let mut left = patience;
        let hits = reader.find(wanted, next, limit, usize::MAX, || {
            left = left.saturating_sub(1);
            left > 0
        });
        let hits = hits.unwrap();
        found.extend(numbers(&hits));
        if hits.done {
            assert_eq!(hits.next_line, reader.count().unwrap());
            return found;
        }
        assert!(hits.next_line > next, "every piece goes on");
        next = hits.next_line;
    }
}

fn all_backward(reader: &LogReader, wanted: &Wanted, limit: usize) -> Vec<u64> {
    let (mut found, mut before) = (Vec::new(), u64::MAX);
    loop {
        let hits = reader.find_last(wanted, before, limit, usize::MAX, || false).unwrap();
        found.splice(0..0, numbers(&hits));
        if hits.done {
            return found;
        }
        assert!(hits.next_line < before);
        before = hits.next_line;
    }
}

fn by(matches: impl Fn(u64) -> bool) -> Vec<u64> {
    (0..TOTAL).filter(|n| matches(*n)).collect()
}

fn check(reader: &LogReader, wanted: &Wanted, expected: &[u64]) {
    for (limit, patience) in [(usize::MAX, usize::MAX), (expected.len() / 5 + 3, 1)] {
        assert_eq!(all(reader, wanted, limit, patience), expected);
    }
    for limit in [usize::MAX, expected.len() / 5 + 3] {
        assert_eq!(all_backward(reader, wanted, limit), expected);
    }
}

#[test]
fn every_line_that_is_wanted_is_found_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = log(dir.path());
    for has_index in [true, false] {
        if !has_index {
            fs::remove_file(dir.path().join("attempt=1.log.idx")).unwrap();
        }
        let reader = LogReader::open(&path).unwrap();
        let text = |text: &str, is_pattern, ignore_case| Wanted::default().text(text, is_pattern, ignore_case).unwrap();
        let is_raw = |n: u64| line(n).starts_with("raw");
        check(&reader, &text("step 777 said", false, false), &[777]);
        check(&reader, &text("said \"done\" in 서울", false, false), &by(|n| !is_raw(n)));
        check(&reader, &text("STEP 1999 SAID \"DONE\"", false, true), &[1_999]);
        check(&reader, &text("STEP 1999", false, false), &[]);
        check(&reader, &text(r"^step \d{2} .*서울$", true, false), &by(|n| (10..100).contains(&n) && !is_raw(n)));
        check(&reader, &text("^RAW line 5:", true, true), &[5]);
        check(&reader, &Wanted::errors(), &by(|n| n % 1_000 == 999));
        let levels = |levels: &[&str]| Wanted::default().levels(&levels.iter().map(|level| (*level).to_owned()).collect::<Vec<_>>());
        check(&reader, &levels(&["error", "Warning"]), &by(|n| n % 1_000 == 999 || n % 7 == 0));
        check(&reader, &levels(&["info"]), &by(|n| n % 1_000 != 999 && n % 7 != 0));
        let own = levels(&["error", "warning"]).sources(&["my.own".to_owned()]);
        check(&reader, &own, &by(|n| n % 7 == 0 && n % 10 == 0));
        assert!(Wanted::default().is_anything() && !own.is_anything());
        // Keys and levels are not what a reader sees: they are not searched.
        check(&reader, &text("timestamp", false, false), &[]);
    }
}

#[test]
fn a_hit_shows_what_is_around_it_and_where_to_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.log");
    let long = format!("{}needle{}", "a".repeat(5_000), "b".repeat(5_000));
    let escaped = r#"{"level":"info","event":"\u004eeedle of another writer"}"#;
    let failed = json!({"level": "error", "event": "failed", "error_detail": [{"exc_type": "KeyError", "exc_value": "the needle"}]});
    fs::write(&path, format!("{long}\n{escaped}\n{failed}\n")).unwrap();
    let reader = LogReader::open(&path).unwrap();
    let wanted = Wanted::default().text("needle", false, true).unwrap();
    let hits = reader.find(&wanted, 0, 2, usize::MAX, || true).unwrap();
    assert_eq!((numbers(&hits), hits.next_line, hits.done, hits.searched), (vec![0, 1], 2, false, 2));
    assert!(hits.hits[0].text.starts_with("...aaa") && hits.hits[0].text.contains("aneedleb") && hits.hits[0].text.ends_with("b..."));
    let rest = reader.find(&wanted, hits.next_line, 2, usize::MAX, || true).unwrap();
    assert_eq!((rest.hits[0].text.as_str(), rest.done), ("KeyError: the needle", true));
    assert_eq!(reader.find(&wanted, 99, 2, usize::MAX, || true).unwrap().next_line, 3);
    for (text, is_pattern, why) in
        [("(", true, "unclosed group"), (&*"x".repeat(1_001), false, "1000 at most"), (r"\w{9999}{9999}", true, "size")]
    {
        let told = Wanted::default().text(text, is_pattern, false).err().expect("refused");
        assert!(told.contains(why), "{told}");
    }
}

#[test]
fn a_line_without_end_is_cut_and_one_of_a_dead_writer_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.log");
    let giant = "é".repeat(3 << 20);
    fs::write(&path, format!("one\n{giant}\nthree\nfo")).unwrap();
    let reader = LogReader::open(&path).unwrap();
    let page = reader.from_line(0, 10, usize::MAX).unwrap();
    assert_eq!((page.lines.len(), page.lines[0].as_str(), page.lines[2].as_str()), (3, "one", "three"));
    assert!(page.lines[1].ends_with("... (cut: the line has 6291456 bytes)") && page.lines[1].len() < 3 << 20);
    assert!(!page.lines[1].contains('\u{fffd}'), "cut between characters");
    assert_eq!((page.next_byte, page.at_end), (4 + giant.len() as u64 + 1 + 6, true));
    assert_eq!(reader.tail(1, 10).unwrap().lines, ["three"]);
    assert_eq!(reader.tail(2, 10).unwrap().lines, ["three"], "the giant is more than was asked for");
    let wanted = Wanted::default().text("o", false, false).unwrap();
    assert_eq!(all(&reader, &wanted, 9, 1), [0]);
    let ended = LogReader::open_ended(&path).unwrap();
    assert_eq!((ended.count().unwrap(), ended.tail(1, 10).unwrap().lines), (4, vec!["fo".to_owned()]));
    assert_eq!((all(&ended, &wanted, 9, 1), all_backward(&ended, &wanted, 9)), (vec![0, 3], vec![0, 3]));
    fs::write(&path, &giant).unwrap();
    assert_eq!(LogReader::open(&path).unwrap().tail(1, 10).unwrap().lines, Vec::<String>::new());
    assert_eq!(LogReader::open_ended(&path).unwrap().tail(1, 10).unwrap().lines.len(), 1);
    fs::write(&path, "").unwrap();
    let empty = LogReader::open_ended(&path).unwrap();
    assert_eq!((empty.count().unwrap(), empty.tail(3, 10).unwrap().lines.len()), (0, 0));
    assert!(empty.find_last(&wanted, u64::MAX, 5, 5, || true).unwrap().done);
}

#[test]
fn an_index_of_another_log_or_a_torn_one_loses_no_line() {
    let dir = tempfile::tempdir().unwrap();
    let (path, index) = (log(dir.path()), dir.path().join("attempt=1.log.idx"));
    // The log was cut off and written anew, shorter; the index is that of the old one.
    let short: String = (0..3_000).map(|n| format!("{n}:{}\n", "x".repeat(usize::try_from(n * 37 % 400).unwrap()))).collect();
    fs::write(&path, &short).unwrap();
    assert_eq!(LogReader::open(&path).unwrap().count().unwrap(), 3_000);
    assert!(LogReader::open(&path).unwrap().from_line(2_500, 1, 1).unwrap().lines[0].starts_with("2500:"));
    // A writer that goes on takes out what is not of this log, half a pair too.
    let torn = fs::read(&index).unwrap();
    fs::write(&index, &torn[..torn.len() - 5]).unwrap();
    let mut file = LogFile::append_to(&path, Modes::default()).unwrap();
    let more: String = (3_000..9_000).map(|n| format!("{n}:{}\n", "y".repeat(200))).collect();
    file.append(more.as_bytes()).unwrap();
    let reader = LogReader::open(&path).unwrap();
    assert_eq!(reader.count().unwrap(), 9_000);
    for n in [0, 2_999, 3_000, 8_999] {
        assert!(reader.from_line(n, 1, 1).unwrap().lines[0].starts_with(&format!("{n}:")), "{n}");
    }
    assert_eq!(fs::metadata(&index).unwrap().len() % 16, 0);
}

#[test]
fn the_reason_of_a_failure_is_found_at_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.log");
    let filler = format!("{}\n", json!({"level": "info", "event": "x".repeat(900)})).repeat(2_000);
    let early = json!({"level": "error", "event": "cannot connect; again in 1 s"});
    let end = json!({"level": "error", "event": "Task failed", "error_detail": [{"exc_type": "RuntimeError", "exc_value": "broken on\nthe first interval"}]});
    let last = json!({"level": "error", "event": "on_failure_callback failed"});
    fs::write(&path, format!("{early}\n{filler}{end}\n{last}\n")).unwrap();
    assert_eq!(failure_line(&path).unwrap(), Some((2_001, "RuntimeError: broken on".to_owned())));
    fs::write(&path, format!("{filler}{early}\n{}\n", json!({"level": "info", "event": "bye"}))).unwrap();
    assert_eq!(failure_line(&path).unwrap(), Some((2_000, "cannot connect; again in 1 s".to_owned())));
    fs::write(&path, &filler).unwrap();
    assert_eq!(failure_line(&path).unwrap(), None);
    assert!(failure_line(&dir.path().join("none")).is_err());
}
