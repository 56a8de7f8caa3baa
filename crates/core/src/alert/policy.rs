//! Who is told of what: the mail that tasks ask for, and channels of the configuration.

use std::collections::HashSet;
use std::sync::Arc;

use super::{AlertKind, Target};
use crate::form::{DagForm, TaskForm};

/// Name of the channel of mails that tasks ask for by `email` and `email_on_*`.
pub const EMAIL: &str = "email";

/// Whom a channel writes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipients {
    /// The channel itself knows: a webhook, a command.
    Channel,
    Addresses(Vec<String>),
    /// The addresses that the tasks of the DAG name.
    OfDag,
}

/// What one channel of the configuration wants to hear. Empty lists do not limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub channel: Arc<str>,
    pub recipients: Recipients,
    pub events: Vec<AlertKind>,
    /// Ids of DAGs; `*` and `?` are wildcards.
    pub dags: Vec<String>,
    pub tags: Vec<String>,
    pub owners: Vec<String>,
}

/// All rules. Without any, tasks that name addresses still have their mail.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy {
    pub rules: Vec<Rule>,
}

impl Policy {
    /// Whom to tell of a task.
    #[must_use]
    pub fn of_task(&self, kind: AlertKind, form: &DagForm, task: &TaskForm) -> Vec<Target> {
        let asked = match kind {
            AlertKind::TaskSuccess => task.email_on_success,
            AlertKind::TaskFailure => task.email_on_failure,
            AlertKind::TaskRetry => task.email_on_retry,
            _ => false,
        };
        let mut targets = Vec::new();
        if asked && !task.email.is_empty() {
            targets.push(Target { channel: EMAIL.into(), recipients: once_each(task.email.iter()) });
        }
        targets.extend(self.matching(kind, form, Some(task)));
        targets
    }

    /// Whom to tell of a run.
    #[must_use]
    pub fn of_run(&self, kind: AlertKind, form: &DagForm) -> Vec<Target> {
        self.matching(kind, form, None).collect()
    }

    /// Whether any rule asks for this.
    #[must_use]
    pub fn asks_for(&self, kind: AlertKind) -> bool {
        self.rules.iter().any(|rule| rule.events.contains(&kind))
    }

    fn matching<'a>(&'a self, kind: AlertKind, form: &'a DagForm, task: Option<&'a TaskForm>) -> impl Iterator<Item = Target> + 'a {
        self.rules.iter().filter(move |rule| rule.matches(kind, form, task)).filter_map(|rule| rule.target(form))
    }
}

impl Rule {
    /// Whether a pattern (`*` is any text, `?` any one letter) names this DAG.
    #[must_use]
    pub fn names(pattern: &str, dag_id: &str) -> bool {
        like(pattern, dag_id)
    }

    fn matches(&self, kind: AlertKind, form: &DagForm, task: Option<&TaskForm>) -> bool {
        let owner = |wanted: &String| match task {
            Some(task) => task.owner == *wanted,
            None => form.tasks.iter().any(|task| task.owner == *wanted),
        };
        self.events.contains(&kind)
            && (self.dags.is_empty() || self.dags.iter().any(|pattern| like(pattern, &form.dag_id)))
            && (self.tags.is_empty() || self.tags.iter().any(|tag| form.tags.contains(tag)))
            && (self.owners.is_empty() || self.owners.iter().any(owner))
    }

    fn target(&self, form: &DagForm) -> Option<Target> {
        let recipients = match &self.recipients {
            Recipients::Channel => Vec::new(),
            Recipients::Addresses(addresses) => addresses.clone(),
            Recipients::OfDag => {
                let found = once_each(form.tasks.iter().flat_map(|task| task.email.iter()));
                if found.is_empty() {
                    return None;
                }
                found
            }
        };
        Some(Target { channel: self.channel.clone(), recipients })
    }
}

fn once_each<'a>(addresses: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut seen = HashSet::new();
    addresses.filter(|address| seen.insert(address.as_str())).cloned().collect()
}

/// `*` is any text, `?` any one letter.
fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        if p < pattern.len() && pattern[p] == '*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == '?' || pattern[p] == text[t]) {
            (p, t) = (p + 1, t + 1);
        } else if let Some((at, from)) = star {
            (p, t, star) = (at + 1, from + 1, Some((at, from + 1)));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form() -> DagForm {
        let task = |id: &str, more: serde_json::Value| {
            let mut task = json!({"task_id": id, "task_type": "T", "task_module": "m", "owner": "ada"});
            task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            task
        };
        DagForm::from_value(json!({
            "format": 1, "dag_id": "etl_sales", "fileloc": "/d.py", "relative_fileloc": "d.py", "catchup": false, "tags": ["money"],
            "tasks": [
                task("mails", json!({"email": ["a@b", "c@d", "a@b"], "email_on_success": true, "email_on_retry": false})),
                task("silent", json!({"email_on_success": true})),
            ],
        }))
        .unwrap()
    }

    fn rule(change: impl FnOnce(&mut Rule)) -> Policy {
        let mut rule = Rule {
            channel: "ops".into(),
            recipients: Recipients::Channel,
            events: vec![AlertKind::TaskFailure, AlertKind::RunFailure],
            dags: vec![],
            tags: vec![],
            owners: vec![],
        };
        change(&mut rule);
        Policy { rules: vec![rule] }
    }

    #[test]
    fn tasks_get_the_mail_they_ask_for_one_per_event() {
        let (form, policy) = (form(), Policy::default());
        let of = |kind, task: usize| policy.of_task(kind, &form, &form.tasks[task]);
        let mail = vec![Target { channel: EMAIL.into(), recipients: vec!["a@b".into(), "c@d".into()] }];
        assert_eq!(of(AlertKind::TaskSuccess, 0), mail);
        assert_eq!(of(AlertKind::TaskFailure, 0), mail);
        assert_eq!(of(AlertKind::TaskRetry, 0), []);
        assert_eq!(of(AlertKind::TaskSuccess, 1), []);
        assert_eq!(policy.of_run(AlertKind::RunFailure, &form), []);
    }

    #[test]
    fn channels_hear_what_they_ask_for() {
        let form = form();
        let hears = |policy: Policy, kind| !policy.of_run(kind, &form).is_empty();
        assert!(hears(rule(|_| {}), AlertKind::RunFailure));
        assert!(!hears(rule(|_| {}), AlertKind::RunSuccess));
        assert!(hears(rule(|rule| rule.dags = vec!["x".into(), "etl_*".into()]), AlertKind::RunFailure));
        assert!(!hears(rule(|rule| rule.dags = vec!["etl".into()]), AlertKind::RunFailure));
        assert!(hears(rule(|rule| rule.tags = vec!["money".into()]), AlertKind::RunFailure));
        assert!(!hears(rule(|rule| rule.tags = vec!["other".into()]), AlertKind::RunFailure));
        assert!(hears(rule(|rule| rule.owners = vec!["ada".into()]), AlertKind::RunFailure));
        assert!(!hears(rule(|rule| rule.owners = vec!["bob".into()]), AlertKind::RunFailure));
        let of_dag = rule(|rule| rule.recipients = Recipients::OfDag).of_run(AlertKind::RunFailure, &form);
        assert_eq!(of_dag[0].recipients, ["a@b", "c@d"]);
    }

    #[test]
    fn wildcards() {
        for (pattern, text, expect) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abcb", false),
            ("?b", "ab", true),
            ("?b", "b", false),
            ("*_daily", "x_daily_daily", true),
            ("", "a", false),
        ] {
            assert_eq!(like(pattern, text), expect, "{pattern} {text}");
        }
    }
}
