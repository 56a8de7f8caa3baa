//! Small DAGs for the integration tests.
#![allow(dead_code, reason = "each test binary uses a part of it")]

pub mod outcomes;
pub mod world;

use std::sync::Arc;

use serde_json::{Value, json};
use tradewind_core::form::DagForm;
use tradewind_core::graph::Graph;

/// A graph from tasks (`{"task_id": .., ..}`), edges and further keys of the DAG.
pub fn graph(tasks: Vec<Value>, edges: &[(&str, &str)], more: &Value) -> Arc<Graph> {
    let mut dag = json!({"format": 1, "dag_id": "dag", "fileloc": "/dags/dag.py", "relative_fileloc": "dag.py", "catchup": false});
    for (key, value) in more.as_object().into_iter().flatten() {
        dag[key] = value.clone();
    }
    let tasks = tasks.into_iter().map(|mut task| {
        task["task_type"] = json!("PythonOperator");
        task["task_module"] = json!("airflow.providers.standard.operators.python");
        let downstream: Vec<_> = edges.iter().filter(|(from, _)| task["task_id"] == *from).map(|(_, to)| *to).collect();
        task["downstream"] = json!(downstream);
        task
    });
    dag["tasks"] = tasks.collect();
    let form = DagForm::from_value(dag).expect("a valid form");
    Graph::new(Arc::new(form)).expect("a graph")
}

/// The cases of a vector file.
pub fn cases(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).expect("a vector file is JSON");
    file["cases"].as_array().expect("cases").clone()
}

/// A text field.
pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("`{key}` of {value}"))
}
