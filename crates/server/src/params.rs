//! Values of params against their JSON Schemas, when a run is triggered.

use indexmap::IndexMap;
use serde_json::{Map, Value};
use tradewind_core::form::ParamForm;

/// Checks the values of `conf`, and the defaults of params that it does not give.
///
/// Keys that are no param pass: they are data of the run.
///
/// # Errors
/// The first value that does not fit, in words that name the param.
pub fn check(params: &IndexMap<String, ParamForm>, conf: &Map<String, Value>) -> Result<(), String> {
    for (name, param) in params {
        let value = match conf.get(name) {
            Some(value) => value,
            None if param.has_value => &param.value,
            None => return Err(format!("Invalid input for param {name}: No value passed and Param has no default value")),
        };
        check_one(name, param, value)?;
    }
    Ok(())
}

fn check_one(name: &str, param: &ParamForm, value: &Value) -> Result<(), String> {
    let has_rules = param.schema.as_object().is_some_and(|schema| !schema.is_empty());
    if !has_rules {
        return Ok(());
    }
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&param.schema)
        .map_err(|error| format!("Invalid schema of param {name}: {error}"))?;
    validator.validate(value).map_err(|error| format!("Invalid input for param {name}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn params(value: Value) -> IndexMap<String, ParamForm> {
        serde_json::from_value(value).unwrap()
    }

    fn verdict(params: &IndexMap<String, ParamForm>, conf: Value) -> Result<(), String> {
        check(params, conf.as_object().unwrap())
    }

    #[test]
    fn values_are_checked_and_defaults_stand_in() {
        let params = params(json!({
            "n": {"value": 3, "schema": {"type": "integer", "minimum": 1}},
            "free": {"value": "x", "schema": {}},
        }));
        assert_eq!(verdict(&params, json!({})), Ok(()));
        assert_eq!(verdict(&params, json!({"n": 5, "free": [1], "extra": null})), Ok(()));
        let error = verdict(&params, json!({"n": "five"})).unwrap_err();
        assert!(error.starts_with("Invalid input for param n: ") && error.contains("integer"), "{error}");
        assert!(verdict(&params, json!({"n": 0})).unwrap_err().contains("minimum"));
    }

    #[test]
    fn a_param_without_value_must_be_given() {
        let params = params(json!({"day": {"value": null, "has_value": false, "schema": {"type": "string", "format": "date"}}}));
        assert!(verdict(&params, json!({})).unwrap_err().contains("No value passed"));
        assert_eq!(verdict(&params, json!({"day": "2024-02-29"})), Ok(()));
        assert!(verdict(&params, json!({"day": "2023-02-29"})).is_err());
    }
}
