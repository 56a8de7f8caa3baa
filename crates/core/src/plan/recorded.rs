//! Recorded runs, replayed one round at a time, as they were recorded.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Event, Plan, Run};
use crate::common::outcomes::{Played, build, finish_wave, ids, new_run, recorded, recorded_waves, row, states};
use crate::state::TaskState;

fn replay(case: &Value) -> Played {
    let graph = build(case);
    let mut new = Plan::default();
    let mut run = Run::assemble(Arc::clone(&graph), new_run().facts, Vec::new(), Vec::new(), None, &mut new);
    run.tidy(&mut new);
    let mut played = Played::default();
    while !run.queue.is_empty() {
        let mut plan = Plan::default();
        run.round(Timestamp::UNIX_EPOCH, &mut plan);
        run.tidy(&mut plan);
        if !plan.ready.is_empty() {
            played.waves.push(ids(&graph, &plan.ready));
            for event in finish_wave(&graph, case, &plan.ready) {
                skip_at_once(&mut run, &event);
                run.apply(event, &mut Plan::default());
            }
        }
    }
    played.run_state = run.tally().end().map_or("running", |end| end.state.as_str()).to_owned();
    played.states = states(&run);
    played
}

/// In the recording a branch set the states of what it skips by itself, before the next round.
fn skip_at_once(run: &mut Run, event: &Event) {
    let Event::Task { skip, .. } = event else { return };
    let graph = Arc::clone(run.graph());
    for ix in skip.iter().filter_map(|(id, _)| graph.find(id)) {
        if run.state_of(ix, -1) == Some(None) {
            run.apply(Event::Task { row: row(&graph, ix, TaskState::Skipped), skip: Vec::new() }, &mut Plan::default());
        }
    }
}

#[test]
fn every_round_goes_as_recorded() {
    for case in recorded() {
        let played = replay(&case);
        assert_eq!(json!(played.states), case["result"]["task_states"], "{case}");
        assert_eq!(json!(played.run_state), case["result"]["run_state"], "{case}");
        assert_eq!(played.waves, recorded_waves(&case), "{case}");
    }
}
