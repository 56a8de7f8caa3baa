//! Addresses of pages.

use tradewind_core::alert::Facts;

use crate::options::Link;

impl Link {
    /// The page of a task instance's try, of the run, or of the DAG: whatever the facts name.
    pub fn of(&self, facts: &Facts) -> String {
        let Some(run) = &facts.run else { return self.dag(&facts.dag_id) };
        match &facts.task {
            Some(task) => {
                let page = self.task(&facts.dag_id, &run.run_id, &task.task_id, task.map_index);
                format!("{page}{}try={}", if page.contains('?') { '&' } else { '?' }, task.try_number)
            }
            None => self.run(&facts.dag_id, &run.run_id),
        }
    }

    pub fn dag(&self, dag_id: &str) -> String {
        format!("{}/dags/{}", self.base_url, part(dag_id))
    }

    pub fn run(&self, dag_id: &str, run_id: &str) -> String {
        format!("{}/runs/{}", self.dag(dag_id), part(run_id))
    }

    pub fn task(&self, dag_id: &str, run_id: &str, task_id: &str, map_index: i32) -> String {
        let mapped = if map_index >= 0 { format!("?map_index={map_index}") } else { String::new() };
        format!("{}/tasks/{}{mapped}", self.run(dag_id, run_id), part(task_id))
    }
}

/// A part of a path: what has a meaning in addresses, or ends a link in the eyes of a mail program, is escaped.
fn part(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b':' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use tradewind_core::alert::{RunFacts, TaskFacts};

    use super::*;

    #[test]
    fn the_page_of_what_it_is_about() {
        let link = Link { base_url: "https://x/tw".to_owned() };
        let mut facts = Facts { dag_id: "d é".to_owned(), ..Facts::default() };
        assert_eq!(link.of(&facts), "https://x/tw/dags/d%20%C3%A9");
        facts.run = Some(RunFacts { run_id: "manual__2024-01-01T00:00:00+00:00".to_owned(), ..RunFacts::default() });
        assert_eq!(link.of(&facts), "https://x/tw/dags/d%20%C3%A9/runs/manual__2024-01-01T00:00:00%2B00:00");
        facts.task = Some(TaskFacts { task_id: "g.t".to_owned(), map_index: 3, try_number: 2, ..TaskFacts::default() });
        assert!(link.of(&facts).ends_with("/tasks/g.t?map_index=3&try=2"));
    }
}
