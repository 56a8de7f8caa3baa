//! What the OpenAPI document promises, held against what requests of all tests take and get.

use std::cmp::Reverse;

use axum::http::Method;
use serde_json::{Value, json};

use crate::harness::Answer;

/// The document, with no room for fields that it does not name.
pub struct Contract {
    paths: Value,
    components: Value,
}

/// An operation, as the document has it.
pub struct Operation<'a>(pub &'a Value);

impl Contract {
    pub fn new(mut document: Value) -> Self {
        let mut components = document["components"].take();
        close(&mut components);
        Self { paths: document["paths"].take(), components }
    }

    /// Every operation.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        self.paths
            .as_object()
            .into_iter()
            .flatten()
            .flat_map(|(_, methods)| methods.as_object().into_iter().flatten())
            .map(|(_, one)| Operation(one))
    }

    /// The operation of a path without its query. Names in paths stand for one part, the last one for all that is left.
    pub fn find(&self, method: &Method, path: &str) -> Option<Operation<'_>> {
        let name = method.as_str().to_ascii_lowercase();
        let found = self.paths.as_object()?.iter().filter(|(pattern, methods)| fits(pattern, path) && methods.get(&name).is_some());
        // A longer pattern says more than one that takes the rest; a word in it more than a name.
        let says = |pattern: &str| (Reverse(pattern.matches('/').count()), pattern.matches('{').count(), pattern.ends_with('}'));
        let (_, methods) = found.min_by_key(|(pattern, _)| says(pattern))?;
        methods.get(&name).map(Operation)
    }

    /// Panics when an answer, or the request that got it, is not as promised.
    #[track_caller]
    pub fn check(&self, method: &Method, path: &str, body: Option<&Value>, answer: &Answer) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        if !answer.status.is_success() {
            return;
        }
        let Some(operation) = self.find(method, path) else { return };
        let id = operation.id();
        for (name, _) in form_urlencoded::parse(query.as_bytes()) {
            assert!(operation.takes(&name), "{id}: the document knows no parameter `{name}`");
        }
        if let Some(body) = body {
            match operation.body() {
                Some(schema) => self.hold(schema, body, &format!("the body of {id}")),
                None => assert_eq!(*body, json!({}), "{id}: the document knows no body"),
            }
        }
        let told = operation.answer(answer.status.as_u16());
        let kind = answer.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        match told {
            None => panic!("{id}: the document does not know the status {}", answer.status),
            Some(told) if kind.starts_with("application/json") => {
                let schema = &told["content"]["application/json"]["schema"];
                assert!(schema.is_object(), "{id}: the document promises no JSON: {}", answer.text);
                self.hold(schema, &answer.json(), &format!("the answer of {id}"));
            }
            Some(_) => {}
        }
    }

    #[track_caller]
    fn hold(&self, schema: &Value, value: &Value, what: &str) {
        let mut schema = schema.clone();
        close(&mut schema);
        let whole = json!({ "allOf": [schema], "components": self.components });
        let validator = jsonschema::options().should_validate_formats(true).build(&whole).unwrap_or_else(|error| panic!("{what}: {error}"));
        let errors: Vec<String> = validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{what} is not what the document says:\n{}\n{value:#}", errors.join("\n"));
    }
}

impl<'a> Operation<'a> {
    pub fn id(&self) -> &'a str {
        self.0["operationId"].as_str().unwrap_or_default()
    }

    fn takes(&self, name: &str) -> bool {
        self.0["parameters"].as_array().into_iter().flatten().any(|one| one["in"] == "query" && one["name"] == name)
    }

    fn body(&self) -> Option<&'a Value> {
        self.0.get("requestBody").map(|body| &body["content"]["application/json"]["schema"])
    }

    fn answer(&self, status: u16) -> Option<&'a Value> {
        self.0["responses"].get(status.to_string())
    }

    /// Whether it answers JSON when it succeeds.
    pub fn answers_json(&self) -> bool {
        let responses = self.0["responses"].as_object().into_iter().flatten();
        responses.filter(|(status, _)| status.starts_with('2')).any(|(_, told)| told["content"].get("application/json").is_some())
    }
}

fn fits(pattern: &str, path: &str) -> bool {
    let (wanted, given): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    let rest = wanted.last().is_some_and(|last| last.starts_with('{')) && given.len() > wanted.len();
    (wanted.len() == given.len() || rest) && wanted.iter().zip(&given).all(|(wanted, given)| wanted.starts_with('{') || wanted == given)
}

/// Refuses, at every depth, fields that are not named.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.values_mut().for_each(close);
            if map.get("properties").is_some_and(Value::is_object) && map.get("type").is_some() {
                map.entry("additionalProperties").or_insert(json!(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

#[test]
fn paths_find_the_operation_that_says_most() {
    let one = |id: &str| json!({ "get": { "operationId": id } });
    let paths = json!({ "/a/{x}": one("x"), "/a/b": one("b"), "/a/{x}/c": one("c"), "/k/{rest}": one("rest"), "/a/{x}/c/{y}": one("y") });
    let contract = Contract::new(json!({ "paths": paths, "components": {} }));
    for (path, id) in [("/a/b", "b"), ("/a/7", "x"), ("/a/7/c", "c"), ("/a/7/c/9", "y"), ("/k/1/2/3", "rest")] {
        assert_eq!(contract.find(&Method::GET, path).unwrap().id(), id, "{path}");
    }
    assert!(contract.find(&Method::POST, "/a/b").is_none());
}
