//! The tables of shapes and operations: texts, read line by line.
//!
//! ```text
//! enum Name = word word              one of some texts
//! shape Name with Other -- words     an object, with the fields of another one; `base` instead: only for others to begin with
//!   field other?: type -- words      fields of one type; `?` behind those that may be missing
//! op operation_id -- words           an operation of the table of routes
//!   query @page @order name: type    parameters; `@page`, `@order`, `@map_index`, `@mask`, `@range name`, `@floats name`, `@pattern name`
//!   body Type
//!   answer Type                      or `none`, or a media type
//! ```

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::kind;

/// What all tables say.
#[derive(Debug, Default)]
pub struct Tables {
    /// Schemas by name.
    pub shapes: BTreeMap<String, Value>,
    /// What shapes begin with.
    bases: BTreeMap<String, Value>,
    /// Operations by id.
    pub operations: BTreeMap<String, Operation>,
}

/// What the tables say of an operation.
#[derive(Debug, Default)]
pub struct Operation {
    pub summary: Option<String>,
    /// Parameters of the query, in the form of the document.
    pub query: Vec<Value>,
    pub body: Option<Value>,
    pub answer: Answer,
}

/// What an operation answers when it succeeds.
#[derive(Debug, Default, PartialEq)]
pub enum Answer {
    #[default]
    Untold,
    Nothing,
    Json(Value),
    /// Some other media type.
    Media(String),
}

/// What the lines that are set in belong to.
enum Open {
    Nothing,
    Shape(String),
    Base(String),
    Operation(String),
}

impl Tables {
    /// Adds a table.
    ///
    /// # Errors
    /// The line that cannot be read, and why.
    pub fn read(&mut self, text: &str) -> Result<(), String> {
        let mut open = Open::Nothing;
        for line in text.lines() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let read = if line.starts_with(' ') { self.inner(&open, line.trim()) } else { self.outer(line).map(|opened| open = opened) };
            read.map_err(|why| format!("{line}: {why}"))?;
        }
        Ok(())
    }

    fn outer(&mut self, line: &str) -> Result<Open, String> {
        let (line, words) = described(line);
        let (kind, rest) = line.split_once(' ').ok_or("a name is missing")?;
        match kind {
            "enum" => {
                let (name, values) = rest.split_once('=').ok_or("`=` is missing")?;
                let values: Vec<&str> = values.split_whitespace().collect();
                self.add(name.trim(), json!({ "type": "string", "enum": values }))?;
                Ok(Open::Nothing)
            }
            "shape" | "base" => {
                let (name, base) = rest.split_once(" with ").map_or((rest, None), |(name, base)| (name, Some(base.trim())));
                let mut shape = match base {
                    Some(base) => {
                        let known = self.bases.get(base).or_else(|| self.shapes.get(base));
                        known.cloned().ok_or_else(|| format!("there is no shape `{base}` before it"))?
                    }
                    None => json!({ "type": "object", "properties": {}, "required": [] }),
                };
                describe(&mut shape, words);
                let name = name.trim().to_owned();
                if kind == "base" {
                    self.bases.insert(name.clone(), shape);
                    return Ok(Open::Base(name));
                }
                self.add(&name, shape)?;
                Ok(Open::Shape(name))
            }
            "op" => {
                let operation = Operation { summary: words.map(str::to_owned), ..Operation::default() };
                match self.operations.insert(rest.to_owned(), operation) {
                    None => Ok(Open::Operation(rest.to_owned())),
                    Some(_) => Err("it is described twice".into()),
                }
            }
            _ => Err("expected `enum`, `shape`, `base` or `op`".into()),
        }
    }

    fn add(&mut self, name: &str, schema: Value) -> Result<(), String> {
        match self.shapes.insert(name.to_owned(), schema) {
            None => Ok(()),
            Some(_) => Err("there is such a name already".into()),
        }
    }

    fn inner(&mut self, open: &Open, line: &str) -> Result<(), String> {
        match open {
            Open::Nothing => Err("it belongs to nothing".into()),
            Open::Shape(name) => add_fields(self.shapes.get_mut(name).ok_or("it belongs to nothing")?, line),
            Open::Base(name) => add_fields(self.bases.get_mut(name).ok_or("it belongs to nothing")?, line),
            Open::Operation(id) => {
                let operation = self.operations.get_mut(id).ok_or("it belongs to nothing")?;
                operation.inner(line)
            }
        }
    }
}

/// The part before ` -- `, and the words behind it.
fn described(line: &str) -> (&str, Option<&str>) {
    line.split_once(" -- ").map_or((line.trim(), None), |(line, words)| (line.trim(), Some(words.trim())))
}

fn describe(schema: &mut Value, words: Option<&str>) {
    if let (Some(words), Value::Object(map)) = (words, schema) {
        map.insert("description".into(), json!(words));
    }
}

fn add_fields(shape: &mut Value, line: &str) -> Result<(), String> {
    let (line, words) = described(line);
    let (names, text) = line.split_once(':').ok_or("`:` is missing")?;
    for name in names.split_whitespace() {
        let mut schema = kind::schema(text)?;
        describe(&mut schema, words);
        let (name, optional) = name.strip_suffix('?').map_or((name, false), |name| (name, true));
        if let Value::Array(required) = &mut shape["required"] {
            required.retain(|known| known != name);
            if !optional {
                required.push(json!(name));
            }
        }
        shape["properties"][name] = schema;
    }
    Ok(())
}

impl Operation {
    fn inner(&mut self, line: &str) -> Result<(), String> {
        let (kind, rest) = line.split_once(' ').ok_or("something is missing behind the first word")?;
        match kind {
            "query" => self.query(rest),
            "body" => {
                self.body = Some(kind::schema(rest)?);
                Ok(())
            }
            "answer" => {
                self.answer = match rest {
                    "none" => Answer::Nothing,
                    media if media.contains('/') => Answer::Media(media.to_owned()),
                    text => Answer::Json(kind::schema(text)?),
                };
                Ok(())
            }
            _ => Err("expected `query`, `body` or `answer`".into()),
        }
    }

    fn query(&mut self, line: &str) -> Result<(), String> {
        let (line, words) = described(line);
        let Some((names, text)) = line.split_once(':') else {
            let mut parts = line.split_whitespace();
            while let Some(group) = parts.next() {
                let mut named = || parts.next().ok_or_else(|| format!("`{group}` needs a name"));
                match group {
                    "@page" => self.add_all(&["limit", "offset"], "integer")?,
                    "@order" => self.add("order_by", "[text]", Some("Sort keys; `-` before one reverses it."))?,
                    "@map_index" => self.add("map_index", "integer", None)?,
                    "@mask" => self.add("update_mask", "[text]", Some("Fields of the body that count; all when there are none."))?,
                    "@range" => self.bounds(named()?, "time")?,
                    "@floats" => self.bounds(named()?, "number")?,
                    "@pattern" => {
                        let name = named()?;
                        self.add(
                            &format!("{name}_pattern"),
                            "text",
                            Some("Contains; `%` and `_` stand for anything, `|` parts alternatives."),
                        )?;
                        self.add(&format!("{name}_prefix_pattern"), "text", Some("Begins with."))?;
                    }
                    _ => return Err(format!("`{group}` is no group of parameters")),
                }
            }
            return Ok(());
        };
        names.split_whitespace().try_for_each(|name| self.add(name, text, words))
    }

    fn bounds(&mut self, name: &str, kind: &str) -> Result<(), String> {
        ["gte", "gt", "lte", "lt"].iter().try_for_each(|bound| self.add(&format!("{name}_{bound}"), kind, None))
    }

    fn add_all(&mut self, names: &[&str], kind: &str) -> Result<(), String> {
        names.iter().try_for_each(|name| self.add(name, kind, None))
    }

    /// A parameter; `!` behind one that must be given.
    fn add(&mut self, name: &str, text: &str, words: Option<&str>) -> Result<(), String> {
        let (name, required) = name.strip_suffix('!').map_or((name, false), |name| (name, true));
        let mut parameter = Map::new();
        parameter.insert("name".into(), json!(name));
        parameter.insert("in".into(), json!("query"));
        if required {
            parameter.insert("required".into(), json!(true));
        }
        if let Some(words) = words {
            parameter.insert("description".into(), json!(words));
        }
        parameter.insert("schema".into(), kind::schema(text)?);
        self.query.push(Value::Object(parameter));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Tables, String> {
        let mut tables = Tables::default();
        tables.read(text).map(|()| tables)
    }

    #[test]
    fn shapes_inherit_and_fields_may_be_missing() {
        let text =
            "enum State = on off\nshape A -- a thing\n  id name?: text\nshape B with A\n  name: text -- now needed\n  state: State\n";
        let tables = read(text).unwrap();
        assert_eq!(tables.shapes["State"], json!({"type": "string", "enum": ["on", "off"]}));
        assert_eq!((&tables.shapes["A"]["required"], &tables.shapes["A"]["description"]), (&json!(["id"]), &json!("a thing")));
        assert_eq!(tables.shapes["B"]["required"], json!(["id", "name", "state"]));
        assert_eq!(tables.shapes["B"]["properties"]["name"], json!({"type": "string", "description": "now needed"}));
    }

    #[test]
    fn operations_have_queries_bodies_and_answers() {
        let text = "op get_x -- Gets it.\n  query @page @range at\n  query kind!: [text] -- which\n  body X\n  answer none\nop y\n  answer text/plain\n";
        let tables = read(text).unwrap();
        let get = &tables.operations["get_x"];
        let names: Vec<&str> = get.query.iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["limit", "offset", "at_gte", "at_gt", "at_lte", "at_lt", "kind"]);
        assert_eq!((&get.query[6]["required"], &get.answer), (&json!(true), &Answer::Nothing));
        assert_eq!(tables.operations["y"].answer, Answer::Media("text/plain".into()));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, part) in [
            ("  a: text", "belongs to nothing"),
            ("shape A\n  a text", "`:` is missing"),
            ("shape A with B", "no shape `B`"),
            ("op x\n  query @odd", "`@odd` is no group"),
            ("op x\nop x", "twice"),
            ("odd X", "expected `enum`"),
        ] {
            assert!(read(text).unwrap_err().contains(part), "{text}");
        }
    }
}
