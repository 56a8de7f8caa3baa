//! Looks for runs that are late or have not begun, and lets old alerts go. Any number of schedulers may look: the keys of the alerts make them one.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tradewind_config::Alerts;
use tradewind_core::alert::{AlertKind, Draft, LateFacts, Policy, Rule, run_draft};
use tradewind_core::form::DagForm;
use tradewind_core::state::RunState;
use tradewind_queue::{Change, Changes};
use tradewind_store::Store;
use tradewind_store::step::{OpenRun, OpenRuns, OverdueDags, PruneAlerts, UsualDuration};
use tradewind_store::table::alert::WriteAlerts;
use tradewind_store::table::dag_form::VersionForm;

use crate::options::{AlertOptions, signed};

/// Runs looked at in one round, oldest first.
const LIMIT: u32 = 2_000;
/// Rounds between two looks for old alerts.
const PRUNE_EACH: u32 = 60;
/// Successes that the usual duration is taken from.
const USUAL_OF: u32 = 20;
/// A usual duration below this says little: a run of a second is not late after three.
const SHORTEST: SignedDuration = SignedDuration::from_secs(60);
/// Forms and durations kept; all are read anew when there are more.
const KEPT: usize = 1_000;

/// What counts as late.
#[derive(Debug, Clone)]
pub struct WatchOptions {
    pub late_after: Option<Duration>,
    pub late_factor: Option<f64>,
    pub late_after_by_dag: Vec<(String, Option<Duration>)>,
    pub never_started_after: Option<Duration>,
    pub interval: Duration,
}

impl From<&Alerts> for WatchOptions {
    fn from(alerts: &Alerts) -> Self {
        Self {
            late_after: alerts.late_after,
            late_factor: alerts.late_factor,
            late_after_by_dag: alerts.late_after_by_dag.clone(),
            never_started_after: alerts.never_started_after,
            interval: alerts.check_interval,
        }
    }
}

struct Watcher {
    options: WatchOptions,
    policy: Arc<Policy>,
    store: Store,
    forms: HashMap<i64, Option<Arc<DagForm>>>,
    usual: HashMap<String, Option<SignedDuration>>,
}

/// A time that is allowed, and where it comes from.
type Allowed = (SignedDuration, String);

/// Looks until told to stop.
pub async fn watch(
    watching: WatchOptions,
    options: AlertOptions,
    policy: Arc<Policy>,
    store: Store,
    changes: Changes,
    mut stop: watch::Receiver<bool>,
) {
    let interval = watching.interval;
    let mut watcher = Watcher { options: watching, policy, store, forms: HashMap::new(), usual: HashMap::new() };
    let mut round = 0_u32;
    while !*stop.borrow() {
        match watcher.look().await {
            Ok(drafts) if !drafts.is_empty() => match watcher.store.run(WriteAlerts(drafts)).await {
                Ok(()) => changes.send(Change::Outbox),
                Err(error) => tracing::warn!("alerts of late runs could not be written, the next look will: {error}"),
            },
            Ok(_) => {}
            Err(error) => tracing::warn!("late runs could not be looked for: {error}"),
        }
        if round.is_multiple_of(PRUNE_EACH) {
            watcher.prune(&options).await;
        }
        round = round.wrapping_add(1);
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => {}
            () = tokio::time::sleep(interval) => {}
        }
    }
}

impl Watcher {
    async fn prune(&mut self, options: &AlertOptions) {
        self.usual.clear();
        if self.forms.len() > KEPT {
            self.forms.clear();
        }
        let prune = PruneAlerts { keep: options.keep, give_up: options.backoff.give_up, limit: 10_000 };
        if let Err(error) = self.store.run(prune).await {
            tracing::warn!("old alerts could not be removed: {error}");
        }
    }

    async fn look(&mut self) -> tradewind_store::Result<Vec<(Option<i64>, Draft)>> {
        let mut drafts = Vec::new();
        let (late, never) = (self.looks_for_late(), self.never_started());
        if !late && never.is_none() {
            return Ok(drafts);
        }
        let now = self.store.now();
        for run in self.store.run(OpenRuns { before: now, limit: LIMIT }).await? {
            let draft = match run.state {
                RunState::Running if late => self.late(&run, now).await?,
                RunState::Queued => match never {
                    Some(grace) => self.queued_too_long(&run, grace, now).await?,
                    None => None,
                },
                _ => None,
            };
            drafts.extend(draft.map(|draft| (Some(run.run_pk), draft)));
        }
        if let Some(grace) = never {
            drafts.extend(self.missing(grace, now).await?.into_iter().map(|draft| (None, draft)));
        }
        Ok(drafts)
    }

    fn looks_for_late(&self) -> bool {
        let options = &self.options;
        let is_set = options.late_after.is_some() || options.late_factor.is_some() || !options.late_after_by_dag.is_empty();
        is_set && self.policy.asks_for(AlertKind::RunLate)
    }

    fn never_started(&self) -> Option<SignedDuration> {
        self.options.never_started_after.filter(|_| self.policy.asks_for(AlertKind::RunNeverStarted)).map(signed)
    }

    async fn late(&mut self, run: &OpenRun, now: Timestamp) -> tradewind_store::Result<Option<Draft>> {
        let Some(since) = run.start_date else { return Ok(None) };
        let Some((allowed, rule)) = self.allowed(&run.dag_id).await? else { return Ok(None) };
        if now.duration_since(since) < allowed {
            return Ok(None);
        }
        let Some(form) = self.form(run.version_id).await? else { return Ok(None) };
        // A run that is cleared and runs again may be late again.
        let key = format!("late/{}/{}", run.run_pk, run.clear_number);
        Ok(self.draft(AlertKind::RunLate, &form, key, LateFacts { since, allowed: allowed.as_secs_f64(), rule }))
    }

    /// How long runs of a DAG may take: the first that is said of it.
    async fn allowed(&mut self, dag_id: &str) -> tradewind_store::Result<Option<Allowed>> {
        if let Some((pattern, allowed)) = self.options.late_after_by_dag.iter().find(|(pattern, _)| Rule::names(pattern, dag_id)) {
            return Ok(allowed.map(|allowed| (signed(allowed), format!("[alerts] late_after_by_dag, {pattern}"))));
        }
        let fixed = self.options.late_after.map(|allowed| (signed(allowed), "[alerts] late_after".to_owned()));
        let Some(factor) = self.options.late_factor else { return Ok(fixed) };
        let usual = match self.usual.get(dag_id) {
            Some(usual) => *usual,
            None => {
                let usual = self.store.run(UsualDuration { dag_id: dag_id.to_owned(), runs: USUAL_OF }).await?;
                self.usual.insert(dag_id.to_owned(), usual);
                usual
            }
        };
        let by_factor = usual.map(|usual| {
            let allowed = SignedDuration::try_from_secs_f64(usual.as_secs_f64() * factor).unwrap_or(SignedDuration::MAX).max(SHORTEST);
            (allowed, format!("[alerts] late_factor, {factor} times the usual {}", crate::time::length(usual)))
        });
        // The shorter of the two.
        Ok(match (fixed, by_factor) {
            (Some(fixed), Some(by_factor)) if by_factor.0 < fixed.0 => Some(by_factor),
            (Some(fixed), _) => Some(fixed),
            (None, by_factor) => by_factor,
        })
    }

    /// A run that was made in time and waits. Runs of a backlog are made late; that they wait is no news.
    async fn queued_too_long(&mut self, run: &OpenRun, grace: SignedDuration, now: Timestamp) -> tradewind_store::Result<Option<Draft>> {
        let made_late = run.queued_at.is_none_or(|queued| queued.duration_since(run.run_after) > grace);
        let waits = now.duration_since(run.run_after) >= grace;
        if run.run_type != "scheduled" || run.is_paused || run.start_date.is_some() || made_late || !waits {
            return Ok(None);
        }
        let Some(form) = self.form(run.version_id).await? else { return Ok(None) };
        let late = LateFacts { since: run.run_after, allowed: grace.as_secs_f64(), rule: "[alerts] never_started_after".to_owned() };
        let draft = self.draft(AlertKind::RunNeverStarted, &form, never_key(&run.dag_id, run.run_after), late);
        Ok(draft.map(|draft| because(draft, format!("it waits for a place under max_active_runs = {}", form.max_active_runs))))
    }

    /// DAGs whose run of this time was not even made.
    async fn missing(&mut self, grace: SignedDuration, now: Timestamp) -> tradewind_store::Result<Vec<Draft>> {
        let before = now.saturating_sub(grace).unwrap_or(Timestamp::MIN);
        let mut drafts = Vec::new();
        for dag in self.store.run(OverdueDags { before, limit: LIMIT }).await? {
            let Some(form) = self.form(dag.version_id).await? else { continue };
            let late = LateFacts { since: dag.run_after, allowed: grace.as_secs_f64(), rule: "[alerts] never_started_after".to_owned() };
            let draft = self.draft(AlertKind::RunNeverStarted, &form, never_key(&dag.dag_id, dag.run_after), late);
            let why = format!(
                "the run was not made: as many runs are open as max_active_runs = {} allows, or no scheduler was there",
                dag.max_active_runs
            );
            drafts.extend(draft.map(|draft| because(draft, why)));
        }
        Ok(drafts)
    }

    fn draft(&self, kind: AlertKind, form: &DagForm, key: String, late: LateFacts) -> Option<Draft> {
        let mut draft = run_draft(&self.policy, kind, form, key)?;
        draft.facts.late = Some(late);
        Some(draft)
    }

    async fn form(&mut self, version_id: Option<i64>) -> tradewind_store::Result<Option<Arc<DagForm>>> {
        let Some(version_id) = version_id else { return Ok(None) };
        if let Some(form) = self.forms.get(&version_id) {
            return Ok(form.clone());
        }
        let text = self.store.run(VersionForm { version_id }).await?;
        let form = text.and_then(|text| DagForm::from_json(&text).ok()).map(Arc::new);
        self.forms.insert(version_id, form.clone());
        Ok(form)
    }
}

/// One key for a run that waits and a run that was not made: it is the same tick.
fn never_key(dag_id: &str, run_after: Timestamp) -> String {
    format!("never/{dag_id}/{}", run_after.as_microsecond())
}

fn because(mut draft: Draft, why: String) -> Draft {
    draft.facts.reason = Some(why);
    draft
}
