//! What surrounds a run: the switch of its DAG, its file, the runs beside it, and whether anybody works.

use jiff::Timestamp;
use tradewind_core::deps::{Dep, Link, Unmet};
use tradewind_core::state::RunState;
use tradewind_store::step::{Pulse, Queueing, Situation};

/// Runs named in a text.
const NAMED: usize = 5;

/// Everything about an open run that keeps all of its tasks waiting.
pub(super) fn of_run(of: &Situation, now: Timestamp) -> Vec<Unmet> {
    let mut unmet = Vec::new();
    let dag = Link::dag(&of.dag_id);
    if of.state == RunState::Queued {
        let reason = format!("the dag run `{}` is queued: it has not started", of.run_id);
        unmet.push(Unmet::new(Dep::DagrunRunning, reason).since(of.queued_at).see([Link::run(&of.dag_id, &of.run_id)]));
    }
    if of.state.is_finished() {
        return unmet;
    }
    if of.is_paused {
        unmet.push(Unmet::new(Dep::DagNotPaused, format!("the DAG `{}` is paused", of.dag_id)).see([dag.clone()]));
    }
    if of.is_stale && of.state == RunState::Queued {
        unmet.push(Unmet::new(Dep::DagHasFile, without_file(of)).since(of.last_expired).see([dag]));
    }
    if of.state == RunState::Queued && of.run_after > now {
        unmet.push(Unmet::new(Dep::RunAfter, format!("it is not to start before {}", of.run_after)).until(of.run_after));
    } else if of.state == RunState::Queued {
        unmet.extend(behind_others(of));
    }
    if !of.scheduler.is_alive {
        unmet.push(Unmet::new(Dep::SchedulerAlive, dead("scheduler", of.scheduler, now)).since(of.scheduler.latest_heartbeat));
    }
    unmet
}

fn without_file(of: &Situation) -> String {
    let dag_id = &of.dag_id;
    match &of.import_error {
        Some((trace, _)) => {
            let line = trace.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
            format!("no file has the DAG `{dag_id}` now; its file {} cannot be read: {line}", of.relative_fileloc)
        }
        None => format!("no file has the DAG `{dag_id}` now; it was in {}", of.relative_fileloc),
    }
}

/// `max_active_runs`, and the queued runs whose turn is before.
fn behind_others(of: &Situation) -> Option<Unmet> {
    let free = of.max_active_runs - of.running.count;
    if of.earlier.count < free {
        return None;
    }
    let named = |ids: &[String]| {
        let shown: Vec<String> = ids.iter().take(NAMED).map(|id| format!("`{id}`")).collect();
        shown.join(", ") + if ids.len() > NAMED { " ..." } else { "" }
    };
    let mut reason = match (of.running.count, of.max_active_runs) {
        (_, ..=0) => "the DAG may have no run at all: its max_active_runs is 0".to_owned(),
        (1, most) => format!("1 run of the DAG is running, of {most} (max_active_runs): {}", named(&of.running.named)),
        (running, most) => format!("{running} runs of the DAG are running, of {most} (max_active_runs): {}", named(&of.running.named)),
    };
    match of.earlier.count {
        0 => {}
        1 => reason.push_str(&format!("; 1 queued run has its turn before: {}", named(&of.earlier.named))),
        more => reason.push_str(&format!("; {more} queued runs have their turn before: {}", named(&of.earlier.named))),
    }
    let runs = of.running.named.iter().chain(&of.earlier.named).map(|run_id| Link::run(&of.dag_id, run_id));
    Some(Unmet::new(Dep::MaxActiveRuns, reason).see(runs).see([Link::dag(&of.dag_id)]))
}

fn dead(kind: &str, pulse: Pulse, now: Timestamp) -> String {
    match pulse.latest_heartbeat {
        Some(at) => format!("no {kind} is alive: the last one gave a sign {} s ago", now.duration_since(at).as_secs().max(0)),
        None => format!("no {kind} is alive: there has never been one"),
    }
}

/// What an attempt in the queue waits for.
pub(super) fn worker(of: &Situation, queueing: &Queueing, now: Timestamp) -> Unmet {
    let unmet = if of.worker.is_alive {
        let others = match queueing.queued - 1 {
            ..=0 => "no other waits there".to_owned(),
            1 => "1 other waits there".to_owned(),
            more => format!("{more} others wait there"),
        };
        Unmet::new(Dep::WorkerFree, format!("it waits for a worker to take it from the queue `{}`; {others}", queueing.queue))
    } else {
        Unmet::new(Dep::WorkerAlive, format!("it is in the queue `{}`, and {}", queueing.queue, dead("worker", of.worker, now)))
    };
    unmet.since(queueing.since)
}
