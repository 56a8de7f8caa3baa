//! Filters that many lists share.

use serde_json::{Value, json};
use tradewind_store::list::filter::{OrderKey, OrderNames, Patterns, Range, order_key};

use super::body::Fields;
use super::check;
use super::query::{Query, bad_order};
use crate::error::{ApiError, Result};

/// The states a task instance can be asked for.
pub const TASK_STATES: &[&str] = &[
    "removed",
    "scheduled",
    "queued",
    "running",
    "success",
    "restarting",
    "failed",
    "up_for_retry",
    "up_for_reschedule",
    "upstream_failed",
    "skipped",
    "deferred",
    "awaiting_input",
];

/// The states of a run.
pub const RUN_STATES: &[&str] = &["queued", "running", "success", "failed"];

/// The types of a run.
pub const RUN_TYPES: &[&str] = &["backfill", "scheduled", "manual", "operator_triggered", "asset_triggered", "asset_materialization"];

impl Query {
    /// `x_gte`, `x_gt`, `x_lte`, `x_lt` as times, in microseconds.
    pub fn times(&mut self, name: &str) -> Range<i64> {
        let mut bound = |suffix: &str| self.datetime(&format!("{name}_{suffix}")).map(|time| time.as_microsecond());
        Range { gte: bound("gte"), gt: bound("gt"), lte: bound("lte"), lt: bound("lt") }
    }

    /// The same with numbers.
    pub fn floats(&mut self, name: &str) -> Range<f64> {
        let mut bound = |suffix: &str| self.float(&format!("{name}_{suffix}"));
        Range { gte: bound("gte"), gt: bound("gt"), lte: bound("lte"), lt: bound("lt") }
    }

    /// `x_pattern` and `x_prefix_pattern`.
    pub fn patterns(&self, name: &str) -> Patterns {
        Patterns { contains: self.text(&format!("{name}_pattern")), prefix: self.text(&format!("{name}_prefix_pattern")) }
    }

    /// A repeated state, where `none` is the state of what has none.
    pub fn states(&self, name: &str, allowed: &[&str]) -> Result<Vec<Option<String>>> {
        self.all(name).into_iter().map(|text| state(name, &text, allowed)).collect()
    }

    /// A repeated value out of a few.
    pub fn choices(&self, name: &str, allowed: &[&str]) -> Result<Vec<String>> {
        let chosen = self.all(name);
        match chosen.iter().find(|text| !allowed.contains(&text.as_str())) {
            Some(_) => Err(bad_choice(name, allowed)),
            None => Ok(chosen),
        }
    }

    /// The sort keys of a list; `default` when none are given.
    pub fn order_of(&self, names: OrderNames, default: &str) -> Result<Vec<OrderKey>> {
        let mut wanted = self.order()?;
        if wanted.is_empty() && !default.is_empty() {
            wanted.push(super::query::split_order(default));
        }
        wanted.iter().map(|(name, descending)| order_key(names, name, *descending).ok_or_else(|| bad_order(name))).collect()
    }
}

fn state(name: &str, text: &str, allowed: &[&str]) -> Result<Option<String>> {
    match text {
        "none" | "null" => Ok(None),
        text if allowed.contains(&text) => Ok(Some(text.to_owned())),
        _ => Err(bad_choice(name, allowed)),
    }
}

/// The answer to a filter value that does not exist.
pub fn bad_choice(name: &str, allowed: &[&str]) -> ApiError {
    ApiError::Unprocessable(format!("Invalid value for {name}. Valid values are {}", allowed.join(", ")))
}

impl Fields<'_> {
    /// The bounds of a time, in microseconds. The names are given since bodies know their fields at compile time.
    pub fn times(&mut self, [gte, gt, lte, lt]: [&'static str; 4]) -> Range<i64> {
        let mut bound = |name| self.datetime(name).map(|time| time.as_microsecond());
        Range { gte: bound(gte), gt: bound(gt), lte: bound(lte), lt: bound(lt) }
    }

    /// The bounds of a number.
    pub fn floats(&mut self, [gte, gt, lte, lt]: [&'static str; 4]) -> Range<f64> {
        let mut bound = |name| self.checked(name, check::float);
        Range { gte: bound(gte), gt: bound(gt), lte: bound(lte), lt: bound(lt) }
    }

    /// An array of states, where null is the state of what has none.
    pub fn states(&mut self, name: &'static str, allowed: &'static [&'static str]) -> Vec<Option<String>> {
        let Some(items) = self.items(name) else { return Vec::new() };
        let mut out = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match item {
                Value::Null => out.push(None),
                item => match check::one_of(allowed, item) {
                    Ok(state) => out.push(Some(state.to_owned())),
                    Err(finding) => self.report_item(name, index, finding, item.clone()),
                },
            }
        }
        out
    }

    /// `page_limit` and `page_offset`.
    pub fn page(&mut self, maximum: i64) -> tradewind_store::list::filter::Page {
        let not_negative = |value: &Value| check::at_least(0, check::int(value)?);
        let limit = self.not_null("page_limit", not_negative).unwrap_or(100);
        let offset = self.not_null("page_offset", not_negative).unwrap_or(0);
        tradewind_store::list::filter::Page { limit: limit.min(maximum), offset }
    }
}

/// A number in a path.
pub fn path_int(name: &str, text: &str) -> Result<i64> {
    check::int(&json!(text)).map_err(|finding| ApiError::Invalid(vec![finding.at(vec![json!("path"), json!(name)], json!(text))]))
}

/// A map index in a path.
pub fn path_map_index(text: &str) -> Result<i32> {
    let index = path_int("map_index", text)?;
    Ok(i32::try_from(index).unwrap_or(i32::MAX))
}
