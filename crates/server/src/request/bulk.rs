//! Bulk requests: actions in order, each with its own outcome.

use serde_json::{Map, Value, json};
use tradewind_store::list::keyed::Odd;

use super::body::Fields;
use super::check;
use crate::error::{ApiError, Issue, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Create,
    Update,
    Delete,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// One action of the body.
pub struct Action<'a> {
    pub kind: Kind,
    pub entities: &'a [Value],
    pub odd: Odd,
    pub mask: Vec<String>,
    /// Where it is in the body.
    pub loc: Vec<Value>,
}

/// Reads the actions; their entities are read by whoever knows them.
pub fn actions(body: &Value) -> Result<Vec<Action<'_>>> {
    let mut fields = Fields::of(body);
    let items = fields.items("actions");
    if items.is_none() && !fields.sent("actions") {
        fields.report("actions", check::missing(), body.clone());
    }
    let mut actions = Vec::new();
    for (index, item) in items.map(Vec::as_slice).unwrap_or_default().iter().enumerate() {
        let loc = vec![json!("body"), json!("actions"), json!(index)];
        let mut entry = Fields::at(item, loc.clone());
        let kind = match entry.required("action", |value| check::one_of(&["create", "update", "delete"], value)) {
            Some("create") => Some(Kind::Create),
            Some("update") => Some(Kind::Update),
            Some(_) => Some(Kind::Delete),
            None => None,
        };
        let entities = entry.items("entities");
        if entities.is_none() {
            entry.report("entities", check::missing(), item.clone());
        }
        let odd = read_odd(&mut entry, kind);
        let mask = if kind == Some(Kind::Update) { entry.texts("update_mask").unwrap_or_default() } else { Vec::new() };
        if let (Some(kind), Some(entities)) = (kind, entities) {
            actions.push(Action { kind, entities, odd, mask, loc });
        }
        fields.extend(entry.issues());
    }
    fields.finish()?;
    Ok(actions)
}

fn read_odd(entry: &mut Fields<'_>, kind: Option<Kind>) -> Odd {
    let chosen = if kind == Some(Kind::Create) {
        entry.not_null("action_on_existence", |value| check::one_of(&["fail", "skip", "overwrite"], value))
    } else {
        entry.not_null("action_on_non_existence", |value| check::one_of(&["fail", "skip"], value))
    };
    match chosen {
        Some("skip") => Odd::Skip,
        Some("overwrite") => Odd::Overwrite,
        _ => Odd::Fail,
    }
}

impl Action<'_> {
    /// Place of an entity, for findings.
    pub fn entity_loc(&self, index: usize) -> Vec<Value> {
        let mut loc = self.loc.clone();
        loc.extend([json!("entities"), json!(index)]);
        loc
    }

    /// Reads every entity, or gives all findings.
    pub fn read<T>(&self, read: impl Fn(&mut Fields<'_>) -> Option<T>) -> std::result::Result<Vec<T>, Vec<Issue>> {
        let mut items = Vec::with_capacity(self.entities.len());
        let mut issues = Vec::new();
        for (index, entity) in self.entities.iter().enumerate() {
            let mut fields = Fields::at(entity, self.entity_loc(index));
            items.extend(read(&mut fields));
            issues.extend(fields.issues());
        }
        if issues.is_empty() { Ok(items) } else { Err(issues) }
    }

    /// The keys of what is to be deleted: texts, or objects that name them.
    pub fn keys(&self, name: &str) -> Vec<String> {
        let key = |entity: &Value| entity.as_str().or_else(|| entity.get(name)?.as_str()).map(str::to_owned);
        self.entities.iter().filter_map(key).collect()
    }
}

/// What the actions did, by kind.
#[derive(Default)]
pub struct Outcome(Map<String, Value>);

impl Outcome {
    /// Notes that there was such an action.
    pub fn touch(&mut self, kind: Kind) {
        self.0.entry(kind.name()).or_insert_with(|| json!({ "success": [], "errors": [] }));
    }

    pub fn success(&mut self, kind: Kind, id: impl Into<Value>) {
        self.push(kind, "success", id.into());
    }

    pub fn error(&mut self, kind: Kind, error: &ApiError) {
        let text = match error.detail() {
            Value::String(text) => text,
            other => other.to_string(),
        };
        self.push(kind, "errors", json!({ "error": text, "status_code": error.status().as_u16() }));
    }

    fn push(&mut self, kind: Kind, list: &str, value: Value) {
        self.touch(kind);
        if let Some(Value::Array(items)) = self.0.get_mut(kind.name()).and_then(|entry| entry.get_mut(list)) {
            items.push(value);
        }
    }

    /// `BulkResponse`: kinds without an action are null.
    pub fn answer(mut self) -> Value {
        let mut take = |kind: Kind| self.0.remove(kind.name()).unwrap_or(Value::Null);
        json!({ "create": take(Kind::Create), "update": take(Kind::Update), "delete": take(Kind::Delete) })
    }
}
