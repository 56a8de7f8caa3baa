//! What watchers know already, so that nothing is told twice.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};
use tradewind_store::list::live::{AlertNews, DagNews, Member, News, RunNews, TaskNews, Vitals};

use super::hints::{Event, Hints, RunKey, TaskKey};
use crate::time::Time;

/// More than this is forgotten; then something may be told twice.
const KEPT: usize = 50_000;

/// See the module.
#[derive(Default)]
pub struct Told {
    tasks: HashMap<TaskKey, TaskNews>,
    runs: HashMap<RunKey, RunNews>,
    dags: HashMap<String, DagNews>,
    alerts: HashMap<i64, AlertNews>,
    vitals: Option<Vitals>,
    /// The next DAGs that are read are what watchers have read themselves.
    begins: bool,
}

fn time(us: Option<i64>) -> Option<Time> {
    us.map(Time::from_micros)
}

/// Keeps what is new; whether it was.
fn keep<K: std::hash::Hash + Eq, V: PartialEq>(map: &mut HashMap<K, V>, key: K, value: V) -> bool {
    if map.len() >= KEPT && !map.contains_key(&key) {
        map.clear();
    }
    match map.get(&key) {
        Some(known) if *known == value => false,
        _ => {
            map.insert(key, value);
            true
        }
    }
}

impl Told {
    /// Watchers come after nobody watched: what they find now they have read themselves.
    pub fn begin(&mut self) {
        *self = Self { begins: true, ..Self::default() };
    }

    /// The events of rows. What was hinted at and has no row any more is told as the hint has it.
    pub fn events(&mut self, news: News, hints: &Hints) -> Vec<Event> {
        let begins = std::mem::take(&mut self.begins);
        let mut events = Vec::new();
        let named: HashSet<String> = news.dags.iter().map(|dag| dag.dag_id.clone()).collect();
        for dag in news.dags {
            let hinted = hints.dags.contains_key(&dag.dag_id);
            let data = of_dag(&dag);
            let is_new = keep(&mut self.dags, dag.dag_id.clone(), dag);
            // A hint may be about what belongs to the DAG: a backfill, an asset.
            if hinted || (is_new && !begins) {
                events.push(("dag", data));
            }
        }
        for dag_id in hints.dags.keys().filter(|dag_id| !named.contains(*dag_id)) {
            events.push(("dag", json!({ "dag_id": dag_id, "deleted": true })));
        }
        let mut seen: HashSet<RunKey> = HashSet::new();
        for run in news.runs {
            let (key, data) = ((run.dag_id.clone(), run.run_id.clone()), of_run(&run));
            seen.insert(key.clone());
            if keep(&mut self.runs, key, run) {
                events.push(("dag_run", data));
            }
        }
        for ((dag_id, run_id), state) in hints.runs.iter().filter(|(key, _)| !seen.contains(*key)) {
            events.push(("dag_run", json!({ "dag_id": dag_id, "run_id": run_id, "state": state })));
        }
        let mut seen: HashSet<TaskKey> = HashSet::new();
        for task in news.tasks {
            let key = (task.dag_id.clone(), task.run_id.clone(), task.task_id.clone(), task.map_index);
            let data = of_task(&task);
            seen.insert(key.clone());
            if keep(&mut self.tasks, key, task) {
                events.push(("task_instance", data));
            }
        }
        for ((dag_id, run_id, task_id, map_index), (state, try_number)) in hints.tasks.iter().filter(|(key, _)| !seen.contains(*key)) {
            let data = json!({
                "dag_id": dag_id, "run_id": run_id, "task_id": task_id, "map_index": map_index, "state": state, "try_number": try_number,
            });
            events.push(("task_instance", data));
        }
        for alert in news.alerts {
            let data = of_alert(&alert);
            if keep(&mut self.alerts, alert.id, alert) {
                events.push(("alert", data));
            }
        }
        events.into_iter().map(|(kind, data)| (kind, data.to_string())).collect()
    }

    /// Events of import errors, and of processes that came or went.
    pub fn vitals(&mut self, vitals: Vitals) -> Vec<Event> {
        let Some(known) = self.vitals.replace(vitals.clone()) else { return Vec::new() };
        let mut events = Vec::new();
        if known.import_errors != vitals.import_errors {
            events.push(("import_error", json!({ "import_errors": vitals.import_errors.0 })));
        }
        let gone = known.members.iter().filter(|member| !vitals.members.contains(member)).map(|member| of_member(member, false));
        let new = vitals.members.iter().filter(|member| !known.members.contains(member)).map(|member| of_member(member, true));
        events.extend(gone.chain(new).map(|data| ("job", data)));
        events.into_iter().map(|(kind, data)| (kind, data.to_string())).collect()
    }
}

fn of_dag(dag: &DagNews) -> Value {
    json!({
        "dag_id": dag.dag_id, "is_paused": dag.is_paused, "is_stale": dag.is_stale, "has_import_errors": dag.has_import_errors,
        "next_run_after": time(dag.next_run_after),
    })
}

fn of_run(run: &RunNews) -> Value {
    json!({
        "dag_id": run.dag_id, "run_id": run.run_id, "state": run.state, "run_type": run.run_type,
        "run_after": Time::from_micros(run.run_after), "logical_date": time(run.logical_date),
        "start_date": time(run.start_date), "end_date": time(run.end_date),
    })
}

fn of_task(task: &TaskNews) -> Value {
    json!({
        "dag_id": task.dag_id, "run_id": task.run_id, "task_id": task.task_id, "map_index": task.map_index, "state": task.state,
        "try_number": task.try_number, "start_date": time(task.start_date), "end_date": time(task.end_date),
    })
}

fn of_alert(alert: &AlertNews) -> Value {
    json!({
        "id": alert.id, "kind": alert.kind, "channel": alert.channel, "state": alert.state, "dag_id": alert.dag_id, "run_id": alert.run_id,
        "task_id": alert.task_id,
    })
}

fn of_member(member: &Member, healthy: bool) -> Value {
    json!({ "id": member.id, "kind": crate::route::home::kind(&member.job_type), "hostname": member.hostname, "healthy": healthy })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(state: &str) -> TaskNews {
        let (dag_id, run_id, task_id) = ("d".to_owned(), "r".to_owned(), "t".to_owned());
        TaskNews { dag_id, run_id, task_id, map_index: -1, state: Some(state.into()), try_number: 1, start_date: Some(1), end_date: None }
    }

    #[test]
    fn nothing_is_told_twice() {
        let mut told = Told::default();
        let news = |state: &str| News { tasks: vec![task(state)], ..News::default() };
        assert_eq!(told.events(news("running"), &Hints::default()).len(), 1);
        assert!(told.events(news("running"), &Hints::default()).is_empty());
        let events = told.events(news("success"), &Hints::default());
        assert!(events[0].1.contains(r#""state":"success""#) && events[0].1.contains(r#""start_date":"1970"#), "{events:?}");
    }

    #[test]
    fn what_is_gone_is_told_as_the_hint_has_it() {
        let mut hints = Hints::default();
        hints.add(tradewind_queue::Change::RunState { dag_id: "d".into(), run_id: "r".into(), state: "failed".into() });
        hints.add(tradewind_queue::Change::Dag { dag_id: "gone".into() });
        let events = Told::default().events(News::default(), &hints);
        assert_eq!(events[0], ("dag", r#"{"dag_id":"gone","deleted":true}"#.into()));
        assert_eq!(events[1], ("dag_run", r#"{"dag_id":"d","run_id":"r","state":"failed"}"#.into()));
    }

    #[test]
    fn the_dags_that_are_there_at_the_beginning_are_no_news() {
        let dag = |paused: bool| DagNews {
            dag_id: "d".into(),
            is_paused: paused,
            is_stale: false,
            has_import_errors: false,
            next_run_after: None,
            version_id: None,
        };
        let mut told = Told::default();
        told.begin();
        assert!(told.events(News { dags: vec![dag(true)], ..News::default() }, &Hints::default()).is_empty());
        assert_eq!(told.events(News { dags: vec![dag(false)], ..News::default() }, &Hints::default()).len(), 1);
        assert!(told.events(News { dags: vec![dag(false)], ..News::default() }, &Hints::default()).is_empty());
        let mut hints = Hints::default();
        hints.add(tradewind_queue::Change::Dag { dag_id: "d".into() });
        assert_eq!(told.events(News { dags: vec![dag(false)], ..News::default() }, &hints).len(), 1, "what belongs to it has changed");
    }

    #[test]
    fn processes_come_and_go() {
        let member = |id: i64| Member { id, job_type: "SchedulerJob".into(), hostname: "h".into() };
        let vitals = |ids: &[i64]| Vitals { import_errors: (0, None, None), members: ids.iter().copied().map(member).collect() };
        let mut told = Told::default();
        assert!(told.vitals(vitals(&[1])).is_empty());
        let events = told.vitals(vitals(&[2]));
        assert_eq!(events[0], ("job", r#"{"id":1,"kind":"scheduler","hostname":"h","healthy":false}"#.into()));
        assert_eq!(events[1].1, r#"{"id":2,"kind":"scheduler","hostname":"h","healthy":true}"#);
    }
}
