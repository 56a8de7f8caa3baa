//! What surrounds a run: the switch of its DAG, its file, the runs beside it, and whether anybody works.

use jiff::Timestamp;
use tradewind_core::deps::{Link, Reason, Unmet};
use tradewind_core::state::RunState;
use tradewind_store::step::{Pulse, Queueing, Situation, Wait, WaitFor};

/// Everything about an open run that keeps all of its tasks waiting.
pub(super) fn of_run(of: &Situation, now: Timestamp) -> Vec<Unmet> {
    let mut unmet = Vec::new();
    let dag = Link::dag(&of.dag_id);
    if of.state == RunState::Queued {
        let reason = Reason::RunQueued { run_id: of.run_id.clone() };
        unmet.push(Unmet::new(reason).since(of.queued_at).see([Link::run(&of.dag_id, &of.run_id)]));
    }
    if of.state.is_finished() {
        return unmet;
    }
    if of.is_paused {
        unmet.push(Unmet::new(Reason::DagPaused { dag_id: of.dag_id.clone() }).see([dag.clone()]));
    }
    if let Some(backfill_id) = of.paused_backfill.filter(|_| of.state == RunState::Queued) {
        unmet.push(Unmet::new(Reason::BackfillPaused { backfill_id }).see([dag.clone()]));
    }
    if of.is_stale && of.state == RunState::Queued {
        unmet.push(Unmet::new(without_file(of)).since(of.last_expired).see([dag]));
    }
    if of.state == RunState::Queued && of.run_after > now {
        unmet.push(Unmet::new(Reason::NotDue { at: of.run_after }).until(of.run_after));
    } else if of.state == RunState::Queued {
        unmet.extend(behind_others(of));
    }
    if !of.scheduler.is_alive {
        let reason = match silence(of.scheduler, now) {
            Some(seconds) => Reason::SchedulerSilent { seconds },
            None => Reason::SchedulerNever,
        };
        unmet.push(Unmet::new(reason).since(of.scheduler.latest_heartbeat));
    }
    unmet
}

fn without_file(of: &Situation) -> Reason {
    let (dag_id, file) = (of.dag_id.clone(), of.relative_fileloc.clone());
    match &of.import_error {
        Some((trace, _)) => {
            let line = trace.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
            Reason::FileBroken { dag_id, file, error: line.to_owned() }
        }
        None => Reason::FileGone { dag_id, file },
    }
}

/// `max_active_runs`, and the queued runs whose turn is before.
fn behind_others(of: &Situation) -> Option<Unmet> {
    let free = of.max_active_runs - of.running.count;
    if of.earlier.count < free {
        return None;
    }
    let reason = if of.max_active_runs <= 0 {
        Reason::NoRunsAllowed
    } else {
        Reason::MaxActiveRuns {
            limit: of.max_active_runs,
            running: of.running.count,
            running_ids: of.running.named.clone(),
            earlier: of.earlier.count,
            earlier_ids: of.earlier.named.clone(),
        }
    };
    let runs = of.running.named.iter().chain(&of.earlier.named).map(|run_id| Link::run(&of.dag_id, run_id));
    Some(Unmet::new(reason).see(runs).see([Link::dag(&of.dag_id)]))
}

/// Seconds since the last sign of life; `None`: there never was one.
fn silence(pulse: Pulse, now: Timestamp) -> Option<i64> {
    pulse.latest_heartbeat.map(|at| now.duration_since(at).as_secs().max(0))
}

/// What an attempt in the queue waits for.
pub(super) fn worker(of: &Situation, queueing: &Queueing, now: Timestamp) -> Unmet {
    let queue = queueing.queue.clone();
    let reason = if of.worker.is_alive {
        Reason::WorkerBusy { queue, others: (queueing.queued - 1).max(0) }
    } else {
        match silence(of.worker, now) {
            Some(seconds) => Reason::WorkerSilent { queue, seconds },
            None => Reason::WorkerNever { queue },
        }
    };
    Unmet::new(reason).since(queueing.since)
}

/// What a task instance without a slot waits for.
pub(super) fn without_slot(of: &Situation, wait: Wait, now: Timestamp) -> Unmet {
    let reason = match wait.what {
        WaitFor::Trigger { classpath: trigger, triggerer: Some(triggerer) } => Reason::TriggerRuns { trigger, triggerer },
        WaitFor::Trigger { classpath: trigger, triggerer: None } if of.triggerer.is_alive => Reason::TriggerUntaken { trigger },
        WaitFor::Trigger { classpath: trigger, triggerer: None } => match silence(of.triggerer, now) {
            Some(seconds) => Reason::TriggererSilent { trigger, seconds },
            None => Reason::TriggererNever { trigger },
        },
        WaitFor::People { subject, names } if names.is_empty() => Reason::AnybodyAsked { subject },
        WaitFor::People { subject, names } => Reason::PeopleAsked { subject, names },
    };
    let unmet = Unmet::new(reason).since(Some(wait.since));
    match wait.until {
        Some(until) => unmet.until(until),
        None => unmet,
    }
}
