//! Logs of attempts: their paths, and reading them from anywhere while they grow.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde_json::Value;
use tradewind_queue::attempt_log::{LogFile, LogName, LogReader, LogTemplate, Modes, Page, place};

#[test]
fn the_paths_are_those_people_know() {
    let vectors: Value = serde_json::from_str(include_str!("vectors/log_paths.json")).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() >= 30);
    for case in cases {
        let text = |key: &str| case[key].as_str().unwrap();
        let number = |key: &str| i32::try_from(case[key].as_i64().unwrap()).unwrap();
        let name = LogName {
            dag_id: text("dag_id"),
            run_id: text("run_id"),
            task_id: text("task_id"),
            map_index: number("map_index"),
            try_number: number("try_number"),
            logical_date: "",
        };
        assert_eq!(LogTemplate::default().render(&name), text("path"), "{}", text("id"));
    }
}

#[test]
fn a_path_stays_below_its_folder() {
    let folder = Path::new("/logs");
    assert_eq!(place(folder, "a/b=r 1:+/x.log").unwrap(), Path::new("/logs/a/b=r 1:+/x.log"));
    for bad in ["../x", "/etc/passwd", "a/../../x", "", "./x"] {
        assert!(place(folder, bad).is_err(), "{bad}");
    }
}

/// Lines of different lengths: number `n` begins with `n:`.
fn line(n: u64) -> String {
    format!("{n}:{}", "x".repeat(usize::try_from(n * 37 % 400).unwrap()))
}

fn check(page: &Page, first: u64, count: u64) {
    assert_eq!((page.first_line, page.lines.len() as u64, page.next_line), (first, count, first + count));
    for (n, text) in (first..).zip(&page.lines) {
        assert_eq!(*text, line(n));
    }
}

#[test]
fn any_line_any_byte_and_the_tail() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep/er/attempt=1.log");
    let total = 5000;
    // Three writers one after another (reschedules), in appends of all sizes.
    let mut n = 0;
    for until in [1700, 1701, total] {
        let mut log = LogFile::append_to(&path, Modes::default()).unwrap();
        while n < until {
            let batch = (n % 300 + 1).min(until - n);
            let bytes: String = (n..n + batch).map(|n| line(n) + "\n").collect();
            log.append(bytes.as_bytes()).unwrap();
            n += batch;
        }
    }
    let size = fs::metadata(&path).unwrap().len();
    let pairs = fs::metadata(dir.path().join("deep/er/attempt=1.log.idx")).unwrap().len() / 16;
    assert!(pairs >= size / (64 << 10) - 3 && pairs <= size / (64 << 10), "{pairs} pairs for {size} bytes");

    for with_index in [true, false] {
        if !with_index {
            fs::remove_file(dir.path().join("deep/er/attempt=1.log.idx")).unwrap();
        }
        let reader = LogReader::open(&path).unwrap();
        assert_eq!(reader.count().unwrap(), total);
        for first in [0, 1, 777, 1700, 4321, total - 1] {
            check(&reader.from_line(first, 10, usize::MAX).unwrap(), first, 10.min(total - first));
        }
        for limit in [1, 2, 100, 2000] {
            let tail = reader.tail(limit, usize::MAX).unwrap();
            check(&tail, total - limit as u64, limit as u64);
            assert!(tail.at_end && tail.next_byte == size);
        }
        check(&reader.tail(9999, usize::MAX).unwrap(), 0, total);
        assert!(reader.from_line(total, 10, 10).unwrap().at_end);
        // Page by page through all of it.
        let (mut byte, mut seen) = (0, 0);
        while seen < total {
            let page = reader.from_byte(byte, 333, 20_000).unwrap();
            check(&page, seen, page.next_line - seen);
            (byte, seen) = (page.next_byte, page.next_line);
        }
        // A byte within a line leads to the next line.
        let second = reader.from_byte(line(0).len() as u64 - 1, 1, 1).unwrap();
        check(&second, 1, 1);
    }
}

#[test]
fn a_line_that_is_not_whole_yet_is_not_shown_and_a_crash_is_mended() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.log");
    fs::File::create(&path).unwrap().write_all(b"one\ntw").unwrap();
    let reader = LogReader::open(&path).unwrap();
    let page = reader.from_line(0, 10, 100).unwrap();
    assert_eq!((page.lines.as_slice(), page.next_byte, page.at_end), (&["one".to_owned()][..], 4, true));
    assert_eq!(reader.tail(5, 100).unwrap().lines, ["one"]);
    LogFile::append_to(&path, Modes::default()).unwrap().append(b"three\n").unwrap();
    assert_eq!(reader.from_byte(4, 10, 100).unwrap().lines, ["tw", "three"]);
    assert_eq!(fs::read(&path).unwrap(), b"one\ntw\nthree\n");
}
