//! The arguments of each map index, against recorded ones.

mod common;

use serde_json::{Value, json};
use tradewind_core::mapping;

/// The values that one keyword is expanded over; a dict gives its items.
fn values(of: &Value) -> Vec<Value> {
    match of {
        Value::Array(items) => items.clone(),
        Value::Object(map) => map.iter().map(|(key, value)| json!([key, value])).collect(),
        other => panic!("not expandable: {other}"),
    }
}

#[test]
fn arguments_are_as_recorded() {
    let cases = common::cases(include_str!("vectors/mapped_expansion.json"));
    assert_eq!(cases.len(), 28);
    for case in cases {
        let expand = case["expand"].as_object().expect("expand");
        let lists: Vec<(&String, Vec<Value>)> = expand.iter().map(|(key, of)| (key, values(of))).collect();
        let lengths: Vec<u32> = lists.iter().map(|(_, list)| u32::try_from(list.len()).expect("short")).collect();
        let instances = mapping::count(&lengths);
        assert_eq!(json!(instances), case["instances"], "{case}");
        let arguments: Vec<Value> = (0..instances)
            .map(|index| {
                let positions = mapping::select(&lengths, index).expect("within the count");
                lists.iter().zip(positions).map(|((key, list), at)| ((*key).clone(), list[at as usize].clone())).collect()
            })
            .collect();
        assert_eq!(Value::Array(arguments), case["kwargs_by_map_index"], "{case}");
        assert_eq!(mapping::select(&lengths, instances), None, "{case}");
    }
}
