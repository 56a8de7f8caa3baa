//! A run played by hand: rows are kept, plans are written, tests tell what workers report.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tradewind_core::graph::Graph;
use tradewind_core::plan::{Event, Past, Plan, Rows, Run, RunFacts, SkipMark, Skips, TaskRow};
use tradewind_core::state::{RunState, TaskState};

pub struct World {
    pub run: Run,
    pub now: Timestamp,
    /// The last plan.
    pub plan: Plan,
    pub facts: RunFacts,
    pub past: Past,
    rows: BTreeMap<(String, i32), TaskRow>,
    skips: BTreeMap<(String, i32), Skips>,
}

pub fn facts() -> RunFacts {
    super::outcomes::new_run().facts
}

impl World {
    pub fn new(graph: &Arc<Graph>) -> World {
        World::with(graph, facts(), None)
    }

    pub fn with(graph: &Arc<Graph>, facts: RunFacts, past: Past) -> World {
        let rows = Rows { facts: facts.clone(), tasks: Vec::new(), skips: Vec::new(), past: past.clone() };
        let now = Timestamp::UNIX_EPOCH;
        let (run, plan) = Run::load(Arc::clone(graph), rows, now);
        let mut world = World { run, now, plan: Plan::default(), facts, past, rows: BTreeMap::new(), skips: BTreeMap::new() };
        world.write(plan);
        world
    }

    fn write(&mut self, plan: Plan) {
        let graph = Arc::clone(self.run.graph());
        for (ix, map_index) in &plan.deleted {
            self.rows.remove(&(graph.task(*ix).id.to_string(), *map_index)).expect("the deleted row");
        }
        for new in &plan.created {
            let row = TaskRow {
                task_id: Arc::clone(&new.task_id),
                map_index: new.map_index,
                state: new.state,
                try_number: new.try_number,
                max_tries: new.max_tries,
                map_length: None,
                retry_at: None,
                reschedule_at: None,
                start_date: new.start_date,
                end_date: new.end_date,
            };
            self.rows.insert((new.task_id.to_string(), new.map_index), row);
        }
        for step in &plan.transitions {
            let row = self.rows.get_mut(&(step.task_id.to_string(), step.map_index)).expect("the row of a transition");
            assert_eq!(row.state, step.from, "{step:?}");
            (row.state, row.try_number) = (step.to, step.try_number);
            row.start_date = step.start_date.or(row.start_date);
            row.end_date = step.end_date.or(row.end_date);
        }
        if let Some(end) = plan.run {
            self.facts.state = end.state;
        }
        self.plan = plan;
    }

    pub fn on(&mut self, event: Event) {
        let plan = self.run.on(event, self.now);
        self.write(plan);
    }

    /// Throws memory away.
    pub fn reload(&mut self) {
        let mark = |((id, map_index), skip): (&(String, i32), &Skips)| SkipMark {
            task_id: id.as_str().into(),
            map_index: *map_index,
            skip: skip.clone(),
        };
        let rows = Rows {
            facts: self.facts.clone(),
            tasks: self.rows.values().cloned().collect(),
            skips: self.skips.iter().map(mark).collect(),
            past: self.past.clone(),
        };
        let (run, plan) = Run::load(Arc::clone(self.run.graph()), rows, self.now);
        self.run = run;
        self.write(plan);
    }

    pub fn row(&self, task: &str, map_index: i32) -> &TaskRow {
        self.rows.get(&(task.to_owned(), map_index)).unwrap_or_else(|| panic!("no row {task}[{map_index}]"))
    }

    /// A row changes by others, and the planner hears of it.
    pub fn change(&mut self, task: &str, map_index: i32, skip: &[&str], by: impl FnOnce(&mut TaskRow)) {
        let row = self.rows.get_mut(&(task.to_owned(), map_index)).unwrap_or_else(|| panic!("no row {task}[{map_index}]"));
        by(row);
        let row = row.clone();
        let skip: Skips = skip.iter().map(|id| ((*id).into(), None)).collect();
        if row.state == Some(TaskState::Success) {
            self.skips.insert((task.to_owned(), map_index), skip.clone());
        }
        self.on(Event::Task { row, skip });
    }

    /// An attempt of the task ends.
    pub fn end(&mut self, task: &str, map_index: i32, state: TaskState, map_length: Option<u32>) {
        assert_eq!(self.row(task, map_index).state, Some(TaskState::Scheduled), "{task}[{map_index}] does not run");
        let now = self.now;
        self.change(task, map_index, &[], |row| {
            (row.state, row.map_length) = (Some(state), map_length);
            (row.start_date, row.end_date) = (Some(now), Some(now));
            row.try_number += 1;
        });
    }

    pub fn succeed(&mut self, task: &str) {
        self.end(task, -1, TaskState::Success, None);
    }

    pub fn fail(&mut self, task: &str) {
        self.end(task, -1, TaskState::Failed, None);
    }

    /// A branch ends and skips tasks.
    pub fn branch(&mut self, task: &str, skip: &[&str]) {
        self.change(task, -1, skip, |row| row.state = Some(TaskState::Success));
    }

    pub fn clear(&mut self, task: &str, map_index: i32) {
        self.change(task, map_index, &[], |row| row.state = None);
    }

    /// The run is started again after it ended.
    pub fn restart(&mut self) {
        self.now += SignedDuration::from_secs(1);
        (self.facts.state, self.facts.start_date) = (RunState::Running, Some(self.now));
        self.on(Event::Run { state: RunState::Running, start_date: Some(self.now) });
    }

    pub fn seconds_later(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
        self.on(Event::Timer);
    }

    /// All states, `name:state` or `name[index]:state`; what has none is left out.
    pub fn states(&self) -> String {
        let named = self.rows.iter().filter_map(|((id, map_index), row)| {
            let state = row.state?;
            Some(if *map_index < 0 { format!("{id}:{state}") } else { format!("{id}[{map_index}]:{state}") })
        });
        named.collect::<Vec<_>>().join(" ")
    }

    /// Ids of the tasks that became ready with the last event.
    pub fn ready(&self) -> Vec<String> {
        let graph = self.run.graph();
        let name = |(ix, map_index): &(tradewind_core::graph::TaskIx, i32)| {
            let id = &graph.task(*ix).id;
            if *map_index < 0 { id.to_string() } else { format!("{id}[{map_index}]") }
        };
        self.plan.ready.iter().map(name).collect()
    }

    /// State and reason of the end of the run, by the last event.
    pub fn ended(&self) -> String {
        self.plan.run.map_or_else(|| "open".to_owned(), |end| format!("{} ({})", end.state, end.reason))
    }

    /// The reasons why a task does not run.
    pub fn why(&self, task: &str, map_index: i32) -> Vec<String> {
        let unmet = self.run.why_not(task, map_index, self.now);
        unmet.iter().map(|unmet| format!("{}: {}", unmet.dep(), unmet.in_words())).collect()
    }
}
