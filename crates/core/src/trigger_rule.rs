//! Trigger rules: what the states of upstream task instances mean for a task.
//!
//! [`Counts`] is kept up to date one state change at a time, so that a decision costs the same for two upstreams as for
//! ten thousand.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::state::TaskState;

/// The rule of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum TriggerRule {
    #[default]
    AllSuccess,
    AllFailed,
    AllDone,
    AllSkipped,
    AllDoneMinOneSuccess,
    /// Teardowns: everything done and at least one of the setups succeeded.
    AllDoneSetupSuccess,
    OneSuccess,
    OneFailed,
    OneDone,
    NoneFailed,
    NoneFailedMinOneSuccess,
    NoneSkipped,
    Always,
}

impl TriggerRule {
    /// Every rule with its current spelling.
    pub const ALL: &[(TriggerRule, &str)] = &[
        (Self::AllSuccess, "all_success"),
        (Self::AllFailed, "all_failed"),
        (Self::AllDone, "all_done"),
        (Self::AllSkipped, "all_skipped"),
        (Self::AllDoneMinOneSuccess, "all_done_min_one_success"),
        (Self::AllDoneSetupSuccess, "all_done_setup_success"),
        (Self::OneSuccess, "one_success"),
        (Self::OneFailed, "one_failed"),
        (Self::OneDone, "one_done"),
        (Self::NoneFailed, "none_failed"),
        (Self::NoneFailedMinOneSuccess, "none_failed_min_one_success"),
        (Self::NoneSkipped, "none_skipped"),
        (Self::Always, "always"),
    ];

    /// The current spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(rule, _)| *rule == self).map_or("all_success", |(_, name)| name)
    }
}

impl fmt::Display for TriggerRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text that is not the name of a trigger rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a trigger rule; use one of {allowed}", allowed = rule_names())]
pub struct UnknownRule(String);

fn rule_names() -> String {
    let names: Vec<_> = TriggerRule::ALL.iter().map(|(_, name)| *name).collect();
    names.join(", ")
}

impl FromStr for TriggerRule {
    type Err = UnknownRule;

    fn from_str(text: &str) -> Result<Self, UnknownRule> {
        TriggerRule::ALL.iter().find(|(_, name)| *name == text).map(|(rule, _)| *rule).ok_or_else(|| UnknownRule(text.to_owned()))
    }
}

impl TryFrom<String> for TriggerRule {
    type Error = UnknownRule;

    fn try_from(text: String) -> Result<Self, UnknownRule> {
        text.parse()
    }
}

impl From<TriggerRule> for String {
    fn from(rule: TriggerRule) -> String {
        rule.as_str().to_owned()
    }
}

/// How many of the upstream task instances are in which state. Those without a place here are unfinished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub total: u32,
    pub success: u32,
    pub failed: u32,
    pub skipped: u32,
    pub upstream_failed: u32,
    pub removed: u32,
    /// Of all these, the setups of a teardown.
    pub setup_total: u32,
    pub setup_success: u32,
    pub setup_skipped: u32,
}

impl Counts {
    /// Upstream task instances that are finished.
    #[must_use]
    pub const fn done(&self) -> u32 {
        self.success + self.failed + self.skipped + self.upstream_failed + self.removed
    }

    /// Adds one upstream task instance in `state`.
    pub fn add(&mut self, state: Option<TaskState>, setup: bool) {
        self.total += 1;
        self.setup_total += u32::from(setup);
        self.step(state, setup, |count| *count += 1);
    }

    /// Takes one upstream task instance in `state` out again.
    pub fn subtract(&mut self, state: Option<TaskState>, setup: bool) {
        self.total -= 1;
        self.setup_total -= u32::from(setup);
        self.step(state, setup, |count| *count -= 1);
    }

    /// One upstream task instance went from one state to another.
    pub fn change(&mut self, from: Option<TaskState>, to: Option<TaskState>, setup: bool) {
        self.step(from, setup, |count| *count -= 1);
        self.step(to, setup, |count| *count += 1);
    }

    /// The counts of two disjoint sets of upstream task instances together.
    #[must_use]
    pub const fn plus(&self, other: &Counts) -> Counts {
        Counts {
            total: self.total + other.total,
            success: self.success + other.success,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
            upstream_failed: self.upstream_failed + other.upstream_failed,
            removed: self.removed + other.removed,
            setup_total: self.setup_total + other.setup_total,
            setup_success: self.setup_success + other.setup_success,
            setup_skipped: self.setup_skipped + other.setup_skipped,
        }
    }

    fn step(&mut self, state: Option<TaskState>, setup: bool, by: impl Fn(&mut u32)) {
        match state {
            Some(TaskState::Success) => {
                by(&mut self.success);
                if setup {
                    by(&mut self.setup_success);
                }
            }
            Some(TaskState::Skipped) => {
                by(&mut self.skipped);
                if setup {
                    by(&mut self.setup_skipped);
                }
            }
            Some(TaskState::Failed) => by(&mut self.failed),
            Some(TaskState::UpstreamFailed) => by(&mut self.upstream_failed),
            Some(TaskState::Removed) => by(&mut self.removed),
            _ => {}
        }
    }
}

/// What a task may do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// The rule is met.
    Run,
    /// It may still be met.
    Wait,
    /// It never will be: the task is skipped.
    Skip,
    /// It never will be, because of a failure.
    UpstreamFailed,
}

/// The decision of `rule` over the upstream task instances in `counts`. Taken as soon as it is certain.
#[must_use]
pub fn decide_rule(rule: TriggerRule, counts: &Counts) -> Decision {
    use Decision::{Run, Skip, UpstreamFailed, Wait};
    let c = counts;
    let bad = c.failed + c.upstream_failed;
    let done = c.done() >= c.total;
    if c.total == 0 {
        return Run;
    }
    match rule {
        TriggerRule::Always => Run,
        TriggerRule::AllSuccess if bad > 0 => UpstreamFailed,
        TriggerRule::AllSuccess if c.skipped > 0 => Skip,
        TriggerRule::AllFailed if c.success + c.skipped > 0 => Skip,
        TriggerRule::AllSkipped if c.success + bad > 0 => Skip,
        // A removed upstream is not a skipped one, and will not become one.
        TriggerRule::AllSkipped if c.removed > 0 => Wait,
        TriggerRule::AllDoneMinOneSuccess if c.skipped > 0 => Skip,
        TriggerRule::AllDoneMinOneSuccess if done && c.success == 0 => UpstreamFailed,
        TriggerRule::OneSuccess if c.success > 0 => Run,
        TriggerRule::OneSuccess if done && c.skipped == c.total => Skip,
        TriggerRule::OneSuccess if done => UpstreamFailed,
        TriggerRule::OneFailed if bad > 0 => Run,
        TriggerRule::OneFailed if done => Skip,
        TriggerRule::OneDone if c.success + c.failed > 0 => Run,
        TriggerRule::OneDone if done => Skip,
        TriggerRule::NoneFailed | TriggerRule::NoneFailedMinOneSuccess if bad > 0 => UpstreamFailed,
        TriggerRule::NoneFailedMinOneSuccess if done && c.skipped == c.total => Skip,
        TriggerRule::NoneFailedMinOneSuccess if done && c.success == 0 => UpstreamFailed,
        TriggerRule::NoneSkipped if c.skipped > 0 => Skip,
        TriggerRule::AllDoneSetupSuccess if done && c.setup_total > 0 && c.setup_success == 0 => {
            if c.setup_skipped == c.setup_total {
                Skip
            } else {
                UpstreamFailed
            }
        }
        TriggerRule::OneSuccess | TriggerRule::OneFailed | TriggerRule::OneDone => Wait,
        TriggerRule::AllSuccess
        | TriggerRule::AllFailed
        | TriggerRule::AllDone
        | TriggerRule::AllSkipped
        | TriggerRule::AllDoneMinOneSuccess
        | TriggerRule::AllDoneSetupSuccess
        | TriggerRule::NoneFailed
        | TriggerRule::NoneFailedMinOneSuccess
        | TriggerRule::NoneSkipped => {
            if done {
                Run
            } else {
                Wait
            }
        }
    }
}

/// What stands around a task besides its direct upstreams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Around {
    #[default]
    Nothing,
    /// The setups in whose scope it is: all must have succeeded.
    Setups(Counts),
    /// The work between a teardown and its setups: it must be over.
    Work(Counts),
}

/// The decision of a task with `rule` over its direct upstreams and what stands around it. A failed setup fails and a
/// skipped one skips, whatever the rule; `always` asks for nothing.
#[must_use]
pub fn decide(rule: TriggerRule, counts: &Counts, around: &Around) -> Decision {
    if counts.total == 0 || rule == TriggerRule::Always {
        return Decision::Run;
    }
    let ready = match around {
        Around::Nothing => true,
        Around::Setups(setups) if setups.failed + setups.upstream_failed > 0 => {
            return Decision::UpstreamFailed;
        }
        Around::Setups(setups) if setups.skipped > 0 => return Decision::Skip,
        Around::Setups(setups) => setups.success >= setups.total,
        Around::Work(work) => work.done() >= work.total,
    };
    match decide_rule(rule, counts) {
        Decision::Run if !ready => Decision::Wait,
        decision => decision,
    }
}
