//! What is to be done, from what is seen. Pure: no clock, no commands.

use crate::node::Node;

/// A scheduler that holds a lease, or lost it lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduler {
    /// Later ones are higher.
    pub job: i64,
    pub hostname: String,
    pub pid: Option<i64>,
    /// It waits for the lease of an active one.
    pub standby: bool,
    /// It holds its lease.
    pub alive: bool,
    /// And its loop does its work.
    pub well: bool,
    /// It ended by itself and gave its lease back.
    pub ended: bool,
}

/// What is seen at one moment.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// In order of preference.
    pub nodes: &'a [Node],
    /// Name of this machine.
    pub here: &'a str,
    /// Newest first.
    pub schedulers: &'a [Scheduler],
    /// The node that had the scheduler last, as far as this controller knows.
    pub active: Option<usize>,
}

/// A node where processes are to be stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopOn {
    pub node: usize,
    pub pids: Vec<i64>,
}

/// See the module. Nodes by their place in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// One scheduler works there.
    Fine { node: usize },
    /// One works on a machine that is not in the list.
    Elsewhere { hostname: String },
    /// A standby takes over by itself.
    Wait,
    /// None works: start one on the first of these nodes where that succeeds, after what is left there was stopped.
    Start { order: Vec<usize>, stop_first: Vec<StopOn> },
    /// More than one works: the others are stopped.
    StopExtra { keep: usize, stop: Vec<StopOn> },
}

/// Decides.
pub fn decide(view: &View<'_>) -> Decision {
    let node_of = |scheduler: &Scheduler| view.nodes.iter().position(|node| node.is_of(&scheduler.hostname, view.here));
    let working: Vec<&Scheduler> = view.schedulers.iter().filter(|one| one.alive && one.well && !one.standby).collect();
    if working.is_empty() {
        return if view.schedulers.iter().any(|one| one.alive && one.standby) { Decision::Wait } else { start(view, node_of) };
    }
    let mut on: Vec<usize> = working.iter().rev().filter_map(|one| node_of(one)).collect();
    dedup(&mut on);
    let Some(keep) = view.active.filter(|active| on.contains(active)).or_else(|| on.first().copied()) else {
        return Decision::Elsewhere { hostname: working[0].hostname.clone() };
    };
    // Whatever holds a lease on another node goes, whether its loop works or not.
    let holds: Vec<&Scheduler> = view.schedulers.iter().filter(|one| one.alive && !one.standby).collect();
    let mut others: Vec<usize> = holds.iter().filter_map(|one| node_of(one)).filter(|node| *node != keep).collect();
    dedup(&mut others);
    if others.is_empty() {
        return Decision::Fine { node: keep };
    }
    let stop = others.into_iter().map(|node| stop_on(&holds, node, node_of)).collect();
    Decision::StopExtra { keep, stop }
}

/// The node that had it last comes first, the others as they are listed.
fn start(view: &View<'_>, node_of: impl Fn(&Scheduler) -> Option<usize> + Copy) -> Decision {
    let last = view.active.or_else(|| view.schedulers.iter().filter(|one| !one.standby).find_map(node_of));
    let mut order: Vec<usize> = last.into_iter().chain(0..view.nodes.len()).collect();
    dedup(&mut order);
    let left: Vec<&Scheduler> = view.schedulers.iter().filter(|one| !one.ended && !one.standby).collect();
    let mut nodes: Vec<usize> = left.iter().filter_map(|one| node_of(one)).collect();
    dedup(&mut nodes);
    let stop_first = nodes.into_iter().map(|node| stop_on(&left, node, node_of)).collect();
    Decision::Start { order, stop_first }
}

fn stop_on(schedulers: &[&Scheduler], node: usize, node_of: impl Fn(&Scheduler) -> Option<usize>) -> StopOn {
    let there = schedulers.iter().filter(|one| node_of(one) == Some(node));
    StopOn { node, pids: there.filter_map(|one| one.pid).collect() }
}

/// Keeps the first of each.
fn dedup(nodes: &mut Vec<usize>) {
    let mut seen = std::collections::HashSet::new();
    nodes.retain(|node| seen.insert(*node));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes() -> Vec<Node> {
        ["a", "b", "c"].iter().map(|name| Node::new(name, "a")).collect()
    }

    fn scheduler(job: i64, hostname: &str) -> Scheduler {
        Scheduler { job, hostname: hostname.into(), pid: Some(job * 10), standby: false, alive: true, well: true, ended: false }
    }

    fn lost(job: i64, hostname: &str) -> Scheduler {
        Scheduler { alive: false, well: false, ..scheduler(job, hostname) }
    }

    fn decided(active: Option<usize>, schedulers: &[Scheduler]) -> Decision {
        decide(&View { nodes: &nodes(), here: "a", schedulers, active })
    }

    fn stop(node: usize, pids: &[i64]) -> StopOn {
        StopOn { node, pids: pids.to_vec() }
    }

    #[test]
    fn nothing_ran_yet_so_the_first_node_gets_it() {
        assert_eq!(decided(None, &[]), Decision::Start { order: vec![0, 1, 2], stop_first: vec![] });
    }

    #[test]
    fn one_that_works_is_left_alone() {
        assert_eq!(decided(None, &[scheduler(1, "b")]), Decision::Fine { node: 1 });
        assert_eq!(decided(Some(0), &[scheduler(2, "b"), lost(1, "a")]), Decision::Fine { node: 1 });
        assert_eq!(decided(None, &[scheduler(1, "z")]), Decision::Elsewhere { hostname: "z".into() });
    }

    #[test]
    fn a_lost_one_is_stopped_and_started_there_first_then_elsewhere() {
        let view = [lost(4, "b"), Scheduler { ended: true, ..lost(2, "c") }];
        assert_eq!(decided(None, &view), Decision::Start { order: vec![1, 0, 2], stop_first: vec![stop(1, &[40])] });
        assert_eq!(decided(Some(2), &view), Decision::Start { order: vec![2, 0, 1], stop_first: vec![stop(1, &[40])] });
    }

    #[test]
    fn one_whose_loop_stands_still_is_replaced() {
        let stuck = Scheduler { well: false, ..scheduler(3, "a") };
        assert_eq!(decided(Some(0), &[stuck]), Decision::Start { order: vec![0, 1, 2], stop_first: vec![stop(0, &[30])] });
    }

    #[test]
    fn of_several_the_known_one_stays_else_the_oldest() {
        let both = [scheduler(7, "c"), scheduler(6, "c"), scheduler(5, "b")];
        assert_eq!(decided(None, &both), Decision::StopExtra { keep: 1, stop: vec![stop(2, &[70, 60])] });
        assert_eq!(decided(Some(2), &both), Decision::StopExtra { keep: 2, stop: vec![stop(1, &[50])] });
    }

    #[test]
    fn a_standby_takes_over_by_itself() {
        let standby = Scheduler { standby: true, ..scheduler(9, "b") };
        assert_eq!(decided(Some(0), &[standby.clone(), lost(8, "a")]), Decision::Wait);
        assert_eq!(decided(Some(0), &[standby, scheduler(8, "a")]), Decision::Fine { node: 0 });
    }
}
