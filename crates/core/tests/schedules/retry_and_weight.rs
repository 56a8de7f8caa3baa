//! Delays before the next try, and effective priority weights, against the reference vectors.

use super::words::{cases, report, text};
use jiff::Timestamp;
use std::collections::HashMap;
use tradewind_core::retry::{DEFAULT_CAP_SECONDS, Failed, RetryDelays};
use tradewind_core::weight::{WeightRule, effective};

#[test]
fn delays_before_the_next_try() {
    let (mut checked, mut wrong) = (0, Vec::new());
    for case in cases(include_str!("../vectors/retry_delays.json")) {
        checked += 1;
        let delays = RetryDelays {
            delay: case["retry_delay"].as_f64().expect("seconds"),
            backoff: case["backoff"].as_f64().expect("a factor"),
            max_delay: case["max_retry_delay"].as_f64(),
            cap: DEFAULT_CAP_SECONDS,
        };
        let failed = Failed {
            dag_id: text(&case["dag_id"]),
            task_id: text(&case["task_id"]),
            logical_date: case["logical_date"].as_str().map(|date| date.parse::<Timestamp>().expect("a date")),
            try_number: case["try_number"].as_u64().expect("a number") as u32,
        };
        let found = delays.after(failed).as_secs_f64();
        if (found - case["delay_seconds"].as_f64().expect("seconds")).abs() > 1e-9 {
            wrong.push(format!("found {found} in {case}"));
        }
    }
    report("delays", checked, wrong);
}

#[test]
fn effective_weights() {
    let (mut checked, mut wrong) = (0, Vec::new());
    for case in cases(include_str!("../vectors/priority_weights.json")) {
        checked += 1;
        let rule: WeightRule = serde_json::from_value(case["weight_rule"].clone()).expect("a rule");
        let own = case["weights"].as_object().expect("weights");
        let index: HashMap<&str, usize> = own.keys().enumerate().map(|(i, name)| (name.as_str(), i)).collect();
        let weights: Vec<_> = own.values().map(|weight| (weight.as_i64().expect("a weight"), rule)).collect();
        let mut downstream = vec![Vec::new(); own.len()];
        for edge in case["edges"].as_array().expect("edges") {
            downstream[index[text(&edge[0])]].push(index[text(&edge[1])]);
        }
        let totals = effective(&weights, &downstream);
        for (name, i) in index {
            if i64::from(totals[i]) != case["total"][name].as_i64().expect("a total") {
                wrong.push(format!("{name} found {} in {case}", totals[i]));
            }
        }
    }
    report("weights", checked, wrong);
}
