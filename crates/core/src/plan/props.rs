//! Any graph, any order of events, duplicates, losses and reloads: the invariants hold.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::sim::{Key, Sim};
use super::{PreviousRun, Skips};
use crate::common::graph;
use crate::graph::Graph;
use crate::state::{RunState, TaskState};
use crate::trigger_rule::TriggerRule;

/// A task of a random DAG; what does not fit its place is left out.
#[derive(Debug, Clone)]
struct Spec {
    rule: usize,
    /// Bit n: the task n places before is upstream.
    upstream: u8,
    kind: u8,
    retries: u8,
    instant: bool,
    past: u8,
    /// Expanded: over a literal list, or over the task so many places before.
    mapped: Option<u8>,
    grouped: bool,
}

fn spec() -> impl Strategy<Value = Spec> {
    let mapped = prop_oneof![3 => Just(None), 2 => (0..6u8).prop_map(Some)];
    let rule = prop_oneof![2 => Just(0usize), 3 => 0..TriggerRule::ALL.len()];
    (rule, any::<u8>(), 0..10u8, 0..3u8, prop::bool::weighted(0.2), 0..12u8, mapped, any::<bool>()).prop_map(
        |(rule, upstream, kind, retries, instant, past, mapped, grouped)| Spec {
            rule,
            upstream,
            kind,
            retries,
            instant,
            past,
            mapped,
            grouped,
        },
    )
}

#[derive(Debug, Clone)]
struct DagSpec {
    tasks: Vec<Spec>,
    /// Tasks of the mapped group: the first, and how many.
    group: Option<(usize, usize, Option<u8>)>,
    fail_fast: bool,
    timeout: bool,
}

fn dag() -> impl Strategy<Value = DagSpec> {
    let group = prop::option::of((1..6usize, 1..4usize, prop::option::of(0..4u8)));
    (prop::collection::vec(spec(), 1..9), group, prop::bool::weighted(0.1), prop::bool::weighted(0.1))
        .prop_map(|(tasks, group, fail_fast, timeout)| DagSpec { tasks, group, fail_fast, timeout })
}

fn id(at: usize) -> String {
    format!("t{at}")
}

/// The form of a random DAG.
fn build(dag: &DagSpec) -> Arc<Graph> {
    let n = dag.tasks.len();
    let group = dag.group.filter(|(first, ..)| *first < n).map(|(first, len, source)| (first, (first + len).min(n), source));
    let in_group = |at: usize| group.is_some_and(|(first, end, _)| (first..end).contains(&at) && dag.tasks[at].grouped);
    let mut edges: Vec<(String, String)> = Vec::new();
    let mut tasks = Vec::new();
    for (at, spec) in dag.tasks.iter().enumerate() {
        for back in (1..=at.min(8)).filter(|back| spec.upstream >> (back - 1) & 1 == 1) {
            edges.push((id(at - back), id(at)));
        }
        // A setup has the teardown two places after it.
        let setup = |at: usize| dag.tasks.get(at).is_some_and(|spec| spec.kind == 9) && at + 2 < n;
        let teardown = at >= 2 && setup(at - 2) && !setup(at);
        if teardown {
            edges.push((id(at - 2), id(at)));
        }
        let rule = if teardown { TriggerRule::AllDoneSetupSuccess } else { TriggerRule::ALL[spec.rule].0 };
        let mut task = json!({"task_id": id(at), "trigger_rule": rule, "retries": spec.retries, "instant": spec.instant,
            "is_setup": setup(at), "is_teardown": teardown, "depends_on_past": spec.past == 0, "wait_for_downstream": spec.past == 1,
            "wait_for_past_depends_before_skipping": spec.rule % 2 == 0, "on_failure_fail_dagrun": spec.retries == 1});
        if in_group(at) {
            task["group"] = json!("g");
        } else if let Some(over) = spec.mapped {
            task["mapped"] = json!({"length": length(at, over, &mut edges)});
        }
        tasks.push(task);
    }
    let mut more = json!({"fail_fast": dag.fail_fast, "dagrun_timeout": dag.timeout.then_some(30)});
    if let Some((first, end, source)) = group {
        let mut over: Vec<(String, String)> = Vec::new();
        let length = length(first, source.unwrap_or(4), &mut over);
        for (source, at) in over.iter().flat_map(|(source, _)| (first..end).map(move |at| (source, at))).filter(|(_, at)| in_group(*at)) {
            edges.push((source.clone(), id(at)));
        }
        more["groups"] = json!([{"group_id": "g", "mapped": {"length": length}}]);
    }
    edges.sort_unstable();
    edges.dedup();
    let edges: Vec<_> = edges.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    graph(tasks, &edges, &more)
}

/// A length over a task some places before, or a literal one.
fn length(at: usize, over: u8, edges: &mut Vec<(String, String)>) -> Value {
    let back = usize::from(over) + 1;
    if over < 4 && back <= at {
        edges.push((id(at - back), id(at)));
        json!({"task": id(at - back)})
    } else {
        json!({"literal": over % 3})
    }
}

/// A step of the world: who moves, what comes of it, what becomes of the news.
#[derive(Debug, Clone, Copy)]
struct Step {
    who: u16,
    how: u8,
    news: u8,
}

fn step() -> impl Strategy<Value = Step> {
    (any::<u16>(), any::<u8>(), 0..10u8).prop_map(|(who, how, news)| Step { who, how, news })
}

fn can_move(state: Option<TaskState>) -> bool {
    use TaskState::{Deferred, Queued, Restarting, Running, Scheduled};
    matches!(state, Some(Scheduled | Queued | Running | Deferred | Restarting))
}

/// One row moves on.
fn advance(sim: &mut Sim, key: &Key, how: u8) {
    use TaskState::{Deferred, Failed, Queued, Restarting, Running, Scheduled, Skipped, Success, UpForReschedule, UpForRetry};
    let (now, later) = (sim.now, sim.later(5));
    let row = &sim.rows[key];
    let retry = row.try_number <= row.max_tries;
    let to = match (row.state, how % 8) {
        (Some(Scheduled), _) => Some(Queued),
        (Some(Queued), _) => Some(Running),
        (Some(Deferred), _) => Some(Scheduled),
        (Some(Restarting), _) => None,
        (_, 0) => Some(if retry { UpForRetry } else { Failed }),
        (_, 1) => Some(Skipped),
        (_, 2) if how > 127 => Some(UpForReschedule),
        (_, 2) => Some(Deferred),
        (_, 3) if how > 127 => Some(Failed),
        _ => Some(Success),
    };
    let skip = if to == Some(Success) && how & 64 != 0 { some_downstream(sim, key, how) } else { Skips::new() };
    sim.change(
        key,
        |row| {
            row.try_number += u32::from(to == Some(Queued));
            row.state = to;
            row.retry_at = (to == Some(UpForRetry)).then_some(later);
            row.reschedule_at = (to == Some(UpForReschedule)).then_some(later);
            row.map_length = (to == Some(Success)).then_some(u32::from(how) / 8 % 4);
            row.start_date = Some(now);
            row.end_date = to.is_none_or(TaskState::is_finished).then_some(now);
        },
        skip,
    );
}

fn some_downstream(sim: &Sim, key: &Key, how: u8) -> Skips {
    let Some(ix) = sim.graph.find(&key.0) else { return Skips::new() };
    let after = sim.graph.task(ix).downstream.iter().enumerate();
    let some = after.filter(|(n, _)| (how >> (n % 3)) & 1 == 1);
    some.map(|(_, ix)| (Arc::clone(&sim.graph.task(*ix).id), None)).collect()
}

/// A user clears something that has ended, and the run goes on.
fn clear(sim: &mut Sim, who: u16) {
    let ended: Vec<Key> =
        sim.rows.iter().filter(|(_, row)| row.state.is_some_and(TaskState::is_finished)).map(|(key, _)| key.clone()).collect();
    let Some(key) = ended.get(usize::from(who) % ended.len().max(1)) else { return };
    let skip = sim.skips.get(key).cloned().unwrap_or_default();
    sim.change(key, |row| row.state = None, skip);
    if sim.facts.state.is_finished() {
        sim.restart();
    }
}

fn act(sim: &mut Sim, step: Step, other: &mut Arc<Graph>) {
    let movable: Vec<Key> = sim.rows.iter().filter(|(_, row)| can_move(row.state)).map(|(key, _)| key.clone()).collect();
    let run = sim.facts.state == RunState::Running;
    match (step.who % 16, movable.is_empty() || !run) {
        (0, _) => clear(sim, step.who / 16),
        // The file was edited.
        (2, _) => sim.swap(other),
        (1, _) | (_, true) => {
            if let Some(at) = sim.run.wake_at() {
                sim.wait_until(at);
            }
        }
        _ => advance(sim, &movable[usize::from(step.who) % movable.len()], step.how),
    }
    match step.news {
        // Told with the next ones.
        0 | 1 => return,
        // Lost, and the planner with it.
        2 => sim.reload(),
        // Told twice.
        3 => {
            let again = sim.unheard.clone();
            sim.unheard.extend(again);
        }
        _ => {}
    }
    if step.news < 7 {
        sim.tell()
    } else {
        sim.tell_in_two()
    }
    sim.check();
}

/// Everything succeeds from here on; the run comes to its end, or waits for the run before.
fn finish(sim: &mut Sim) {
    sim.tell();
    for _ in 0..2000 {
        sim.check();
        if sim.facts.state.is_finished() {
            return;
        }
        let movable: Vec<Key> = sim.rows.iter().filter(|(_, row)| can_move(row.state)).map(|(key, _)| key.clone()).collect();
        if let Some(key) = movable.first() {
            advance(sim, key, 8 + 7);
        } else if let Some(at) = sim.run.wake_at() {
            sim.wait_until(at);
        } else {
            assert!(sim.run.tally().past_blocked > 0, "nothing moves: {:?}", sim.rows);
            return;
        }
        sim.tell();
    }
    panic!("the run does not end: {:?}", sim.rows);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_run_comes_to_its_end(dag in dag(), past in prop::option::of(prop::collection::vec(0..4u8, 9)), steps in prop::collection::vec(step(), 0..60)) {
        let graph = build(&dag);
        let shorter = DagSpec { tasks: dag.tasks[..dag.tasks.len() - 1].to_vec(), ..dag };
        let mut other = build(&shorter);
        let states = [None, Some(TaskState::Success), Some(TaskState::Skipped), Some(TaskState::Failed)];
        let past = past.map(|past| PreviousRun {
            run_id: "before".into(),
            states: past.iter().enumerate().map(|(at, state)| (id(at).into(), -1, states[usize::from(*state)])).collect(),
            ran_before: Vec::new(),
        });
        let mut sim = Sim::start(graph, past);
        sim.check();
        for step in steps {
            act(&mut sim, step, &mut other);
        }
        finish(&mut sim);
    }
}
