//! What variables, connections and pools have in common: single changes and bulk ones over their keys.

use std::marker::PhantomData;

use tradewind_store::list::keyed::{DeleteAll, Keyed, Odd, PutAll, SetDone};
use tradewind_store::table::event_log::NewEvent;

use crate::auth::User;
use crate::error::{ApiError, Issue, Result};
use crate::request::body::Fields;
use crate::request::bulk::{Action, Kind, Outcome};
use crate::state::App;

/// A kind of thing: its names in texts.
pub struct Noun {
    /// `variable`, for the event log.
    pub name: &'static str,
    /// `Variable`, for errors.
    pub title: &'static str,
    /// `key`, for errors.
    pub key: &'static str,
}

impl Noun {
    pub fn not_found(&self, key: &str) -> ApiError {
        ApiError::NotFound(format!("The {} with {}: `{key}` was not found", self.title, self.key))
    }

    fn event(&self, verb: &str, user: &User) -> NewEvent {
        NewEvent {
            event: format!("{verb}_{}", self.name),
            owner: Some(user.name.clone()),
            owner_display_name: Some(user.name.clone()),
            ..NewEvent::default()
        }
    }
}

/// Writes one thing; whether it was as expected (not there for a new one, there for a change).
pub async fn put<T: Keyed>(app: &App, noun: &Noun, user: &User, item: T, create: bool) -> Result<bool> {
    let event = noun.event(if create { "post" } else { "patch" }, user);
    let done = app.store().run(PutAll { items: vec![item], create, odd: Odd::Fail, event }).await?;
    Ok(matches!(done, SetDone::Done(_)))
}

/// Deletes one thing, or 404.
pub async fn delete<T: Keyed>(app: &App, noun: &Noun, user: &User, key: &str) -> Result<()> {
    let event = noun.event("delete", user);
    let done = app.store().run(DeleteAll::<T> { keys: vec![key.to_owned()], odd: Odd::Fail, event, kind: PhantomData }).await?;
    if matches!(done, SetDone::Done(_)) { Ok(()) } else { Err(noun.not_found(key)) }
}

/// Carries one action of a bulk request out.
pub async fn act<T: Keyed>(app: &App, noun: &Noun, user: &User, action: &Action<'_>, items: Vec<T>, outcome: &mut Outcome) -> Result<()> {
    let kind = action.kind;
    outcome.touch(kind);
    let event = noun.event(kind.name(), user);
    let done = match kind {
        Kind::Create | Kind::Update => app.store().run(PutAll { items, create: kind == Kind::Create, odd: action.odd, event }).await?,
        Kind::Delete => {
            let keys = action.keys(noun.key);
            app.store().run(DeleteAll::<T> { keys, odd: action.odd, event, kind: PhantomData }).await?
        }
    };
    match done {
        SetDone::Done(keys) => keys.into_iter().for_each(|key| outcome.success(kind, key)),
        SetDone::Refused(keys) => outcome.error(kind, &refused(noun, kind, &keys)),
    }
    Ok(())
}

fn refused(noun: &Noun, kind: Kind, keys: &[String]) -> ApiError {
    let keys = keys.iter().map(|key| format!("'{key}'")).collect::<Vec<_>>().join(", ");
    let text = |what: &str| format!("The {}s with these {}s: {{{keys}}} {what}.", noun.name, noun.key);
    if kind == Kind::Create { ApiError::Conflict(text("already exist")) } else { ApiError::NotFound(text("were not found")) }
}

/// The entities of all actions that carry whole things; findings of all of them together.
pub fn read_all<T>(actions: &[Action<'_>], read: impl Fn(&mut Fields<'_>, &[String]) -> Option<T>) -> Result<Vec<Vec<T>>> {
    let mut all = Vec::with_capacity(actions.len());
    let mut issues: Vec<Issue> = Vec::new();
    for action in actions {
        if action.kind == Kind::Delete {
            all.push(Vec::new());
            continue;
        }
        match action.read(|fields| read(fields, &action.mask)) {
            Ok(items) => all.push(items),
            Err(found) => issues.extend(found),
        }
    }
    if issues.is_empty() { Ok(all) } else { Err(ApiError::Invalid(issues)) }
}

/// Teams do not exist here.
pub fn refuse_team(fields: &mut Fields<'_>) {
    if fields.short_text("team_name", 50).is_some() {
        fields.reject("team_name cannot be set when multi_team mode is disabled");
    }
}

/// Whether a field takes part in an update.
pub fn named(mask: &[String], name: &str) -> bool {
    mask.is_empty() || mask.iter().any(|field| field == name)
}
