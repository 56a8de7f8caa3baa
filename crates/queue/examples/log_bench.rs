//! What it takes to look into a long log: `cargo run --release -p tradewind-queue --example log_bench [LINES]`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tradewind_queue::attempt_log::{LogFile, LogReader, Modes, Wanted};

/// Times of a few rounds: the first (cold caches of this process) and the best.
fn timed<T>(what: &str, mut work: impl FnMut() -> T) {
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..5 {
        let begun = Instant::now();
        black_box(work());
        times.push(begun.elapsed());
    }
    println!("{what:60} first {:>10.1?}  best {:>10.1?}", times[0], times.iter().min().copied().unwrap_or_default());
}

/// The most that this process has had.
fn memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn write(path: &std::path::Path, lines: u64) -> std::io::Result<()> {
    let mut log = LogFile::append_to(path, Modes::default())?;
    let line = |n: u64| {
        let level = if n == lines - 10 { "error" } else { "info" };
        format!(
            "{{\"timestamp\":\"2026-01-01T00:00:00.000000Z\",\"level\":\"{level}\",\"event\":\"step {n} of it\",\"logger\":\"task.stdout\"}}\n"
        )
    };
    for first in (0..lines).step_by(2_000) {
        let text: String = (first..(first + 2_000).min(lines)).map(line).collect();
        log.append(text.as_bytes())?;
    }
    Ok(())
}

fn main() -> std::io::Result<()> {
    let lines: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(2_000_000);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("attempt=1.log");
    let begun = Instant::now();
    write(&path, lines)?;
    println!("{lines} lines, {} MB, written in {:.1?}", std::fs::metadata(&path)?.len() / 1_000_000, begun.elapsed());
    let before = memory_kib();
    for with_index in [true, false] {
        if !with_index {
            std::fs::remove_file(folder.path().join("attempt=1.log.idx"))?;
        }
        println!("{}", if with_index { "with its index" } else { "without an index" });
        let open = || LogReader::open_ended(&path).expect("the log opens");
        let find = |wanted: &Wanted, from, limit| open().find(wanted, from, limit, 8 << 20, || true).expect("lines");
        timed("open, count, the last 1,000 lines", || {
            let log = open();
            (log.count().expect("a count"), log.find_last(&Wanted::default(), u64::MAX, 1_000, 8 << 20, || true).expect("lines"))
        });
        timed("1,000 lines from the middle", || find(&Wanted::default(), lines / 2, 1_000));
        let absent = |is_pattern, ignore_case, text: &str| Wanted::default().text(text, is_pattern, ignore_case).expect("a text");
        timed("a text that is not there", || find(&absent(false, false, "no such text"), 0, 100));
        timed("the same in any case", || find(&absent(false, true, "NO SUCH TEXT"), 0, 100));
        timed("a pattern that is not there", || find(&absent(true, false, r"^step \d+ of none$"), 0, 100));
        timed("the first error, ten lines before the end", || find(&Wanted::errors(), 0, 1));
    }
    println!("most memory: {before} KiB before the reads, {} KiB after", memory_kib());
    Ok(())
}
