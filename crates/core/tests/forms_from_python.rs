//! Forms as the Python side writes them (`python/tests/authoring/write_forms.py`): each is read, and can be planned and scheduled.

use std::sync::Arc;

use serde_json::Value;
use tradewind_core::form::DagForm;
use tradewind_core::graph::Graph;
use tradewind_core::timetable::Timetable;

fn forms() -> Vec<Value> {
    serde_json::from_str(include_str!("vectors/forms_from_python.json")).expect("a list of forms")
}

#[test]
fn every_form_is_read_and_becomes_a_graph() {
    let forms = forms();
    assert!(forms.len() > 90, "{} forms", forms.len());
    for value in forms {
        let dag_id = value["dag_id"].to_string();
        let tasks = value["tasks"].as_array().map_or(0, Vec::len);
        let form = DagForm::from_value(value).unwrap_or_else(|error| panic!("{dag_id}: {error}"));
        let graph = Graph::new(Arc::new(form)).unwrap_or_else(|error| panic!("{dag_id}: {error}"));
        assert_eq!(graph.len(), tasks, "{dag_id}");
    }
}

#[test]
fn every_timetable_is_understood() {
    for value in forms() {
        let dag_id = value["dag_id"].to_string();
        let timetable = value["timetable"].clone();
        if let Err(error) = serde_json::from_value::<Timetable>(timetable.clone()) {
            panic!("{dag_id}: {error}: {timetable}");
        }
    }
}
