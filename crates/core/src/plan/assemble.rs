//! Putting a run together from its instances.

use std::borrow::Cow;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use super::expand::MAX_INSTANCES;
use super::node::{Node, Slot, Ti, index};
use super::past::PastView;
use super::record::{DROPPED, place};
use super::run::{Mark, Run, Seed};
use super::{Past, Plan, RunFacts, Tally, Transition};
use crate::form::Length;
use crate::graph::{Graph, TaskIx};
use crate::state::TaskState;

impl Run {
    /// A run over `graph` with these instances; those it lacks are created, those the graph lacks are removed.
    pub(super) fn assemble(graph: Arc<Graph>, facts: RunFacts, seeds: Vec<Seed>, marks: Vec<Mark>, past: Past, plan: &mut Plan) -> Run {
        let mut nodes = Vec::with_capacity(graph.len());
        nodes.resize_with(graph.len(), Node::default);
        let mut run = Run {
            past_view: PastView::new(&graph, &past),
            graph,
            facts,
            nodes,
            tally: Tally::default(),
            past,
            marks: HashMap::new(),
            skips: HashMap::new(),
            strays: Vec::new(),
            timers: BinaryHeap::new(),
            queue: Vec::new(),
            unheard: Vec::new(),
            stops: 0,
            stop: false,
        };
        run.place(seeds, plan);
        let graph = Arc::clone(&run.graph);
        for ix in graph.iter() {
            run.complete(&graph, ix, plan);
        }
        run.count_all(&graph);
        for (task_id, map_index, skip) in marks {
            run.keep_skips(task_id, map_index, skip);
        }
        for ix in graph.iter() {
            run.touch_all(ix);
            run.hear_scheduled(ix);
        }
        run
    }

    /// Puts the instances into their nodes.
    fn place(&mut self, mut seeds: Vec<Seed>, plan: &mut Plan) {
        // In order of map index, so that a gap shows.
        seeds.sort_by_key(|seed| seed.map_index);
        for seed in seeds {
            let ix = self.graph.find(&seed.task_id);
            let mapped = ix.is_some_and(|ix| self.graph.task(ix).expansion.is_some());
            match (ix, usize::try_from(seed.map_index)) {
                (Some(ix), Err(_)) => self.nodes[ix.at()].single = Some(seed.ti),
                (Some(ix), Ok(at)) if mapped => {
                    while self.nodes[ix.at()].many.len() < at {
                        let map_index = index(self.nodes[ix.at()].many.len());
                        let ti = self.record_new(ix, map_index, plan);
                        self.nodes[ix.at()].many.push(ti);
                    }
                    self.nodes[ix.at()].many.push(seed.ti);
                }
                _ => self.place_stray(ix, seed, plan),
            }
        }
    }

    /// An instance the graph has no place for: a process ends by itself, anything else is `removed` now. It is kept, because
    /// its task may come back.
    pub(super) fn place_stray(&mut self, task: Option<TaskIx>, mut seed: Seed, plan: &mut Plan) {
        let removed = Some(TaskState::Removed);
        if seed.ti.state.is_some_and(TaskState::has_attempt) {
            self.tally.unfinished += 1;
            self.tally.moving += 1;
        } else if seed.ti.unfinished() {
            let at = match seed.ti.slot {
                Slot::Created(at) => {
                    plan.created[at as usize].map_index = DROPPED;
                    return;
                }
                Slot::Changed(at) => at,
                Slot::None => {
                    plan.transitions.push(gone(task, &seed));
                    place(plan.transitions.len() - 1)
                }
            };
            plan.transitions[at as usize].to = removed;
            seed.ti = Ti { state: removed, slot: Slot::Changed(at), ..seed.ti };
        }
        self.strays.push(seed);
    }

    /// Creates what a task lacks and brings back what was removed from it.
    fn complete(&mut self, graph: &Graph, ix: TaskIx, plan: &mut Plan) {
        let expansion = graph.task(ix).expansion;
        let node = &self.nodes[ix.at()];
        if let Some(ti) = node.single
            && ti.state == Some(TaskState::Removed)
            && node.many.is_empty()
        {
            let ti = self.record(ix, -1, ti, None, "the DAG has it again", plan);
            self.nodes[ix.at()].single = Some(ti);
        }
        let node = &self.nodes[ix.at()];
        if node.single.is_some() || !node.many.is_empty() || !self.within_dates(ix) {
            return;
        }
        match expansion.map(|expansion| &graph.expansion(expansion).length) {
            Some(Length::Literal(n)) if (1..=MAX_INSTANCES).contains(n) => {
                for map_index in 0..i32::try_from(*n).unwrap_or(i32::MAX) {
                    let ti = self.record_new(ix, map_index, plan);
                    self.nodes[ix.at()].many.push(ti);
                }
            }
            _ => self.nodes[ix.at()].single = Some(self.record_new(ix, -1, plan)),
        }
    }

    /// A task outside its own dates is no part of the run. Runs without a logical date have no side of a date to be on.
    pub(super) fn within_dates(&self, ix: TaskIx) -> bool {
        let form = self.graph.task_form(ix);
        let Some(date) = self.facts.logical_date else { return true };
        self.facts.is_backfill || (form.start_date.is_none_or(|start| start <= date) && form.end_date.is_none_or(|end| date <= end))
    }

    /// Works all counts out from nothing.
    fn count_all(&mut self, graph: &Graph) {
        for ix in graph.iter() {
            if graph.task(ix).has_index_upstreams {
                let node = &mut self.nodes[ix.at()];
                node.own = vec![Default::default(); node.many.len()];
            }
        }
        for ix in graph.iter() {
            let instances: Vec<(i32, Ti)> = self.nodes[ix.at()].instances().map(|(i, ti)| (i, *ti)).collect();
            for (map_index, ti) in instances {
                self.enter(graph, ix, map_index, &ti);
            }
        }
    }
}

fn gone(task: Option<TaskIx>, seed: &Seed) -> Transition {
    Transition {
        task,
        task_id: Arc::clone(&seed.task_id),
        map_index: seed.map_index,
        from: seed.ti.state,
        to: None,
        reason: Cow::Borrowed("the DAG does not have it any more"),
        try_number: seed.ti.try_number,
        start_date: None,
        end_date: None,
    }
}
