//! The end of a run, and what ends its tasks.

use std::sync::Arc;

use jiff::Timestamp;

use super::evaluate::FAILS_FAST;
use super::node::Ti;
use super::run::Run;
use super::{Effect, EndReason, Plan, RunEnd, Transition};
use crate::graph::{Graph, TaskIx};
use crate::state::{RunState, TaskState};

const TIMED_OUT: &str = "the run took longer than its timeout";

impl Run {
    /// Everything that follows once the events of a call are in memory.
    pub(super) fn conclude(&mut self, now: Timestamp, plan: &mut Plan) {
        if self.facts.state == RunState::Running {
            self.ring(now);
            if std::mem::take(&mut self.stop) {
                self.stop_rest(now, plan);
            }
            if self.tally.unfinished > 0 && self.deadline().is_some_and(|deadline| deadline <= now) {
                self.time_out(now, plan);
            }
            plan.ready.append(&mut self.unheard);
        }
        self.unheard.clear();
        self.settle(now, plan);
        if self.facts.state == RunState::Running
            && let Some(end) = self.tally.end()
        {
            self.end(end, plan);
        }
        self.tidy(plan);
    }

    /// `fail_fast`: a failure ends all others but the teardowns.
    fn stop_rest(&mut self, now: Timestamp, plan: &mut Plan) {
        let graph = Arc::clone(&self.graph);
        for (at, ti) in self.unfinished(&graph, |ix| !graph.task_form(ix).is_teardown) {
            let began = !ti.not_begun() && ti.state != Some(TaskState::Queued);
            let to = if began { TaskState::Failed } else { TaskState::Skipped };
            self.cut(&graph, (at, ti), to, FAILS_FAST, now, plan);
        }
        self.cut_strays(TaskState::Failed, FAILS_FAST, now, plan);
    }

    /// `dagrun_timeout`: the run fails, and what has not ended is skipped.
    fn time_out(&mut self, now: Timestamp, plan: &mut Plan) {
        let graph = Arc::clone(&self.graph);
        for (at, ti) in self.unfinished(&graph, |_| true) {
            self.cut(&graph, (at, ti), TaskState::Skipped, TIMED_OUT, now, plan);
        }
        self.cut_strays(TaskState::Skipped, TIMED_OUT, now, plan);
        self.end(RunEnd { state: RunState::Failed, reason: EndReason::TimedOut }, plan);
    }

    /// The same for processes of tasks that the DAG does not have any more.
    fn cut_strays(&mut self, to: TaskState, reason: &'static str, now: Timestamp, plan: &mut Plan) {
        for seed in self.strays.iter_mut().filter(|seed| seed.ti.unfinished()) {
            let (task_id, map_index) = (Arc::clone(&seed.task_id), seed.map_index);
            plan.effects.push(Effect::Kill { task_id: Arc::clone(&task_id), map_index, reason });
            plan.transitions.push(Transition {
                task: None,
                task_id,
                map_index,
                from: seed.ti.state,
                to: Some(to),
                reason: reason.into(),
                try_number: seed.ti.try_number,
                start_date: None,
                end_date: Some(now),
            });
            seed.ti.state = Some(to);
            self.tally.unfinished -= 1;
            self.tally.moving -= 1;
        }
    }

    fn unfinished(&self, graph: &Graph, wanted: impl Fn(TaskIx) -> bool) -> Vec<((TaskIx, i32), Ti)> {
        let nodes = graph.iter().zip(&self.nodes).filter(|(ix, _)| wanted(*ix));
        let instances = nodes.flat_map(|(ix, node)| node.instances().map(move |(i, ti)| ((ix, i), *ti)));
        instances.filter(|(_, ti)| ti.unfinished()).collect()
    }

    fn cut(&mut self, graph: &Graph, (at, ti): ((TaskIx, i32), Ti), to: TaskState, reason: &'static str, now: Timestamp, plan: &mut Plan) {
        if ti.state.is_some_and(TaskState::has_attempt) {
            let task_id = Arc::clone(&graph.task(at.0).id);
            plan.effects.push(Effect::Kill { task_id, map_index: at.1, reason });
        }
        self.finish(graph, at, to, reason, now, plan);
    }

    fn end(&mut self, end: RunEnd, plan: &mut Plan) {
        self.facts.state = end.state;
        plan.run = Some(end);
        let form = self.graph.form();
        let success = end.state == RunState::Success;
        if (success && form.has_on_success_callback) || (!success && form.has_on_failure_callback) {
            plan.effects.push(Effect::DagCallback { success, reason: end.reason });
        }
    }
}
