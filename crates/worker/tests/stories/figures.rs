//! Many attempts in a row.

use std::time::{Duration, Instant};

use tradewind_queue::service::End;

use crate::Story;

const TASKS: &str = r#"
@task
def tiny():
    return 1
"#;

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_attempts_one_after_another_and_at_once() {
    let story = Story::new(10.0, TASKS).await;
    let worker = story.worker();
    story.service.report_of(story.queue("tiny")).await;
    let mut times = Vec::new();
    let began = Instant::now();
    for _ in 0..250 {
        let one = Instant::now();
        let report = story.service.report_of(story.queue("tiny")).await;
        assert!(matches!(&report.end, End::Result { frame } if frame["state"] == "success"), "{report:?}");
        times.push(one.elapsed());
    }
    let row = began.elapsed();
    times.sort();
    let began = Instant::now();
    let ids: Vec<_> = (0..250).map(|_| story.queue("tiny")).collect();
    for id in ids {
        story.service.report_of(id).await;
    }
    let once = began.elapsed();
    println!(
        "in a row: {:.0} attempts/s, queued to reported median {:?}, 95 % {:?}; at once: {:.0} attempts/s",
        250.0 / row.as_secs_f64(),
        times[125],
        times[237],
        250.0 / once.as_secs_f64()
    );
    worker.stop(Duration::from_secs(10)).await;
    let state = story.service.state();
    assert_eq!(state.reports.len(), 501, "each is reported once");
    assert_eq!(story.results(), 0);
}
