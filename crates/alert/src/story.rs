//! What an alert says, in words, before it takes the form of a channel.

use jiff::{SignedDuration, Timestamp};
use tradewind_core::alert::{AlertKind, DigestFacts, Facts, RunFacts, TaskFacts};

use crate::log::Excerpt;
use crate::options::Link;
use crate::time::{in_zone, length};

/// See the module.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Story {
    pub subject: String,
    /// Good, bad or in between: for colours.
    pub tone: Tone,
    /// Label and value.
    pub rows: Vec<(&'static str, String)>,
    /// The error in one piece.
    pub error: Option<String>,
    pub traceback: Option<String>,
    pub first_error: Option<String>,
    pub log: Vec<String>,
    /// Label and address.
    pub links: Vec<(&'static str, String)>,
    /// Of a digest: text and address of each.
    pub items: Vec<(String, String)>,
    /// Items that are not listed.
    pub more: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    Good,
    #[default]
    Bad,
    Between,
}

/// Tells an alert. `name`: of this installation.
pub fn tell(kind: AlertKind, facts: &Facts, excerpt: Excerpt, link: &Link, name: &str) -> Story {
    if let Some(digest) = &facts.digest {
        return tell_digest(digest, link, name);
    }
    let mut story = Story { subject: format!("{name}: {}", headline(kind, facts)), tone: tone(kind), ..Story::default() };
    story.rows = rows(kind, facts);
    story.error = error(facts);
    story.traceback = facts.error.as_ref().map(|error| error.traceback.clone()).filter(|text| !text.is_empty());
    story.first_error = excerpt.first_error;
    // A success needs no log.
    if kind != AlertKind::TaskSuccess {
        story.log = excerpt.tail;
    }
    story.links = links(facts, link);
    story
}

/// One line: what, where, which try.
pub fn headline(kind: AlertKind, facts: &Facts) -> String {
    let place = place(facts);
    let tries = facts.task.as_ref().map_or(String::new(), |task| format!(" (try {} of {})", task.try_number, tries_of(task)));
    match kind {
        AlertKind::TaskSuccess => format!("{place} succeeded{tries}"),
        AlertKind::TaskFailure => format!("{place} failed{tries}"),
        AlertKind::TaskRetry => format!("{place} failed and is tried again{tries}"),
        AlertKind::RunSuccess => format!("run of {place} succeeded"),
        AlertKind::RunFailure => format!("run of {place} failed"),
        AlertKind::RunLate => format!("run of {place} is late"),
        AlertKind::RunNeverStarted => format!("run of {place} has not started"),
        AlertKind::Digest | AlertKind::Mail => place,
    }
}

/// A task that was cleared has had more tries than its retries say.
fn tries_of(task: &TaskFacts) -> u32 {
    (task.max_tries + 1).max(task.try_number)
}

fn place(facts: &Facts) -> String {
    match &facts.task {
        None => facts.dag_id.clone(),
        Some(task) => match (&task.rendered_map_index, task.map_index) {
            (Some(label), _) => format!("{}.{} [{label}]", facts.dag_id, task.task_id),
            (None, index) if index >= 0 => format!("{}.{} [{index}]", facts.dag_id, task.task_id),
            (None, _) => format!("{}.{}", facts.dag_id, task.task_id),
        },
    }
}

fn tone(kind: AlertKind) -> Tone {
    match kind {
        AlertKind::TaskSuccess | AlertKind::RunSuccess => Tone::Good,
        AlertKind::TaskFailure | AlertKind::RunFailure | AlertKind::Digest => Tone::Bad,
        AlertKind::TaskRetry | AlertKind::RunLate | AlertKind::RunNeverStarted | AlertKind::Mail => Tone::Between,
    }
}

fn error(facts: &Facts) -> Option<String> {
    match &facts.error {
        Some(error) if error.class.is_empty() => Some(error.message.clone()),
        Some(error) if error.message.is_empty() => Some(error.class.clone()),
        Some(error) => Some(format!("{}: {}", error.class, error.message)),
        None => facts.reason.clone(),
    }
}

fn rows(kind: AlertKind, facts: &Facts) -> Vec<(&'static str, String)> {
    let zone = facts.timezone.as_str();
    let mut rows = vec![("DAG", facts.dag_display_name.clone())];
    if facts.dag_display_name != facts.dag_id {
        rows.push(("DAG id", facts.dag_id.clone()));
    }
    if let Some(task) = &facts.task {
        rows.extend(task_rows(task, zone));
    }
    if let Some(run) = &facts.run {
        rows.extend(run_rows(kind, run, zone));
    }
    if let Some(late) = &facts.late {
        let what = if kind == AlertKind::RunLate { "Running since" } else { "Should have started" };
        rows.push((what, in_zone(late.since, zone)));
        let allowed = SignedDuration::try_from_secs_f64(late.allowed).unwrap_or(SignedDuration::MAX);
        rows.push(("Allowed", format!("{} ({})", length(allowed), late.rule)));
    }
    if facts.error.is_some()
        && let Some(reason) = facts.reason.as_ref().filter(|reason| facts.error.as_ref().is_none_or(|error| error.message != **reason))
    {
        rows.push(("Reason", reason.clone()));
    }
    rows
}

fn task_rows(task: &TaskFacts, zone: &str) -> Vec<(&'static str, String)> {
    let mut rows = vec![("Task", task.task_id.clone())];
    if task.map_index >= 0 {
        let label = task.rendered_map_index.as_ref().map_or(String::new(), |label| format!(" ({label})"));
        rows.push(("Map index", format!("{}{label}", task.map_index)));
    }
    rows.push(("State", task.state.clone()));
    rows.push(("Try", format!("{} of {}", task.try_number, tries_of(task))));
    if let Some(at) = task.retry_at {
        rows.push(("Next try", in_zone(at, zone)));
    }
    rows.extend(times(task.start_date, task.end_date, zone));
    if let Some(host) = &task.hostname {
        rows.push(("Host", host.clone()));
    }
    if !task.operator.is_empty() {
        rows.push(("Operator", task.operator.clone()));
    }
    rows
}

fn run_rows(kind: AlertKind, run: &RunFacts, zone: &str) -> Vec<(&'static str, String)> {
    let mut rows = vec![("Run", run.run_id.clone())];
    let of_run = matches!(kind, AlertKind::RunSuccess | AlertKind::RunFailure | AlertKind::RunLate | AlertKind::RunNeverStarted);
    if of_run {
        rows.push(("State", run.state.clone()));
    }
    if let Some(at) = run.logical_date {
        rows.push(("Logical date", in_zone(at, zone)));
    }
    if let (Some(start), Some(end)) = (run.data_interval_start, run.data_interval_end)
        && start != end
    {
        rows.push(("Data interval", format!("{} to {}", in_zone(start, zone), in_zone(end, zone))));
    }
    if of_run {
        rows.extend(times(run.start_date, run.end_date, zone));
    }
    rows
}

fn times(start: Option<Timestamp>, end: Option<Timestamp>, zone: &str) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    if let Some(start) = start {
        rows.push(("Started", in_zone(start, zone)));
    }
    if let Some(end) = end {
        let took = start.map_or(String::new(), |start| format!(" (after {})", length(end.duration_since(start))));
        rows.push(("Ended", format!("{}{took}", in_zone(end, zone))));
    }
    rows
}

fn links(facts: &Facts, link: &Link) -> Vec<(&'static str, String)> {
    let Some(run) = &facts.run else { return vec![("DAG", link.dag(&facts.dag_id))] };
    let mut links = Vec::new();
    if facts.task.is_some() {
        links.push(("Log and task", link.of(facts)));
    }
    links.push(("Run", link.run(&facts.dag_id, &run.run_id)));
    links
}

fn tell_digest(digest: &DigestFacts, link: &Link, name: &str) -> Story {
    let listed = digest.items.len() as u64;
    let mut kinds: Vec<(AlertKind, u64)> = Vec::new();
    for item in &digest.items {
        match kinds.iter_mut().find(|(kind, _)| *kind == item.kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((item.kind, 1)),
        }
    }
    let mut rows = vec![("Alerts", digest.count.to_string())];
    let (first, last) = (digest.items.first(), digest.items.last());
    if let (Some(first), Some(last)) = (first, last) {
        rows.push(("From", in_zone(first.created_at, &first.facts.timezone)));
        rows.push(("To", in_zone(last.created_at, &last.facts.timezone)));
    }
    if listed == digest.count {
        let by_kind: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        rows.push(("Of which", by_kind.join(", ")));
    }
    let items = digest.items.iter().map(|item| {
        let why = error(&item.facts).filter(|_| tone(item.kind) != Tone::Good);
        let why = why.map_or(String::new(), |why| format!(": {}", why.lines().next().unwrap_or_default()));
        (format!("{} {}{why}", in_zone(item.created_at, &item.facts.timezone), headline(item.kind, &item.facts)), link.of(&item.facts))
    });
    let bad = kinds.iter().any(|(kind, _)| tone(*kind) == Tone::Bad);
    Story {
        subject: format!("{name}: {} alerts", digest.count),
        tone: if bad { Tone::Bad } else { Tone::Between },
        rows,
        items: items.collect(),
        more: digest.count - listed.min(digest.count),
        ..Story::default()
    }
}
