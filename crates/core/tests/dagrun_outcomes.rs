//! Whole runs of recorded random DAGs through the planner as it is used: how each task ends, how the run ends, what ran.
//!
//! The recording took one step of consequences at a time and let all running tasks end in between; the planner draws all
//! consequences at once. It reads the same states, and starts nothing later. `plan::recorded` replays step by step.

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;

use common::outcomes::{Played, build, finish_wave, ids, new_run, recorded, recorded_waves, states};
use jiff::Timestamp;
use serde_json::{Value, json};
use tradewind_core::plan::Run;

/// Runs with an `all_success` task below a failure and a skip, or something after such a task: which of both it sees
/// first decides, and that depends on when tasks end. Here what follows at once from a state is seen before anything that
/// has yet to run.
const DEPENDS_ON_TIMING: [&str; 3] = ["dagrun_outcomes-00048", "dagrun_outcomes-00707", "dagrun_outcomes-00770"];

fn play(case: &Value) -> Played {
    let graph = build(case);
    let (mut run, mut plan) = Run::load(Arc::clone(&graph), new_run(), Timestamp::UNIX_EPOCH);
    let mut waves = Vec::new();
    while !plan.ready.is_empty() {
        waves.push(ids(&graph, &plan.ready));
        plan = run.on_all(finish_wave(&graph, case, &plan.ready), Timestamp::UNIX_EPOCH);
    }
    let run_state = plan.run.map_or("running", |end| end.state.as_str()).to_owned();
    Played { waves, states: states(&run), run_state }
}

/// Each task with the number of its wave.
fn when(waves: &[BTreeSet<String>]) -> Vec<(&str, usize)> {
    let mut when: Vec<_> = waves.iter().enumerate().flat_map(|(n, ids)| ids.iter().map(move |id| (id.as_str(), n))).collect();
    when.sort_unstable();
    when
}

#[test]
fn runs_end_as_recorded() {
    let mut other = Vec::new();
    for case in recorded() {
        let played = play(&case);
        let expect = &case["result"];
        if json!(played.states) != expect["task_states"] || json!(played.run_state) != expect["run_state"] {
            other.push(common::text(&case, "id").to_owned());
        }
        let recorded = recorded_waves(&case);
        let (ours, theirs) = (when(&played.waves), when(&recorded));
        assert_eq!(ours.len(), theirs.len(), "{case} but {ours:?}");
        for ((id, wave), (same, recorded)) in ours.iter().zip(&theirs) {
            assert!(id == same && wave <= recorded, "{case} but {ours:?}");
        }
    }
    assert_eq!(other, DEPENDS_ON_TIMING);
}
